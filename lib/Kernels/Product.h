//===- Product.h - What the products by weights share -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_KERNELS_PRODUCT_H
#define MOA_KERNELS_PRODUCT_H

#include "moa/Kernels/Products.h"

namespace moa {

/// The columns of the weights that a block multiplies with, as pieces that have
/// a sum each.
struct ColumnTile {
  struct Piece {
    mlir::Value begin;
    int64_t width;
  };
  /// With rotary: a pair that is mixed, one of each half of the rotated
  /// channels, and a piece of the rest of the head if it has one.
  llvm::SmallVector<Piece, 3> pieces;
  /// With rotary: the head's first column, the first channel of the pair within
  /// the halves, and that of the third piece within the rest.
  mlir::Value head, pairChannel, restChannel;
  /// Where only some of a head's blocks have a pair of the halves: whether this
  /// one has. The pairs of others are neighbours within the rest, from this
  /// channel on.
  mlir::Value isRotated, plainChannel;
};

/// Tiles of a body for the first `rows` rows of `tiles`, in its shared memory.
ProductTiles getBodyTiles(const ProductTiles &tiles, int64_t rows,
                          mlir::Type element);

ColumnTile getColumnTile(TileBuilder &b, mlir::Value number,
                         const ProductTiles &tiles,
                         const std::optional<ProductRotary> &rotary);

/// The column tile of the block, by dimension y of the grid, which is known to
/// be below how many tiles there are: whole tiles need no checks.
ColumnTile getBlockColumns(TileBuilder &b, mlir::MemRefType weights,
                           bool transposed, const ProductTiles &tiles,
                           const std::optional<ProductRotary> &rotary);

/// The product of rows with a column tile.
struct Product {
  /// [.., depth] rows of the left operand from column k on.
  llvm::function_ref<mlir::Value(mlir::Value k)> left;
  /// [K,F] or [F,K] behind `matrix`, the indices of the matrix.
  mlir::Value weights;
  mlir::ValueRange matrix;
  bool transposed;
  /// What the sums start from, one for each piece.
  llvm::SmallVector<mlir::Value, 3> inits;
  /// Whether a warp has rows that are needed; null where each of them has.
  mlir::Value hasRows = {};
};
llvm::SmallVector<mlir::Value> buildProduct(TileBuilder &b,
                                            const Product &product,
                                            const ColumnTile &columns,
                                            const ProductTiles &tiles);

/// Zeros for the sums of `rows` rows.
llvm::SmallVector<mlir::Value, 3> createSums(TileBuilder &b, int64_t rows,
                                             const ColumnTile &columns);

/// Round the sum of a tile without rotary and store it to `rows` [rows,1] of
/// `result`; a negative row is none.
void storeSum(TileBuilder &b, mlir::Value sum, const ColumnTile &columns,
              mlir::Value rows, mlir::Value result, bool add = false);

/// Rotate the sums of rows that stand at `positions` (i32, [rows,1]), round and
/// store them likewise.
void storeRotated(TileBuilder &b, mlir::ValueRange sums,
                  const ColumnTile &columns, mlir::Value rows,
                  mlir::Value positions, mlir::Value result,
                  const ProductRotary &rotary);

} // namespace moa

#endif // MOA_KERNELS_PRODUCT_H
