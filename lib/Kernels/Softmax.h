//===- Softmax.h - A softmax over experts, taken some at a time -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_KERNELS_SOFTMAX_H
#define MOA_KERNELS_SOFTMAX_H

#include "moa/Kernels/TileBuilder.h"

namespace moa {

/// exp(value - max); 1 for the maximum, which may be infinite, 0 for -inf.
mlir::Value createNumerators(TileBuilder &b, mlir::Value values,
                             mlir::Value max);

/// The largest logit of `rows` rows and the sum of numerators relative to it,
/// both [rows,1], where there are no experts yet.
llvm::SmallVector<mlir::Value> createSoftmax(TileBuilder &b, int64_t rows);

/// `softmax` with the experts of `logits` added.
llvm::SmallVector<mlir::Value>
addToSoftmax(TileBuilder &b, mlir::ValueRange softmax, mlir::Value logits);

} // namespace moa

#endif // MOA_KERNELS_SOFTMAX_H
