//===- LegalizeMaskedAccesses.cpp - Narrow floats under a mask ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Transforms/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

using namespace mlir;

namespace moa {
#define GEN_PASS_DEF_MOALEGALIZEMASKEDACCESSESPASS
#include "moa/Transforms/Passes.h.inc"
} // namespace moa

/// The vector of integers as wide as the elements of `type`; null unless these
/// are floats of 16 bits.
static VectorType getBits(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  if (!vector || !isa<BFloat16Type, Float16Type>(vector.getElementType()))
    return VectorType();
  return vector.clone(IntegerType::get(type.getContext(), 16));
}

namespace {
struct LoadBits : OpRewritePattern<LLVM::MaskedLoadOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(LLVM::MaskedLoadOp op,
                                PatternRewriter &rewriter) const override {
    VectorType bits = getBits(op.getType());
    if (!bits)
      return rewriter.notifyMatchFailure(op, "loads no floats of 16 bits");
    Location loc = op.getLoc();
    Value passThrough = op.getPassThru();
    if (passThrough)
      passThrough = LLVM::BitcastOp::create(rewriter, loc, bits, passThrough);
    Value loaded = LLVM::MaskedLoadOp::create(
        rewriter, loc, bits, op.getData(), op.getMask(), passThrough,
        op.getAlignment(), op.getNontemporal());
    rewriter.replaceOpWithNewOp<LLVM::BitcastOp>(op, op.getType(), loaded);
    return success();
  }
};

struct StoreBits : OpRewritePattern<LLVM::MaskedStoreOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(LLVM::MaskedStoreOp op,
                                PatternRewriter &rewriter) const override {
    VectorType bits = getBits(op.getValue().getType());
    if (!bits)
      return rewriter.notifyMatchFailure(op, "stores no floats of 16 bits");
    Value value =
        LLVM::BitcastOp::create(rewriter, op.getLoc(), bits, op.getValue());
    rewriter.replaceOpWithNewOp<LLVM::MaskedStoreOp>(
        op, value, op.getData(), op.getMask(), op.getAlignment());
    return success();
  }
};

struct MoaLegalizeMaskedAccessesPass
    : moa::impl::MoaLegalizeMaskedAccessesPassBase<
          MoaLegalizeMaskedAccessesPass> {
  using MoaLegalizeMaskedAccessesPassBase::MoaLegalizeMaskedAccessesPassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<LoadBits, StoreBits>(&getContext());
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace
