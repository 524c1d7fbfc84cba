//===- Products.h - The kernels that multiply by weights --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One block multiplies a tile of rows with a tile of columns of the weights.
// The kernels differ in where the rows come from, which weights they meet, and
// where they go.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_KERNELS_PRODUCTS_H
#define MOA_KERNELS_PRODUCTS_H

#include "moa/IR/Moa.h"
#include "moa/Kernels/TileBuilder.h"

namespace moa {

/// How a product is cut: a block's rows and columns, and how much of the sum is
/// one step of its loop.
struct ProductTiles {
  int64_t rows = 128, columns = 128, depth = 32;
  int64_t stages = 4;
  WarpGrid warps = {2, 2};
  /// Multiply f32 through tf32.
  bool tf32 = false;
};

/// Rows of tiles that there are kernels for: a multiple of one warp's band.
constexpr int64_t kRowTiles[] = {16, 32, 64, 80, 96, 128, 160};
/// The attribute by which an op asks for one of them.
constexpr llvm::StringLiteral kRowTileAttr = "moa.row_tile";

/// Tiles of a product of `rows` rows with `columns` columns of `element`, each
/// ShapedType::kDynamic where it is not known, in at most `sharedBytes` of
/// shared memory. `rowTile`, if not 0, is the number of rows to take.
///
///   rows that meet the same weights   tile       warps  stages x depth
///   more than 160, or unknown         128 x 128  2 x 2  4 x 32
///   129 to 160                        160 x 128  1 x 4  4 x 32
///   97 to 128                         128 x 128  2 x 2  4 x 32
///   81 to 96                          96 x 128   2 x 2  4 x 32
///   65 to 80                          80 x 128   1 x 4  3 x 64
///   33 to 64                          64 x 128   2 x 2  3 x 64
///   17 to 32                          32 x 128   1 x 4  3 x 64
///   up to 16                          16 x 64    1 x 4  4 x 128
///
/// Large tiles have most products for each byte that is loaded. With few rows
/// weights are streamed once: deep tiles, and narrow ones, which are more
/// blocks.
///
/// f32 takes half the rows and columns: its products are not tensor
/// instructions, and its accumulators take as many registers.
mlir::FailureOr<ProductTiles> chooseProductTiles(int64_t rows, int64_t columns,
                                                 mlir::Type element,
                                                 int64_t sharedBytes,
                                                 int64_t rowTile = 0);

/// Rotary positions of a result's rows, which are heads of `headWidth`
/// channels. The first ones of a head are rotated: a low and a high half, whose
/// channels are pairs. The rest of it is not.
struct ProductRotary {
  RotaryAttr rotary;
  int64_t headWidth = 0;

  int64_t getHalf() const { return rotary.getDim() / 2; }
  int64_t getRest() const { return headWidth - rotary.getDim(); }
};

/// What is static about the products of grouped rows, see `moa.grouped_matmul`.
struct GroupedMatmulSpec {
  RowMap inputRows = RowMap::Grouped, resultRows = RowMap::Grouped;
  /// Memory as in the op; the tile list [L,2] i32 (see Dispatch.h); gates
  /// [N*k]. Null where there is none.
  mlir::MemRefType input, weights, offsets, list, permutation, gates;
  /// f32 if rows are added to tokens, which is in no fixed order.
  mlir::MemRefType result;
  bool transposed = false;
  int64_t topK = 1;
  std::optional<ProductRotary> rotary;
  bool hasPosition = false;
  ProductTiles tiles;
};

/// Blocks: (entries of the list, tiles of columns: see countColumnTiles).
/// Arguments: input, weights, offsets, list, permutation, gates, length and
/// position (index, with rotary); result.
mlir::gpu::GPUFuncOp buildGroupedMatmulKernel(TileBuilder &b,
                                              mlir::gpu::GPUModuleOp module,
                                              llvm::StringRef name,
                                              const GroupedMatmulSpec &spec);

/// See `moa.slot_matmul`; indices are [N*k].
struct SlotMatmulSpec {
  RowMap inputRows = RowMap::Slot;
  mlir::MemRefType input, weights, indices, result;
  bool transposed = false;
  int64_t topK = 1;
  std::optional<ProductRotary> rotary;
  bool hasPosition = false;
  ProductTiles tiles;
};

/// Blocks: (slots, tiles of columns). Arguments: input, weights, indices,
/// length and position (index, with rotary); result.
mlir::gpu::GPUFuncOp buildSlotMatmulKernel(TileBuilder &b,
                                           mlir::gpu::GPUModuleOp module,
                                           llvm::StringRef name,
                                           const SlotMatmulSpec &spec);

/// result[r,:] = input[r,:] weights + init[r,:], for one or two weights of
/// equal shape that have a result each. Row r is row r mod `length` of its
/// sequence.
struct MatmulSpec {
  mlir::MemRefType input, weights, secondWeights;
  /// f32; null where the sum starts from zero.
  mlir::MemRefType init;
  mlir::MemRefType result, secondResult;
  bool transposed = false;
  /// Of the first result.
  std::optional<ProductRotary> rotary;
  bool hasPosition = false;
  ProductTiles tiles;
};

/// Blocks: (tiles of rows, tiles of columns of both weights). Arguments: input,
/// weights, second weights, init, length and position (index, with rotary);
/// result, second result.
mlir::gpu::GPUFuncOp buildMatmulKernel(TileBuilder &b,
                                       mlir::gpu::GPUModuleOp module,
                                       llvm::StringRef name,
                                       const MatmulSpec &spec);

/// Products by the weights of all experts, see `moa.dense_matmul`.
struct DenseMatmulSpec {
  RowMap inputRows = RowMap::Token;
  /// Null where there is none.
  mlir::MemRefType input, weights, gates, bias, skip, residual, result;
  bool transposed = false;
  std::optional<ProductRotary> rotary;
  bool hasPosition = false;
  ProductTiles tiles;
};

/// Blocks: (tiles of tokens, tiles of columns, experts or, where slots are
/// summed, 1). Arguments: input, weights, gates, bias, skip, residual, length
/// and position (index, with rotary); result.
mlir::gpu::GPUFuncOp buildDenseMatmulKernel(TileBuilder &b,
                                            mlir::gpu::GPUModuleOp module,
                                            llvm::StringRef name,
                                            const DenseMatmulSpec &spec);

/// How many tiles cover `columns` columns of a result. With rotary a tile is a
/// part of one head: channels of the low half, their partners of the high half,
/// and some of the rest.
int64_t countColumnTiles(int64_t columns, const ProductTiles &tiles,
                         const std::optional<ProductRotary> &rotary);

} // namespace moa

#endif // MOA_KERNELS_PRODUCTS_H
