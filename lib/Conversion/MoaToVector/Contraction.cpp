//===- Contraction.cpp - linalg contractions in register tiles ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Buffers.h"
#include "RegisterTiles.h"
#include "VectorBuilders.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "moa/Conversion/MoaToVector.h"
#include "moa/IR/Buffers.h"
#include "moa/Utils/LinalgBuilders.h"
#include "moa/Utils/LoopBuilders.h"

using namespace mlir;
using namespace moa;

namespace {
/// The loops of a contraction that is a product of matrices, or one for each
/// matrix of a batch on the right, whose results are side by side or summed.
///
///   lhs [m, k]      rhs [k, n]       result [m, n]
///   lhs [m, k]      rhs [e, k, n]    result [m, e, n]
///   lhs [m, e, k]   rhs [e, k, n]    result [m, n]
///
/// where [.., n, k] on the right is `transposed`.
struct Loops {
  bool transposed;
  bool isBatched;
  bool isSummed;
};
} // namespace

static std::optional<unsigned> getDim(AffineMap map, unsigned result) {
  auto dim = dyn_cast<AffineDimExpr>(map.getResult(result));
  if (!dim)
    return std::nullopt;
  return dim.getPosition();
}

/// The loops of `op`, which has the form of a contraction.
static FailureOr<Loops> matchLoops(linalg::LinalgOp op) {
  AffineMap lhs = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
  AffineMap rhs = op.getMatchingIndexingMap(op.getDpsInputOperand(1));
  AffineMap out = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  for (AffineMap map : {lhs, rhs, out})
    if (!map.isProjectedPermutation() || map.getNumResults() < 2)
      return failure();
  bool isBatched = rhs.getNumResults() == 3;
  if (op.getNumLoops() != (isBatched ? 4u : 3u))
    return failure();
  auto m = getDim(lhs, 0), k = getDim(lhs, lhs.getNumResults() - 1);
  auto n = getDim(out, out.getNumResults() - 1);
  if (getDim(out, 0) != m || m == n || k == m || k == n)
    return failure();
  unsigned first = isBatched ? 1 : 0;
  bool plain = getDim(rhs, first) == k && getDim(rhs, first + 1) == n;
  bool swapped = getDim(rhs, first) == n && getDim(rhs, first + 1) == k;
  if (!plain && !swapped)
    return failure();
  if (!isBatched)
    return lhs.getNumResults() == 2 && out.getNumResults() == 2
               ? FailureOr<Loops>(Loops{swapped, false, false})
               : FailureOr<Loops>(failure());
  auto e = getDim(rhs, 0);
  if (lhs.getNumResults() == 2 && out.getNumResults() == 3 &&
      getDim(out, 1) == e)
    return Loops{swapped, true, false};
  if (lhs.getNumResults() == 3 && out.getNumResults() == 2 &&
      getDim(lhs, 1) == e)
    return Loops{swapped, true, true};
  return failure();
}

namespace {
/// The operands of a contraction.
struct Operands {
  Value lhs, rhs, init;
};

/// One contraction on buffers.
class ContractionKernel {
public:
  ContractionKernel(ImplicitLocOpBuilder &b, Operands operands, Loops loops,
                    CpuTarget target, bool anyColumns = false);

  Value build(ImplicitLocOpBuilder &b);

private:
  Value getPart(ImplicitLocOpBuilder &b, Value buffer, Value entry,
                unsigned dim);
  void multiply(ImplicitLocOpBuilder &b, Value left, Value right, Value out,
                bool adds, const ProductTask &task);

  Loops loops;
  CpuTarget target;
  bool anyColumns;
  Value init, lhs, rhs, result;
  bool startsAtZero;
};
} // namespace

/// [m, e, k] and [e, k, n] as [m, e * k] and [e * k, n].
static Value mergeDims(ImplicitLocOpBuilder &b, Value value, unsigned first) {
  SmallVector<ReassociationIndices> groups;
  if (first == 0)
    groups = {{0, 1}, {2}};
  else
    groups = {{0}, {1, 2}};
  return tensor::CollapseShapeOp::create(b, value, groups);
}

ContractionKernel::ContractionKernel(ImplicitLocOpBuilder &b, Operands operands,
                                     Loops loops, CpuTarget target,
                                     bool anyColumns)
    : loops(loops), target(target), anyColumns(anyColumns),
      init(operands.init) {
  auto [left, right, start] = operands;
  if (loops.isSummed && !loops.transposed) {
    left = mergeDims(b, left, 1);
    right = mergeDims(b, right, 0);
    this->loops = {false, false, false};
  }
  lhs = readBuffer(b, left);
  rhs = readBuffer(b, right);
  auto fill = init.getDefiningOp<linalg::FillOp>();
  startsAtZero = fill && matchPattern(fill.getInputs()[0], m_AnyZeroFloat());
}

/// The matrix `entry` of a buffer whose dimension `dim` is that of the batch.
Value ContractionKernel::getPart(ImplicitLocOpBuilder &b, Value buffer,
                                 Value entry, unsigned dim) {
  SmallVector<OpFoldResult> sizes = getBufferSizes(b, buffer);
  SmallVector<OpFoldResult> offsets(sizes.size(), b.getIndexAttr(0));
  offsets[dim] = entry;
  sizes[dim] = b.getIndexAttr(1);
  return getView(b, buffer, offsets, sizes, {dim});
}

/// One task: a block of out = left * right, added to `out` if `adds`.
void ContractionKernel::multiply(ImplicitLocOpBuilder &b, Value left,
                                 Value right, Value out, bool adds,
                                 const ProductTask &task) {
  auto getRow = [](ImplicitLocOpBuilder &, Value row) { return row; };
  auto load = [&](ImplicitLocOpBuilder &b, VectorType type, Value row,
                  Value column, Value mask) {
    return loadVector(b, type, out, {row, column}, mask);
  };
  auto open = [](ImplicitLocOpBuilder &, Value row) {
    return SmallVector<Value>{row};
  };
  auto store = [&](ImplicitLocOpBuilder &b, ValueRange row, Value column,
                   Value vector, Value mask) {
    storeVector(b, vector, out, {row[0], column}, mask);
  };
  Product product;
  product.target = target;
  product.lhs = left;
  product.rhs = right;
  product.transposed = loops.transposed;
  product.anyColumns = anyColumns;
  OpFoldResult count = getBufferSizes(b, left)[0];
  if (std::optional<int64_t> known = getConstantIntValue(count))
    product.rows = *known <= kFewRows ? Rows::Few : Rows::Many;
  product.getLhsRow = getRow;
  product.openRow = open;
  product.store = store;
  product.scratch = task.scratch;
  if (adds)
    product.load = load;
  Value end = minIndex(b, addIndex(b, task.row, kTaskRows), asIndex(b, count));
  emitProduct(b, product, task.row, end, task.first, task.limit);
}

Value ContractionKernel::build(ImplicitLocOpBuilder &b) {
  result = createBuffer(b, init);
  if (!startsAtZero || loops.isSummed)
    fillBuffer(b, result, init);
  SmallVector<OpFoldResult> sizes = getSizes(b, init);
  ProductSizes product = {sizes.front(), sizes.back(),
                          getElementTypeOrSelf(init), anyColumns};
  SmallVector<OpFoldResult> bounds = getTaskBounds(b, target, product);
  bool forEachEntry = loops.isBatched && !loops.isSummed;
  if (forEachEntry)
    bounds.insert(bounds.begin(), sizes[1]);
  forEachTask(b, bounds, [&](ImplicitLocOpBuilder &b, ValueRange turn) {
    ProductTask task =
        openTask(b, target, product, turn.drop_front(forEachEntry ? 1 : 0));
    if (!loops.isBatched)
      return multiply(b, lhs, rhs, result, !startsAtZero, task);
    if (forEachEntry)
      return multiply(b, lhs, getPart(b, rhs, turn[0], 0),
                      getPart(b, result, turn[0], 1), !startsAtZero, task);
    forEach(b, createIndex(b, 0), asIndex(b, getBufferSizes(b, rhs)[0]), 1,
            [&](ImplicitLocOpBuilder &b, Value entry) {
              multiply(b, getPart(b, lhs, entry, 1), getPart(b, rhs, entry, 0),
                       result, /*adds=*/true, task);
            });
  });
  return finishBuffer(b, result, init.getType());
}

LogicalResult moa::convertContraction(RewriterBase &rewriter,
                                      linalg::LinalgOp op,
                                      const MoaToVectorOptions &options) {
  if (!op.hasPureTensorSemantics() || !linalg::isaContractionOpInterface(op))
    return rewriter.notifyMatchFailure(op, "is no contraction of tensors");
  if (!isa<func::FuncOp>(op->getParentOp()))
    return rewriter.notifyMatchFailure(op, "is a part of another kernel");
  Type element = getElementTypeOrSelf(op.getDpsInitOperand(0)->get());
  for (Value operand : op->getOperands())
    if (!isa<FloatType>(getElementTypeOrSelf(operand)) ||
        isStaticallyEmpty(operand))
      return rewriter.notifyMatchFailure(op, "has integers or is empty");
  if (!element.isF32() && !element.isF64())
    return rewriter.notifyMatchFailure(op, "accumulates in a narrow type");
  FailureOr<Loops> loops = matchLoops(op);
  if (failed(loops))
    return rewriter.notifyMatchFailure(op, "is no product of matrices");
  rewriter.setInsertionPoint(op);
  ImplicitLocOpBuilder b(op.getLoc(), rewriter);
  Operands operands = {op.getDpsInputOperand(0)->get(),
                       op.getDpsInputOperand(1)->get(),
                       op.getDpsInitOperand(0)->get()};
  ContractionKernel kernel(b, operands, *loops, options.target);
  rewriter.replaceOp(op, kernel.build(b));
  return success();
}

//===----------------------------------------------------------------------===//
// The router product
//===----------------------------------------------------------------------===//

namespace {
/// A product whose columns are experts: the same code for any number of them.
struct ConvertRouterProduct : OpRewritePattern<MatmulOp> {
  ConvertRouterProduct(MLIRContext *context, const MoaToVectorOptions &options)
      : OpRewritePattern(context), options(options) {}

  LogicalResult matchAndRewrite(MatmulOp op,
                                PatternRewriter &rewriter) const override {
    if (isOnBuffers(op))
      return rewriter.notifyMatchFailure(op, "is on buffers");
    // No reason: other products have a kernel, once they are linalg's.
    if (!llvm::any_of(op->getUsers(), llvm::IsaPred<RouteOp>))
      return failure();
    if (isStaticallyEmpty(op.getInput()) || isStaticallyEmpty(op.getWeights()))
      return rewriter.notifyMatchFailure(op, "is empty");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    if (options.runtimeChecks)
      emitSizeChecks(rewriter, op);
    Type element = getElementTypeOrSelf(op.getInit());
    Type accumulator = getAccumulatorType(getElementTypeOrSelf(op.getInput()));
    Value init = createFilled(b, getSizes(b, op.getInit()), accumulator, 0.0);
    Loops loops = {op.getTransposed(), /*isBatched=*/false, /*isSummed=*/false};
    ContractionKernel kernel(b, {op.getInput(), op.getWeights(), init}, loops,
                             options.target, /*anyColumns=*/true);
    rewriter.replaceOp(op, convertElements(b, kernel.build(b), element));
    return success();
  }

  MoaToVectorOptions options;
};
} // namespace

void moa::populateRouterProductToVectorPatterns(
    RewritePatternSet &patterns, const MoaToVectorOptions &options) {
  patterns.add<ConvertRouterProduct>(patterns.getContext(), options);
}
