//===- RoutedAttention.h - Attention that projects its queries --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_KERNELS_ROUTEDATTENTION_H
#define MOA_KERNELS_ROUTEDATTENTION_H

#include "moa/Kernels/Attention.h"

namespace moa {

/// Where the queries of a kernel come from that projects them itself.
struct QueryProjectionSpec {
  /// [B*T,D], [E,D,H*d] or [E,H*d,D] if `transposed`, [E+1], [B*T*k].
  mlir::MemRefType input, weights, offsets, permutation;
  /// [L,2]: (expert, first row) of the row tiles, see Dispatch.h. Tiles have
  /// `queryRows` rows.
  mlir::MemRefType tiles;
  bool transposed = false;
  int64_t topK = 1;
  /// Null where queries are not rotated. Widths as canRotateHeads asks.
  RotaryAttr rotary;
  /// Channels that are multiplied at a time, and stages of that loop.
  int64_t depth = 32, stages = 3;
};

/// Choose `queryRows` and what else `spec` and `projection` leave open so that
/// a block needs at most `sharedBytes`; failure where none fit. Keys are not
/// split.
llvm::LogicalResult chooseRoutedAttentionTiles(AttentionSpec &spec,
                                               QueryProjectionSpec &projection,
                                               int64_t sharedBytes);

/// A block takes a row tile of one expert's slots and one query head: it
/// projects their queries, keeps them in registers and attends; where the tile
/// has tokens of several batch entries, with the keys of one after the other.
/// `spec.query` only says what shape queries have. Blocks: (row tiles, query
/// heads). Arguments: input, weights, offsets, permutation, tiles, key, value,
/// position, lengths, boolean mask, additive mask (those that there are); out,
/// lse.
mlir::gpu::GPUFuncOp
buildRoutedAttentionKernel(TileBuilder &b, mlir::gpu::GPUModuleOp module,
                           llvm::StringRef name, const AttentionSpec &spec,
                           const QueryProjectionSpec &projection);

} // namespace moa

#endif // MOA_KERNELS_ROUTEDATTENTION_H
