//===- MoaToLinalg.cpp - Primitives to upstream dialects ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Conversion/MoaToLinalg.h"
#include "moa/Conversion/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

using namespace mlir;
using namespace moa;

namespace moa {
#define GEN_PASS_DEF_CONVERTMOATOLINALGPASS
#include "moa/Conversion/Passes.h.inc"
} // namespace moa

/// Rewrite an op on buffers to the op on tensors, between reads of its operands
/// and a write of each result to its destination. Bufferization makes that the
/// same in place.
///
/// A read of a buffer is a tensor that does not change, and equal reads are
/// one: true of the operands of one op, for its destinations overlap no other
/// operand, but not of two ops, which may write what the other reads. So each
/// op gets a region, out of which no read is moved and in which none is reused.
static void moveToTensors(RewriterBase &rewriter, BufferOpInterface op) {
  rewriter.setInsertionPoint(op);
  auto region = scf::ExecuteRegionOp::create(
      rewriter, op.getLoc(), /*resultTypes=*/TypeRange(), /*no_inline=*/true);
  rewriter.createBlock(&region.getRegion());
  SmallVector<Value> buffers =
      llvm::to_vector(OperandRange(op.getDestinationsMutable()));
  SmallVector<Value> operands;
  for (Value operand : op->getOperands()) {
    auto buffer = dyn_cast<MemRefType>(operand.getType());
    operands.push_back(
        buffer ? bufferization::ToTensorOp::create(
                     rewriter, op.getLoc(),
                     memref::getTensorTypeFromMemRefType(buffer), operand,
                     /*restrict=*/true,
                     /*writable=*/llvm::is_contained(buffers, operand))
               : operand);
  }
  SmallVector<Type> types;
  for (Value buffer : buffers)
    types.push_back(memref::getTensorTypeFromMemRefType(buffer.getType()));
  auto onTensors =
      cast<BufferOpInterface>(mlir::clone(rewriter, op, types, operands));
  // Without inits, the results are new tensors.
  if (!isa<DestinationStyleOpInterface>(op.getOperation()))
    onTensors.getDestinationsMutable().clear();
  for (auto [result, buffer] : llvm::zip(onTensors->getResults(), buffers))
    bufferization::MaterializeInDestinationOp::create(
        rewriter, op.getLoc(), /*result=*/Type(), result, buffer,
        /*restrict=*/true, /*writable=*/true);
  scf::YieldOp::create(rewriter, op.getLoc());
  rewriter.eraseOp(op);
}

namespace {
/// Replaces an op by what its lowering function builds.
template <typename OpTy, Values (*lower)(ImplicitLocOpBuilder &, OpTy,
                                         const MoaToLinalgOptions &)>
struct Lowering : OpRewritePattern<OpTy> {
  Lowering(MLIRContext *context, const MoaToLinalgOptions &options)
      : OpRewritePattern<OpTy>(context), options(options) {}

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (options.runtimeChecks)
      emitSizeChecks(rewriter, op);
    rewriter.modifyOpInPlace(op, [&] { refineOperands(rewriter, op); });
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Values results = lower(b, op, options);
    // Static sizes that the lowering found out, and the op's type did not say,
    // are hidden again.
    for (auto [value, result] : llvm::zip(results, op->getResults()))
      if (value.getType() != result.getType())
        value = tensor::CastOp::create(b, result.getType(), value);
    rewriter.replaceOp(op, results);
    return success();
  }

  MoaToLinalgOptions options;
};

struct ConvertMoaToLinalgPass
    : moa::impl::ConvertMoaToLinalgPassBase<ConvertMoaToLinalgPass> {
  using ConvertMoaToLinalgPassBase::ConvertMoaToLinalgPassBase;

  void runOnOperation() override {
    MoaToLinalgOptions options;
    options.runtimeChecks = runtimeChecks;
    SmallVector<BufferOpInterface> onBuffers;
    getOperation()->walk([&](BufferOpInterface op) {
      if (isOnBuffers(op))
        onBuffers.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (BufferOpInterface op : onBuffers)
      moveToTensors(rewriter, op);
    // A walk does not see the ops that its rewrites create.
    RewritePatternSet expansions(&getContext());
    populateExpandFusedPatterns(expansions, options);
    walkAndApplyPatterns(getOperation(), std::move(expansions));
    RewritePatternSet patterns(&getContext());
    populateMoaToLinalgPatterns(patterns, options);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
    auto result = getOperation()->walk([](Operation *op) {
      if (!isa_and_nonnull<MoaDialect>(op->getDialect()))
        return WalkResult::advance();
      op->emitOpError("is not a primitive: run moa-decompose first");
      return WalkResult::interrupt();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace

void moa::populateExpandFusedPatterns(RewritePatternSet &patterns,
                                      const MoaToLinalgOptions &options) {
  patterns.add<Lowering<RoutedAttentionOp, expandRoutedAttention>>(
      patterns.getContext(), options);
}

void moa::populateMoaToLinalgPatterns(RewritePatternSet &patterns,
                                      const MoaToLinalgOptions &options) {
  patterns.add<
      Lowering<RouteOp, lowerRoute>, Lowering<RouterOp, lowerRouter>,
      Lowering<DispatchOp, lowerDispatch>, Lowering<MatmulOp, lowerMatmul>,
      Lowering<KeyValueOp, lowerKeyValue>,
      Lowering<DenseMatmulOp, lowerDenseMatmul>,
      Lowering<GroupedMatmulOp, lowerGroupedMatmul>,
      Lowering<SlotMatmulOp, lowerSlotMatmul>,
      Lowering<AttentionOp, lowerAttention>, Lowering<RotaryOp, lowerRotary>,
      Lowering<CombineOp, lowerCombine>,
      Lowering<BalanceLossOp, lowerBalanceLoss>, Lowering<ZLossOp, lowerZLoss>,
      Lowering<MutualLossOp, lowerMutualLoss>>(patterns.getContext(), options);
}
