//===- Canonicalization.cpp - Folders and canonicalisations ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operands that change nothing are dropped: a position of 0, masks that hide
// nothing, a skip that skips nobody. Constants count where they are splats, and
// stay where their sizes are compared at run time.
// Casts that hide sizes move from operands to results; ops in destination style
// have that from upstream.
//
//===----------------------------------------------------------------------===//

#include "Checks.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

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
    if (!isRedundant(op, op.getBooleanMask()))
      return rewriter.notifyMatchFailure(op, "sizes not known to match");
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
    if (!isRedundant(op, op.getAdditiveMask()))
      return rewriter.notifyMatchFailure(op, "sizes not known to match");
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
    if (!isRedundant(op, op.getSkip()))
      return rewriter.notifyMatchFailure(op, "sizes not known to match");
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

namespace {
/// An op whose types hide sizes of what it reads is one that knows them.
template <typename OpTy> struct FoldCasts : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      auto cast = operand.getDefiningOp<tensor::CastOp>();
      bool hides = cast && tensor::canFoldIntoConsumerOp(cast);
      operands.push_back(hides ? cast.getSource() : operand);
    }
    if (llvm::equal(operands, op->getOperands()))
      return rewriter.notifyMatchFailure(op, "no cast that hides sizes");
    Operation *refined = op->clone();
    refined->setOperands(operands);
    SmallVector<Type> types;
    // What cannot be is an error at run time.
    if (!sizesMatch(refined) ||
        failed(OpTy::inferReturnTypes(op->getContext(), op->getLoc(), operands,
                                      refined->getAttrDictionary(),
                                      refined->getPropertiesStorage(),
                                      refined->getRegions(), types))) {
      refined->destroy();
      return rewriter.notifyMatchFailure(op, "sizes that do not match");
    }
    for (auto [result, type] : llvm::zip_equal(refined->getResults(), types))
      result.setType(type);
    rewriter.insert(refined);
    SmallVector<Value> results;
    for (auto [result, known] :
         llvm::zip_equal(op->getResults(), refined->getResults()))
      results.push_back(result.getType() == known.getType()
                            ? Value(known)
                            : tensor::CastOp::create(rewriter, op->getLoc(),
                                                     result.getType(), known));
    rewriter.replaceOp(op, results);
    return success();
  }
};

/// One slot of gate 1 is its slot.
struct DropLoneSlot : OpRewritePattern<CombineOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(CombineOp op,
                                PatternRewriter &rewriter) const override {
    if (isOnBuffers(op) || op.getBias() || op.getSkip() || op.getResidual() ||
        getDim(op.getGates(), 1) != 1 || !isFilledWith(op.getGates(), 1.0))
      return rewriter.notifyMatchFailure(op, "more than a slot of gate 1");
    Value slots = op.getSlots();
    Type type = op.getResult().getType();
    if (getElementTypeOrSelf(slots.getType()) != getElementTypeOrSelf(type))
      return rewriter.notifyMatchFailure(op, "slots are rounded");
    // Otherwise that they differ is an error at run time.
    if (!isSameSize(slots, 0, op.getGates(), 0) ||
        !isSameSize(slots, 0, op.getInit(), 0) ||
        !isSameSize(slots, 1, op.getInit(), 1))
      return rewriter.notifyMatchFailure(op, "sizes not known to match");
    if (slots.getType() != type)
      slots = tensor::CastOp::create(rewriter, op.getLoc(), type, slots);
    rewriter.replaceOp(op, slots);
    return success();
  }

private:
  /// Whether every entry of `value` is known to be `entry`.
  static bool isFilledWith(Value value, double entry) {
    if (auto cast = value.getDefiningOp<tensor::CastOp>())
      return isFilledWith(cast.getSource(), entry);
    FloatAttr constant;
    if (auto fill = value.getDefiningOp<linalg::FillOp>())
      return matchPattern(fill.getInputs().front(), m_Constant(&constant)) &&
             constant.getValueAsDouble() == entry;
    return isSplatOfFloat(value, entry);
  }

  static bool isSameSize(Value a, int64_t aDim, Value b, int64_t bDim) {
    int64_t size = getDim(a, aDim);
    if (!ShapedType::isDynamic(size) && size == getDim(b, bDim))
      return true;
    FailureOr<bool> equal =
        ValueBoundsConstraintSet::areEqual({a, aDim}, {b, bDim});
    return succeeded(equal) && *equal;
  }
};
} // namespace

void LayerOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                          MLIRContext *context) {
  patterns.add<DropZeroPosition<LayerOp>, DropTrueMask<LayerOp>,
               DropZeroMask<LayerOp>, DropFalseSkip<LayerOp>,
               DropUnitGateScale<LayerOp>, FoldCasts<LayerOp>>(context);
}

void RouteOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                          MLIRContext *context) {
  patterns.add<DropFalseSkip<RouteOp>, DropUnitGateScale<RouteOp>,
               FoldCasts<RouteOp>>(context);
}

void DispatchOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                             MLIRContext *context) {
  patterns.add<FoldCasts<DispatchOp>>(context);
}

void BalanceLossOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                MLIRContext *context) {
  patterns.add<FoldCasts<BalanceLossOp>>(context);
}

void ZLossOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                          MLIRContext *context) {
  patterns.add<FoldCasts<ZLossOp>>(context);
}

void MutualLossOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                               MLIRContext *context) {
  patterns.add<FoldCasts<MutualLossOp>>(context);
}

void RouterOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<DropFalseSkip<RouterOp>, DropUnitGateScale<RouterOp>,
               FoldCasts<RouterOp>>(context);
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
  patterns.add<DropZeroPosition<RotaryOp>, FoldCasts<RotaryOp>>(context);
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
  patterns.add<DropFalseSkip<CombineOp>, DropLoneSlot>(context);
}
