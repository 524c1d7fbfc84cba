//===- GroupedMatmul.cpp - Products by expert in register tiles -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Buffers.h"
#include "RegisterTiles.h"
#include "VectorBuilders.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "moa/Conversion/MoaToVector.h"
#include "moa/IR/Buffers.h"
#include "moa/Utils/LinalgBuilders.h"
#include "moa/Utils/LoopBuilders.h"

using namespace mlir;
using namespace moa;

/// Slots that fit in one task by their number read the matrix of an expert from
/// memory, for few rows: the pieces of its rows are then pages, where elements
/// are those of the sums, and tasks are groups of experts.
static constexpr int64_t kPageBytes = 4096, kExpertGroups = 8;
/// A task begins and ends up to so many rows elsewhere if experts do.
static constexpr int64_t kNearRows = kTaskRows / 2;

namespace {
/// One grouped_matmul on buffers.
class GroupedKernel {
public:
  GroupedKernel(ImplicitLocOpBuilder &b, GroupedMatmulOp op,
                const MoaToVectorOptions &options);

  Value build(ImplicitLocOpBuilder &b);

private:
  Value countRouted(ImplicitLocOpBuilder &b);
  Value getSlot(ImplicitLocOpBuilder &b, Value row);
  Value getLhsRow(ImplicitLocOpBuilder &b, Value row);
  Value getGate(ImplicitLocOpBuilder &b, Value row);
  SmallVector<Value> openRow(ImplicitLocOpBuilder &b, Value row);
  void store(ImplicitLocOpBuilder &b, ValueRange row, Value column,
             Value vector, Value mask);
  Value snap(ImplicitLocOpBuilder &b, Value row);
  void visitExpert(ImplicitLocOpBuilder &b, Product &product,
                   const ProductTask &task, Value begin, Value end,
                   Value expert);

  GroupedMatmulOp op;
  const MoaToVectorOptions &options;
  Type accumulator;
  Value input, weights, offsets, permutation, gates, result;
  OpFoldResult slots;
};
} // namespace

GroupedKernel::GroupedKernel(ImplicitLocOpBuilder &b, GroupedMatmulOp op,
                             const MoaToVectorOptions &options)
    : op(op), options(options),
      accumulator(getAccumulatorType(getElementTypeOrSelf(op.getInput()))) {
  input = readBuffer(b, op.getInput());
  weights = readBuffer(b, op.getWeights());
  offsets = readBuffer(b, op.getOffsets());
  slots =
      getSizes(b, op.getPermutation() ? op.getPermutation() : op.getInput())[0];
  if (op.getPermutation())
    permutation = readBuffer(b, op.getPermutation());
  if (op.getGates())
    gates = readBuffer(b, op.getGates());
}

/// The number of routed slots, offsets[E].
Value GroupedKernel::countRouted(ImplicitLocOpBuilder &b) {
  Value count = loadIndex(b, offsets, getSize(b, op.getWeights(), 0));
  if (options.runtimeChecks) {
    Value fits = arith::CmpIOp::create(b, arith::CmpIPredicate::ule, count,
                                       asIndex(b, slots));
    cf::AssertOp::create(b, fits,
                         "'moa.grouped_matmul' op the last offset exceeds the "
                         "number of slots");
    checkAscending(
        b, getSize(b, op.getWeights(), 0),
        [&](ImplicitLocOpBuilder &b, Value index) {
          return loadIndex(b, offsets, index);
        },
        "'moa.grouped_matmul' op the offsets do not ascend from 0");
  }
  return count;
}

/// permutation[row]
Value GroupedKernel::getSlot(ImplicitLocOpBuilder &b, Value row) {
  Value slot = loadIndex(b, permutation, row);
  if (options.runtimeChecks) {
    Value below = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, slot,
                                        asIndex(b, slots));
    cf::AssertOp::create(b, below,
                         "'moa.grouped_matmul' op an entry of the permutation "
                         "is not a slot");
  }
  return slot;
}

Value GroupedKernel::getLhsRow(ImplicitLocOpBuilder &b, Value row) {
  switch (op.getInputRows()) {
  case RowMap::Grouped:
    return row;
  case RowMap::Slot:
    return getSlot(b, row);
  case RowMap::Token:
    break;
  }
  return arith::DivUIOp::create(b, getSlot(b, row),
                                createIndex(b, *op.getTopK()));
}

/// The gate of the slot that stands in `row`, in the accumulator type.
Value GroupedKernel::getGate(ImplicitLocOpBuilder &b, Value row) {
  Value slot = getSlot(b, row);
  Value k = getSize(b, op.getGates(), 1);
  Value gate =
      memref::LoadOp::create(b, gates,
                             ValueRange{arith::DivUIOp::create(b, slot, k),
                                        arith::RemUIOp::create(b, slot, k)});
  return convertFloat(b, gate, accumulator);
}

/// Where `row` is stored, and its gate.
SmallVector<Value> GroupedKernel::openRow(ImplicitLocOpBuilder &b, Value row) {
  SmallVector<Value> opened = {
      op.getResultRows() == RowMap::Grouped ? row : getSlot(b, row)};
  if (gates)
    opened.push_back(getGate(b, row));
  return opened;
}

void GroupedKernel::store(ImplicitLocOpBuilder &b, ValueRange row, Value column,
                          Value vector, Value mask) {
  if (gates)
    vector = arith::MulFOp::create(
        b, vector, broadcast(b, cast<VectorType>(vector.getType()), row[1]));
  storeVector(b, vector, result, {row[0], column}, mask);
}

/// Where the rows of an expert begin, if that is near `row`, or `row`: a task
/// begins with an expert rather than with its last rows, for which the weights
/// would be read once more.
Value GroupedKernel::snap(ImplicitLocOpBuilder &b, Value row) {
  auto visit = [&](ImplicitLocOpBuilder &b, Value expert,
                   ValueRange nearest) -> SmallVector<Value> {
    Value offset = loadIndex(b, offsets, expert);
    Value distance =
        maxIndex(b, subIndex(b, offset, row), subIndex(b, row, offset));
    Value isNearer = isBelow(b, distance, nearest[1]);
    return {arith::SelectOp::create(b, isNearer, offset, nearest[0]),
            minIndex(b, distance, nearest[1])};
  };
  Value count = addIndex(b, getSize(b, op.getWeights(), 0), 1);
  return createLoop(b, createIndex(b, 0), count,
                    {row, createIndex(b, kNearRows + 1)}, visit)[0];
}

/// Multiply the rows of `expert` that are among `from` to `to`, those of the
/// task.
void GroupedKernel::visitExpert(ImplicitLocOpBuilder &b, Product &product,
                                const ProductTask &task, Value from, Value to,
                                Value expert) {
  Value begin = maxIndex(b, loadIndex(b, offsets, expert), from);
  Value end = minIndex(b, loadIndex(b, offsets, addIndex(b, expert, 1)), to);
  SmallVector<OpFoldResult> sizes = getBufferSizes(b, weights);
  OpFoldResult zero = b.getIndexAttr(0);
  branch(b, isBelow(b, begin, end), [&](ImplicitLocOpBuilder &b) {
    product.rhs =
        getView(b, weights, {OpFoldResult(expert), zero, zero},
                {b.getIndexAttr(1), sizes[1], sizes[2]}, /*dropped=*/{0});
    emitProduct(b, product, begin, end, task.first, task.limit);
  });
}

Value GroupedKernel::build(ImplicitLocOpBuilder &b) {
  Value count = countRouted(b);
  result = createBuffer(b, op.getInit());
  // Rows that no slot is stored to keep the value of init.
  Value covered = isBelow(b, count, asIndex(b, slots));
  branch(b, covered,
         [&](ImplicitLocOpBuilder &b) { fillBuffer(b, result, op.getInit()); });
  auto getRow = [&](ImplicitLocOpBuilder &b, Value row) {
    return getLhsRow(b, row);
  };
  auto open = [&](ImplicitLocOpBuilder &b, Value row) {
    return openRow(b, row);
  };
  auto storeVectors = [&](ImplicitLocOpBuilder &b, ValueRange row, Value column,
                          Value vector,
                          Value mask) { store(b, row, column, vector, mask); };
  Product product;
  product.target = options.target;
  product.lhs = input;
  product.transposed = op.getTransposed();
  product.getLhsRow = getRow;
  product.openRow = open;
  product.store = storeVectors;
  Value experts = getSize(b, op.getWeights(), 0);
  // Tasks are cut by rows, not by experts, so that a crowded expert is shared
  // between threads.
  ProductSizes sizes = {slots, getSizes(b, op.getInit())[1], accumulator,
                        product.anyColumns};
  SmallVector<OpFoldResult> bounds = getTaskBounds(b, options.target, sizes);
  sizes.mostRows = kTaskRows + 2 * kNearRows;
  std::optional<int64_t> staticSlots = getConstantIntValue(slots);
  bool isFew = staticSlots && *staticSlots <= kTaskRows;
  if (staticSlots && *staticSlots <= kFewRows)
    product.rows = Rows::Few;
  if (isFew) {
    sizes.taskVectors = kPageBytes / options.target.vectorBytes;
    bounds = getTaskBounds(b, options.target, sizes);
    bounds.push_back(b.getIndexAttr(kExpertGroups));
  }
  forEachTask(b, bounds, [&](ImplicitLocOpBuilder &b, ValueRange turn) {
    ProductTask task = openTask(b, options.target, sizes, turn.take_front(2));
    product.scratch = task.scratch;
    Value from = snap(b, task.row);
    Value to = snap(b, addIndex(b, task.row, kTaskRows));
    // With few slots a task takes every kExpertGroups-th expert.
    Value first = isFew ? turn.back() : createIndex(b, 0);
    int64_t step = isFew ? kExpertGroups : 1;
    forEach(b, first, experts, step,
            [&](ImplicitLocOpBuilder &b, Value expert) {
              visitExpert(b, product, task, from, to, expert);
            });
  });
  return finishBuffer(b, result, op.getInit().getType());
}

namespace {
struct ConvertGroupedMatmul : OpRewritePattern<GroupedMatmulOp> {
  ConvertGroupedMatmul(MLIRContext *context, const MoaToVectorOptions &options)
      : OpRewritePattern(context), options(options) {}

  LogicalResult matchAndRewrite(GroupedMatmulOp op,
                                PatternRewriter &rewriter) const override {
    if (isOnBuffers(op))
      return rewriter.notifyMatchFailure(op, "is on buffers");
    if (op.getRotary())
      return rewriter.notifyMatchFailure(op, "rotates its rows");
    if (op.getResultRows() == RowMap::Token)
      return rewriter.notifyMatchFailure(op, "sums rows in the order of slots");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    if (options.runtimeChecks)
      emitSizeChecks(rewriter, op);
    rewriter.replaceOp(op, GroupedKernel(b, op, options).build(b));
    return success();
  }

  MoaToVectorOptions options;
};

/// Slots that share an expert read its weights once: a slot_matmul is a
/// grouped_matmul of small groups.
struct GroupSlots : OpRewritePattern<SlotMatmulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SlotMatmulOp op,
                                PatternRewriter &rewriter) const override {
    if (isOnBuffers(op))
      return rewriter.notifyMatchFailure(op, "is on buffers");
    if (op.getRotary())
      return rewriter.notifyMatchFailure(op, "rotates its rows");
    auto weights = cast<ShapedType>(op.getWeights().getType());
    if (weights.isDynamicDim(0))
      return rewriter.notifyMatchFailure(op, "has experts of unknown number");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto indices = cast<ShapedType>(op.getIndices().getType());
    auto dispatch = DispatchOp::create(
        b, op.getIndices(), b.getI64IntegerAttr(weights.getDimSize(0)),
        /*outs=*/ValueRange());
    IntegerAttr topK;
    if (op.getInputRows() == RowMap::Token)
      topK = b.getI64IntegerAttr(indices.getDimSize(1));
    rewriter.replaceOpWithNewOp<GroupedMatmulOp>(
        op, op.getInit().getType(), op.getInputRows(), op.getInput(),
        op.getWeights(), dispatch.getOffsets(), dispatch.getPermutation(),
        /*gates=*/Value(),
        /*length=*/Value(), /*position=*/Value(), RowMap::Slot, op.getInit(),
        topK, /*rotary=*/RotaryAttr(), /*heads=*/IntegerAttr(),
        /*unordered=*/false, op.getTransposed());
    return success();
  }
};
} // namespace

void moa::populateGroupedMatmulToVectorPatterns(
    RewritePatternSet &patterns, const MoaToVectorOptions &options) {
  patterns.add<ConvertGroupedMatmul>(patterns.getContext(), options);
}

void moa::populateGroupSlotsPatterns(RewritePatternSet &patterns) {
  patterns.add<GroupSlots>(patterns.getContext());
}
