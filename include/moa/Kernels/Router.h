//===- Router.h - The router kernel -----------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_KERNELS_ROUTER_H
#define MOA_KERNELS_ROUTER_H

#include "moa/Kernels/Losses.h"

namespace moa {

/// What is static about a router kernel.
struct RouterSpec {
  /// Tokens [N,D] and router weights [D,E], or [E,D] if `transposed`; both null
  /// where logits [N,E] are given.
  mlir::MemRefType tokens, weights;
  bool transposed = false;
  /// Read where there are no weights, otherwise written; null where nobody
  /// reads them, which the kernel itself does if `readsLogits`.
  mlir::MemRefType logits;
  mlir::MemRefType selectionBias, skip;
  mlir::MemRefType indices, gates;
  /// [blocks,E] i32: how many slots of a block's tokens go to each expert; null
  /// where nobody reads it.
  mlir::MemRefType counts;
  int64_t topK = 1;
  /// k = E: expert j is column j, and nothing is ranked.
  bool all = false;
  GateAttr gate;
  /// A block is one of this kernel's, whose `counts` are those above.
  LossSpec losses;
  bool tf32 = false;

  /// Tokens of a block: a band of 16 for each warp, so that no choice crosses
  /// warps. There are four bands also for a few tokens, as in what the router
  /// can share a launch with.
  int64_t rows = 64;
  WarpGrid warps = {4, 1};
  /// Channels that are multiplied at a time, and stages of that loop.
  int64_t depth = 64, stages = 3;
};

/// Choose depth and stages within `sharedBytes`; failure where none fit.
llvm::LogicalResult chooseRouterTiles(RouterSpec &spec, int64_t sharedBytes);

/// Whether the kernel visits experts more than once, and reads the logits that
/// it wrote.
bool readsLogits(const RouterSpec &spec);

/// Blocks: (tiles of `rows` tokens). Arguments: tokens and weights, or logits;
/// selection bias, skip (those that there are); the number of experts; logits
/// if they are written, indices, gates, what the block leaves for losses,
/// counts if there are any.
mlir::gpu::GPUFuncOp buildRouterKernel(TileBuilder &b,
                                       mlir::gpu::GPUModuleOp module,
                                       llvm::StringRef name,
                                       const RouterSpec &spec);

} // namespace moa

#endif // MOA_KERNELS_ROUTER_H
