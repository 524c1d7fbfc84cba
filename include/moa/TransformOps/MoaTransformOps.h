//===- MoaTransformOps.h - Rewrites of moa as transform ops -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_TRANSFORMOPS_MOATRANSFORMOPS_H
#define MOA_TRANSFORMOPS_MOATRANSFORMOPS_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Transform/IR/TransformDialect.h"
#include "mlir/Dialect/Transform/IR/TransformTypes.h"
#include "mlir/Dialect/Transform/Interfaces/TransformInterfaces.h"
#include "mlir/IR/OpImplementation.h"
#include "moa/IR/Moa.h"

#define GET_OP_CLASSES
#include "moa/TransformOps/MoaTransformOps.h.inc"

#endif // MOA_TRANSFORMOPS_MOATRANSFORMOPS_H
