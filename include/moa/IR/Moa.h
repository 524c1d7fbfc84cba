//===- Moa.h - The moa dialect ----------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect, its attributes and its operations.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_IR_MOA_H
#define MOA_IR_MOA_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/TilingInterface.h"
#include "moa/IR/Buffers.h"
#include "moa/IR/Sizes.h"

#include "moa/IR/MoaDialect.h.inc"

#include "moa/IR/MoaEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "moa/IR/MoaAttributes.h.inc"

#include "moa/IR/MoaInterfaces.h.inc"

#define GET_OP_CLASSES
#include "moa/IR/MoaOps.h.inc"

namespace moa {

/// Each of `losses`, in the order in which an op returns them.
llvm::SmallVector<Loss> listLosses(Loss losses);

} // namespace moa

#endif // MOA_IR_MOA_H
