//===- Ops.cpp - What TableGen writes of the transform ops ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/TransformOps/MoaTransformOps.h"

#include "IntegerOrParam.h"

// The directives of assembly formats.
using moa::parseIntegerOrParam;
using moa::printIntegerOrParam;

#define GET_OP_CLASSES
#include "moa/TransformOps/MoaTransformOps.cpp.inc"
