//===- RegisterTiles.cpp - Products in register tiles ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegisterTiles.h"

#include "Buffers.h"
#include "VectorBuilders.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "moa/Utils/LoopBuilders.h"

using namespace mlir;
using namespace moa;

static Type getElementType(Value buffer) {
  return cast<MemRefType>(buffer.getType()).getElementType();
}

namespace {
/// Builds the code of one product.
class Emitter {
public:
  explicit Emitter(ImplicitLocOpBuilder &b, const Product &product)
      : product(product), accumulator(getElementType(product.lhs)),
        vectorType(product.target.getVectorType(accumulator)),
        lanes(vectorType.getDimSize(0)) {
    SmallVector<OpFoldResult> sizes = getBufferSizes(b, product.rhs);
    depth = asIndex(b, sizes[product.transposed ? 1 : 0]);
    OpFoldResult count = sizes[product.transposed ? 0 : 1];
    columns = asIndex(b, count);
    staticColumns = getConstantIntValue(count);
  }

  void emit(ImplicitLocOpBuilder &b, Value begin, Value end, Value column);

private:
  /// Reads vector `v` of row k of the matrix.
  using MatrixReader = llvm::function_ref<Value(ImplicitLocOpBuilder &, Value k,
                                                int64_t v, Value mask)>;

  /// No wider than the columns that there are.
  TileShape narrow(TileShape tile) {
    if (staticColumns)
      tile.vectors = std::clamp<int64_t>(
          llvm::divideCeil(*staticColumns, lanes), 1, tile.vectors);
    return tile;
  }
  bool needsMasks(TileShape tile) {
    return !staticColumns || *staticColumns % (tile.vectors * lanes) != 0;
  }
  SmallVector<Value> createMasks(ImplicitLocOpBuilder &b, TileShape tile,
                                 Value column);
  void emitStream(ImplicitLocOpBuilder &b, ArrayRef<TileShape> tiles,
                  Value begin, Value end, Value column, Value columnEnd);
  void emitPacked(ImplicitLocOpBuilder &b, Value begin, Value end, Value column,
                  Value columnEnd);
  void packPanel(ImplicitLocOpBuilder &b, TileShape tile, Value panel,
                 Value column);
  void packTransposed(ImplicitLocOpBuilder &b, TileShape tile, Value panel,
                      Value column);
  void emitTile(ImplicitLocOpBuilder &b, TileShape tile, Value row, Value end,
                Value column, MatrixReader read);
  SmallVector<Value> sumTerms(ImplicitLocOpBuilder &b, TileShape tile,
                              ArrayRef<Value> lhsRows, ArrayRef<Value> masks,
                              ArrayRef<Value> start, MatrixReader read);

  const Product &product;
  Type accumulator;
  VectorType vectorType;
  int64_t lanes;
  Value depth, columns;
  std::optional<int64_t> staticColumns;
};
} // namespace

//===----------------------------------------------------------------------===//
// One tile
//===----------------------------------------------------------------------===//

/// A mask for each vector of the tile; null where every column is there.
SmallVector<Value> Emitter::createMasks(ImplicitLocOpBuilder &b, TileShape tile,
                                        Value column) {
  SmallVector<Value> masks(tile.vectors);
  if (!needsMasks(tile))
    return masks;
  for (auto [v, mask] : llvm::enumerate(masks)) {
    Value first = addIndex(b, column, v * lanes);
    mask = createMask(b, vectorType, subIndex(b, columns, first));
  }
  return masks;
}

/// The sums of a tile, row by row, over all terms.
SmallVector<Value> Emitter::sumTerms(ImplicitLocOpBuilder &b, TileShape tile,
                                     ArrayRef<Value> lhsRows,
                                     ArrayRef<Value> masks,
                                     ArrayRef<Value> start, MatrixReader read) {
  auto addTerm = [&](ImplicitLocOpBuilder &b, Value k,
                     ValueRange sums) -> SmallVector<Value> {
    SmallVector<Value> matrix;
    for (int64_t v = 0; v < tile.vectors; ++v)
      matrix.push_back(read(b, k, v, masks[v]));
    SmallVector<Value> next;
    for (auto [i, row] : llvm::enumerate(lhsRows)) {
      Value scalar = memref::LoadOp::create(b, product.lhs, ValueRange{row, k});
      Value factor = broadcast(b, vectorType, scalar);
      for (auto [v, vector] : llvm::enumerate(matrix))
        next.push_back(vector::FMAOp::create(b, factor, vector,
                                             sums[i * tile.vectors + v]));
    }
    return next;
  };
  return createLoop(b, createIndex(b, 0), depth, start, addTerm);
}

/// Rows from `row` on, as many as the tile has and `end` leaves; at least one.
/// Rows behind the end repeat the last one and are not stored.
void Emitter::emitTile(ImplicitLocOpBuilder &b, TileShape tile, Value row,
                       Value end, Value column, MatrixReader read) {
  Value last = addIndex(b, end, -1);
  SmallVector<Value> rows = {row}, lhsRows;
  for (int64_t i = 1; i < tile.rows; ++i)
    rows.push_back(minIndex(b, addIndex(b, row, i), last));
  for (Value each : rows)
    lhsRows.push_back(product.getLhsRow(b, each));
  SmallVector<Value> masks = createMasks(b, tile, column), columnsOf, start;
  for (int64_t v = 0; v < tile.vectors; ++v)
    columnsOf.push_back(addIndex(b, column, v * lanes));
  Value zero = createSplat(b, vectorType, 0);
  for (Value each : rows)
    for (int64_t v = 0; v < tile.vectors; ++v)
      start.push_back(product.load ? product.load(b, vectorType, each,
                                                  columnsOf[v], masks[v])
                                   : zero);
  SmallVector<Value> sums = sumTerms(b, tile, lhsRows, masks, start, read);
  for (int64_t i = 0; i < tile.rows; ++i) {
    auto vectors = ArrayRef(sums).slice(i * tile.vectors, tile.vectors);
    auto store = [&](ImplicitLocOpBuilder &b) {
      product.store(b, rows[i], columnsOf, vectors, masks);
    };
    if (i == 0)
      store(b);
    else
      branch(b, isBelow(b, addIndex(b, row, i), end), store);
  }
}

//===----------------------------------------------------------------------===//
// Few rows
//===----------------------------------------------------------------------===//

/// Choose the first of `tiles` that has enough rows.
void Emitter::emitStream(ImplicitLocOpBuilder &b, ArrayRef<TileShape> tiles,
                         Value begin, Value end, Value column,
                         Value columnEnd) {
  TileShape tile = narrow(tiles.front());
  auto emitTiles = [&](ImplicitLocOpBuilder &b) {
    forEach(b, column, columnEnd, tile.vectors * lanes,
            [&](ImplicitLocOpBuilder &b, Value first) {
              emitTile(
                  b, tile, begin, end, first,
                  [&](ImplicitLocOpBuilder &b, Value k, int64_t v, Value mask) {
                    Value at = addIndex(b, first, v * lanes);
                    return loadVector(b, vectorType, product.rhs, {k, at},
                                      mask);
                  });
            });
  };
  if (tiles.size() == 1)
    return emitTiles(b);
  Value limit = addIndex(b, begin, tile.rows + 1);
  branch(b, isBelow(b, end, limit), emitTiles, [&](ImplicitLocOpBuilder &b) {
    emitStream(b, tiles.drop_front(), begin, end, column, columnEnd);
  });
}

//===----------------------------------------------------------------------===//
// Many rows
//===----------------------------------------------------------------------===//

/// Copy the tile's columns of the matrix, in the accumulator type and zero
/// behind the last column, into `panel` [K, columns of a tile].
void Emitter::packPanel(ImplicitLocOpBuilder &b, TileShape tile, Value panel,
                        Value column) {
  if (product.transposed)
    return packTransposed(b, tile, panel, column);
  SmallVector<Value> masks = createMasks(b, tile, column);
  forEach(b, createIndex(b, 0), depth, 1,
          [&](ImplicitLocOpBuilder &b, Value k) {
            for (int64_t v = 0; v < tile.vectors; ++v) {
              Value vector =
                  loadVector(b, vectorType, product.rhs,
                             {k, addIndex(b, column, v * lanes)}, masks[v]);
              storeVector(b, vector, panel, {k, createIndex(b, v * lanes)},
                          Value());
            }
          });
}

/// The same for a matrix [N, K], in squares that are transposed in registers.
/// Columns behind the last one repeat it; rows behind the last are zero, which
/// is why a panel has a multiple of `lanes` rows.
void Emitter::packTransposed(ImplicitLocOpBuilder &b, TileShape tile,
                             Value panel, Value column) {
  Value last = addIndex(b, columns, -1);
  forEach(b, createIndex(b, 0), depth, lanes,
          [&](ImplicitLocOpBuilder &b, Value k) {
            Value mask = createMask(b, vectorType, subIndex(b, depth, k));
            for (int64_t v = 0; v < tile.vectors; ++v) {
              SmallVector<Value> square;
              for (int64_t i = 0; i < lanes; ++i) {
                Value from = addIndex(b, column, v * lanes + i);
                square.push_back(loadVector(b, vectorType, product.rhs,
                                            {minIndex(b, from, last), k},
                                            mask));
              }
              for (auto [i, vector] : llvm::enumerate(transpose(b, square)))
                storeVector(b, vector, panel,
                            {addIndex(b, k, i), createIndex(b, v * lanes)},
                            Value());
            }
          });
}

void Emitter::emitPacked(ImplicitLocOpBuilder &b, Value begin, Value end,
                         Value column, Value columnEnd) {
  TileShape tile = narrow(product.target.getMainTile());
  TileShape half = {tile.rows / 2, tile.vectors};
  AffineExpr s0 = b.getAffineSymbolExpr(0);
  OpFoldResult rows = affine::makeComposedFoldedAffineApply(
      b, b.getLoc(), s0.ceilDiv(lanes) * lanes, {OpFoldResult(depth)});
  Value panel = memref::AllocOp::create(
      b,
      MemRefType::get({ShapedType::kDynamic, tile.vectors * lanes},
                      accumulator),
      ValueRange{asIndex(b, rows)},
      b.getI64IntegerAttr(product.target.vectorBytes));
  auto emitColumns = [&](ImplicitLocOpBuilder &b, Value first) {
    packPanel(b, tile, panel, first);
    auto read = [&](ImplicitLocOpBuilder &b, Value k, int64_t v, Value) {
      return loadVector(b, vectorType, panel, {k, createIndex(b, v * lanes)},
                        Value());
    };
    forEach(b, begin, end, tile.rows, [&](ImplicitLocOpBuilder &b, Value row) {
      Value limit = addIndex(b, row, half.rows);
      branch(
          b, isBelow(b, limit, end),
          [&](ImplicitLocOpBuilder &b) {
            emitTile(b, tile, row, end, first, read);
          },
          [&](ImplicitLocOpBuilder &b) {
            emitTile(b, half, row, end, first, read);
          });
    });
  };
  forEach(b, column, columnEnd, tile.vectors * lanes, emitColumns);
}

void Emitter::emit(ImplicitLocOpBuilder &b, Value begin, Value end,
                   Value column) {
  Value columnEnd = minIndex(
      b, addIndex(b, column, CpuTarget::kTaskVectors * lanes), columns);
  auto emitPackedRows = [&](ImplicitLocOpBuilder &b) {
    emitPacked(b, begin, end, column, columnEnd);
  };
  auto emitRows = [&](ImplicitLocOpBuilder &b) {
    // Rows of a transposed matrix are columns: they are read along the sum.
    if (product.transposed)
      return emitPackedRows(b);
    SmallVector<TileShape> tiles = product.target.getStreamTiles();
    Value limit = addIndex(b, begin, tiles.back().rows);
    branch(b, isBelow(b, limit, end), emitPackedRows,
           [&](ImplicitLocOpBuilder &b) {
             emitStream(b, tiles, begin, end, column, columnEnd);
           });
  };
  branch(b, isBelow(b, begin, end), emitRows);
}

int64_t moa::getTaskColumns(const Product &product) {
  return CpuTarget::kTaskVectors *
         product.target.getLanes(getElementType(product.lhs));
}

void moa::emitProduct(ImplicitLocOpBuilder &b, const Product &product,
                      Value begin, Value end, Value column) {
  Emitter(b, product).emit(b, begin, end, column);
}
