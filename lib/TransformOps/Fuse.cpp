//===- Fuse.cpp - Fusions as transform ops --------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Transforms/Fuse.h"

#include "Refusal.h"
#include "moa/IR/Buffers.h"
#include "moa/TransformOps/MoaTransformOps.h"
#include "moa/Utils/Listeners.h"

using namespace mlir;
using namespace moa;
using transform::ApplyToEachResultList;
using transform::TransformRewriter;
using transform::TransformState;

/// Fuse `target` by `rewrite`; what is refused is a failure with its reason.
template <typename OpTy, typename Rewrite>
static DiagnosedSilenceableFailure
fuse(Operation *transformOp, RewriterBase &rewriter, OpTy target,
     ApplyToEachResultList &results, Rewrite rewrite) {
  if (isOnBuffers(target))
    return refuse(transformOp, target,
                  "ops are fused on tensors, this one is on buffers");
  ReasonListener listener(rewriter.getListener());
  IRRewriter local(rewriter.getContext(), &listener);
  auto fused = rewrite(local, target);
  if (failed(fused))
    return refuse(transformOp, target, listener.reason);
  results.push_back(*fused);
  return DiagnosedSilenceableFailure::success();
}

DiagnosedSilenceableFailure transform::MoaFuseRouterOp::applyToOne(
    TransformRewriter &rewriter, RouteOp target, ApplyToEachResultList &results,
    TransformState &) {
  return fuse(*this, rewriter, target, results, fuseRouter);
}

DiagnosedSilenceableFailure
transform::MoaFuseLossOp::apply(TransformRewriter &rewriter,
                                transform::TransformResults &results,
                                TransformState &state) {
  // A router with one loss more is another op: who has it already keeps the
  // last one.
  llvm::SetVector<Operation *> routers;
  SmallVector<Diagnostic> refusals;
  for (Operation *target : llvm::to_vector(state.getPayloadOps(getTarget()))) {
    Operation *router = target->getNumOperands() == 0
                            ? nullptr
                            : target->getOperand(0).getDefiningOp();
    ApplyToEachResultList fused;
    DiagnosedSilenceableFailure outcome =
        fuse(*this, rewriter, target, fused, fuseLoss);
    if (!outcome.succeeded()) {
      outcome.takeDiagnostics(refusals);
      continue;
    }
    routers.remove(router);
    routers.insert(cast<Operation *>(*fused.begin()));
  }
  results.set(getOperation()->getOpResult(0), routers.getArrayRef());
  if (!refusals.empty())
    return DiagnosedSilenceableFailure::silenceableFailure(std::move(refusals));
  return DiagnosedSilenceableFailure::success();
}

DiagnosedSilenceableFailure transform::MoaFuseKeyValueOp::applyToOne(
    TransformRewriter &rewriter, AttentionOp target,
    ApplyToEachResultList &results, TransformState &) {
  return fuse(*this, rewriter, target, results, fuseKeyValue);
}

void transform::MoaFuseKeyValueOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  onlyReadsHandle(getTargetMutable(), effects);
  producesHandle(getOperation()->getOpResults(), effects);
  modifiesPayload(effects);
}

DiagnosedSilenceableFailure transform::MoaFuseRotaryOp::applyToOne(
    TransformRewriter &rewriter, RotaryOp target,
    ApplyToEachResultList &results, TransformState &) {
  return fuse(*this, rewriter, target, results, fuseRotary);
}

DiagnosedSilenceableFailure transform::MoaFuseResidualOp::applyToOne(
    TransformRewriter &rewriter, arith::AddFOp target,
    ApplyToEachResultList &results, TransformState &) {
  return fuse(*this, rewriter, target, results, fuseResidual);
}

DiagnosedSilenceableFailure transform::MoaFuseQueryProjectionOp::applyToOne(
    TransformRewriter &rewriter, AttentionOp target,
    ApplyToEachResultList &results, TransformState &) {
  QueryFusion when = getWhereProfitable() ? QueryFusion::Auto : QueryFusion::On;
  return fuse(*this, rewriter, target, results,
              [when](RewriterBase &rewriter, AttentionOp attention) {
                return fuseQueryProjection(rewriter, attention, when);
              });
}

DiagnosedSilenceableFailure transform::MoaFuseUnorderedCombineOp::applyToOne(
    TransformRewriter &rewriter, CombineOp target,
    ApplyToEachResultList &results, TransformState &) {
  return fuse(*this, rewriter, target, results, fuseUnorderedCombine);
}
