//===- Canonicalization.cpp - Folders and canonicalisations ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operands that change nothing are dropped: a position of 0, masks that hide
// nothing, a skip that skips nobody. Constants count where they are splats.
//
//===----------------------------------------------------------------------===//

#include "moa/IR/Moa.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace moa;

/// Whether `value` is a constant integer tensor whose entries are all `entry`.
static bool isSplatOfBool(Value value, bool entry) {
  DenseIntElementsAttr elements;
  return value && matchPattern(value, m_Constant(&elements)) &&
         elements.isSplat() && elements.getSplatValue<APInt>().isOne() == entry;
}

/// Whether `value` is a constant float tensor whose entries are all `entry`.
static bool isSplatOfFloat(Value value, double entry) {
  DenseFPElementsAttr elements;
  return value && matchPattern(value, m_Constant(&elements)) &&
         elements.isSplat() &&
         elements.getSplatValue<APFloat>().convertToDouble() == entry;
}

namespace {
/// Queries stand from 0 on unless a position is given.
template <typename OpTy> struct DropZeroPosition : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!op.getPosition() || !matchPattern(op.getPosition(), m_Zero()))
      return rewriter.notifyMatchFailure(op, "no position known to be 0");
    rewriter.modifyOpInPlace(op, [&] { op.getPositionMutable().clear(); });
    return success();
  }
};

/// A boolean mask that shows every key masks nothing.
template <typename OpTy> struct DropTrueMask : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!isSplatOfBool(op.getBooleanMask(), true))
      return rewriter.notifyMatchFailure(op, "no mask known to be true");
    rewriter.modifyOpInPlace(op, [&] { op.getBooleanMaskMutable().clear(); });
    return success();
  }
};

/// Adding 0 to every score changes none.
template <typename OpTy> struct DropZeroMask : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!isSplatOfFloat(op.getAdditiveMask(), 0.0))
      return rewriter.notifyMatchFailure(op, "no mask known to be 0");
    rewriter.modifyOpInPlace(op, [&] { op.getAdditiveMaskMutable().clear(); });
    return success();
  }
};

/// A skip that is false everywhere skips nobody.
template <typename OpTy> struct DropFalseSkip : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!isSplatOfBool(op.getSkip(), false))
      return rewriter.notifyMatchFailure(op, "no skip known to be false");
    rewriter.modifyOpInPlace(op, [&] { op.getSkipMutable().clear(); });
    return success();
  }
};

/// A gate factor of 1 is the factor of a gate without one.
template <typename OpTy> struct DropUnitGateScale : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    GateAttr gate = op.getGate();
    if (!gate.getScale() || gate.getFactor() != 1.0)
      return rewriter.notifyMatchFailure(op, "no gate scale of 1");
    auto plain =
        GateAttr::get(op.getContext(), gate.getActivation(), gate.getOrder(),
                      gate.getNormalize(), gate.getDetachDivisor(),
                      /*scale=*/FloatAttr());
    rewriter.modifyOpInPlace(op, [&] { op.setGateAttr(plain); });
    return success();
  }
};
} // namespace

void LayerOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                          MLIRContext *context) {
  patterns.add<DropZeroPosition<LayerOp>, DropTrueMask<LayerOp>,
               DropZeroMask<LayerOp>, DropFalseSkip<LayerOp>,
               DropUnitGateScale<LayerOp>>(context);
}

void RouteOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                          MLIRContext *context) {
  patterns.add<DropFalseSkip<RouteOp>, DropUnitGateScale<RouteOp>>(context);
}

void RouterOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<DropFalseSkip<RouterOp>, DropUnitGateScale<RouterOp>>(context);
}

void AttentionOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<DropZeroPosition<AttentionOp>, DropTrueMask<AttentionOp>,
               DropZeroMask<AttentionOp>>(context);
}

void RoutedAttentionOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                    MLIRContext *context) {
  patterns
      .add<DropZeroPosition<RoutedAttentionOp>, DropTrueMask<RoutedAttentionOp>,
           DropZeroMask<RoutedAttentionOp>>(context);
}

void RotaryOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<DropZeroPosition<RotaryOp>>(context);
}

void KeyValueOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                             MLIRContext *context) {
  patterns.add<DropZeroPosition<KeyValueOp>>(context);
}

void GroupedMatmulOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                  MLIRContext *context) {
  patterns.add<DropZeroPosition<GroupedMatmulOp>>(context);
}

void SlotMatmulOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                               MLIRContext *context) {
  patterns.add<DropZeroPosition<SlotMatmulOp>>(context);
}

void DenseMatmulOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                MLIRContext *context) {
  patterns.add<DropZeroPosition<DenseMatmulOp>, DropFalseSkip<DenseMatmulOp>>(
      context);
}

void CombineOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                            MLIRContext *context) {
  patterns.add<DropFalseSkip<CombineOp>>(context);
}

LogicalResult CombineOp::fold(FoldAdaptor,
                              SmallVectorImpl<OpFoldResult> &results) {
  if (isOnBuffers(*this))
    return failure();
  bool isOneSlot = cast<ShapedType>(getGates().getType()).getDimSize(1) == 1;
  if (!isOneSlot || getBias() || getSkip() || getResidual() ||
      getSlots().getType() != getResult().getType() ||
      !isSplatOfFloat(getGates(), 1.0))
    return failure();
  results.push_back(getSlots());
  return success();
}
