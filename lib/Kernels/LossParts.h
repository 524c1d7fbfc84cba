//===- LossParts.h - What the tokens of a block add to losses ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Part of the kernels that have the logits: the router's, and one of its own
// where losses are not the router's.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_KERNELS_LOSSPARTS_H
#define MOA_KERNELS_LOSSPARTS_H

#include "Arguments.h"
#include "Experts.h"
#include "moa/Kernels/Losses.h"

namespace moa {

/// -p log p, 0 where p is 0.
mlir::Value createEntropy(TileBuilder &b, mlir::Value p);

/// The memory of what blocks leave for losses alone, in the order of arguments.
llvm::SmallVector<mlir::Type> listLossParts(const LossSpec &spec);

class LossParts {
public:
  /// The next arguments are those of listLossParts.
  LossParts(TileBuilder &b, const LossSpec &spec, Arguments &arguments);

  /// Whether the softmax of the logits is needed, and their activations.
  bool readsSoftmax() const {
    return squares || (activations && spec.activation == Activation::Softmax);
  }

  /// Leave what tokens add, as block number `block`. `counted`: which tokens
  /// are, [rows,1]. `numExperts` have logits. `softmax`: that of all experts,
  /// if it is known.
  void leave(mlir::Value block, mlir::Value counted, mlir::Value numExperts,
             ExpertLogits getLogits, mlir::ValueRange softmax = {});

private:
  mlir::Value activate(const Experts &experts, mlir::ValueRange softmax);
  mlir::Value sumCounted(mlir::Value values);

  TileBuilder &b;
  const LossSpec &spec;
  mlir::Value tokens, squares, entropies, activations;
  mlir::Value counted;
};

} // namespace moa

#endif // MOA_KERNELS_LOSSPARTS_H
