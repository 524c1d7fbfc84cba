//===- QueryProjection.cpp - Queries projected by attention ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelChoices.h"
#include "Reshapes.h"
#include "moa/Transforms/Fuse.h"

using namespace mlir;
using namespace moa;

/// Whether every slot of the permutation is in a group: no token is skipped.
static bool isEverySlotRouted(Value permutation) {
  auto dispatch = permutation.getDefiningOp<DispatchOp>();
  if (!dispatch)
    return false;
  Operation *routing = dispatch.getIndices().getDefiningOp();
  if (auto route = dyn_cast_if_present<RouteOp>(routing))
    return !route.getSkip();
  if (auto router = dyn_cast_if_present<RouterOp>(routing))
    return !router.getSkip();
  return false;
}

/// Whether `value` is read by none but products of the slots of `permutation`,
/// perhaps through reshapes.
static bool isReadByGroups(Value value, Value permutation) {
  return llvm::all_of(value.getUses(), [&](OpOperand &use) {
    Operation *user = use.getOwner();
    if (isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(user))
      return isReadByGroups(user->getResult(0), permutation);
    auto product = dyn_cast<GroupedMatmulOp>(user);
    return product && product.getInputRows() == RowMap::Slot &&
           product.getPermutation() == permutation &&
           &use == &product.getInputMutable();
  });
}

/// Whether the rotation of the product's rows is the one that attention's
/// positions ask for.
static LogicalResult checkRotation(RewriterBase &rewriter,
                                   AttentionOp attention,
                                   GroupedMatmulOp product) {
  if (!product.getRotary())
    return success();
  if (product.getPosition() != attention.getPosition())
    return rewriter.notifyMatchFailure(
        attention, "the queries are rotated at other positions than attention "
                   "has");
  int64_t length = getTensorType(attention.getInit()).getDimSize(1);
  std::optional<int64_t> rotated = getConstantIntValue(product.getLength());
  if (rotated && !ShapedType::isDynamic(length) && *rotated == length)
    return success();
  // A dynamic length is one value: that to which the rows are expanded.
  for (Operation *op : Reshapes(attention.getQuery()).ops)
    if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op))
      if (expand.getMixedOutputShape()[1] == OpFoldResult(product.getLength()))
        return success();
  return rewriter.notifyMatchFailure(
      attention, "the queries are rotated in sequences of another length than "
                 "attention has");
}

/// The queries of a tile on a GPU: see isQueryFusionProfitable.
static constexpr int64_t kTileQueries = 64;

LogicalResult moa::isQueryFusionProfitable(RewriterBase &rewriter,
                                           AttentionOp attention,
                                           GroupedMatmulOp product) {
  auto refuse = [&](const Twine &reason) {
    return rewriter.notifyMatchFailure(attention, "not profitable: " + reason);
  };
  if (attention.getCausal() || attention.getWindow())
    return refuse("tiles of one expert's tokens span more positions, of which "
                  "masks hide fewer whole tiles");
  int64_t length = getTensorType(attention.getInit()).getDimSize(1);
  int64_t experts = getTensorType(product.getWeights()).getDimSize(0);
  if (ShapedType::isDynamic(length) || ShapedType::isDynamic(experts))
    return refuse("the number of tokens or experts is unknown");
  int64_t tokens = experts ? length * *product.getTopK() / experts : 0;
  if (tokens < kTileQueries)
    return refuse("an expert has " + Twine(tokens) +
                  " tokens of a sequence on average, a tile " +
                  Twine(kTileQueries));
  return success();
}

FailureOr<RoutedAttentionOp> moa::fuseQueryProjection(RewriterBase &rewriter,
                                                      AttentionOp attention,
                                                      QueryFusion when) {
  auto refuse = [&](const char *reason) {
    return rewriter.notifyMatchFailure(attention, reason);
  };
  if (!getKernelChoices(attention).empty())
    return refuse("attention asks for tiles, which the fused op cannot have");
  Reshapes reshapes(attention.getQuery());
  auto product = reshapes.source.getDefiningOp<GroupedMatmulOp>();
  if (!product || product.getInputRows() != RowMap::Token ||
      product.getResultRows() != RowMap::Slot || product.getGates())
    return refuse("the queries are not computed by moa.grouped_matmul from "
                  "token order to slot order");
  if (product->getBlock() != attention->getBlock())
    return refuse("the queries are computed in another block");
  if (!getKernelChoices(product).empty())
    return refuse(kTilesWouldBeLost);
  if (!reshapes.isOnlyUse())
    return refuse("the queries are also read by others");
  FailureOr<int64_t> heads =
      getHeadsPerSlot(reshapes.source, reshapes.value, *product.getTopK());
  if (failed(heads) || *heads != static_cast<int64_t>(attention.getHeads()))
    return refuse("the heads of a slot are not known to be those of attention");
  if (getElementTypeOrSelf(product.getInput()) !=
      getElementTypeOrSelf(attention.getKey()))
    return refuse("the tokens have another element type than the keys");
  if (failed(checkRotation(rewriter, attention, product)))
    return failure();
  if (!isEverySlotRouted(product.getPermutation()) &&
      (attention.getLse() ||
       !isReadByGroups(attention.getResult(), product.getPermutation())))
    return refuse("results of skipped tokens, which would be unspecified, are "
                  "read");
  if (when == QueryFusion::Auto &&
      failed(isQueryFusionProfitable(rewriter, attention, product)))
    return failure();

  rewriter.setInsertionPoint(attention);
  auto fused = RoutedAttentionOp::create(
      rewriter, attention.getLoc(), attention->getResultTypes(),
      product.getInput(), product.getWeights(), product.getOffsets(),
      product.getPermutation(), attention.getKey(), attention.getValue(),
      attention.getPosition(), attention.getLengths(),
      attention.getBooleanMask(), attention.getAdditiveMask(),
      attention.getInit(), attention.getLseInit(), product.getTopKAttr(),
      attention.getHeadsAttr(), attention.getHeadMapAttr(),
      attention.getScoreAttr(), attention.getCausalAttr(),
      attention.getWindowAttr(), attention.getScaleAttr(),
      product.getRotaryAttr(), product.getTransposedAttr());
  rewriter.replaceOp(attention, fused->getResults());
  reshapes.eraseUnused(rewriter);
  return fused;
}
