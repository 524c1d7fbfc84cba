//===- VectorMath.h - Functions of vectors ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_MOATOVECTOR_VECTORMATH_H
#define MOA_CONVERSION_MOATOVECTOR_VECTORMATH_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace moa {

/// The greater of two floats, or vectors of them; `other`, which is a number,
/// where `value` is NaN.
mlir::Value maxNumber(mlir::ImplicitLocOpBuilder &b, mlir::Value value,
                      mlir::Value other);
/// The greatest element of a vector without NaN, and the sum of its elements.
mlir::Value reduceMax(mlir::ImplicitLocOpBuilder &b, mlir::Value vector);
mlir::Value reduceSum(mlir::ImplicitLocOpBuilder &b, mlir::Value vector);

/// exp(x) of a vector of f32 whose elements are at most 0; +inf counts as 0.
/// The error is at most 2 units in the last place for x >= -87.33; below, where
/// the result would be no normal number, it is 0. NaN stays NaN.
mlir::Value expOfNonPositive(mlir::ImplicitLocOpBuilder &b, mlir::Value x);

/// What a softmax subtracts from scores whose maximum is `max`, an f32: `max`
/// itself, but a number where that is infinite. With it
/// expOfNonPositive(score - subtrahend) is 1 for a score of +inf, and 0 for
/// -inf, whatever the maximum.
mlir::Value getSubtrahend(mlir::ImplicitLocOpBuilder &b, mlir::Value max);

} // namespace moa

#endif // MOA_CONVERSION_MOATOVECTOR_VECTORMATH_H
