//===- Product.cpp - What the products by weights share -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Product.h"

#include "moa/Kernels/Rotary.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace moa;

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

static int64_t countSharedBytes(const ProductTiles &tiles, Type element) {
  return tiles.stages * tiles.depth * (tiles.rows + tiles.columns) *
         (element.getIntOrFloatBitWidth() / 8);
}

/// Steps twice as deep, of which one less is held: fewer waits and less
/// counting for each product.
static ProductTiles deepen(ProductTiles tiles) {
  tiles.depth *= 2;
  --tiles.stages;
  return tiles;
}

ProductTiles moa::getBodyTiles(const ProductTiles &tiles, int64_t rows,
                               Type element) {
  ProductTiles body = tiles;
  body.rows = rows;
  ProductTiles deep = deepen(body);
  constexpr int64_t kFewestStages = 3;
  bool fits =
      countSharedBytes(deep, element) <= countSharedBytes(tiles, element);
  return fits && rows < tiles.rows && deep.stages >= kFewestStages ? deep
                                                                   : body;
}

/// The smallest row tile that holds `rows` rows, or the largest.
static int64_t chooseRowTile(int64_t rows) {
  constexpr int64_t kLargest = 128;
  if (ShapedType::isDynamic(rows))
    return kLargest;
  for (int64_t tile : kRowTiles)
    if (rows <= tile)
      return tile;
  return kLargest;
}

FailureOr<ProductTiles> moa::chooseProductTiles(int64_t rows, int64_t columns,
                                                Type element,
                                                int64_t sharedBytes,
                                                int64_t rowTile) {
  constexpr int64_t kColumnStep = 32;
  ProductTiles tiles;
  tiles.rows = rowTile ? rowTile : chooseRowTile(rows);
  // Where two bands of warps would not have the same rows, there is one; and
  // where a group's end takes a body of other rows, for any number of which.
  if (tiles.rows <= 32 || tiles.rows % 32 != 0 || tiles.rows > 128)
    tiles.warps = {1, 4};
  if (tiles.rows == 16) {
    tiles.columns = 64;
    tiles.depth = 128;
  } else if (tiles.rows <= 80 && !element.isF32()) {
    tiles = deepen(tiles);
  }
  if (element.isF32()) {
    tiles.stages = 3;
    if (!rowTile)
      tiles.rows = std::min<int64_t>(tiles.rows, 64);
    tiles.columns = 64;
    tiles.depth = std::min<int64_t>(tiles.depth, 64);
  }
  // Few columns need no more of a tile.
  if (!ShapedType::isDynamic(columns) && columns > 0)
    tiles.columns =
        std::min(tiles.columns,
                 static_cast<int64_t>(llvm::alignTo(
                     columns, tiles.warps.columns == 4 ? kColumnStep : 16)));
  while (countSharedBytes(tiles, element) > sharedBytes) {
    if (tiles.stages > 2)
      --tiles.stages;
    else if (tiles.depth > 16)
      tiles.depth /= 2;
    else if (tiles.stages > 1)
      --tiles.stages;
    else
      return failure();
  }
  return tiles;
}

/// Columns of a piece of a head's half. A piece is dealt to the block's columns
/// of warps, 8 columns at least to each.
static int64_t getHalfPiece(const ProductTiles &tiles,
                            const ProductRotary &rotary) {
  int64_t step = 8 * tiles.warps.columns;
  int64_t half = llvm::alignTo(rotary.getHeadWidth() / 2, step);
  return std::min<int64_t>(half, llvm::alignTo(tiles.columns / 2, step));
}

int64_t moa::countColumnTiles(int64_t columns, const ProductTiles &tiles,
                              const std::optional<ProductRotary> &rotary) {
  if (!rotary)
    return llvm::divideCeil(columns, tiles.columns);
  return rotary->heads * llvm::divideCeil(rotary->getHeadWidth() / 2,
                                          getHalfPiece(tiles, *rotary));
}

ColumnTile moa::getColumnTile(TileBuilder &b, Value number,
                              const ProductTiles &tiles,
                              const std::optional<ProductRotary> &rotary) {
  ColumnTile tile;
  if (!rotary) {
    tile.width = tiles.columns;
    tile.begins = {b.mul(number, double(tiles.columns))};
    return tile;
  }
  tile.width = getHalfPiece(tiles, *rotary);
  int64_t half = rotary->getHeadWidth() / 2;
  int64_t pieces = llvm::divideCeil(half, tile.width);
  tile.head = b.div(number, double(pieces));
  tile.channel = b.mul(b.rem(number, double(pieces)), double(tile.width));
  Value low =
      b.add(b.mul(tile.head, double(rotary->getHeadWidth())), tile.channel);
  tile.begins = {low, b.add(low, double(half))};
  return tile;
}

ColumnTile moa::getBlockColumns(TileBuilder &b, MemRefType weights,
                                bool transposed, const ProductTiles &tiles,
                                const std::optional<ProductRotary> &rotary) {
  Value number;
  int64_t columns = weights.getShape().drop_back(transposed ? 1 : 0).back();
  if (rotary || ShapedType::isDynamic(columns) || columns == 0)
    number = b.blockId(gpu::Dimension::y);
  else
    number = gpu::BlockIdOp::create(
        b, gpu::Dimension::y,
        b.getIndexAttr(countColumnTiles(columns, tiles, rotary)));
  return getColumnTile(b, number, tiles, rotary);
}

//===----------------------------------------------------------------------===//
// The sum
//===----------------------------------------------------------------------===//

SmallVector<Value, 2> moa::createSums(TileBuilder &b, int64_t rows,
                                      const ColumnTile &columns) {
  return SmallVector<Value, 2>(columns.begins.size(),
                               b.tile(rows, columns.width, b.getF32Type(), 0));
}

SmallVector<Value> moa::buildProduct(TileBuilder &b, const Product &product,
                                     const ColumnTile &columns,
                                     const ProductTiles &tiles) {
  int64_t matrixRank = product.matrix.size();
  Value depth =
      b.size(product.weights, matrixRank + (product.transposed ? 1 : 0));
  auto loadWeights = [&](Value k, Value column) {
    SmallVector<Value> indices(product.matrix);
    if (product.transposed) {
      indices.append({column, k});
      return b.load(product.weights, indices, columns.width, tiles.depth);
    }
    indices.append({k, column});
    return b.load(product.weights, indices, tiles.depth, columns.width);
  };
  auto step = [&](Value k, ValueRange sums) -> SmallVector<Value> {
    Value left = product.left(k);
    Type element = getElementTypeOrSelf(left);
    SmallVector<Value> rights;
    // Weights of another type than the rows are brought to theirs.
    for (Value column : columns.begins)
      rights.push_back(b.convert(loadWeights(k, column), element));
    auto multiply = [&] {
      SmallVector<Value> next;
      for (auto [right, sum] : llvm::zip(rights, sums))
        next.push_back(b.mma(left, right, sum, product.transposed, tiles.tf32));
      return next;
    };
    return product.hasRows ? b.branch(product.hasRows, multiply, sums)
                           : multiply();
  };
  return b
      .loop(b.index(0), depth, tiles.depth, product.inits, tiles.stages, step)
      .getResults();
}

//===----------------------------------------------------------------------===//
// Rotary positions
//===----------------------------------------------------------------------===//

SmallVector<Value> moa::rotate(TileBuilder &b, ValueRange pieces,
                               const ColumnTile &columns, Value positions,
                               const ProductRotary &rotary) {
  auto [cosine, sine] = createRotaryAngles(b, positions, rotary.rotary,
                                           columns.width, columns.channel);
  Value low = pieces[0], high = pieces[1];
  return {b.sub(b.mul(low, cosine), b.mul(high, sine)),
          b.add(b.mul(high, cosine), b.mul(low, sine))};
}

//===----------------------------------------------------------------------===//
// Stores
//===----------------------------------------------------------------------===//

void moa::storePieces(TileBuilder &b, ValueRange pieces,
                      const ColumnTile &columns, Value rows, Value result,
                      const std::optional<ProductRotary> &rotary, bool add) {
  Type element = getElementTypeOrSelf(result);
  if (!rotary) {
    b.scatter(b.convert(pieces[0], element), result, columns.begins[0], rows,
              add);
    return;
  }
  Value none = b.like(rows, -1);
  Value isRow = b.compare(arith::CmpIPredicate::sge, rows, 0.0);
  Value heads = b.add(b.mul(rows, double(rotary->heads)), columns.head);
  for (auto [half, piece] : llvm::enumerate(pieces)) {
    Value halves = b.add(b.mul(heads, 2.0), double(half));
    b.scatter(b.convert(piece, element), result, columns.channel,
              b.select(isRow, halves, none));
  }
}
