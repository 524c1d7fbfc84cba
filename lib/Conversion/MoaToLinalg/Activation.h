//===- Activation.h - Softmax and sigmoid of rows ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_MOATOLINALG_ACTIVATION_H
#define MOA_CONVERSION_MOATOLINALG_ACTIVATION_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "moa/IR/Moa.h"

namespace moa {

/// The parts of a stable softmax over the rows of a matrix: the numerators
/// exp(x - max) [N,E], their sum [N], and the maximum [N].
struct SoftmaxParts {
  mlir::Value numerators;
  mlir::Value sum;
  mlir::Value max;
};

/// An element that equals the maximum has numerator 1, so that a row with one
/// +inf has softmax 1 there, and not inf - inf. An element -inf has numerator 0
/// even where all are -inf: sum 0 tells such a row.
SoftmaxParts createSoftmaxParts(mlir::ImplicitLocOpBuilder &b,
                                mlir::Value rows);

/// rows [N,E] divided by their sum [N].
mlir::Value divideRows(mlir::ImplicitLocOpBuilder &b, mlir::Value rows,
                       mlir::Value divisor);

/// The sum [N] of each row of [N,E].
mlir::Value sumRows(mlir::ImplicitLocOpBuilder &b, mlir::Value rows);

/// The activation of each row of [N,E].
mlir::Value activateRows(mlir::ImplicitLocOpBuilder &b, mlir::Value rows,
                         Activation activation);

} // namespace moa

#endif // MOA_CONVERSION_MOATOLINALG_ACTIVATION_H
