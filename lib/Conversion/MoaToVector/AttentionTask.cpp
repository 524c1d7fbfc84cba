//===- AttentionTask.cpp - Rows of an attention over keys -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionTask.h"

#include "Buffers.h"
#include "VectorBuilders.h"
#include "VectorMath.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "moa/Utils/LinalgBuilders.h"
#include "moa/Utils/LoopBuilders.h"
#include <limits>

using namespace mlir;

namespace moa {

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// A tile of `tileRows` rows, row by row:
///   start[i, v] + the sum of left(i, k) * right(k)[v] for k in `range`.
static SmallVector<Value> sumTerms(
    ImplicitLocOpBuilder &b, const KeyRange &range, int64_t tileRows,
    ArrayRef<Value> start,
    llvm::function_ref<Value(ImplicitLocOpBuilder &, int64_t i, Value k)> left,
    llvm::function_ref<SmallVector<Value>(ImplicitLocOpBuilder &, Value k)>
        right) {
  auto type = cast<VectorType>(start.front().getType());
  return createLoop(b, range.begin, range.end, start,
                    [&](ImplicitLocOpBuilder &b, Value k,
                        ValueRange sums) -> SmallVector<Value> {
                      SmallVector<Value> vectors = right(b, k), next;
                      for (int64_t i = 0; i < tileRows; ++i) {
                        Value factor = broadcast(b, type, left(b, i, k));
                        for (Value vector : vectors)
                          next.push_back(vector::FMAOp::create(
                              b, factor, vector, sums[next.size()]));
                      }
                      return next;
                    });
}

//===----------------------------------------------------------------------===//
// State
//===----------------------------------------------------------------------===//

AttentionTask::AttentionTask(ImplicitLocOpBuilder &b, AttentionRows &rows,
                             const TaskForm &form, const TaskRows &task)
    : rows(rows), form(form), vectorType(rows.vectorType), task(task),
      count(b.createOrFold<arith::MulIOp>(task.headCount, task.rowCount)) {
  OpFoldResult width = getSizes(b, rows.op.getQuery())[3];
  OpFoldResult most = b.getIndexAttr(form.heads * form.rows);
  OpFoldResult tile = b.getIndexAttr(form.tileRows);
  auto create = [&](ArrayRef<OpFoldResult> sizes) {
    return createScratch(b, sizes, vectorType.getElementType());
  };
  queries = create({most, roundUp(b, width, rows.lanes)});
  sums = create({most, roundUp(b, width, getWidth())});
  max = create({most});
  total = create({most, b.getIndexAttr(rows.lanes)});
  scores = create({tile, b.getIndexAttr(form.blockKeys)});
  OpFoldResult tileNumbers = b.getIndexAttr(getTileType().getNumElements());
  decay = create({tileNumbers});
  subtrahend = create({tileNumbers});
  start(b);
}

Value AttentionTask::findHead(ImplicitLocOpBuilder &b, Value row) {
  if (form.heads == 1)
    return task.firstHead;
  Value head = b.createOrFold<arith::DivUIOp>(row, task.rowCount);
  return addIndex(b, task.firstHead, head);
}

Value AttentionTask::findInHead(ImplicitLocOpBuilder &b, Value row) {
  if (form.heads != 1)
    row = b.createOrFold<arith::RemUIOp>(row, task.rowCount);
  return addIndex(b, task.firstRow, row);
}

Value AttentionTask::findToken(ImplicitLocOpBuilder &b, Value row) {
  return rows.findToken(b, findInHead(b, row));
}

/// Read the queries; rows of the last tile behind the last row repeat it. Their
/// decay is a number of normal size rather than what memory holds.
void AttentionTask::start(ImplicitLocOpBuilder &b) {
  Value zero = createIndex(b, 0), last = addIndex(b, count, -1);
  storeVector(b, createSplat(b, getTileType(), 0), decay, zero, Value());
  Value zeros = createSplat(b, vectorType, 0);
  Value end = asIndex(b, roundUp(b, count, form.tileRows));
  forEach(b, zero, end, 1, [&](ImplicitLocOpBuilder &b, Value row) {
    Value there = minIndex(b, row, last);
    QueryRow from =
        rows.findRow(b, task.batch, findHead(b, there), findInHead(b, there));
    forEach(b, zero, rows.width, rows.lanes,
            [&](ImplicitLocOpBuilder &b, Value column) {
              Value mask =
                  createMask(b, vectorType, subIndex(b, rows.width, column));
              Value vector =
                  loadVector(b, vectorType, rows.query,
                             {task.batch, from.token, from.head, column}, mask);
              vector = arith::MulFOp::create(b, vector, rows.scale);
              storeVector(b, vector, queries, {row, column}, Value());
            });
    Value columns = asIndex(b, getBufferSizes(b, sums)[1]);
    forEach(b, zero, columns, rows.lanes,
            [&](ImplicitLocOpBuilder &b, Value column) {
              storeVector(b, zeros, sums, {row, column}, Value());
            });
    memref::StoreOp::create(
        b, createConstant(b, vectorType.getElementType(), -kInfinity), max,
        row);
    storeVector(b, zeros, total, {row, zero}, Value());
  });
}

void AttentionTask::finishRows(
    ImplicitLocOpBuilder &b,
    llvm::function_ref<void(ImplicitLocOpBuilder &, const QueryRow &, Value,
                            Value, ValueReader)>
        finish) {
  Value zero = createIndex(b, 0);
  forEach(b, zero, count, 1, [&](ImplicitLocOpBuilder &b, Value row) {
    QueryRow place =
        rows.findRow(b, task.batch, findHead(b, row), findInHead(b, row));
    Value lanes = loadVector(b, vectorType, total, {row, zero}, Value());
    auto read = [&](ImplicitLocOpBuilder &b, Value column) {
      return loadVector(b, vectorType, sums, {row, column}, Value());
    };
    finish(b, place, memref::LoadOp::create(b, max, row), reduceSum(b, lanes),
           read);
  });
}

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

/// Scores of the tile's rows for the panel of keys that begins at `key`; they
/// go to `column` of the block.
void AttentionTask::multiplyPanels(ImplicitLocOpBuilder &b, Value tile,
                                   Value key, Value column) {
  Value panel =
      arith::DivUIOp::create(b, key, createIndex(b, form.panels->width));
  SmallVector<Value> start(form.tileRows * form.vectors,
                           createSplat(b, vectorType, 0));
  auto left = [&](ImplicitLocOpBuilder &b, int64_t i, Value k) -> Value {
    return memref::LoadOp::create(b, queries,
                                  ValueRange{addIndex(b, tile, i), k});
  };
  auto right = [&](ImplicitLocOpBuilder &b, Value k) {
    SmallVector<Value> vectors;
    for (int64_t v = 0; v < form.vectors; ++v)
      vectors.push_back(loadVector(b, vectorType, form.panels->keys,
                                   {task.batch, task.firstHead, panel, k,
                                    createIndex(b, v * rows.lanes)},
                                   Value()));
    return vectors;
  };
  SmallVector<Value> products = sumTerms(b, {createIndex(b, 0), rows.width},
                                         form.tileRows, start, left, right);
  for (auto [n, product] : llvm::enumerate(products))
    storeVector(b, product, scores,
                {createIndex(b, n / form.vectors),
                 addIndex(b, column, n % form.vectors * rows.lanes)},
                Value());
}

/// Scores of one row for a vector of keys from `key` on: products along the
/// channels, whose lanes are summed by a transposition of all keys at once.
/// Keys behind the last repeat it.
void AttentionTask::multiplyKeys(ImplicitLocOpBuilder &b, Value row, Value key,
                                 Value column) {
  Value last = addIndex(b, rows.keys, -1), zero = createIndex(b, 0);
  Value head = findHead(b, row);
  SmallVector<Value> keys;
  for (int64_t i = 0; i < rows.lanes; ++i)
    keys.push_back(minIndex(b, addIndex(b, key, i), last));
  SmallVector<Value> start(rows.lanes, createSplat(b, vectorType, 0));
  SmallVector<Value> products = createLoop(
      b, zero, rows.width, start,
      [&](ImplicitLocOpBuilder &b, Value channel,
          ValueRange sums) -> SmallVector<Value> {
        Value query =
            loadVector(b, vectorType, queries, {row, channel}, Value());
        Value mask =
            createMask(b, vectorType, subIndex(b, rows.width, channel));
        SmallVector<Value> next;
        for (auto [at, sum] : llvm::zip(keys, sums)) {
          Value vector =
              rows.loadKey(b, rows.key, task.batch, at, head, channel, mask);
          next.push_back(vector::FMAOp::create(b, query, vector, sum));
        }
        return next;
      },
      rows.lanes);
  SmallVector<Value> lanes = transpose(b, products);
  for (size_t count = lanes.size(); count > 1; count /= 2)
    for (size_t i = 0; i < count / 2; ++i)
      lanes[i] = arith::AddFOp::create(b, lanes[i], lanes[i + count / 2]);
  storeVector(b, lanes[0], scores, {zero, column}, Value());
}

/// Mask the scores of one row for the keys of `range`.
void AttentionTask::maskRow(ImplicitLocOpBuilder &b, Value row, Value inTile,
                            const KeyRange &range, Value blockBegin) {
  Value token = findToken(b, row);
  KeyRange visible = rows.findVisibleKeys(b, task.batch, token);
  forEach(b, range.begin, range.end, rows.lanes,
          [&](ImplicitLocOpBuilder &b, Value key) {
            Value column = subIndex(b, key, blockBegin);
            Value vector =
                loadVector(b, vectorType, scores, {inTile, column}, Value());
            vector =
                rows.maskScores(b, vector, task.batch, token, visible, key);
            storeVector(b, vector, scores, {inTile, column}, Value());
          });
}

//===----------------------------------------------------------------------===//
// Softmax and values
//===----------------------------------------------------------------------===//

/// Take the scores of one row in columns `begin` to `end` into its maximum;
/// `decay` is still the logarithm of what it will be.
void AttentionTask::updateMax(ImplicitLocOpBuilder &b, Value row, Value inTile,
                              Value begin, Value end) {
  Value lowest = createSplat(b, vectorType, -kInfinity);
  Value lanesMax = createLoop(
      b, begin, end, lowest,
      [&](ImplicitLocOpBuilder &b, Value column,
          ValueRange args) -> SmallVector<Value> {
        Value vector =
            loadVector(b, vectorType, scores, {inTile, column}, Value());
        return {maxNumber(b, vector, args[0])};
      },
      rows.lanes)[0];
  Value before = memref::LoadOp::create(b, max, row);
  Value now = maxNumber(b, reduceMax(b, lanesMax), before);
  memref::StoreOp::create(b, now, max, row);
  Value subtracted = getSubtrahend(b, now);
  memref::StoreOp::create(b, subtracted, subtrahend, inTile);
  memref::StoreOp::create(b, arith::SubFOp::create(b, before, subtracted),
                          decay, inTile);
}

/// Turn the scores of one row in columns `begin` to `end` into numerators.
void AttentionTask::updateTotal(ImplicitLocOpBuilder &b, Value row,
                                Value inTile, Value begin, Value end) {
  auto splat = [&](Value buffer) {
    return broadcast(b, vectorType, memref::LoadOp::create(b, buffer, inTile));
  };
  Value zero = createIndex(b, 0), subtracted = splat(subtrahend);
  Value sum = loadVector(b, vectorType, total, {row, zero}, Value());
  sum = createLoop(
      b, begin, end, Value(arith::MulFOp::create(b, sum, splat(decay))),
      [&](ImplicitLocOpBuilder &b, Value column,
          ValueRange args) -> SmallVector<Value> {
        Value vector =
            loadVector(b, vectorType, scores, {inTile, column}, Value());
        Value numerators =
            expOfNonPositive(b, arith::SubFOp::create(b, vector, subtracted));
        storeVector(b, numerators, scores, {inTile, column}, Value());
        return {arith::AddFOp::create(b, args[0], numerators)};
      },
      rows.lanes)[0];
  storeVector(b, sum, total, {row, zero}, Value());
}

/// The softmax of `rowCount` rows of a tile goes on with the scores in columns
/// `begin` to `end`. All maxima come first: a CPU that looks ahead for work
/// finds those of other rows, not exponentials that wait for the maximum of
/// this one.
void AttentionTask::updateRows(ImplicitLocOpBuilder &b, Value tile,
                               Value rowCount, Value begin, Value end) {
  Value zero = createIndex(b, 0);
  forEach(b, zero, rowCount, 1, [&](ImplicitLocOpBuilder &b, Value inTile) {
    updateMax(b, addIndex(b, tile, inTile), inTile, begin, end);
  });
  Value differences = loadVector(b, getTileType(), decay, zero, Value());
  storeVector(b, expOfNonPositive(b, differences), decay, zero, Value());
  forEach(b, zero, rowCount, 1, [&](ImplicitLocOpBuilder &b, Value inTile) {
    updateTotal(b, addIndex(b, tile, inTile), inTile, begin, end);
  });
}

/// Add the values of the keys of `range`, weighted by the numerators.
void AttentionTask::addValues(ImplicitLocOpBuilder &b, Value tile,
                              const KeyRange &range, Value blockBegin) {
  Value columns = asIndex(b, getBufferSizes(b, sums)[1]);
  Value head = findHead(b, tile);
  auto left = [&](ImplicitLocOpBuilder &b, int64_t i, Value key) -> Value {
    return memref::LoadOp::create(
        b, scores, ValueRange{createIndex(b, i), subIndex(b, key, blockBegin)});
  };
  auto addColumns = [&](ImplicitLocOpBuilder &b, Value first) {
    SmallVector<Value> places, masks, start;
    for (int64_t v = 0; v < form.vectors; ++v) {
      places.push_back(addIndex(b, first, v * rows.lanes));
      masks.push_back(
          createMask(b, vectorType, subIndex(b, rows.width, places.back())));
    }
    for (int64_t i = 0; i < form.tileRows; ++i) {
      Value factor = memref::LoadOp::create(b, decay, createIndex(b, i));
      for (Value place : places) {
        Value sum = loadVector(b, vectorType, sums,
                               {addIndex(b, tile, i), place}, Value());
        start.push_back(
            arith::MulFOp::create(b, sum, broadcast(b, vectorType, factor)));
      }
    }
    Value panel = arith::DivUIOp::create(b, first, createIndex(b, getWidth()));
    auto right = [&](ImplicitLocOpBuilder &b, Value key) {
      SmallVector<Value> vectors;
      for (int64_t v = 0; v < form.vectors; ++v) {
        if (form.panels) {
          vectors.push_back(loadVector(
              b, vectorType, form.panels->values,
              {task.batch, head, panel, key, createIndex(b, v * rows.lanes)},
              Value()));
          continue;
        }
        vectors.push_back(rows.loadKey(b, rows.value, task.batch, key, head,
                                       places[v], masks[v]));
      }
      return vectors;
    };
    SmallVector<Value> weighted =
        sumTerms(b, range, form.tileRows, start, left, right);
    for (auto [n, vector] : llvm::enumerate(weighted))
      storeVector(
          b, vector, sums,
          {addIndex(b, tile, n / form.vectors), places[n % form.vectors]},
          Value());
  };
  forEach(b, createIndex(b, 0), columns, getWidth(), addColumns);
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

/// Take the keys of `block` into the state of the tile that begins at row
/// `tile`, as far as its rows see any of them.
void AttentionTask::visitTile(ImplicitLocOpBuilder &b, Value tile,
                              const KeyRange &block) {
  Value rowCount =
      minIndex(b, subIndex(b, count, tile), createIndex(b, form.tileRows));
  Value last = addIndex(b, addIndex(b, tile, rowCount), -1);
  KeyRange ofFirst = rows.findVisibleKeys(b, task.batch, findToken(b, tile));
  KeyRange ofLast = rows.findVisibleKeys(b, task.batch, findToken(b, last));
  KeyRange range = {maxIndex(b, block.begin, ofFirst.begin),
                    minIndex(b, block.end, ofLast.end)};
  auto visit = [&](ImplicitLocOpBuilder &b) {
    // Scores are computed for whole steps: for more than the range.
    int64_t step = getStep();
    Value skipped = subIndex(b, range.begin, block.begin);
    Value begin = arith::SubIOp::create(
        b, range.begin,
        arith::RemUIOp::create(b, skipped, createIndex(b, step)));
    forEach(b, begin, range.end, step, [&](ImplicitLocOpBuilder &b, Value key) {
      Value column = subIndex(b, key, block.begin);
      form.panels ? multiplyPanels(b, tile, key, column)
                  : multiplyKeys(b, tile, key, column);
    });
    Value beginColumn = subIndex(b, begin, block.begin);
    Value endColumn = subIndex(b, range.end, block.begin);
    auto mask = [&](ImplicitLocOpBuilder &b) {
      forEach(b, createIndex(b, 0), rowCount, 1,
              [&](ImplicitLocOpBuilder &b, Value inTile) {
                maskRow(b, addIndex(b, tile, inTile), inTile,
                        {begin, range.end}, block.begin);
              });
    };
    // Where every row sees every key that has a score nothing is masked.
    if (rows.hasDenseMask()) {
      mask(b);
    } else {
      Value scored = addIndex(
          b, begin,
          asIndex(b, roundUp(b, subIndex(b, range.end, begin), rows.lanes)));
      Value isPartial = arith::OrIOp::create(b, isBelow(b, begin, ofLast.begin),
                                             isBelow(b, ofFirst.end, scored));
      branch(b, isPartial, mask);
    }
    updateRows(b, tile, rowCount, beginColumn, endColumn);
    addValues(b, tile, range, block.begin);
  };
  branch(b, isBelow(b, range.begin, range.end), visit);
}

/// Fetch the share of one row in the block from key `next` on: all heads of
/// some keys, in the order in which they lie. A row reads one head of each key;
/// what the CPU fetches by itself are neighbours. Behind the keys of this task
/// are those of another.
void AttentionTask::fetchShare(ImplicitLocOpBuilder &b, Value row, Value next) {
  Value share =
      b.createOrFold<arith::CeilDivUIOp>(createIndex(b, form.blockKeys), count);
  Value begin = addIndex(b, next, b.createOrFold<arith::MulIOp>(row, share));
  rows.fetchKeys(b, task.batch, {begin, addIndex(b, begin, share)},
                 task.firstHead, task.headCount);
}

void AttentionTask::visitKeys(ImplicitLocOpBuilder &b, const KeyRange &range) {
  // Bounds rise with the token: no row sees a key before the first row's first
  // one, nor behind the last row's last one.
  Value zero = createIndex(b, 0), last = addIndex(b, task.rowCount, -1);
  Value begin = rows.findVisibleKeys(b, task.batch, findToken(b, zero)).begin;
  Value end = rows.findVisibleKeys(b, task.batch, findToken(b, last)).end;
  begin = maxIndex(b, range.begin, begin);
  end = minIndex(b, range.end, end);
  begin = arith::SubIOp::create(
      b, begin, arith::RemUIOp::create(b, begin, createIndex(b, getStep())));
  forEach(b, begin, end, form.blockKeys,
          [&](ImplicitLocOpBuilder &b, Value first) {
            Value next = addIndex(b, first, form.blockKeys);
            KeyRange block = {first, minIndex(b, next, end)};
            forEach(b, zero, count, form.tileRows,
                    [&](ImplicitLocOpBuilder &b, Value tile) {
                      if (!form.panels)
                        fetchShare(b, tile, next);
                      visitTile(b, tile, block);
                    });
          });
}

} // namespace moa
