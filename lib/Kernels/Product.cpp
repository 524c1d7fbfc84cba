//===- Product.cpp - What the products by weights share -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Product.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "moa/Kernels/Rotary.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace moa;
using IPredicate = arith::CmpIPredicate;

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

//===----------------------------------------------------------------------===//
// Columns
//===----------------------------------------------------------------------===//

namespace {
/// How the columns of a head are dealt to blocks: a pair of pieces of `pair`
/// columns to each, and one of `rest` columns of the channels that are not
/// rotated, if it is not 0. The pairs of the first `rotated` blocks are of the
/// rotated halves. Those of others are of the rest, behind all third pieces.
struct HeadTiles {
  int64_t blocks, rotated, pair, rest;

  /// The first of the channels that are not rotated and that pairs have.
  int64_t getFirstPlain() const { return blocks * rest; }
};
} // namespace

/// Columns of a piece for `channels`, in blocks of 8 columns, which warps have
/// one each of, or as many as the others.
static int64_t padPiece(int64_t channels, int64_t warps) {
  int64_t blocks = llvm::divideCeil(channels, 8);
  return 8 * (blocks < warps ? blocks : llvm::alignTo(blocks, warps));
}

/// The largest number of blocks of 8 columns that a warp has of a block's
/// pieces.
static int64_t countWarpBlocks(const HeadTiles &head, int64_t warps) {
  return 2 * llvm::divideCeil(head.pair, 8 * warps) +
         llvm::divideCeil(head.rest, 8 * warps);
}

static bool fits(const HeadTiles &head, const ProductTiles &tiles) {
  // 128 registers of a thread: those of a tile of 128 x 128. Narrow pieces take
  // more than their columns say, since warps hold the same ones.
  constexpr int64_t kMostAccumulators = 32;
  int64_t rowBlocks = tiles.rows / (16 * tiles.warps.rows);
  return 2 * head.pair + head.rest <= tiles.columns &&
         rowBlocks * countWarpBlocks(head, tiles.warps.columns) <=
             kMostAccumulators;
}

/// The fewest blocks that fit, with the fewest products; all of which rotate if
/// that is no more.
static HeadTiles cutHead(const ProductTiles &tiles,
                         const ProductRotary &rotary) {
  int64_t half = rotary.getHalf(), warps = tiles.warps.columns;
  for (int64_t blocks = 1;; ++blocks) {
    std::optional<HeadTiles> best;
    for (int64_t most = blocks; most > 0; --most) {
      HeadTiles head;
      head.blocks = blocks;
      head.pair = padPiece(llvm::divideCeil(half, most), warps);
      head.rotated = llvm::divideCeil(half, head.pair);
      int64_t plain = 2 * head.pair * (blocks - head.rotated);
      int64_t rest = std::max<int64_t>(rotary.getRest() - plain, 0);
      head.rest = padPiece(llvm::divideCeil(rest, blocks), warps);
      if (fits(head, tiles) && (!best || countWarpBlocks(head, warps) <
                                             countWarpBlocks(*best, warps)))
        best = head;
    }
    if (best)
      return *best;
  }
}

int64_t moa::countColumnTiles(int64_t columns, const ProductTiles &tiles,
                              const std::optional<ProductRotary> &rotary) {
  if (!rotary)
    return llvm::divideCeil(columns, tiles.columns);
  return columns / rotary->headWidth * cutHead(tiles, *rotary).blocks;
}

/// Tile `number` of heads that are rotated.
static ColumnTile getHeadTile(TileBuilder &b, Value number,
                              const ProductTiles &tiles,
                              const ProductRotary &rotary) {
  HeadTiles head = cutHead(tiles, rotary);
  ColumnTile tile;
  tile.head =
      b.mul(b.div(number, double(head.blocks)), double(rotary.headWidth));
  Value block = b.rem(number, double(head.blocks));
  Value rest = b.add(tile.head, double(rotary.rotary.getDim()));
  Value rotated = block;
  if (head.rotated < head.blocks)
    rotated = b.min(block, double(head.rotated - 1));
  tile.pairChannel = b.mul(rotated, double(head.pair));
  Value low = b.add(tile.head, tile.pairChannel);
  Value high = b.add(low, double(rotary.getHalf()));
  if (head.rotated < head.blocks) {
    tile.isRotated = b.compare(IPredicate::eq, block, rotated);
    Value others =
        b.sub(b.max(block, double(head.rotated)), double(head.rotated));
    tile.plainChannel = b.add(b.mul(others, double(2 * head.pair)),
                              double(head.getFirstPlain()));
    Value plain = b.add(rest, tile.plainChannel);
    low = b.select(tile.isRotated, low, plain);
    high = b.select(tile.isRotated, high, b.add(plain, double(head.pair)));
  }
  tile.pieces = {{low, head.pair}, {high, head.pair}};
  if (head.rest) {
    tile.restChannel = b.mul(block, double(head.rest));
    tile.pieces.push_back({b.add(rest, tile.restChannel), head.rest});
  }
  return tile;
}

ColumnTile moa::getColumnTile(TileBuilder &b, Value number,
                              const ProductTiles &tiles,
                              const std::optional<ProductRotary> &rotary) {
  if (rotary)
    return getHeadTile(b, number, tiles, *rotary);
  ColumnTile tile;
  tile.pieces = {{b.mul(number, double(tiles.columns)), tiles.columns}};
  return tile;
}

ColumnTile moa::getBlockColumns(TileBuilder &b, MemRefType weights,
                                bool transposed, const ProductTiles &tiles,
                                const std::optional<ProductRotary> &rotary) {
  Value number;
  int64_t columns = weights.getShape().drop_back(transposed ? 1 : 0).back();
  if (ShapedType::isDynamic(columns) || columns == 0)
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

SmallVector<Value, 3> moa::createSums(TileBuilder &b, int64_t rows,
                                      const ColumnTile &columns) {
  SmallVector<Value, 3> sums;
  for (const ColumnTile::Piece &piece : columns.pieces)
    sums.push_back(b.tile(rows, piece.width, b.getF32Type(), 0));
  return sums;
}

SmallVector<Value> moa::buildProduct(TileBuilder &b, const Product &product,
                                     const ColumnTile &columns,
                                     const ProductTiles &tiles) {
  int64_t matrixRank = product.matrix.size();
  Value depth =
      b.size(product.weights, matrixRank + (product.transposed ? 1 : 0));
  auto loadWeights = [&](Value k, const ColumnTile::Piece &piece) {
    SmallVector<Value> indices(product.matrix);
    if (product.transposed) {
      indices.append({piece.begin, k});
      return b.load(product.weights, indices, piece.width, tiles.depth);
    }
    indices.append({k, piece.begin});
    return b.load(product.weights, indices, tiles.depth, piece.width);
  };
  auto step = [&](Value k, ValueRange sums) -> SmallVector<Value> {
    Value left = product.left(k);
    Type element = getElementTypeOrSelf(left);
    SmallVector<Value> rights;
    // Weights of another type than the rows are brought to theirs.
    for (const ColumnTile::Piece &piece : columns.pieces)
      rights.push_back(b.convert(loadWeights(k, piece), element));
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
// Stores
//===----------------------------------------------------------------------===//

void moa::storeSum(TileBuilder &b, Value sum, const ColumnTile &columns,
                   Value rows, Value result, bool add) {
  b.scatter(b.convert(sum, getElementTypeOrSelf(result)), result,
            columns.pieces.front().begin, rows, add);
}

namespace {
/// The stores of a tile of heads. Each is to a view of a part of the head,
/// whose bounds leave out what a piece has beyond it.
class HeadStore {
public:
  HeadStore(TileBuilder &b, const ColumnTile &columns, Value rows, Value result,
            const ProductRotary &rotary)
      : b(b), columns(columns), rows(rows), result(result), rotary(rotary) {}

  void storeHalves(Value low, Value high) {
    int64_t half = rotary.getHalf();
    store(low, 0, half, columns.pairChannel);
    store(high, half, half, columns.pairChannel);
  }
  /// Channels that are not rotated, from number `channel` of these on.
  void storeRest(Value sum, Value channel) {
    store(sum, rotary.rotary.getDim(), rotary.getRest(), channel);
  }

private:
  /// Store to the part of `count` channels from `first` on.
  void store(Value sum, int64_t first, int64_t count, Value channel) {
    OpFoldResult one = b.getIndexAttr(1), none = b.getIndexAttr(0);
    SmallVector<OpFoldResult> offsets = {none,
                                         b.add(columns.head, double(first))};
    SmallVector<OpFoldResult> sizes = {getAsOpFoldResult(b.size(result, 0)),
                                       b.getIndexAttr(count)};
    Value part =
        memref::SubViewOp::create(b, result, offsets, sizes, {one, one});
    b.scatter(b.convert(sum, getElementTypeOrSelf(result)), part, channel,
              rows);
  }

  TileBuilder &b;
  const ColumnTile &columns;
  Value rows, result;
  const ProductRotary &rotary;
};
} // namespace

void moa::storeRotated(TileBuilder &b, ValueRange sums,
                       const ColumnTile &columns, Value rows, Value positions,
                       Value result, const ProductRotary &rotary) {
  HeadStore store(b, columns, rows, result, rotary);
  // What needs no rotation first: its registers are free for that then.
  if (columns.restChannel)
    store.storeRest(sums[2], columns.restChannel);
  Value low = sums[0], high = sums[1];
  int64_t width = columns.pieces.front().width;
  auto rotate = [&]() -> SmallVector<Value> {
    auto [cosine, sine] = createRotaryAngles(b, positions, rotary.rotary, width,
                                             columns.pairChannel);
    store.storeHalves(b.sub(b.mul(low, cosine), b.mul(high, sine)),
                      b.add(b.mul(high, cosine), b.mul(low, sine)));
    return {};
  };
  auto keep = [&]() -> SmallVector<Value> {
    store.storeRest(low, columns.plainChannel);
    store.storeRest(high, b.add(columns.plainChannel, double(width)));
    return {};
  };
  if (columns.isRotated)
    b.branch(columns.isRotated, TypeRange(), rotate, keep);
  else
    rotate();
}
