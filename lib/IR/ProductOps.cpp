//===- ProductOps.cpp - Products by the weights of experts, and their sum -===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Checks.h"

using namespace mlir;
using namespace moa;

//===----------------------------------------------------------------------===//
// GroupedMatmulOp
//===----------------------------------------------------------------------===//

static bool hasRows(GroupedMatmulOp op, RowMap map) {
  return op.getInputRows() == map || op.getResultRows() == map;
}

/// The slots of a token, kDynamic where neither top_k nor gates tell.
static int64_t getSlotsPerToken(GroupedMatmulOp op) {
  if (op.getTopK())
    return *op.getTopK();
  if (op.getGates())
    return getDim(op.getGates(), 1);
  return ShapedType::kDynamic;
}

void GroupedMatmulOp::listSizes(SizeList &sizes) {
  unsigned in = getTransposed() ? 2 : 1, out = 3 - in;
  // C1
  sizes.add("E", getWeights(), "weights", 0);
  sizes.add("E", getOffsets(), "offsets", 0, 1, 1);
  // C2
  sizes.add("C", getInput(), "input", 1);
  sizes.add("C", getWeights(), "weights", in);
  // C3
  sizes.add("F", getWeights(), "weights", out);
  sizes.add("F", getInit(), "init", 1);
  // C4: without k there are no tokens, only slots.
  int64_t k = getSlotsPerToken(*this);
  bool hasTokens = !ShapedType::isDynamic(k);
  StringRef symbol = hasTokens ? "N" : "N*k";
  auto addRows = [&](Value value, StringRef name, bool isToken) {
    sizes.add(symbol, value, name, 0, hasTokens && !isToken ? k : 1);
  };
  addRows(getInput(), "input", getInputRows() == RowMap::Token);
  addRows(getPermutation(), "permutation", false);
  addRows(getGates(), "gates", true);
  addRows(getInit(), "init", getResultRows() == RowMap::Token);
  // C5
  if (getTopK() && getGates()) {
    sizes.fix("k", "top_k", k);
    sizes.add("k", getGates(), "gates", 1);
  }
}

LogicalResult GroupedMatmulOp::verifyOperands() {
  bool isGrouped =
      getInputRows() == RowMap::Grouped && getResultRows() == RowMap::Grouped;
  // C6
  if (!getPermutation() && !isGrouped)
    return emitOpError() << "needs a permutation for rows in "
                         << stringifyRowMap(getInputRows() == RowMap::Grouped
                                                ? getResultRows()
                                                : getInputRows())
                         << " order";
  if (!getPermutation() && getGates())
    return emitOpError("needs a permutation for its gates");
  // C7
  if (!getTopK() && hasRows(*this, RowMap::Token))
    return emitOpError("needs top_k for rows in token order");
  // C8: the rows below are counted in slots of a token.
  if (getTopK() && failed(checkPositive(*this, "top_k", *getTopK())))
    return failure();
  if (getGates() && failed(checkSlots(*this, {"gates", getGates()})))
    return failure();
  // C9
  if (failed(checkElementTypes(*this, {"input", getInput()},
                               {{"weights", getWeights()}})))
    return failure();
  // C10
  return checkElementTypeOrF32(*this, {"init", getInit()},
                               {"input", getInput()});
}

LogicalResult
GroupedMatmulOp::reifyResultShapes(OpBuilder &b,
                                   ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back(getSizes(b, getLoc(), getInit()));
  return success();
}

//===----------------------------------------------------------------------===//
// SlotMatmulOp
//===----------------------------------------------------------------------===//

void SlotMatmulOp::listSizes(SizeList &sizes) {
  unsigned in = getTransposed() ? 2 : 1, out = 3 - in;
  // C3
  sizes.add("C", getInput(), "input", 1);
  sizes.add("C", getWeights(), "weights", in);
  // C4
  sizes.add("F", getWeights(), "weights", out);
  sizes.add("F", getInit(), "init", 1);
  // C5
  int64_t k = getDim(getIndices(), 1);
  sizes.add("N", getIndices(), "indices", 0);
  sizes.add("N", getInput(), "input", 0,
            getInputRows() == RowMap::Token ? 1 : k);
  sizes.add("N", getInit(), "init", 0, k);
}

LogicalResult SlotMatmulOp::verifyOperands() {
  // C1
  if (getInputRows() == RowMap::Grouped)
    return emitOpError("has no groups: its rows are in slot or token order");
  // C2
  if (failed(checkSlots(*this, {"indices", getIndices()})))
    return failure();
  // C6
  if (failed(checkElementTypes(*this, {"input", getInput()},
                               {{"weights", getWeights()}})))
    return failure();
  // C7
  return checkElementTypeOrF32(*this, {"init", getInit()},
                               {"input", getInput()});
}

LogicalResult
SlotMatmulOp::reifyResultShapes(OpBuilder &b,
                                ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back(getSizes(b, getLoc(), getInit()));
  return success();
}

//===----------------------------------------------------------------------===//
// CombineOp
//===----------------------------------------------------------------------===//

void CombineOp::listSizes(SizeList &sizes) {
  // C2
  sizes.add("N", getGates(), "gates", 0);
  sizes.add("N", getSlots(), "slots", 0, getDim(getGates(), 1));
  sizes.add("N", getSkip(), "skip", 0);
  sizes.add("N", getInit(), "init", 0);
  // C3
  sizes.add("D", getSlots(), "slots", 1);
  sizes.add("D", getBias(), "bias", 0);
  sizes.add("D", getInit(), "init", 1);
}

LogicalResult CombineOp::verifyOperands() {
  // C1
  if (failed(checkSlots(*this, {"gates", getGates()})))
    return failure();
  // C4
  if (failed(checkElementTypeOrF32(*this, {"slots", getSlots()},
                                   {"init", getInit()})))
    return failure();
  // C5
  return checkElementTypes(*this, {"init", getInit()}, {{"bias", getBias()}});
}

LogicalResult
CombineOp::reifyResultShapes(OpBuilder &b,
                             ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back(getSizes(b, getLoc(), getInit()));
  return success();
}
