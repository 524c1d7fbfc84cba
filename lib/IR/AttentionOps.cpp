//===- AttentionOps.cpp - Attention and rotary positions ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Checks.h"

using namespace mlir;
using namespace moa;

//===----------------------------------------------------------------------===//
// AttentionOp
//===----------------------------------------------------------------------===//

void AttentionOp::listSizes(SizeList &sizes) {
  int64_t heads = getHeads();
  // C2
  sizes.add("k", getQuery(), "query", 2, heads);
  sizes.add("k", getInit(), "init", 2, heads);
  sizes.add("k", getLseInit(), "lse_init", 2, heads);
  // C7: additive_mask may be shared by the batch, see C12.
  sizes.add("B", getQuery(), "query", 0);
  sizes.add("B", getKey(), "key", 0);
  sizes.add("B", getValue(), "value", 0);
  sizes.add("B", getLengths(), "lengths", 0);
  sizes.add("B", getBooleanMask(), "boolean_mask", 0);
  sizes.add("B", getInit(), "init", 0);
  sizes.add("B", getLseInit(), "lse_init", 0);
  // C8
  sizes.add("T", getQuery(), "query", 1);
  sizes.add("T", getBooleanMask(), "boolean_mask", 1);
  sizes.add("T", getAdditiveMask(), "additive_mask", 1);
  sizes.add("T", getInit(), "init", 1);
  sizes.add("T", getLseInit(), "lse_init", 1);
  // C9
  sizes.add("S", getKey(), "key", 1);
  sizes.add("S", getValue(), "value", 1);
  sizes.add("S", getBooleanMask(), "boolean_mask", 2);
  sizes.add("S", getAdditiveMask(), "additive_mask", 2);
  // C10
  sizes.add("Hkv", getKey(), "key", 2);
  sizes.add("Hkv", getValue(), "value", 2);
  // C11
  sizes.add("d", getQuery(), "query", 3);
  sizes.add("d", getKey(), "key", 3);
  sizes.add("d", getValue(), "value", 3);
  sizes.add("d", getInit(), "init", 3);
}

/// The key/value heads: how many there are, and whether query heads map to
/// them.
static LogicalResult checkKeyHeads(AttentionOp op) {
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

LogicalResult AttentionOp::verifyOperands() {
  // C1
  if (failed(checkPositive(*this, "heads", getHeads())))
    return failure();
  // C3
  if (failed(checkKeyHeads(*this)))
    return failure();
  // C4
  if (failed(checkWindow(*this, getWindow())))
    return failure();
  // C5
  if (getLseInit() && getScore() == Score::StickBreaking)
    return emitOpError("has no lse with score stick_breaking: only softmax has "
                       "one");
  // C6
  if (failed(checkElementTypes(
          *this, {"query", getQuery()},
          {{"key", getKey()}, {"value", getValue()}, {"init", getInit()}})))
    return failure();
  // C12
  return checkAdditiveMask(*this, getAdditiveMask(), {"query", getQuery()});
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
// RotaryOp
//===----------------------------------------------------------------------===//

void RotaryOp::listSizes(SizeList &sizes) {
  // C1
  sizes.bound("rotary dim", getRotary().getDim(), getInput(), "input", 3);
}

LogicalResult RotaryOp::verifyOperands() { return success(); }

// C2
LogicalResult RotaryOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getInput().getType());
  return success();
}

LogicalResult RotaryOp::reifyResultShapes(OpBuilder &b,
                                          ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back(getSizes(b, getLoc(), getInput()));
  return success();
}
