//===- Attention.cpp - Attention in tiles of queries and keys -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tasks are blocks of rows (AttentionRows.h) and, where there are few of these,
// ranges of keys, whose results are combined afterwards. The cut follows from
// sizes alone.
//
//===----------------------------------------------------------------------===//

#include "AttentionTask.h"
#include "Buffers.h"
#include "KeyPanels.h"
#include "VectorBuilders.h"
#include "VectorMath.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "moa/Conversion/MoaToVector.h"
#include "moa/IR/Buffers.h"
#include "moa/Utils/LinalgBuilders.h"
#include "moa/Utils/LoopBuilders.h"
#include <limits>

using namespace mlir;
using namespace moa;

/// As many rows of a key head, or fewer, read keys and values where they lie:
/// what memory delivers is the limit.
static constexpr int64_t kFewRows = 8;
/// Their tasks read the heads of a page, for so many keys while the next are
/// fetched.
static constexpr int64_t kPageBytes = 4096, kFewRowsKeys = 16;
/// The widest tile of one row, in registers.
static constexpr int64_t kRowVectors = 8;
/// Tiles of rows of a task, so that keys and values are read from memory once
/// for all of them.
static constexpr int64_t kTaskTiles = 8;
/// Keys are split where there would be fewer tasks than this, into ranges of at
/// least so many blocks: so many threads take what memory delivers, and each
/// range holds and combines sums of its own.
static constexpr int64_t kTasks = 16, kSplitBlocks = 1;
static constexpr double kInfinity = std::numeric_limits<double>::infinity();

namespace {
/// What tasks that share a row leave to be combined.
struct Partials {
  /// How many there are for each row, and the keys of each.
  Value count, keys;
  /// [count, B, T, Q, d], and [count, B, T, Q].
  Value sums, max, total;
};

/// One moa.attention on buffers.
class AttentionKernel {
public:
  AttentionKernel(ImplicitLocOpBuilder &b, AttentionOp op,
                  const MoaToVectorOptions &options)
      : op(op), target(options.target), rows(b, op, target) {}

  SmallVector<Value> build(ImplicitLocOpBuilder &b);

private:
  void emitFewRows(ImplicitLocOpBuilder &b);
  void emitManyRows(ImplicitLocOpBuilder &b);
  void emitTasks(ImplicitLocOpBuilder &b, const TaskForm &form);
  void emitTask(ImplicitLocOpBuilder &b, const TaskForm &form,
                const Partials &partials, ValueRange task, Value blocks);
  Partials createPartials(ImplicitLocOpBuilder &b, Value blocks,
                          Value headGroups);
  void storePartials(ImplicitLocOpBuilder &b, AttentionTask &task,
                     const Partials &partials, Value split);
  void combine(ImplicitLocOpBuilder &b, const Partials &partials,
               ValueRange row);
  void storeRow(ImplicitLocOpBuilder &b, const QueryRow &row, Value max,
                Value total, AttentionTask::ValueReader read);

  AttentionOp op;
  CpuTarget target;
  AttentionRows rows;
  Value result, lse;
};
} // namespace

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

/// Divide the weighted values of a row by its total, which is zero where the
/// query sees no key.
void AttentionKernel::storeRow(ImplicitLocOpBuilder &b, const QueryRow &row,
                               Value max, Value total,
                               AttentionTask::ValueReader read) {
  Type element = total.getType();
  // The sums of a blind row are zeros.
  Value isBlind = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, total,
                                        createConstant(b, element, 0));
  Value divisor =
      arith::SelectOp::create(b, isBlind, createConstant(b, element, 1), total);
  Value factor = broadcast(
      b, rows.vectorType,
      arith::DivFOp::create(b, createConstant(b, element, 1), divisor));
  forEach(b, createIndex(b, 0), rows.width, rows.lanes,
          [&](ImplicitLocOpBuilder &b, Value column) {
            Value mask =
                createMask(b, rows.vectorType, subIndex(b, rows.width, column));
            Value quotient = arith::MulFOp::create(b, read(b, column), factor);
            storeVector(b, quotient, result,
                        {row.batch, row.token, row.head, column}, mask);
          });
  if (!lse)
    return;
  // The maximum is -inf in a blind row, and so is the logarithm.
  Value sum = arith::AddFOp::create(b, max, math::LogOp::create(b, total));
  memref::StoreOp::create(b, sum, lse,
                          ValueRange{row.batch, row.token, row.head});
}

Partials AttentionKernel::createPartials(ImplicitLocOpBuilder &b, Value blocks,
                                         Value headGroups) {
  auto multiply = [&](Value lhs, Value rhs) {
    return b.createOrFold<arith::MulIOp>(lhs, rhs);
  };
  auto divideUp = [&](Value lhs, Value rhs) {
    return b.createOrFold<arith::CeilDivUIOp>(lhs, rhs);
  };
  Value one = createIndex(b, 1);
  Value tasks = multiply(multiply(rows.batches, headGroups), blocks);
  tasks = maxIndex(b, tasks, one);
  Value keyBlocks =
      divideUp(rows.keys, createIndex(b, AttentionTask::kBlockKeys));
  Value wanted = divideUp(createIndex(b, kTasks), tasks);
  Value most =
      b.createOrFold<arith::DivUIOp>(keyBlocks, createIndex(b, kSplitBlocks));
  Value count = maxIndex(b, minIndex(b, wanted, most), one);
  Partials partials;
  Value blocksOfSplit = divideUp(keyBlocks, count);
  partials.keys =
      multiply(blocksOfSplit, createIndex(b, AttentionTask::kBlockKeys));
  // Rounding may leave less to do.
  partials.count = maxIndex(b, divideUp(rows.keys, partials.keys), one);
  if (getConstantIntValue(partials.count) == 1)
    return partials;
  // Buffers of no rows where keys are not split.
  Value isSplit = isBelow(b, one, partials.count);
  SmallVector<OpFoldResult> sizes = getSizes(b, op.getQuery());
  sizes.insert(sizes.begin(),
               getAsOpFoldResult(arith::SelectOp::create(
                   b, isSplit, partials.count, createIndex(b, 0))));
  Type element = rows.vectorType.getElementType();
  partials.sums = createScratch(b, sizes, element);
  sizes.pop_back();
  partials.max = createScratch(b, sizes, element);
  partials.total = createScratch(b, sizes, element);
  return partials;
}

void AttentionKernel::storePartials(ImplicitLocOpBuilder &b,
                                    AttentionTask &task,
                                    const Partials &partials, Value split) {
  task.finishRows(b, [&](ImplicitLocOpBuilder &b, const QueryRow &row,
                         Value max, Value total,
                         AttentionTask::ValueReader read) {
    SmallVector<Value> at = {split, row.batch, row.token, row.head};
    memref::StoreOp::create(b, max, partials.max, at);
    memref::StoreOp::create(b, total, partials.total, at);
    forEach(b, createIndex(b, 0), rows.width, rows.lanes,
            [&](ImplicitLocOpBuilder &b, Value column) {
              Value mask = createMask(b, rows.vectorType,
                                      subIndex(b, rows.width, column));
              SmallVector<Value> place = at;
              place.push_back(column);
              storeVector(b, read(b, column), partials.sums, place, mask);
            });
  });
}

/// Add up what all ranges of keys have for one row, in their order.
void AttentionKernel::combine(ImplicitLocOpBuilder &b, const Partials &partials,
                              ValueRange row) {
  Type element = rows.vectorType.getElementType();
  Value zero = createIndex(b, 0);
  auto getPlace = [&](Value split) {
    return SmallVector<Value>{split, row[0], row[1], row[2]};
  };
  auto takeMax = [&](ImplicitLocOpBuilder &b, Value split,
                     ValueRange args) -> SmallVector<Value> {
    Value max = memref::LoadOp::create(b, partials.max, getPlace(split));
    return {maxNumber(b, max, args[0])};
  };
  Value max = createLoop(b, zero, partials.count,
                         createConstant(b, element, -kInfinity), takeMax)[0];
  Value subtrahend = getSubtrahend(b, max);
  // The maximum of a range is replaced by the factor on what it has.
  auto addTotal = [&](ImplicitLocOpBuilder &b, Value split,
                      ValueRange args) -> SmallVector<Value> {
    SmallVector<Value> place = getPlace(split);
    Value difference = arith::SubFOp::create(
        b, memref::LoadOp::create(b, partials.max, place), subtrahend);
    Value power =
        expOfNonPositive(b, broadcast(b, rows.vectorType, difference));
    Value factor = vector::ExtractOp::create(b, power, int64_t(0));
    memref::StoreOp::create(b, factor, partials.max, place);
    Value total = memref::LoadOp::create(b, partials.total, place);
    total = arith::MulFOp::create(b, total, factor);
    return {arith::AddFOp::create(b, args[0], total)};
  };
  Value total = createLoop(b, zero, partials.count,
                           createConstant(b, element, 0), addTotal)[0];
  auto read = [&](ImplicitLocOpBuilder &b, Value column) -> Value {
    Value mask =
        createMask(b, rows.vectorType, subIndex(b, rows.width, column));
    auto addSum = [&](ImplicitLocOpBuilder &b, Value split,
                      ValueRange args) -> SmallVector<Value> {
      SmallVector<Value> place = getPlace(split);
      Value factor = memref::LoadOp::create(b, partials.max, place);
      place.push_back(column);
      Value sum = loadVector(b, rows.vectorType, partials.sums, place, mask);
      return {vector::FMAOp::create(b, broadcast(b, rows.vectorType, factor),
                                    sum, args[0])};
    };
    return createLoop(b, zero, partials.count,
                      createSplat(b, rows.vectorType, 0), addSum)[0];
  };
  storeRow(b, {row[0], row[1], row[2]}, max, total, read);
}

//===----------------------------------------------------------------------===//
// Tasks
//===----------------------------------------------------------------------===//

/// 0, n - 1, 1, n - 2, ..: under a causal mask later rows see more keys, and
/// neighbouring tasks, which go to one thread, are together alike.
static Value balance(ImplicitLocOpBuilder &b, Value task, Value count) {
  Value half = arith::ShRUIOp::create(b, task, createIndex(b, 1));
  Value isOdd = arith::CmpIOp::create(
      b, arith::CmpIPredicate::ne,
      arith::AndIOp::create(b, task, createIndex(b, 1)), createIndex(b, 0));
  Value fromEnd = subIndex(b, addIndex(b, count, -1), half);
  return arith::SelectOp::create(b, isOdd, fromEnd, half);
}

void AttentionKernel::emitTask(ImplicitLocOpBuilder &b, const TaskForm &form,
                               const Partials &partials, ValueRange task,
                               Value blocks) {
  Value block = op.getCausal() ? balance(b, task[2], blocks) : task[2];
  Value firstRow = arith::MulIOp::create(b, block, createIndex(b, form.rows));
  TaskRows taskRows;
  taskRows.batch = task[0];
  taskRows.firstHead =
      b.createOrFold<arith::MulIOp>(task[1], createIndex(b, form.heads));
  taskRows.headCount = minIndex(b, createIndex(b, form.heads),
                                subIndex(b, rows.keyHeads, taskRows.firstHead));
  if (form.heads == 1)
    taskRows.headCount = createIndex(b, 1);
  taskRows.firstRow = firstRow;
  taskRows.rowCount =
      minIndex(b, createIndex(b, form.rows), subIndex(b, rows.rows, firstRow));
  AttentionTask state(b, rows, form, taskRows);
  auto finish = [&](ImplicitLocOpBuilder &b) {
    state.finishRows(b, [&](ImplicitLocOpBuilder &b, const QueryRow &row,
                            Value max, Value total,
                            AttentionTask::ValueReader read) {
      storeRow(b, row, max, total, read);
    });
  };
  if (!partials.sums) {
    state.visitKeys(b, {createIndex(b, 0), rows.keys});
    return finish(b);
  }
  Value begin = arith::MulIOp::create(b, task[3], partials.keys);
  Value end = minIndex(b, addIndex(b, begin, partials.keys), rows.keys);
  state.visitKeys(b, {begin, end});
  branch(
      b, isBelow(b, createIndex(b, 1), partials.count),
      [&](ImplicitLocOpBuilder &b) {
        storePartials(b, state, partials, task[3]);
      },
      finish);
}

void AttentionKernel::emitTasks(ImplicitLocOpBuilder &b, const TaskForm &form) {
  OpFoldResult rowBound = getAsOpFoldResult(rows.rows);
  Value blocks = asIndex(b, countTiles(b, rowBound, form.rows));
  OpFoldResult headGroups =
      countTiles(b, getAsOpFoldResult(rows.keyHeads), form.heads);
  Partials partials = createPartials(b, blocks, asIndex(b, headGroups));
  auto fold = [](Value value) { return getAsOpFoldResult(value); };
  forEachTask(
      b, {fold(rows.batches), headGroups, fold(blocks), fold(partials.count)},
      [&](ImplicitLocOpBuilder &b, ValueRange task) {
        emitTask(b, form, partials, task, blocks);
      });
  if (!partials.sums)
    return;
  branch(b, isBelow(b, createIndex(b, 1), partials.count),
         [&](ImplicitLocOpBuilder &b) {
           forEachTask(
               b, {fold(rows.batches), fold(rows.tokens), fold(rows.heads)},
               [&](ImplicitLocOpBuilder &b, ValueRange row) {
                 combine(b, partials, row);
               });
         });
}

void AttentionKernel::emitFewRows(ImplicitLocOpBuilder &b) {
  int64_t vectors = kRowVectors;
  if (std::optional<int64_t> width = getConstantIntValue(rows.width))
    vectors =
        std::clamp<int64_t>(llvm::divideCeil(*width, rows.lanes), 1, vectors);
  TaskForm form = {kFewRows, /*tileRows=*/1, vectors, kFewRowsKeys,
                   std::nullopt};
  // Heads lie side by side, so that a task reads whole pages.
  Type element = getElementTypeOrSelf(op.getKey());
  if (std::optional<int64_t> width = getConstantIntValue(rows.width))
    form.heads = std::clamp<int64_t>(
        kPageBytes * 8 / (*width * element.getIntOrFloatBitWidth()), 1,
        *getConstantIntValue(rows.keyHeads));
  emitTasks(b, form);
}

void AttentionKernel::emitManyRows(ImplicitLocOpBuilder &b) {
  TileShape tile = target.getMainTile();
  emitTasks(b, {kTaskTiles * tile.rows, tile.rows, tile.vectors,
                AttentionTask::kBlockKeys, packKeys(b, rows, tile.vectors)});
}

SmallVector<Value> AttentionKernel::build(ImplicitLocOpBuilder &b) {
  result = createBuffer(b, op.getInit());
  if (op.getLseInit())
    lse = createBuffer(b, op.getLseInit());
  auto few = [&](ImplicitLocOpBuilder &b) { emitFewRows(b); };
  auto many = [&](ImplicitLocOpBuilder &b) { emitManyRows(b); };
  if (std::optional<int64_t> count = getConstantIntValue(rows.rows))
    *count <= kFewRows ? few(b) : many(b);
  else
    branch(b, isBelow(b, rows.rows, createIndex(b, kFewRows + 1)), few, many);
  SmallVector<Value> results = {
      finishBuffer(b, result, op.getInit().getType())};
  if (lse)
    results.push_back(finishBuffer(b, lse, op.getLseInit().getType()));
  return results;
}

namespace {
struct ConvertAttention : OpRewritePattern<AttentionOp> {
  ConvertAttention(MLIRContext *context, const MoaToVectorOptions &options)
      : OpRewritePattern(context), options(options) {}

  LogicalResult matchAndRewrite(AttentionOp op,
                                PatternRewriter &rewriter) const override {
    if (isOnBuffers(op))
      return rewriter.notifyMatchFailure(op, "is on buffers");
    if (op.getScore() != Score::Softmax)
      return rewriter.notifyMatchFailure(
          op, "breaks sticks, from one key to the next");
    if (getElementTypeOrSelf(op.getQuery()).isF64())
      return rewriter.notifyMatchFailure(op, "is computed in f64");
    if (isStaticallyEmpty(op.getKey()) || isStaticallyEmpty(op.getQuery()))
      return rewriter.notifyMatchFailure(op, "is empty");
    auto keys = cast<RankedTensorType>(op.getKey().getType());
    if (keys.isDynamicDim(2) || op.getHeads() % keys.getDimSize(2) != 0)
      return rewriter.notifyMatchFailure(
          op, "has key heads that are not shared alike");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    if (options.runtimeChecks)
      emitSizeChecks(rewriter, op);
    rewriter.replaceOp(op, AttentionKernel(b, op, options).build(b));
    return success();
  }

  MoaToVectorOptions options;
};
} // namespace

void moa::populateAttentionToVectorPatterns(RewritePatternSet &patterns,
                                            const MoaToVectorOptions &options) {
  patterns.add<ConvertAttention>(patterns.getContext(), options);
}
