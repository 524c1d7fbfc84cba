//===- Canonicalization.cpp - Folders and canonicalisations ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a kernel's builder, which knows no special cases, writes in vain:
// repetitions of repetitions, reductions of one element, guards that are known.
//
//===----------------------------------------------------------------------===//

#include "moa/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace moa::tile;

Operation *TileDialect::materializeConstant(OpBuilder &builder, Attribute value,
                                            Type type, Location loc) {
  return arith::ConstantOp::materialize(builder, value, type, loc);
}

OpFoldResult BroadcastOp::fold(FoldAdaptor adaptor) {
  if (getTile().getType() == getType())
    return getTile();
  if (auto splat = dyn_cast_or_null<SplatElementsAttr>(adaptor.getTile()))
    return splat.resizeSplat(getType());
  // A repetition of a repetition is one.
  if (auto inner = getTile().getDefiningOp<BroadcastOp>()) {
    getTileMutable().assign(inner.getTile());
    return getResult();
  }
  return {};
}

namespace {
/// A scalar that is repeated twice is repeated once.
struct BroadcastOfSplat : OpRewritePattern<BroadcastOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BroadcastOp op,
                                PatternRewriter &rewriter) const override {
    auto splat = op.getTile().getDefiningOp<tensor::SplatOp>();
    if (!splat)
      return rewriter.notifyMatchFailure(op, "not of a splat");
    rewriter.replaceOpWithNewOp<tensor::SplatOp>(op, splat.getInput(),
                                                 op.getType());
    return success();
  }
};

/// A guard that is known: the copy is made or not.
struct FoldGuard : OpRewritePattern<CopyOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(CopyOp op,
                                PatternRewriter &rewriter) const override {
    APInt when;
    if (!op.getWhen() || !matchPattern(op.getWhen(), m_ConstantInt(&when)))
      return rewriter.notifyMatchFailure(op, "no guard that is known");
    if (when.isZero())
      rewriter.eraseOp(op);
    else
      rewriter.modifyOpInPlace(op, [&] { op.getWhenMutable().clear(); });
    return success();
  }
};
} // namespace

void BroadcastOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<BroadcastOfSplat>(context);
}

void CopyOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                         MLIRContext *context) {
  patterns.add<FoldGuard>(context);
}

OpFoldResult ReduceOp::fold(FoldAdaptor) {
  // One element is its own sum, maximum and minimum.
  return getTile().getType() == getType() ? getTile() : OpFoldResult();
}

OpFoldResult ScanOp::fold(FoldAdaptor) {
  // Nothing stands before a single element.
  auto type = cast<RankedTensorType>(getType());
  if (type.getDimSize(getDim()) != 1)
    return {};
  return Builder(getContext()).getZeroAttr(type);
}

OpFoldResult PositionOp::fold(FoldAdaptor) {
  if (getType().getNumElements() != 1)
    return {};
  return Builder(getContext()).getZeroAttr(getType());
}
