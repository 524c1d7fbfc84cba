//===- Router.cpp - Router product and choice of experts ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelChoices.h"
#include "Reshapes.h"
#include "mlir/IR/Dominance.h"
#include "moa/Transforms/Fuse.h"

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
      /*outs=*/ValueRange());
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
