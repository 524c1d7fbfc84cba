//===- AttentionOps.cpp - Attention and rotary positions ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Checks.h"

using namespace mlir;
using namespace moa;

/// The sizes of keys, values, masks and inits: B, T, S, Hkv and d.
template <typename OpTy> static void listKeySizes(OpTy op, SizeList &sizes) {
  sizes.add("B", op.getKey(), "key", 0);
  sizes.add("B", op.getValue(), "value", 0);
  sizes.add("B", op.getLengths(), "lengths", 0);
  sizes.add("B", op.getBooleanMask(), "boolean_mask", 0);
  sizes.share("B", op.getAdditiveMask(), "additive_mask", 0);
  sizes.add("B", op.getInit(), "init", 0);
  sizes.add("B", op.getLseInit(), "lse_init", 0);
  sizes.add("T", op.getBooleanMask(), "boolean_mask", 1);
  sizes.add("T", op.getAdditiveMask(), "additive_mask", 1);
  sizes.add("T", op.getInit(), "init", 1);
  sizes.add("T", op.getLseInit(), "lse_init", 1);
  sizes.add("S", op.getKey(), "key", 1);
  sizes.add("S", op.getValue(), "value", 1);
  sizes.add("S", op.getBooleanMask(), "boolean_mask", 2);
  sizes.add("S", op.getAdditiveMask(), "additive_mask", 2);
  sizes.add("Hkv", op.getKey(), "key", 2);
  sizes.add("Hkv", op.getValue(), "value", 2);
  sizes.add("d", op.getKey(), "key", 3);
  sizes.add("d", op.getValue(), "value", 3);
  sizes.add("d", op.getInit(), "init", 3);
  sizes.limit(op.getKey(), 2, 1, kNoLimit,
              "the number of key/value heads (" + describeDim(op.getKey(), 2) +
                  ") must be at least 1");
  limitLeast(sizes, "d", 1, describeHeadWidth(sizes) + " must be at least 1");
}

/// The key/value heads: how many there are, and whether query heads map to
/// them.
template <typename OpTy> static LogicalResult checkKeyHeads(OpTy op) {
  if (op.getHeadMap() == HeadMap::Group &&
      failed(checkStatic(op, {"key", op.getKey()}, 2,
                         "the number of key/value heads, which head_map group "
                         "divides by")))
    return failure();
  int64_t heads = getDim(op.getKey(), 2);
  if (ShapedType::isDynamic(heads))
    return success();
  if (failed(checkPositive(op, "the number of key/value heads", heads)))
    return failure();
  return checkHeadMap(op, op.getHeadMap(), op.getHeads(), heads);
}

/// There is no log-sum-exp without a softmax.
template <typename OpTy> static LogicalResult checkLse(OpTy op) {
  if (!op.getLseInit() || op.getScore() == Score::Softmax)
    return success();
  return op.emitOpError(
      "has no lse with score stick_breaking: only softmax has "
      "one");
}

//===----------------------------------------------------------------------===//
// AttentionOp
//===----------------------------------------------------------------------===//

void AttentionOp::listSizes(SizeList &sizes) {
  int64_t heads = getHeads();
  // C2
  sizes.add("k", getQuery(), "query", 2, heads);
  sizes.add("k", getInit(), "init", 2, heads);
  sizes.add("k", getLseInit(), "lse_init", 2, heads);
  // C7
  sizes.add("B", getQuery(), "query", 0);
  // C8
  sizes.add("T", getQuery(), "query", 1);
  // C11
  sizes.add("d", getQuery(), "query", 3);
  // C9: these, and what C7 to C11 say of the other operands.
  // C10
  // C12
  listKeySizes(*this, sizes);
}

LogicalResult AttentionOp::verifyOperands() {
  // C1
  if (failed(checkPositive(*this, "heads", getHeads())))
    return failure();
  // C3
  if (failed(checkKeyHeads(*this)))
    return failure();
  // C4
  if (failed(checkScores(*this, getWindow(), getScale())))
    return failure();
  // C5
  if (failed(checkLse(*this)))
    return failure();
  // C6
  return checkElementTypes(
      *this, {"query", getQuery()},
      {{"key", getKey()}, {"value", getValue()}, {"init", getInit()}});
}

LogicalResult
AttentionOp::reifyResultShapes(OpBuilder &b,
                               ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back(getSizes(b, getLoc(), getInit()));
  if (getLseInit())
    shapes.push_back(getSizes(b, getLoc(), getLseInit()));
  return success();
}

//===----------------------------------------------------------------------===//
// RoutedAttentionOp
//===----------------------------------------------------------------------===//

void RoutedAttentionOp::listSizes(SizeList &sizes) {
  unsigned in = getTransposed() ? 2 : 1, out = 3 - in;
  int64_t heads = getHeads();
  // C2
  sizes.fix("k", "top_k", getTopK());
  sizes.add("k", getInit(), "init", 2, heads);
  sizes.add("k", getLseInit(), "lse_init", 2, heads);
  // C13
  sizes.add("D", getInput(), "input", 1);
  sizes.add("D", getWeights(), "weights", in);
  // C14
  sizes.add("E", getWeights(), "weights", 0);
  sizes.add("E", getOffsets(), "offsets", 0, 1, 1);
  // C11
  sizes.add("d", getWeights(), "weights", out, heads);
  // C7: the sizes of keys, values, masks and inits.
  // C8
  // C9
  // C10
  // C12
  listKeySizes(*this, sizes);
  // C15
  sizes.add("B*T", getInput(), "input", 0);
  sizes.add("B*T", getPermutation(), "permutation", 0, getTopK());
  sizes.combine(getInput(), "input", 0, "the tokens of 'init'",
                {"B", getInit(), "init", 0}, {"T", getInit(), "init", 1},
                /*isProduct=*/true);
  // C16
  if (getRotary())
    sizes.bound("rotary dim", getRotary()->getDim(), getInit(), "init", 3);
}

LogicalResult RoutedAttentionOp::verifyOperands() {
  // C1: the sizes above are counted in heads and slots.
  if (failed(checkPositive(*this, "heads", getHeads())) ||
      failed(checkPositive(*this, "top_k", getTopK())))
    return failure();
  // C3
  if (failed(checkKeyHeads(*this)))
    return failure();
  // C4
  if (failed(checkScores(*this, getWindow(), getScale())))
    return failure();
  // C5
  if (failed(checkLse(*this)))
    return failure();
  // C6
  return checkElementTypes(*this, {"input", getInput()},
                           {{"weights", getWeights()},
                            {"key", getKey()},
                            {"value", getValue()},
                            {"init", getInit()}});
}

LogicalResult
RoutedAttentionOp::reifyResultShapes(OpBuilder &b,
                                     ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back(getSizes(b, getLoc(), getInit()));
  if (getLseInit())
    shapes.push_back(getSizes(b, getLoc(), getLseInit()));
  return success();
}

//===----------------------------------------------------------------------===//
// RotaryOp
//===----------------------------------------------------------------------===//

void RotaryOp::listSizes(SizeList &sizes) {
  // C1
  sizes.bound("rotary dim", getRotary().getDim(), getInput(), "input", 3);
}

LogicalResult RotaryOp::verifyOperands() { return success(); }

// C2
LogicalResult RotaryOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  if (!isShapedOperand(adaptor.getODSOperands(0), 4))
    return emitIncomplete(loc, getOperationName());
  types.push_back(adaptor.getInput().getType());
  return success();
}

LogicalResult RotaryOp::reifyResultShapes(OpBuilder &b,
                                          ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back(getSizes(b, getLoc(), getInput()));
  return success();
}
