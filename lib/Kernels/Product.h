//===- Product.h - What the products by weights share -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_KERNELS_PRODUCT_H
#define MOA_KERNELS_PRODUCT_H

#include "moa/Kernels/Products.h"

namespace moa {

/// The columns of the weights that a block multiplies with, as one piece, or as
/// two pieces that rotary positions mix.
struct ColumnTile {
  llvm::SmallVector<mlir::Value, 2> begins;
  /// Columns of a piece.
  int64_t width;
  /// With rotary: the head, and the first channel within its half.
  mlir::Value head, channel;
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
  llvm::SmallVector<mlir::Value, 2> inits;
  /// Whether a warp has rows that are needed; null where each of them has.
  mlir::Value hasRows = {};
};
llvm::SmallVector<mlir::Value> buildProduct(TileBuilder &b,
                                            const Product &product,
                                            const ColumnTile &columns,
                                            const ProductTiles &tiles);

/// Zeros for the sums of `rows` rows.
llvm::SmallVector<mlir::Value, 2> createSums(TileBuilder &b, int64_t rows,
                                             const ColumnTile &columns);

/// Rotate pieces of rows [rows,1] that stand at `positions` (i32).
llvm::SmallVector<mlir::Value> rotate(TileBuilder &b, mlir::ValueRange pieces,
                                      const ColumnTile &columns,
                                      mlir::Value positions,
                                      const ProductRotary &rotary);

/// Round pieces and store them to `rows` of `result`; a negative row is none.
void storePieces(TileBuilder &b, mlir::ValueRange pieces,
                 const ColumnTile &columns, mlir::Value rows,
                 mlir::Value result, const std::optional<ProductRotary> &rotary,
                 bool add = false);

} // namespace moa

#endif // MOA_KERNELS_PRODUCT_H
