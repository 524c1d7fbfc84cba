//===- ProductOps.cpp - Products by the weights of experts, and their sum -===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Checks.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace moa;

/// The columns of a product whose rows are rotated as queries: heads of a width
/// that is not below the rotary width.
template <typename OpTy> static void listRotarySizes(OpTy op, SizeList &sizes) {
  if (!op.getRotary())
    return;
  int64_t heads = *op.getHeads();
  sizes.add("d", op.getInit(), "init", 1, heads);
  // Above every size where it is above what an int64_t holds.
  int64_t least;
  if (llvm::MulOverflow(heads, op.getRotary()->getDim(), least))
    least = kNoLimit;
  sizes.bound("heads * rotary dim", least, op.getInit(), "init", 1);
}

/// The sizes above are counted in heads.
template <typename OpTy> static LogicalResult checkRotaryHeads(OpTy op) {
  if (!op.getRotary())
    return success();
  return checkPositive(op, "heads", *op.getHeads());
}

//===----------------------------------------------------------------------===//
// MatmulOp
//===----------------------------------------------------------------------===//

void MatmulOp::listSizes(SizeList &sizes) {
  unsigned in = getTransposed() ? 1 : 0, out = 1 - in;
  // C1
  sizes.add("N", getInput(), "input", 0);
  sizes.add("N", getInit(), "init", 0);
  // C2
  sizes.add("C", getInput(), "input", 1);
  sizes.add("C", getWeights(), "weights", in);
  // C3
  sizes.add("F", getWeights(), "weights", out);
  sizes.add("F", getInit(), "init", 1);
}

LogicalResult MatmulOp::verifyOperands() {
  // C4
  if (failed(checkElementTypes(*this, {"input", getInput()},
                               {{"weights", getWeights()}})))
    return failure();
  // C5
  return checkElementTypeOrF32(*this, {"init", getInit()},
                               {"input", getInput()});
}

LogicalResult MatmulOp::reifyResultShapes(OpBuilder &b,
                                          ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back(getSizes(b, getLoc(), getInit()));
  return success();
}

//===----------------------------------------------------------------------===//
// KeyValueOp
//===----------------------------------------------------------------------===//

void KeyValueOp::listSizes(SizeList &sizes) {
  unsigned in = getTransposed() ? 1 : 0, out = 1 - in;
  // C2
  sizes.add("B", getInput(), "input", 0);
  sizes.add("B", getKeyInit(), "key_init", 0);
  sizes.add("B", getValueInit(), "value_init", 0);
  // C3
  sizes.add("S", getInput(), "input", 1);
  sizes.add("S", getKeyInit(), "key_init", 1);
  sizes.add("S", getValueInit(), "value_init", 1);
  // C4
  sizes.add("D", getInput(), "input", 2);
  sizes.add("D", getKey(), "key", in);
  sizes.add("D", getValue(), "value", in);
  // C5
  sizes.add("Hkv", getKeyInit(), "key_init", 2);
  sizes.add("Hkv", getValueInit(), "value_init", 2);
  // C6
  int64_t heads = getDim(getKeyInit(), 2);
  sizes.add("d", getKey(), "key", out, heads);
  sizes.add("d", getValue(), "value", out, heads);
  sizes.add("d", getKeyInit(), "key_init", 3);
  sizes.add("d", getValueInit(), "value_init", 3);
  // C8
  if (getRotary())
    sizes.bound("rotary dim", getRotary()->getDim(), getKeyInit(), "key_init",
                3);
}

LogicalResult KeyValueOp::verifyOperands() {
  // C1: the sizes above are counted in heads.
  if (failed(checkStatic(*this, {"key_init", getKeyInit()}, 2,
                         "the number of key/value heads")) ||
      failed(checkPositive(*this, "the number of key/value heads",
                           getDim(getKeyInit(), 2))))
    return failure();
  // C7
  if (failed(checkElementTypes(*this, {"input", getInput()},
                               {{"key", getKey()},
                                {"value", getValue()},
                                {"key_init", getKeyInit()},
                                {"value_init", getValueInit()}})))
    return failure();
  // C9
  if (getPosition() && !getRotary())
    return emitOpError("has a position, which only rotary reads");
  return success();
}

LogicalResult
KeyValueOp::reifyResultShapes(OpBuilder &b,
                              ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back(getSizes(b, getLoc(), getKeyInit()));
  shapes.push_back(getSizes(b, getLoc(), getValueInit()));
  return success();
}

//===----------------------------------------------------------------------===//
// DenseMatmulOp
//===----------------------------------------------------------------------===//

void DenseMatmulOp::listSizes(SizeList &sizes) {
  unsigned in = getTransposed() ? 2 : 1, out = 3 - in;
  int64_t experts = getDim(getWeights(), 0);
  bool sums = getInputRows() == RowMap::Slot;
  // C3
  sizes.add("C", getInput(), "input", 1);
  sizes.add("C", getWeights(), "weights", in);
  // C4
  sizes.add("F", getWeights(), "weights", out);
  sizes.add("F", getBias(), "bias", 0);
  sizes.add("F", getResidual(), "residual", 1);
  sizes.add("F", getInit(), "init", 1);
  // C5
  sizes.add("N", getInput(), "input", 0, sums ? experts : 1);
  sizes.add("N", getGates(), "gates", 0);
  sizes.add("N", getSkip(), "skip", 0);
  sizes.add("N", getResidual(), "residual", 0);
  sizes.add("N", getInit(), "init", 0, sums ? 1 : experts);
  // C6
  sizes.add("E", getWeights(), "weights", 0);
  sizes.add("E", getGates(), "gates", 1);
  // C13: F is a number of heads.
  // C14
  listRotarySizes(*this, sizes);
}

LogicalResult DenseMatmulOp::verifyOperands() {
  // C1
  if (getInputRows() == RowMap::Grouped)
    return emitOpError("has no groups: its rows are in slot or token order");
  // C2: the sizes above are counted in experts.
  if (failed(checkStatic(*this, {"weights", getWeights()}, 0,
                         "the number of experts")) ||
      failed(checkPositive(*this, "the number of experts",
                           getDim(getWeights(), 0))))
    return failure();
  // C7
  if (failed(checkElementTypes(*this, {"input", getInput()},
                               {{"weights", getWeights()}})))
    return failure();
  // C8
  if (failed(checkElementTypeOrF32(*this, {"init", getInit()},
                                   {"input", getInput()})))
    return failure();
  // C9
  bool sums = getInputRows() == RowMap::Slot;
  if (!sums && (getGates() || getBias() || getSkip() || getResidual()))
    return emitOpError("has gates, bias, skip or residual, which need rows in "
                       "slot order that are summed");
  // C10
  if (failed(checkElementTypes(
          *this, {"init", getInit()},
          {{"bias", getBias()}, {"residual", getResidual()}})))
    return failure();
  // C11
  if (failed(checkRotaryOperands(*this, getRotaryAttr(), getHeads(),
                                 getLength(), getPosition())))
    return failure();
  // C12
  if (getRotary() && sums)
    return emitOpError("has rotary positions, which need a result in slot "
                       "order");
  return checkRotaryHeads(*this);
}

LogicalResult
DenseMatmulOp::reifyResultShapes(OpBuilder &b,
                                 ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back(getSizes(b, getLoc(), getInit()));
  return success();
}

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
  // C8
  if (getTopK())
    sizes.bound("top_k", *getTopK(), getWeights(), "weights", 0);
  else
    sizes.limit(getWeights(), 0, 1, kNoLimit,
                "'weights' dimension 0 (" + describeDim(getWeights(), 0) +
                    ") must be at least 1: it is the number of experts");
  addRows(getInput(), "input", getInputRows() == RowMap::Token);
  addRows(getPermutation(), "permutation", false);
  addRows(getGates(), "gates", true);
  addRows(getInit(), "init", getResultRows() == RowMap::Token);
  // C5
  if (getTopK() && getGates()) {
    sizes.fix("k", "top_k", k);
    sizes.add("k", getGates(), "gates", 1);
  }
  // C13: F is a number of heads.
  // C14
  listRotarySizes(*this, sizes);
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
  if (failed(checkElementTypeOrF32(*this, {"init", getInit()},
                                   {"input", getInput()})))
    return failure();
  // C11
  if (failed(checkRotaryOperands(*this, getRotaryAttr(), getHeads(),
                                 getLength(), getPosition())))
    return failure();
  // C12
  if (getRotary() && (getResultRows() != RowMap::Slot || !getTopK()))
    return emitOpError("has rotary positions, which need a result in slot "
                       "order and top_k");
  // C15
  if (getUnordered() && getResultRows() != RowMap::Token)
    return emitOpError("is unordered, though it sums nothing: its result is "
                       "not in token order");
  // C16
  Type element = getElementTypeOrSelf(getInit().getType());
  if (getUnordered() && !element.isF32() && !element.isF64())
    return emitOpError()
           << "is unordered, and adds to a result of " << element
           << ", which would be rounded each time: it must be f32 "
              "or f64";
  return checkRotaryHeads(*this);
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
  // C2
  sizes.bound("top_k", k, getWeights(), "weights", 0);
  sizes.add("N", getIndices(), "indices", 0);
  sizes.add("N", getInput(), "input", 0,
            getInputRows() == RowMap::Token ? 1 : k);
  sizes.add("N", getInit(), "init", 0, k);
  // C9: F is a number of heads.
  // C10
  listRotarySizes(*this, sizes);
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
  if (failed(checkElementTypeOrF32(*this, {"init", getInit()},
                                   {"input", getInput()})))
    return failure();
  // C8
  if (failed(checkRotaryOperands(*this, getRotaryAttr(), getHeads(),
                                 getLength(), getPosition())))
    return failure();
  return checkRotaryHeads(*this);
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
  sizes.add("N", getResidual(), "residual", 0);
  sizes.add("N", getInit(), "init", 0);
  // C3
  sizes.add("D", getSlots(), "slots", 1);
  sizes.add("D", getBias(), "bias", 0);
  sizes.add("D", getResidual(), "residual", 1);
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
  return checkElementTypes(*this, {"init", getInit()},
                           {{"bias", getBias()}, {"residual", getResidual()}});
}

LogicalResult
CombineOp::reifyResultShapes(OpBuilder &b,
                             ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back(getSizes(b, getLoc(), getInit()));
  return success();
}
