//===- Router.cpp - Router product, choice of experts and losses ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelChoices.h"
#include "Reshapes.h"
#include "mlir/IR/Dominance.h"
#include "moa/Transforms/Fuse.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace moa;

FailureOr<RouterOp> moa::fuseRouter(RewriterBase &rewriter, RouteOp route) {
  Value logits = route.getLogits();
  if (logits.getDefiningOp<RouterOp>())
    return rewriter.notifyMatchFailure(
        route, "the logits are those of a router already");
  auto product = logits.getDefiningOp<MatmulOp>();
  if (!product)
    return rewriter.notifyMatchFailure(
        route, "the logits are not computed by moa.matmul");
  if (product->getBlock() != route->getBlock())
    return rewriter.notifyMatchFailure(
        route, "the logits are computed in another block");
  if (!getKernelChoices(product).empty())
    return rewriter.notifyMatchFailure(route, kTilesWouldBeLost);
  unsigned expertsDim = product.getTransposed() ? 0 : 1;
  if (getTensorType(product.getWeights()).isDynamicDim(expertsDim))
    return rewriter.notifyMatchFailure(
        route, "the weights have an unknown number of experts");
  // The router stands where the choice stands: its operands may not be known
  // before.
  DominanceInfo dominance(route->getParentOp());
  for (Operation *user : logits.getUsers())
    if (user != route && !dominance.properlyDominates(route, user))
      return rewriter.notifyMatchFailure(
          route, "the logits are read before the experts are chosen");

  rewriter.setInsertionPoint(route);
  auto router = RouterOp::create(
      rewriter, route.getLoc(), product.getInput(), product.getWeights(),
      route.getSelectionBias(), route.getSkip(), route.getTopKAttr(),
      route.getGateAttr(), route.getAllAttr(), product.getTransposedAttr(),
      LossAttr::get(route.getContext(), Loss::None), /*outs=*/ValueRange());
  auto castTo = [&](Value value, Value old) -> Value {
    if (value.getType() == old.getType())
      return value;
    return tensor::CastOp::create(rewriter, route.getLoc(), old.getType(),
                                  value);
  };
  Value newLogits = castTo(router.getLogits(), logits);
  Value indices = castTo(router.getIndices(), route.getIndices());
  Value gates = castTo(router.getGates(), route.getGates());
  rewriter.replaceOp(route, {indices, gates});
  rewriter.replaceOp(product, newLogits);
  return router;
}

//===----------------------------------------------------------------------===//
// Losses
//===----------------------------------------------------------------------===//

/// Which loss an op is, None for other ops.
static Loss getLoss(Operation *op) {
  return TypeSwitch<Operation *, Loss>(op)
      .Case([](BalanceLossOp) { return Loss::Balance; })
      .Case([](ZLossOp) { return Loss::Z; })
      .Case([](MutualLossOp) { return Loss::Mutual; })
      .Default(Loss::None);
}

FailureOr<RouterOp> moa::fuseLoss(RewriterBase &rewriter, Operation *op) {
  Loss loss = getLoss(op);
  if (loss == Loss::None)
    return rewriter.notifyMatchFailure(op, "it is no loss of a router");
  Value logits = op->getOperand(0), indices = op->getOperand(1);
  auto router = logits.getDefiningOp<RouterOp>();
  if (!router || logits != router.getLogits())
    return rewriter.notifyMatchFailure(
        op, "the logits are not computed by moa.router");
  if (indices != router.getIndices())
    return rewriter.notifyMatchFailure(
        op, "the indices are not those of the logits' router");
  auto activation = op->getAttrOfType<ActivationAttr>("activation");
  if (activation && activation.getValue() != router.getGate().getActivation())
    return rewriter.notifyMatchFailure(
        op, "the loss has another activation than the gate");

  if (Value value = router.getLoss(loss)) {
    rewriter.replaceOp(op, value);
    return router;
  }
  rewriter.setInsertionPoint(router);
  auto extended = RouterOp::create(
      rewriter, router.getLoc(), router.getInput(), router.getWeights(),
      router.getSelectionBias(), router.getSkip(), router.getTopKAttr(),
      router.getGateAttr(), router.getAllAttr(), router.getTransposedAttr(),
      LossAttr::get(op->getContext(), router.getLosses() | loss),
      /*outs=*/ValueRange());
  extended->setDiscardableAttrs(router->getDiscardableAttrDictionary());
  rewriter.replaceOp(op, extended.getLoss(loss));
  SmallVector<Value> results = {extended.getLogits(), extended.getIndices(),
                                extended.getGates()};
  for (Loss other : listLosses(router.getLosses()))
    results.push_back(extended.getLoss(other));
  rewriter.replaceOp(router, results);
  return extended;
}
