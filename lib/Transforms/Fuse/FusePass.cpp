//===- FusePass.cpp - The pass that fuses moa ops -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "moa/Transforms/Fuse.h"
#include "moa/Transforms/Passes.h"
#include "moa/Utils/Listeners.h"
#include "moa/Utils/Remarks.h"

using namespace mlir;
using namespace moa;

namespace moa {
#define GEN_PASS_DEF_MOAFUSEPASS
#include "moa/Transforms/Passes.h.inc"
} // namespace moa

namespace {
struct MoaFusePass : moa::impl::MoaFusePassBase<MoaFusePass> {
  using MoaFusePassBase::MoaFusePassBase;

  void runOnOperation() override;

private:
  template <typename OpTy>
  void rewriteAll(StringRef name, Statistic &statistic,
                  function_ref<LogicalResult(RewriterBase &, OpTy)> rewrite,
                  function_ref<bool(OpTy)> isCandidate = nullptr);
  template <typename LossOp> void rewriteLosses() {
    rewriteAll<LossOp>("loss", numLoss, fuseLoss);
  }
};
} // namespace

/// Try `rewrite` on every op of a kind that is a candidate. What became of it
/// is a remark, at the op, in the category of the pass.
template <typename OpTy>
void MoaFusePass::rewriteAll(
    StringRef name, Statistic &statistic,
    function_ref<LogicalResult(RewriterBase &, OpTy)> rewrite,
    function_ref<bool(OpTy)> isCandidate) {
  SmallVector<OpTy> ops;
  getOperation()->walk([&](OpTy op) {
    if (!isOnBuffers(op))
      ops.push_back(op);
  });
  for (OpTy op : ops) {
    if (isCandidate && !isCandidate(op))
      continue;
    Location loc = op->getLoc();
    remark::RemarkOpts options = getRemarkOptions(op, name, getArgument());
    ReasonListener listener;
    IRRewriter rewriter(op->getContext(), &listener);
    if (succeeded(rewrite(rewriter, op))) {
      ++statistic;
      remark::passed(loc, options) << "fused";
    } else {
      remark::missed(loc, options) << listener.reason;
    }
  }
}

void MoaFusePass::runOnOperation() {
  rewriteAll<RouteOp>("router", numRouter, fuseRouter);
  // After the choice, whose op takes them.
  rewriteLosses<BalanceLossOp>();
  rewriteLosses<ZLossOp>();
  rewriteLosses<MutualLossOp>();
  rewriteAll<AttentionOp>("key-value", numKeyValue, fuseKeyValue);
  // After keys: their rotation goes with their product.
  rewriteAll<RotaryOp>("rotary", numRotary, fuseRotary);
  rewriteAll<arith::AddFOp>(
      "residual", numResidual,
      [](RewriterBase &rewriter, arith::AddFOp add) -> LogicalResult {
        return fuseResidual(rewriter, add);
      },
      addsToSlotSum);
  // After rotary positions, which are part of the queries.
  if (fuseQueryProjection != QueryFusion::Off)
    rewriteAll<AttentionOp>("query-projection", numQueryProjection,
                            [&](RewriterBase &rewriter, AttentionOp attention) {
                              return moa::fuseQueryProjection(
                                  rewriter, attention, fuseQueryProjection);
                            });
  // After residuals, which the sum starts from.
  if (unorderedCombine)
    rewriteAll<CombineOp>("combine", numCombine, fuseUnorderedCombine);
}
