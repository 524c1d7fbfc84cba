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
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"
#include "moa/Utils/LoopBuilders.h"

using namespace mlir;
using namespace moa;

/// The words from the one that is multiplied to the one that is fetched from
/// memory.
static constexpr int64_t kAhead = 32;
/// Few rows read all columns of the task, of as many rows of the matrix as have
/// so many bytes, side by side. A CPU follows a few such streams by itself, and
/// with fewer bytes the sums are loaded and stored too often.
static constexpr int64_t kFewBytes = 8192, kMostFewDepth = 32;
/// The most rows of a tile of few rows.
static constexpr int64_t kFewTileRows = 6;

namespace {
/// How rows are multiplied.
enum class Form {
  /// Tile by tile, for some words of all sums before the next.
  Blocks,
  /// Each tile for all words: its sums need no place in memory.
  Direct,
  /// The matrix row by row: memory is the limit.
  Few
};

/// The words that tiles multiply before the next ones, and the columns of a
/// pass.
struct Blocking {
  int64_t depth, columns;
};

/// A word and column of the matrix.
struct Place {
  Value word, column;
};

/// A place in the sums: rows `begin` to `end` of the product, columns `first`
/// to `limit`, words `from` to `to`.
struct Range {
  Value begin, end;
  Value first, limit;
  Value from, to;
};

/// The part of the matrix that tiles read: words `from` to `to` of those that
/// are gathered, of a tile's columns from `column` on.
struct Panel {
  Value column, from, to;
  /// What the first tile fetches with its first word; with further words it
  /// fetches those behind.
  Place fetched;
};

/// What the tiles behind the first fetch of the next panel: with word k the one
/// at (before + k) * scale / kPackedDepth, so that they fetch all of it while
/// they multiply this one. `before` is for each tile what those before it
/// multiplied.
struct Share {
  Place next;
  Value scale, before;
};

/// Where a tile reads the panel.
struct Source {
  enum Kind {
    /// In the matrix, packing it for the tiles behind.
    Packing,
    /// Where it was packed.
    Packed,
    /// In the matrix.
    Matrix
  } kind;
  /// What a tile that reads the packed panel fetches from memory meanwhile, if
  /// anything.
  std::optional<Share> share;
};

/// Builds the code of one product. Scratch holds words of the accumulator's
/// size: a term each, converted, or two terms in bf16 where the CPU multiplies
/// pairs.
class Emitter {
public:
  Emitter(ImplicitLocOpBuilder &b, const Product &product)
      : product(product), vectorType(product.scratch.vectorType),
        lanes(vectorType.getDimSize(0)) {
    SmallVector<OpFoldResult> sizes = getBufferSizes(b, product.rhs);
    OpFoldResult terms = sizes[product.transposed ? 1 : 0];
    staticDepth = getConstantIntValue(terms);
    depth = asIndex(b, terms);
    if (multipliesPairs(staticDepth)) {
      wordTerms = 2;
      *staticDepth /= wordTerms;
      depth = createIndex(b, *staticDepth);
    }
    fitsTile = !product.anyColumns && staticDepth && *staticDepth > 0 &&
               *staticDepth <= kPackedDepth;
    OpFoldResult count = sizes[product.transposed ? 0 : 1];
    columns = asIndex(b, count);
    staticColumns = getConstantIntValue(count);
    tile = narrow(product.target.getMainTile());
  }

  void emit(ImplicitLocOpBuilder &b, Value begin, Value end, Value first,
            Value limit);

private:
  bool multipliesPairs(std::optional<int64_t> terms);
  Value getTerm(ImplicitLocOpBuilder &b, Value word, int64_t term = 0);
  Value loadWords(ImplicitLocOpBuilder &b, Value buffer, Value row, Value word,
                  Value count);
  Value loadMatrix(ImplicitLocOpBuilder &b, Value word, Value column,
                   Value mask);
  Value multiplyAdd(ImplicitLocOpBuilder &b, Value lhs, Value rhs, Value sum);

  bool needsMasks(int64_t vectors) {
    return product.anyColumns || !staticColumns ||
           *staticColumns % (vectors * lanes) != 0;
  }
  TileShape narrow(TileShape tile);
  SmallVector<Value> createMasks(ImplicitLocOpBuilder &b, int64_t vectors,
                                 Value column);
  void forColumns(ImplicitLocOpBuilder &b, Value first, Value limit, Value step,
                  function_ref<void(ImplicitLocOpBuilder &, Value)> body);
  void forVectors(
      ImplicitLocOpBuilder &b, const Range &range,
      function_ref<void(ImplicitLocOpBuilder &, Value column, Value mask)>
          body);
  Value getSum(ImplicitLocOpBuilder &b, const Range &range, Value row,
               Value column);
  Value findTilesEnd(ImplicitLocOpBuilder &b, const Range &range);

  Blocking chooseBlocking();
  void emitForm(ImplicitLocOpBuilder &b, Form form, Value begin, Value end);
  void emitPass(ImplicitLocOpBuilder &b, Range range);
  void startSums(ImplicitLocOpBuilder &b, const Range &range);
  void storeSums(ImplicitLocOpBuilder &b, const Range &range);
  void gatherRows(ImplicitLocOpBuilder &b, const Range &range);
  void packTransposed(ImplicitLocOpBuilder &b, const Range &range,
                      Value column);
  Place findNextMatrix(ImplicitLocOpBuilder &b, Value column, Value first);
  Place findNextPanel(ImplicitLocOpBuilder &b, const Range &range,
                      Value column);
  Panel openPanel(ImplicitLocOpBuilder &b, const Range &range, Value column,
                  Value from, Value to);
  void fetch(ImplicitLocOpBuilder &b, Place place);
  Share openShare(ImplicitLocOpBuilder &b, const Range &range,
                  const Panel &panel, Value rows);
  void fetchShare(ImplicitLocOpBuilder &b, const Share &share, Value k);
  void emitWords(ImplicitLocOpBuilder &b, const Range &range, Value from,
                 Value to);
  void emitRows(ImplicitLocOpBuilder &b, const Range &range,
                const Panel &panel);
  void emitRowsAt(ImplicitLocOpBuilder &b, const Range &range,
                  const Panel &panel, const Source &source, Value row,
                  int64_t most);
  SmallVector<Value> readWord(ImplicitLocOpBuilder &b, TileShape shape,
                              const Range &range, const Panel &panel,
                              const Source &source, Value k);
  void emitTile(ImplicitLocOpBuilder &b, TileShape shape, const Range &range,
                const Panel &panel, const Source &source, Value row);
  SmallVector<Value> startTile(ImplicitLocOpBuilder &b, TileShape shape,
                               const Range &range, Value column, Value row);
  void finishTile(ImplicitLocOpBuilder &b, TileShape shape, const Range &range,
                  Value column, Value row, ArrayRef<Value> sums);

  const Product &product;
  VectorType vectorType;
  int64_t lanes, wordTerms = 1;
  /// The words of a sum, and the columns of the matrix.
  Value depth, columns;
  std::optional<int64_t> staticColumns;
  std::optional<int64_t> staticDepth;
  /// Whether there are so few words that a tile may go through all of them.
  bool fitsTile;
  Form form = Form::Blocks;
  TileShape tile;
  Blocking blocking;
  /// The columns of the task.
  Value first, limit;
};
} // namespace

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

/// Whether sums of so many terms take dot products of pairs. An odd number
/// would need a mask for the row of the matrix that its last pair lacks.
bool Emitter::multipliesPairs(std::optional<int64_t> terms) {
  return product.target.dotsBf16 && terms && *terms % 2 == 0 &&
         vectorType.getElementType().isF32() &&
         getElementTypeOrSelf(product.lhs).isBF16() &&
         getElementTypeOrSelf(product.rhs).isBF16();
}

/// Term `term` of a word.
Value Emitter::getTerm(ImplicitLocOpBuilder &b, Value word, int64_t term) {
  Value first =
      wordTerms == 1
          ? word
          : b.createOrFold<arith::MulIOp>(word, createIndex(b, wordTerms));
  return addIndex(b, first, term);
}

/// The words from `word` on of a row of `buffer`, whose terms lie side by side:
/// `count` of them, or as many as a vector has if that is null.
Value Emitter::loadWords(ImplicitLocOpBuilder &b, Value buffer, Value row,
                         Value word, Value count) {
  VectorType type = vectorType;
  if (wordTerms == 2)
    type = VectorType::get({2 * lanes}, b.getBF16Type());
  Value mask;
  if (count)
    mask = createMask(b, type, getTerm(b, count));
  Value terms = loadVector(b, type, buffer, {row, getTerm(b, word)}, mask);
  return b.createOrFold<vector::BitCastOp>(vectorType, terms);
}

/// The words of a vector of columns of the matrix, whose terms lie in rows.
Value Emitter::loadMatrix(ImplicitLocOpBuilder &b, Value word, Value column,
                          Value mask) {
  if (wordTerms == 1)
    return loadVector(b, vectorType, product.rhs, {word, column}, mask);
  SmallVector<Value, 2> terms;
  for (int64_t term : {0, 1})
    terms.push_back(loadVector(b, vectorType.clone(b.getBF16Type()),
                               product.rhs, {getTerm(b, word, term), column},
                               mask));
  Value pairs = vector::InterleaveOp::create(b, terms[0], terms[1]);
  return vector::BitCastOp::create(b, vectorType, pairs);
}

Value Emitter::multiplyAdd(ImplicitLocOpBuilder &b, Value lhs, Value rhs,
                           Value sum) {
  if (wordTerms == 1)
    return vector::FMAOp::create(b, lhs, rhs, sum);
  auto pairs = VectorType::get({2 * lanes}, b.getBF16Type());
  return x86vector::DotBF16Op::create(b, sum,
                                      vector::BitCastOp::create(b, pairs, lhs),
                                      vector::BitCastOp::create(b, pairs, rhs));
}

//===----------------------------------------------------------------------===//
// Columns
//===----------------------------------------------------------------------===//

/// No wider than the columns that there are; one vector wide for any columns.
TileShape Emitter::narrow(TileShape tile) {
  if (product.anyColumns)
    tile.vectors = 1;
  else if (staticColumns)
    tile.vectors = std::clamp<int64_t>(llvm::divideCeil(*staticColumns, lanes),
                                       1, tile.vectors);
  return tile;
}

/// A mask for each of `vectors` from `column` on; null where every column is
/// there.
SmallVector<Value> Emitter::createMasks(ImplicitLocOpBuilder &b,
                                        int64_t vectors, Value column) {
  SmallVector<Value> masks(vectors);
  if (!needsMasks(vectors))
    return masks;
  for (auto [v, mask] : llvm::enumerate(masks)) {
    Value at = addIndex(b, column, v * lanes);
    mask = createMask(b, vectorType, subIndex(b, columns, at));
  }
  return masks;
}

/// A loop over columns. For any number of columns it is one that stays a loop
/// even where it has a single turn.
void Emitter::forColumns(
    ImplicitLocOpBuilder &b, Value first, Value limit, Value step,
    function_ref<void(ImplicitLocOpBuilder &, Value)> body) {
  if (!product.anyColumns)
    return forEach(b, first, limit, step, body);
  scf::WhileOp::create(
      b, TypeRange{b.getIndexType()}, ValueRange{first},
      [&](OpBuilder &nested, Location loc, ValueRange args) {
        ImplicitLocOpBuilder inner(loc, nested);
        scf::ConditionOp::create(inner, isBelow(inner, args[0], limit), args);
      },
      [&](OpBuilder &nested, Location loc, ValueRange args) {
        ImplicitLocOpBuilder inner(loc, nested);
        body(inner, args[0]);
        scf::YieldOp::create(inner, addIndex(inner, args[0], step));
      });
}

/// The columns of `range`, a vector at a time.
void Emitter::forVectors(
    ImplicitLocOpBuilder &b, const Range &range,
    function_ref<void(ImplicitLocOpBuilder &, Value, Value)> body) {
  forColumns(b, range.first, range.limit, createIndex(b, lanes),
             [&](ImplicitLocOpBuilder &b, Value column) {
               body(b, column, createMasks(b, 1, column).front());
             });
}

//===----------------------------------------------------------------------===//
// Scratch
//===----------------------------------------------------------------------===//

/// row * stride + column
static Value getPlace(ImplicitLocOpBuilder &b, Value row, Value stride,
                      Value column) {
  return addIndex(b, arith::MulIOp::create(b, row, stride), column);
}

/// Where the sum of a row and column of the product is.
Value Emitter::getSum(ImplicitLocOpBuilder &b, const Range &range, Value row,
                      Value column) {
  return getPlace(b, subIndex(b, row, range.begin),
                  createIndex(b, blocking.columns),
                  subIndex(b, column, range.first));
}

/// The end of the rows that tiles multiply, whichever they are. Nothing reads
/// the sums of those that are not there, but memory may hold numbers below the
/// normal ones, for which a CPU takes a hundred times as long: their terms and
/// sums are zeros.
Value Emitter::findTilesEnd(ImplicitLocOpBuilder &b, const Range &range) {
  Value rows = subIndex(b, range.end, range.begin);
  Value multiplied = asIndex(b, roundUp(b, getAsOpFoldResult(rows), kRowStep));
  if (form != Form::Few)
    multiplied = maxIndex(b, multiplied, createIndex(b, tile.rows));
  return addIndex(b, range.begin, multiplied);
}

void Emitter::startSums(ImplicitLocOpBuilder &b, const Range &range) {
  Value width = createIndex(b, tile.vectors * lanes);
  auto clear = [&](ImplicitLocOpBuilder &b, Value row) {
    forColumns(b, range.first, range.limit, width,
               [&](ImplicitLocOpBuilder &b, Value column) {
                 Value place = getSum(b, range, row, column);
                 for (int64_t v = 0; v < tile.vectors; ++v)
                   storeVector(b, createSplat(b, vectorType, 0),
                               product.scratch.sums,
                               addIndex(b, place, v * lanes), Value());
               });
  };
  forEach(b, range.begin, findTilesEnd(b, range), 1, clear);
  if (!product.load)
    return;
  auto start = [&](ImplicitLocOpBuilder &b, Value row) {
    forVectors(b, range,
               [&](ImplicitLocOpBuilder &b, Value column, Value mask) {
                 storeVector(b, product.load(b, vectorType, row, column, mask),
                             product.scratch.sums,
                             getSum(b, range, row, column), Value());
               });
  };
  forEach(b, range.begin, range.end, 1, start);
}

void Emitter::storeSums(ImplicitLocOpBuilder &b, const Range &range) {
  auto store = [&](ImplicitLocOpBuilder &b, Value row) {
    SmallVector<Value> opened = product.openRow(b, row);
    forVectors(
        b, range, [&](ImplicitLocOpBuilder &b, Value column, Value mask) {
          Value sums = loadVector(b, vectorType, product.scratch.sums,
                                  getSum(b, range, row, column), Value());
          product.store(b, opened, column, sums, mask);
        });
  };
  forEach(b, range.begin, range.end, 1, store);
}

/// Copy the rows' words: what a tile reads is near
/// together, whatever rows it multiplies and however far they lie apart.
void Emitter::gatherRows(ImplicitLocOpBuilder &b, const Range &range) {
  Value stride = createIndex(b, product.scratch.rowStride);
  Value zero = createIndex(b, 0);
  forEach(
      b, range.begin, range.end, 1, [&](ImplicitLocOpBuilder &b, Value row) {
        Value from = product.getLhsRow(b, row);
        Value to = subIndex(b, row, range.begin);
        auto copy = [&](ImplicitLocOpBuilder &b, Value k, Value count) {
          Value words = loadWords(b, product.lhs, from, k, count);
          storeVector(b, words, product.scratch.rows,
                      getPlace(b, to, stride, subIndex(b, k, range.from)),
                      Value());
        };
        Value count = subIndex(b, range.to, range.from);
        Value rest =
            b.createOrFold<arith::RemSIOp>(count, createIndex(b, lanes));
        Value whole = subIndex(b, range.to, rest);
        forEach(b, range.from, whole, lanes,
                [&](ImplicitLocOpBuilder &b, Value k) { copy(b, k, Value()); });
        branch(b, isBelow(b, whole, range.to),
               [&](ImplicitLocOpBuilder &b) { copy(b, whole, rest); });
      });
  Value count = subIndex(b, range.to, range.from);
  auto clear = [&](ImplicitLocOpBuilder &b, Value row) {
    Value place = getPlace(b, subIndex(b, row, range.begin), stride, zero);
    forEach(b, zero, count, lanes, [&](ImplicitLocOpBuilder &b, Value word) {
      storeVector(b, createSplat(b, vectorType, 0), product.scratch.rows,
                  addIndex(b, place, word), Value());
    });
  };
  forEach(b, range.end, findTilesEnd(b, range), 1, clear);
}

/// Copy the words of `range` and the tile's columns of a matrix [N, K] into the
/// panel: squares that are transposed in registers. Columns behind the last one
/// repeat it; words behind the last are zero, which is why a panel has a
/// multiple of `lanes` words.
void Emitter::packTransposed(ImplicitLocOpBuilder &b, const Range &range,
                             Value column) {
  Value last = addIndex(b, columns, -1);
  auto pack = [&](ImplicitLocOpBuilder &b, Value k) {
    Value to = subIndex(b, k, range.from);
    Value rest = subIndex(b, depth, k);
    for (int64_t v = 0; v < tile.vectors; ++v) {
      SmallVector<Value> square;
      for (int64_t i = 0; i < lanes; ++i) {
        Value from = addIndex(b, column, v * lanes + i);
        square.push_back(
            loadWords(b, product.rhs, minIndex(b, from, last), k, rest));
      }
      for (auto [i, vector] : llvm::enumerate(transpose(b, square)))
        storeVector(b, vector, product.scratch.panel,
                    {addIndex(b, to, i), createIndex(b, v * lanes)}, Value());
    }
  };
  forEach(b, range.from, range.to, lanes, pack);
}

static Place select(ImplicitLocOpBuilder &b, Value condition, Place then,
                    Place otherwise) {
  auto choose = [&](Value then, Value otherwise) -> Value {
    return b.createOrFold<arith::SelectOp>(condition, then, otherwise);
  };
  return {choose(then.word, otherwise.word),
          choose(then.column, otherwise.column)};
}

/// Where the matrix is read after all words of some columns: from `column` on,
/// or, behind the columns of the task, from `first` on in the matrix that lies
/// behind, which is that of the next expert.
Place Emitter::findNextMatrix(ImplicitLocOpBuilder &b, Value column,
                              Value first) {
  return select(b, isBelow(b, column, limit), {createIndex(b, 0), column},
                {depth, first});
}

/// Where the matrix is read after the words of `range` in the columns of a
/// tile: the columns beside them, or further words, or behind these.
Place Emitter::findNextPanel(ImplicitLocOpBuilder &b, const Range &range,
                             Value column) {
  Value word = addIndex(b, range.from, kPackedDepth);
  Place next = select(b, isBelow(b, word, depth), {word, range.first},
                      findNextMatrix(b, range.limit, first));
  Value beside = addIndex(b, column, tile.vectors * lanes);
  return select(b, isBelow(b, beside, range.limit), {range.from, beside}, next);
}

/// A panel, and what its first tile fetches.
Panel Emitter::openPanel(ImplicitLocOpBuilder &b, const Range &range,
                         Value column, Value from, Value to) {
  Value word = addIndex(b, range.from, kAhead);
  Place next =
      findNextMatrix(b, addIndex(b, column, createIndex(b, blocking.columns)),
                     addIndex(b, first, subIndex(b, column, range.first)));
  return {column, from, to,
          select(b, isBelow(b, word, depth), {word, column}, next)};
}

/// What the tiles of `rows` rows behind the first fetch.
Share Emitter::openShare(ImplicitLocOpBuilder &b, const Range &range,
                         const Panel &panel, Value rows) {
  auto divideUp = [&](Value lhs, Value rhs) -> Value {
    return arith::CeilDivUIOp::create(b, lhs, rhs);
  };
  // There may be none.
  rows = maxIndex(b, rows, createIndex(b, 1));
  Value scale = divideUp(createIndex(b, kPackedDepth),
                         divideUp(rows, createIndex(b, tile.rows)));
  return {findNextPanel(b, range, panel.column), scale, /*before=*/Value()};
}

/// Fetch a word of a vector of columns. What is no memory of the matrix does no
/// harm.
void Emitter::fetch(ImplicitLocOpBuilder &b, Place place) {
  for (int64_t term = 0; term < wordTerms; ++term)
    memref::PrefetchOp::create(
        b, product.rhs, ValueRange{getTerm(b, place.word, term), place.column},
        /*isWrite=*/false, /*localityHint=*/2, /*isDataCache=*/true);
}

/// Fetch what a tile does with word k. Its vectors take turns.
void Emitter::fetchShare(ImplicitLocOpBuilder &b, const Share &share, Value k) {
  auto multiply = [&](Value lhs, Value rhs) -> Value {
    return arith::MulIOp::create(b, lhs, rhs);
  };
  Value scaled = multiply(addIndex(b, share.before, k), share.scale);
  Value word = arith::DivUIOp::create(b, scaled, createIndex(b, kPackedDepth));
  Value vector =
      b.createOrFold<arith::RemUIOp>(k, createIndex(b, tile.vectors));
  fetch(b, {addIndex(b, share.next.word, word),
            addIndex(b, share.next.column,
                     multiply(vector, createIndex(b, lanes)))});
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

/// Word k of the columns.
SmallVector<Value> Emitter::readWord(ImplicitLocOpBuilder &b, TileShape shape,
                                     const Range &range, const Panel &panel,
                                     const Source &source, Value k) {
  SmallVector<Value> words;
  auto getPlace = [&](int64_t v) {
    return SmallVector<Value>{k, createIndex(b, v * lanes)};
  };
  if (source.kind == Source::Packed) {
    for (int64_t v = 0; v < shape.vectors; ++v)
      words.push_back(loadVector(b, vectorType, product.scratch.panel,
                                 getPlace(v), Value()));
    if (source.share)
      fetchShare(b, *source.share, k);
    return words;
  }
  SmallVector<Value> masks = createMasks(b, shape.vectors, panel.column);
  Value word = addIndex(b, range.from, k);
  for (int64_t v = 0; v < shape.vectors; ++v) {
    Value column = addIndex(b, panel.column, v * lanes);
    words.push_back(loadMatrix(b, word, column, masks[v]));
    if (source.kind == Source::Packing)
      storeVector(b, words.back(), product.scratch.panel, getPlace(v), Value());
  }
  for (int64_t v = 0; v < shape.vectors; ++v)
    fetch(b, {addIndex(b, panel.fetched.word, k),
              addIndex(b, panel.fetched.column, v * lanes)});
  return words;
}

/// Add the words of `panel` to the sums of rows from `row` on.
void Emitter::emitTile(ImplicitLocOpBuilder &b, TileShape shape,
                       const Range &range, const Panel &panel,
                       const Source &source, Value row) {
  const ProductScratch &scratch = product.scratch;
  Value stride = createIndex(b, scratch.rowStride);
  SmallVector<Value> lhsRows;
  for (int64_t i = 0; i < shape.rows; ++i)
    lhsRows.push_back(arith::MulIOp::create(
        b, subIndex(b, addIndex(b, row, i), range.begin), stride));
  SmallVector<Value> start = startTile(b, shape, range, panel.column, row);
  auto addWord = [&](ImplicitLocOpBuilder &b, Value k,
                     ValueRange sums) -> SmallVector<Value> {
    SmallVector<Value> words = readWord(b, shape, range, panel, source, k);
    SmallVector<Value> next;
    for (auto [i, lhsRow] : llvm::enumerate(lhsRows)) {
      Value scalar =
          memref::LoadOp::create(b, scratch.rows, addIndex(b, lhsRow, k));
      Value factor = broadcast(b, vectorType, scalar);
      for (auto [v, word] : llvm::enumerate(words))
        next.push_back(
            multiplyAdd(b, factor, word, sums[i * shape.vectors + v]));
    }
    return next;
  };
  SmallVector<Value> sums = createLoop(b, panel.from, panel.to, start, addWord);
  finishTile(b, shape, range, panel.column, row, sums);
}

/// What a tile's sums have before its words.
SmallVector<Value> Emitter::startTile(ImplicitLocOpBuilder &b, TileShape shape,
                                      const Range &range, Value column,
                                      Value row) {
  SmallVector<Value> start;
  SmallVector<Value> masks = createMasks(b, shape.vectors, column);
  Value last = addIndex(b, range.end, -1);
  for (int64_t i = 0; i < shape.rows; ++i) {
    Value at = addIndex(b, row, i);
    for (int64_t v = 0; v < shape.vectors; ++v) {
      Value place = addIndex(b, column, v * lanes);
      if (form != Form::Direct)
        start.push_back(loadVector(b, vectorType, product.scratch.sums,
                                   getSum(b, range, at, place), Value()));
      else if (product.load)
        start.push_back(product.load(b, vectorType, minIndex(b, at, last),
                                     place, masks[v]));
      else
        start.push_back(createSplat(b, vectorType, 0));
    }
  }
  return start;
}

void Emitter::finishTile(ImplicitLocOpBuilder &b, TileShape shape,
                         const Range &range, Value column, Value row,
                         ArrayRef<Value> sums) {
  SmallVector<Value> masks = createMasks(b, shape.vectors, column);
  auto storeRow = [&](ImplicitLocOpBuilder &b, int64_t i, Value at) {
    SmallVector<Value> opened;
    if (form == Form::Direct)
      opened = product.openRow(b, at);
    for (int64_t v = 0; v < shape.vectors; ++v) {
      Value place = addIndex(b, column, v * lanes);
      Value sum = sums[i * shape.vectors + v];
      if (form == Form::Direct)
        product.store(b, opened, place, sum, masks[v]);
      else
        storeVector(b, sum, product.scratch.sums, getSum(b, range, at, place),
                    Value());
    }
  };
  for (int64_t i = 0; i < shape.rows; ++i) {
    Value at = addIndex(b, row, i);
    if (form != Form::Direct || i == 0)
      storeRow(b, i, at);
    else
      branch(b, isBelow(b, at, range.end),
             [&](ImplicitLocOpBuilder &b) { storeRow(b, i, at); });
  }
}

/// The rows from `row` on, up to `most` of them, in as small a tile as holds
/// them: one of a multiple of kRowStep rows, or of few rows one alone.
void Emitter::emitRowsAt(ImplicitLocOpBuilder &b, const Range &range,
                         const Panel &panel, const Source &source, Value row,
                         int64_t most) {
  int64_t fewer = most > kRowStep ? most - kRowStep : 1;
  auto emitMost = [&](ImplicitLocOpBuilder &b) {
    emitTile(b, {most, tile.vectors}, range, panel, source, row);
  };
  if (most == 1 || (most == kRowStep && form != Form::Few))
    return emitMost(b);
  branch(b, isBelow(b, addIndex(b, row, fewer), range.end), emitMost,
         [&](ImplicitLocOpBuilder &b) {
           emitRowsAt(b, range, panel, source, row, fewer);
         });
}

/// All rows, a tile at a time. The first tile packs the panel for the others,
/// which fetch the next one: so memory is busy all the time, and not only where
/// a first tile reads the matrix. For few rows nothing is packed: what those
/// behind the first read is in the first cache.
void Emitter::emitRows(ImplicitLocOpBuilder &b, const Range &range,
                       const Panel &panel) {
  Value begin = range.begin;
  if (form == Form::Few)
    return forEach(b, begin, range.end, kFewTileRows,
                   [&](ImplicitLocOpBuilder &b, Value row) {
                     emitRowsAt(b, range, panel, {Source::Matrix, std::nullopt},
                                row, kFewTileRows);
                   });
  if (!product.transposed) {
    emitTile(b, tile, range, panel, {Source::Packing, std::nullopt}, begin);
    begin = addIndex(b, begin, tile.rows);
  }
  Source packed = {Source::Packed, std::nullopt};
  // Words of a transposed matrix are columns; the columns of a router are few.
  // Only behind the first tile, whose loop needs the registers.
  if (!product.transposed && !product.anyColumns)
    packed.share = openShare(b, range, panel, subIndex(b, range.end, begin));
  Value words = subIndex(b, panel.to, panel.from);
  forEach(b, begin, range.end, tile.rows,
          [&](ImplicitLocOpBuilder &b, Value row) {
            if (packed.share)
              packed.share->before = arith::DivUIOp::create(
                  b, arith::MulIOp::create(b, subIndex(b, row, begin), words),
                  createIndex(b, tile.rows));
            emitRowsAt(b, range, panel, packed, row, tile.rows);
          });
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

/// The columns of `range`, which fit in scratch, for all words.
void Emitter::emitPass(ImplicitLocOpBuilder &b, Range range) {
  if (form != Form::Direct)
    startSums(b, range);
  auto addWords = [&](ImplicitLocOpBuilder &b, Value from) {
    range.from = from;
    range.to = minIndex(b, addIndex(b, from, kPackedDepth), depth);
    gatherRows(b, range);
    forEach(b, range.from, range.to, blocking.depth,
            [&](ImplicitLocOpBuilder &b, Value first) {
              Value end = addIndex(b, first, blocking.depth);
              // Loops over a known number of words are unrolled.
              if (!staticDepth || *staticDepth % blocking.depth != 0)
                end = minIndex(b, end, range.to);
              emitWords(b, range, subIndex(b, first, range.from),
                        subIndex(b, end, range.from));
            });
  };
  forEach(b, createIndex(b, 0), depth, kPackedDepth, addWords);
  if (form != Form::Direct)
    storeSums(b, range);
}

/// Words `from` to `to` of those that are gathered.
void Emitter::emitWords(ImplicitLocOpBuilder &b, const Range &range, Value from,
                        Value to) {
  Value width = createIndex(b, tile.vectors * lanes);
  forColumns(b, range.first, range.limit, width,
             [&](ImplicitLocOpBuilder &b, Value column) {
               if (product.transposed)
                 packTransposed(b, range, column);
               emitRows(b, range, openPanel(b, range, column, from, to));
             });
}

Blocking Emitter::chooseBlocking() {
  int64_t width = product.scratch.taskVectors * lanes;
  switch (form) {
  case Form::Blocks:
    return {kPackedDepth, kPassColumns};
  case Form::Direct:
    return {kPackedDepth, width};
  case Form::Few:
    break;
  }
  int64_t bits =
      wordTerms * getElementTypeOrSelf(product.rhs).getIntOrFloatBitWidth();
  int64_t rowBytes = std::min(width, staticColumns.value_or(width)) * bits / 8;
  int64_t depth = kFewBytes / std::max<int64_t>(rowBytes, 1);
  return {std::clamp(depth, product.target.streams, kMostFewDepth), width};
}

void Emitter::emitForm(ImplicitLocOpBuilder &b, Form chosen, Value begin,
                       Value end) {
  form = chosen;
  blocking = chooseBlocking();
  forColumns(b, first, limit, createIndex(b, blocking.columns),
             [&](ImplicitLocOpBuilder &b, Value column) {
               Value next = addIndex(b, column, blocking.columns);
               emitPass(b, {begin, end, column, minIndex(b, next, limit),
                            Value(), Value()});
             });
}

void Emitter::emit(ImplicitLocOpBuilder &b, Value begin, Value end, Value first,
                   Value limit) {
  this->first = first;
  this->limit = limit;
  auto emitAs = [&](Form form) {
    return
        [&, form](ImplicitLocOpBuilder &b) { emitForm(b, form, begin, end); };
  };
  auto emitMany = emitAs(fitsTile ? Form::Direct : Form::Blocks);
  branch(b, isBelow(b, begin, end), [&](ImplicitLocOpBuilder &b) {
    // Words of a transposed matrix are columns; the columns of a router are
    // few.
    if (product.transposed || product.anyColumns || product.rows == Rows::Many)
      return emitMany(b);
    if (product.rows == Rows::Few)
      return emitAs(Form::Few)(b);
    Value rows = subIndex(b, end, begin);
    branch(b, isBelow(b, rows, createIndex(b, kFewRows + 1)), emitAs(Form::Few),
           emitMany);
  });
}

void moa::emitProduct(ImplicitLocOpBuilder &b, const Product &product,
                      Value begin, Value end, Value first, Value limit) {
  Emitter(b, product).emit(b, begin, end, first, limit);
}
