//===- VectorBuilders.h - Vectors of one register ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_MOATOVECTOR_VECTORBUILDERS_H
#define MOA_CONVERSION_MOATOVECTOR_VECTORBUILDERS_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace moa {

/// Index arithmetic; constants fold.
mlir::Value addIndex(mlir::ImplicitLocOpBuilder &b, mlir::Value lhs,
                     mlir::Value rhs);
mlir::Value addIndex(mlir::ImplicitLocOpBuilder &b, mlir::Value lhs,
                     int64_t rhs);
mlir::Value subIndex(mlir::ImplicitLocOpBuilder &b, mlir::Value lhs,
                     mlir::Value rhs);
mlir::Value minIndex(mlir::ImplicitLocOpBuilder &b, mlir::Value lhs,
                     mlir::Value rhs);
mlir::Value maxIndex(mlir::ImplicitLocOpBuilder &b, mlir::Value lhs,
                     mlir::Value rhs);
mlir::Value isBelow(mlir::ImplicitLocOpBuilder &b, mlir::Value lhs,
                    mlir::Value rhs);

/// A vector of `type` whose elements are `value`.
mlir::Value createSplat(mlir::ImplicitLocOpBuilder &b, mlir::VectorType type,
                        double value);
/// `scalar` in every element.
mlir::Value broadcast(mlir::ImplicitLocOpBuilder &b, mlir::VectorType type,
                      mlir::Value scalar);

/// The mask of the elements that `count` leaves to a vector of `type`.
mlir::Value createMask(mlir::ImplicitLocOpBuilder &b, mlir::VectorType type,
                       mlir::Value count);

/// The vector of `type` at `indices`, converted from the buffer's float type.
/// Elements outside `mask`, which may be null, are zero and are not read.
mlir::Value loadVector(mlir::ImplicitLocOpBuilder &b, mlir::VectorType type,
                       mlir::Value buffer, mlir::ValueRange indices,
                       mlir::Value mask);
/// Store `vector`, rounded to the buffer's float type, where `mask` is set.
void storeVector(mlir::ImplicitLocOpBuilder &b, mlir::Value vector,
                 mlir::Value buffer, mlir::ValueRange indices,
                 mlir::Value mask);

/// The transpose of a square: as many vectors as a vector has elements, which
/// is a power of two.
llvm::SmallVector<mlir::Value> transpose(mlir::ImplicitLocOpBuilder &b,
                                         llvm::ArrayRef<mlir::Value> rows);

/// for i = lower to upper by step, without results.
void forEach(
    mlir::ImplicitLocOpBuilder &b, mlir::Value lower, mlir::Value upper,
    int64_t step,
    llvm::function_ref<void(mlir::ImplicitLocOpBuilder &, mlir::Value)> body);
void forEach(
    mlir::ImplicitLocOpBuilder &b, mlir::Value lower, mlir::Value upper,
    mlir::Value step,
    llvm::function_ref<void(mlir::ImplicitLocOpBuilder &, mlir::Value)> body);
/// The same in parallel, from 0 to each of `bounds`.
void forEachTask(
    mlir::ImplicitLocOpBuilder &b, llvm::ArrayRef<mlir::OpFoldResult> bounds,
    llvm::function_ref<void(mlir::ImplicitLocOpBuilder &, mlir::ValueRange)>
        body);
/// if (condition) { then } else { otherwise }, without results.
using BlockBody = llvm::function_ref<void(mlir::ImplicitLocOpBuilder &)>;
void branch(mlir::ImplicitLocOpBuilder &b, mlir::Value condition,
            BlockBody then, BlockBody otherwise = nullptr);

} // namespace moa

#endif // MOA_CONVERSION_MOATOVECTOR_VECTORBUILDERS_H
