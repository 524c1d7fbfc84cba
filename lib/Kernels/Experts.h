//===- Experts.h - Experts, taken some at a time ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How many experts there are is an argument of a kernel, whose code is the same
// for any number: a loop takes kExpertColumns of them at a time.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_KERNELS_EXPERTS_H
#define MOA_KERNELS_EXPERTS_H

#include "moa/Kernels/TileBuilder.h"

namespace moa {

/// Experts whose logits a block holds at a time. With more, fewer registers are
/// left; with fewer, routers read tokens more often where there are many
/// experts.
constexpr int64_t kExpertColumns = 64;

/// The experts at hand.
struct Experts {
  /// The number of the first one, an index.
  mlir::Value first;
  /// Their numbers, i32, and whether there is such an expert, i1; both
  /// [1,kExpertColumns].
  mlir::Value numbers, exist;
  /// What tokens have for them, [rows,kExpertColumns]; -inf where there is no
  /// expert.
  mlir::Value logits;
};

/// The logits of the experts from number `first` on.
using ExpertLogits = llvm::function_ref<mlir::Value(mlir::Value first)>;
using ExpertsBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(
    const Experts &experts, mlir::ValueRange carried)>;

/// `body` for all of `count` experts.
llvm::SmallVector<mlir::Value> forExperts(TileBuilder &b, mlir::Value count,
                                          mlir::ValueRange carried,
                                          ExpertLogits getLogits,
                                          ExpertsBody body);

/// How many of a token's `topK` slots (an index) go to each of the experts with
/// `numbers`, i32 [rows,kExpertColumns]. `getIndex`: the expert of a slot of
/// each token [rows,1], which is negative where it is not counted.
mlir::Value countSlots(TileBuilder &b, mlir::Value numbers, int64_t rows,
                       mlir::Value topK,
                       llvm::function_ref<mlir::Value(mlir::Value)> getIndex);

/// Leave in `counts` [blocks,E] i32, as block number `block`, how many slots of
/// its tokens go to each of `numExperts`: `count` is countSlots of some.
void leaveCounts(TileBuilder &b, mlir::Value counts, mlir::Value block,
                 mlir::Value numExperts,
                 llvm::function_ref<mlir::Value(mlir::Value numbers)> count);

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

#endif // MOA_KERNELS_EXPERTS_H
