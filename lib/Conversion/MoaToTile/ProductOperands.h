//===- ProductOperands.h - What products of all rows take -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products that both moa ops and linalg ops become. Values are null where there
// is none.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_MOATOTILE_PRODUCTOPERANDS_H
#define MOA_CONVERSION_MOATOTILE_PRODUCTOPERANDS_H

#include "moa/Conversion/MoaToTile.h"
#include "moa/Kernels/Products.h"

namespace moa {

/// input times one or two weights, see MatmulSpec. `result` are rows [N,F].
struct MatmulOperands {
  mlir::Value input, weights, secondWeights, init, length, position;
  mlir::Value result, secondResult;
  bool transposed;
  std::optional<ProductRotary> rotary;
};
MaybeValues launchMatmul(mlir::ImplicitLocOpBuilder &b, mlir::Operation *op,
                         KernelModule &kernels, const MatmulOperands &operands);

/// As `moa.dense_matmul`.
struct DenseOperands {
  RowMap inputRows;
  mlir::Value input, weights, gates, bias, skip, residual, length, position;
  mlir::Value result;
  bool transposed;
  std::optional<ProductRotary> rotary;
};
MaybeValues launchDense(mlir::ImplicitLocOpBuilder &b, mlir::Operation *op,
                        KernelModule &kernels, const DenseOperands &operands);

} // namespace moa

#endif // MOA_CONVERSION_MOATOTILE_PRODUCTOPERANDS_H
