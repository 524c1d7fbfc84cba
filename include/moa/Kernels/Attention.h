//===- Attention.h - The attention kernels ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The k slots of neighbouring tokens share a key/value head: those of their
// query heads that read it are packed as rows of one tile. A block takes a tile
// of such rows through the keys that they can see, with an online softmax.
// Where few rows see many keys, several blocks share them, and the one that is
// done last joins what each of them has.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_KERNELS_ATTENTION_H
#define MOA_KERNELS_ATTENTION_H

#include "moa/IR/Moa.h"
#include "moa/Kernels/TileBuilder.h"
#include "llvm/Support/MathExtras.h"

namespace moa {

/// What is static about an attention kernel.
struct AttentionSpec {
  /// Memory as in `moa.attention`; null where there is none.
  mlir::MemRefType query, key, value, lengths, booleanMask, additiveMask;
  /// [B,T,Q,d] and [B,T,Q].
  mlir::MemRefType out, lse;
  /// With several splits, what each block has of the R rows of a key/value
  /// head: sums [B,G,splits,R,w] f32, with w as in getPaddedWidth, and maxima
  /// and totals of weights [B,G,splits,R,2] f32. Besides, how many blocks have
  /// come so far that the rows of a tile wait for: [B,tiles,G] i32, zero at
  /// first.
  mlir::MemRefType partSums, partStates, counters;
  bool hasPosition = false;
  int64_t heads = 1;
  HeadMap headMap = HeadMap::Tile;
  Score score = Score::Softmax;
  bool causal = false;
  std::optional<int64_t> window;
  double scale = 1;
  /// Multiply f32 through tf32.
  bool tf32 = false;

  /// Rows of queries and of keys that a block holds at a time.
  int64_t queryRows = 64, keyRows = 64;
  int64_t stages = 2;
  WarpGrid warps;
  /// Blocks among which the keys of a row are split.
  int64_t splits = 1;

  int64_t getHeadWidth() const { return query.getDimSize(3); }
  /// Padded to what a product of tiles takes.
  int64_t getPaddedWidth() const { return llvm::alignTo(getHeadWidth(), 16); }
  int64_t getKeyHeads() const { return key.getDimSize(2); }
  /// Query heads of a slot that read one key/value head.
  int64_t getGroupSize() const {
    return llvm::divideCeil(heads, getKeyHeads());
  }
  /// Rows that a token has in the tiles of one key/value head.
  int64_t getRowsPerToken() const {
    return query.getDimSize(2) / heads * getGroupSize();
  }
  /// Rows of one key/value head.
  int64_t getRows() const { return query.getDimSize(1) * getRowsPerToken(); }
  /// Key/value heads that are read.
  int64_t getUsedKeyHeads() const { return std::min(getKeyHeads(), heads); }
};

/// Rows of queries, and keys, of tiles that there are kernels for.
constexpr int64_t kQueryTiles[] = {16, 32, 64, 128};
constexpr int64_t kKeyTiles[] = {16, 32, 64};
/// The attribute by which an op asks for one of the latter. For one of the
/// former it has that of products, `kRowTileAttr`.
constexpr llvm::StringLiteral kKeyTileAttr = "moa.key_tile";

/// Choose tiles, warps and stages so that a block needs at most `sharedBytes`
/// of shared memory; failure where even the smallest tiles need more.
/// `queryRows` and `keyRows`, if not 0, are what tiles have.
///
/// 16-bit elements take 128 rows of queries by 64 keys for heads of up to 128
/// (64 x 64 up to 64, 64 x 32 up to 256): the accumulator then takes half of a
/// thread's registers. f32 halves both. Few rows take few warps, and split the
/// keys over blocks where the key length is long.
llvm::LogicalResult chooseAttentionTiles(AttentionSpec &spec,
                                         int64_t sharedBytes,
                                         int64_t queryRows = 0,
                                         int64_t keyRows = 0);

/// Blocks of the kernel: (row tiles of one key/value head, key/value heads that
/// are read, batch entries * splits). Arguments: query, key, value, position,
/// lengths, boolean mask, additive mask (those that there are); out, lse,
/// sums and states of parts, counters (those that there are).
mlir::gpu::GPUFuncOp buildAttentionKernel(TileBuilder &b,
                                          mlir::gpu::GPUModuleOp module,
                                          llvm::StringRef name,
                                          const AttentionSpec &spec);

} // namespace moa

#endif // MOA_KERNELS_ATTENTION_H
