//===- RoutingOps.cpp - Route, dispatch and the losses of a router --------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Checks.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace moa;

/// top_k is a number of experts, and all of them under `all`.
template <typename OpTy>
static LogicalResult checkChoice(OpTy op, int64_t experts) {
  int64_t topK = op.getTopK();
  if (failed(checkTopK(op, topK, experts)))
    return failure();
  if (op.getAll() && topK != experts)
    return op.emitOpError()
           << "all needs top_k (" << topK << ") to be the number of experts ("
           << experts << ")";
  return success();
}

//===----------------------------------------------------------------------===//
// RouteOp
//===----------------------------------------------------------------------===//

void RouteOp::listSizes(SizeList &sizes) {
  // C4
  sizes.add("E", getLogits(), "logits", 1);
  sizes.add("E", getSelectionBias(), "selection_bias", 0);
  // C5
  sizes.add("N", getLogits(), "logits", 0);
  sizes.add("N", getSkip(), "skip", 0);
}

LogicalResult RouteOp::verifyOperands() {
  // C1
  if (failed(checkStatic(*this, {"logits", getLogits()}, 1,
                         "the number of experts")))
    return failure();
  // C2
  // C3
  return checkChoice(*this, getDim(getLogits(), 1));
}

// C6
LogicalResult RouteOp::inferReturnTypes(MLIRContext *context,
                                        std::optional<Location> loc,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  if (!isShapedOperand(adaptor.getODSOperands(0), 2) ||
      !adaptor.getProperties().top_k)
    return emitIncomplete(loc, getOperationName());
  SmallVector<int64_t> shape = {getDim(adaptor.getLogits(), 0),
                                sizeOrDynamic(adaptor.getTopK())};
  types.push_back(RankedTensorType::get(shape, IntegerType::get(context, 32)));
  types.push_back(RankedTensorType::get(shape, Float32Type::get(context)));
  return success();
}

LogicalResult RouteOp::reifyResultShapes(OpBuilder &b,
                                         ReifiedRankedShapedTypeDims &shapes) {
  SmallVector<OpFoldResult> shape = {
      tensor::getMixedSize(b, getLoc(), getLogits(), 0),
      b.getIndexAttr(getTopK())};
  shapes.assign(2, shape);
  return success();
}

//===----------------------------------------------------------------------===//
// RouterOp
//===----------------------------------------------------------------------===//

/// The dimension of the weights that is E.
static unsigned getExpertsDim(bool transposed) { return transposed ? 0 : 1; }

SmallVector<Loss> moa::listLosses(Loss losses) {
  SmallVector<Loss> list;
  for (Loss loss : {Loss::Balance, Loss::Z, Loss::Mutual})
    if (bitEnumContainsAny(losses, loss))
      list.push_back(loss);
  return list;
}

/// Logits, indices and gates.
static constexpr unsigned kRouterResults = 3;

Value RouterOp::getLoss(Loss loss) {
  SmallVector<Loss> losses = listLosses(getLosses());
  auto *place = llvm::find(losses, loss);
  if (place == losses.end())
    return Value();
  return getResultOrNull(*this, kRouterResults + (place - losses.begin()));
}

void RouterOp::getAsmResultNames(OpAsmSetValueNameFn setName) {
  SmallVector<StringRef> names = {"logits", "indices", "gates"};
  SmallVector<std::string> losses;
  for (Loss loss : listLosses(getLosses()))
    losses.push_back(stringifyLoss(loss) + "_loss");
  llvm::append_range(names, losses);
  nameResults(*this, names, setName);
}

void RouterOp::listSizes(SizeList &sizes) {
  unsigned experts = getExpertsDim(getTransposed());
  // C4
  sizes.add("D", getInput(), "input", 1);
  sizes.add("D", getWeights(), "weights", 1 - experts);
  // C5
  sizes.add("E", getWeights(), "weights", experts);
  sizes.add("E", getSelectionBias(), "selection_bias", 0);
  // C6
  sizes.add("N", getInput(), "input", 0);
  sizes.add("N", getSkip(), "skip", 0);
}

LogicalResult RouterOp::verifyOperands() {
  unsigned dim = getExpertsDim(getTransposed());
  // C1
  if (failed(checkStatic(*this, {"weights", getWeights()}, dim,
                         "the number of experts")))
    return failure();
  // C2
  // C3
  if (failed(checkChoice(*this, getDim(getWeights(), dim))))
    return failure();
  // C7
  return checkElementTypes(*this, {"input", getInput()},
                           {{"weights", getWeights()}});
}

// C8
LogicalResult RouterOp::inferReturnTypes(MLIRContext *context,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  if (!isShapedOperand(adaptor.getODSOperands(0), 2) ||
      !isShapedOperand(adaptor.getODSOperands(1), 2) ||
      !adaptor.getProperties().top_k)
    return emitIncomplete(loc, getOperationName());
  Type f32 = Float32Type::get(context);
  int64_t tokens = getDim(adaptor.getInput(), 0);
  int64_t experts =
      getDim(adaptor.getWeights(), getExpertsDim(adaptor.getTransposed()));
  int64_t slots = sizeOrDynamic(adaptor.getTopK());
  types.push_back(RankedTensorType::get({tokens, experts}, f32));
  types.push_back(
      RankedTensorType::get({tokens, slots}, IntegerType::get(context, 32)));
  types.push_back(RankedTensorType::get({tokens, slots}, f32));
  types.append(listLosses(adaptor.getLosses()).size(),
               RankedTensorType::get({}, f32));
  return success();
}

LogicalResult RouterOp::reifyResultShapes(OpBuilder &b,
                                          ReifiedRankedShapedTypeDims &shapes) {
  OpFoldResult tokens = tensor::getMixedSize(b, getLoc(), getInput(), 0);
  OpFoldResult experts = tensor::getMixedSize(b, getLoc(), getWeights(),
                                              getExpertsDim(getTransposed()));
  OpFoldResult slots = b.getIndexAttr(getTopK());
  shapes = {{tokens, experts}, {tokens, slots}, {tokens, slots}};
  shapes.resize(kRouterResults + listLosses(getLosses()).size());
  return success();
}

//===----------------------------------------------------------------------===//
// DispatchOp
//===----------------------------------------------------------------------===//

void DispatchOp::listSizes(SizeList &sizes) {
  // C3
  int64_t slots = getDim(getIndices(), 1);
  sizes.limit(getIndices(), 0, 0, kMostSlots / slots,
              "'indices' holds too many slots (" +
                  describeDim(getIndices(), 0) + " * " + Twine(slots) +
                  "): an i32 counts up to " + Twine(kMostSlots));
}

LogicalResult DispatchOp::verifyOperands() {
  // C1
  if (failed(checkSlots(*this, {"indices", getIndices()})))
    return failure();
  // C2
  int64_t experts = getNumExperts();
  if (failed(checkPositive(*this, "experts", experts)))
    return failure();
  if (experts > kMostSlots)
    return emitOpError() << "experts (" << experts
                         << ") exceeds what an i32 counts (" << kMostSlots
                         << ")";
  return checkTopK(*this, getDim(getIndices(), 1), experts);
}

// C4
LogicalResult DispatchOp::inferReturnTypes(MLIRContext *context,
                                           std::optional<Location> loc,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  if (!isShapedOperand(adaptor.getOperands().take_front(1), 2) ||
      !adaptor.getProperties().num_experts)
    return emitIncomplete(loc, getOperationName());
  Type i32 = IntegerType::get(context, 32);
  int64_t offsets = sizeOrDynamic(adaptor.getNumExperts());
  if (!ShapedType::isDynamic(offsets))
    offsets = sizeOrDynamic(offsets + 1);
  int64_t slots = multiplySizes(getDim(adaptor.getIndices(), 0),
                                getDim(adaptor.getIndices(), 1));
  types.push_back(RankedTensorType::get({offsets}, i32));
  types.push_back(RankedTensorType::get({slots}, i32));
  return success();
}

LogicalResult
DispatchOp::reifyResultShapes(OpBuilder &b,
                              ReifiedRankedShapedTypeDims &shapes) {
  SmallVector<OpFoldResult> sizes = getSizes(b, getLoc(), getIndices());
  OpFoldResult slots = affine::makeComposedFoldedAffineApply(
      b, getLoc(), b.getAffineSymbolExpr(0) * b.getAffineSymbolExpr(1), sizes);
  shapes.push_back({b.getIndexAttr(getNumExperts() + 1)});
  shapes.push_back({slots});
  return success();
}

//===----------------------------------------------------------------------===//
// The losses
//===----------------------------------------------------------------------===//

template <typename LossOp>
static void listLossSizes(LossOp op, SizeList &sizes) {
  sizes.add("N", op.getLogits(), "logits", 0);
  sizes.add("N", op.getIndices(), "indices", 0);
  sizes.bound("top_k", getDim(op.getIndices(), 1), op.getLogits(), "logits", 1);
}

static LogicalResult inferScalar(MLIRContext *context,
                                 SmallVectorImpl<Type> &types) {
  types.push_back(RankedTensorType::get({}, Float32Type::get(context)));
  return success();
}

static LogicalResult reifyScalar(ReifiedRankedShapedTypeDims &shapes) {
  shapes.emplace_back();
  return success();
}

// C1
void BalanceLossOp::listSizes(SizeList &sizes) { listLossSizes(*this, sizes); }

// C2
LogicalResult BalanceLossOp::verifyOperands() {
  return checkSlots(*this, {"indices", getIndices()});
}

// C3
LogicalResult BalanceLossOp::inferReturnTypes(MLIRContext *context,
                                              std::optional<Location>, Adaptor,
                                              SmallVectorImpl<Type> &types) {
  return inferScalar(context, types);
}

LogicalResult
BalanceLossOp::reifyResultShapes(OpBuilder &,
                                 ReifiedRankedShapedTypeDims &shapes) {
  return reifyScalar(shapes);
}

// C1
void ZLossOp::listSizes(SizeList &sizes) { listLossSizes(*this, sizes); }

// C2
LogicalResult ZLossOp::verifyOperands() {
  return checkSlots(*this, {"indices", getIndices()});
}

// C3
LogicalResult ZLossOp::inferReturnTypes(MLIRContext *context,
                                        std::optional<Location>, Adaptor,
                                        SmallVectorImpl<Type> &types) {
  return inferScalar(context, types);
}

LogicalResult ZLossOp::reifyResultShapes(OpBuilder &,
                                         ReifiedRankedShapedTypeDims &shapes) {
  return reifyScalar(shapes);
}

// C1
void MutualLossOp::listSizes(SizeList &sizes) { listLossSizes(*this, sizes); }

// C2
LogicalResult MutualLossOp::verifyOperands() {
  return checkSlots(*this, {"indices", getIndices()});
}

// C3
LogicalResult MutualLossOp::inferReturnTypes(MLIRContext *context,
                                             std::optional<Location>, Adaptor,
                                             SmallVectorImpl<Type> &types) {
  return inferScalar(context, types);
}

LogicalResult
MutualLossOp::reifyResultShapes(OpBuilder &,
                                ReifiedRankedShapedTypeDims &shapes) {
  return reifyScalar(shapes);
}
