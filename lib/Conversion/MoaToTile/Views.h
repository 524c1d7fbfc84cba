//===- Views.h - Tensors as the matrices that kernels take ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_MOATOTILE_VIEWS_H
#define MOA_CONVERSION_MOATOTILE_VIEWS_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "moa/Utils/LinalgBuilders.h"

namespace moa {

/// The memory that stands for the tensor `value` in a kernel; null for null.
mlir::MemRefType getMemory(mlir::Value value);

/// The same with as many rows as there happen to be: the kernel serves any
/// number.
mlir::MemRefType getOpenMemory(mlir::Value value);

/// `value` with its elements, in their order, as a tensor of `sizes`.
mlir::Value viewAs(mlir::ImplicitLocOpBuilder &b, mlir::Value value,
                   llvm::ArrayRef<mlir::OpFoldResult> sizes);

/// As a tensor of the shape and type of `like`.
mlir::Value viewLike(mlir::ImplicitLocOpBuilder &b, mlir::Value value,
                     mlir::Value like);

/// The product of sizes times `factor`.
mlir::OpFoldResult multiply(mlir::ImplicitLocOpBuilder &b,
                            llvm::ArrayRef<mlir::OpFoldResult> sizes,
                            int64_t factor = 1);

mlir::OpFoldResult add(mlir::ImplicitLocOpBuilder &b, mlir::OpFoldResult lhs,
                       mlir::OpFoldResult rhs);

/// `size`, and 1 instead of 0.
mlir::OpFoldResult atLeastOne(mlir::ImplicitLocOpBuilder &b,
                              mlir::OpFoldResult size);

/// The values that are not null.
llvm::SmallVector<mlir::Value>
presentValues(llvm::ArrayRef<mlir::Value> values);

/// A static size, or ShapedType::kDynamic.
int64_t getStatic(mlir::OpFoldResult size);

/// A short name of an element type: bf16, f32, ...
std::string getTypeName(mlir::Type element);

/// An error of `op` unless `element` is one that kernels multiply.
llvm::LogicalResult checkProductElement(mlir::Operation *op,
                                        mlir::Type element);

} // namespace moa

#endif // MOA_CONVERSION_MOATOTILE_VIEWS_H
