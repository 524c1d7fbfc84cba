//===- Layers.cpp - Decomposition as a transform op -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/TransformOps/MoaTransformOps.h"

#include "Refusal.h"
#include "moa/Transforms/Decompose.h"

using namespace mlir;
using namespace moa;

namespace {
/// Keeps the moa ops that are created.
struct PrimitiveListener : RewriterBase::ForwardingListener {
  using ForwardingListener::ForwardingListener;

  void notifyOperationInserted(Operation *op,
                               OpBuilder::InsertPoint previous) override {
    ForwardingListener::notifyOperationInserted(op, previous);
    if (isa_and_nonnull<MoaDialect>(op->getDialect()))
      primitives.push_back(op);
  }

  SmallVector<Operation *> primitives;
};
} // namespace

DiagnosedSilenceableFailure
transform::MoaDecomposeOp::apply(TransformRewriter &rewriter,
                                 TransformResults &results,
                                 TransformState &state) {
  SmallVector<LayerOp> layers;
  for (Operation *target : state.getPayloadOps(getTarget())) {
    auto layer = dyn_cast<LayerOp>(target);
    if (!layer) {
      results.set(getOperation()->getResult(0), ArrayRef<Operation *>());
      return refuseKind(*this, target, "only moa.layer can be decomposed");
    }
    layers.push_back(layer);
  }

  PrimitiveListener listener(rewriter.getListener());
  IRRewriter local(rewriter.getContext(), &listener);
  for (LayerOp layer : layers) {
    local.setInsertionPoint(layer);
    ImplicitLocOpBuilder b(layer.getLoc(), local);
    if (!getWithoutChecks())
      emitSizeChecks(b, layer);
    local.replaceOp(layer, decomposeLayer(b, layer));
  }
  results.set(getOperation()->getResult(0), listener.primitives);
  return DiagnosedSilenceableFailure::success();
}
