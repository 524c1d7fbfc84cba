//===- Buffers.h - Ops on tensors and on buffers ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What every op needs because it may have been bufferized: see
// BufferOpInterface.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_IR_BUFFERS_H
#define MOA_IR_BUFFERS_H

#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/Operation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace moa {

/// Whether `op` is on buffers: an operand is a memref.
bool isOnBuffers(mlir::Operation *op);

/// The error of an op that cannot be on buffers.
inline constexpr llvm::StringLiteral kTensorsOnly =
    "is on tensors only: run moa-decompose before bufferization";

/// All operands and results are tensors, or there are no results and as many
/// destinations as an op on tensors has results, of their shapes.
llvm::LogicalResult verifyForm(mlir::Operation *op);

/// Result `number`; null where `op` has fewer.
mlir::Value getResultOrNull(mlir::Operation *op, unsigned number);

/// Name the results, of which there may be fewer, as the printed IR shows them.
void nameResults(mlir::Operation *op, llvm::ArrayRef<llvm::StringRef> names,
                 mlir::OpAsmSetValueNameFn setName);

/// None on tensors. On buffers, reads and writes of the operands.
void listEffects(
    mlir::Operation *op,
    llvm::SmallVectorImpl<mlir::MemoryEffects::EffectInstance> &effects);

/// Yes on tensors: docs/Rationale.md has why sizes and indices do not count.
mlir::Speculation::Speculatability getSpeculatability(mlir::Operation *op);

} // namespace moa

#endif // MOA_IR_BUFFERS_H
