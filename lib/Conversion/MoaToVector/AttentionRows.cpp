//===- AttentionRows.cpp - The rows of an attention on a CPU --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionRows.h"

#include "Buffers.h"
#include "VectorBuilders.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "moa/IR/Buffers.h"
#include "moa/Utils/LinalgBuilders.h"
#include "moa/Utils/LoopBuilders.h"
#include <cmath>
#include <limits>

using namespace mlir;

namespace moa {

/// Booleans as bytes: a vector of i1 would be read as packed bits.
static Value widenBooleans(ImplicitLocOpBuilder &b, Value mask) {
  Type byte = b.getI8Type();
  return mapElements(b, getSizes(b, mask), byte, {mask},
                     [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                       return arith::ExtUIOp::create(b, byte, args[0]);
                     });
}

static Value multiply(ImplicitLocOpBuilder &b, Value lhs, Value rhs) {
  return b.createOrFold<arith::MulIOp>(lhs, rhs);
}
static Value divide(ImplicitLocOpBuilder &b, Value lhs, Value rhs) {
  return b.createOrFold<arith::DivUIOp>(lhs, rhs);
}
static Value getRemainder(ImplicitLocOpBuilder &b, Value lhs, Value rhs) {
  return b.createOrFold<arith::RemUIOp>(lhs, rhs);
}

AttentionRows::AttentionRows(ImplicitLocOpBuilder &b, AttentionOp op,
                             const CpuTarget &target)
    : op(op), vectorType(target.getVectorType(
                  getAccumulatorType(getElementTypeOrSelf(op.getQuery())))),
      lanes(vectorType.getDimSize(0)) {
  batches = getSize(b, op.getQuery(), 0);
  tokens = getSize(b, op.getQuery(), 1);
  heads = getSize(b, op.getQuery(), 2);
  width = getSize(b, op.getQuery(), 3);
  keys = getSize(b, op.getKey(), 1);
  keyHeads = getSize(b, op.getKey(), 2);
  slotHeads = createIndex(b, op.getHeads());
  sharing = divide(b, slotHeads, keyHeads);
  rowsPerToken = divide(b, heads, keyHeads);
  rows = multiply(b, tokens, rowsPerToken);
  scale = createScale(b);
  position = op.getPosition() ? op.getPosition() : createIndex(b, 0);
  query = readBuffer(b, op.getQuery());
  key = readBuffer(b, op.getKey());
  value = readBuffer(b, op.getValue());
  if (op.getLengths())
    lengths = readBuffer(b, op.getLengths());
  if (op.getBooleanMask())
    booleanMask = readBuffer(b, widenBooleans(b, op.getBooleanMask()));
  if (op.getAdditiveMask())
    additiveMask = readBuffer(b, op.getAdditiveMask());
}

Value AttentionRows::createScale(ImplicitLocOpBuilder &b) {
  if (std::optional<APFloat> factor = op.getScale())
    return createSplat(b, vectorType, factor->convertToDouble());
  if (std::optional<int64_t> d = getConstantIntValue(width))
    return createSplat(b, vectorType, 1.0 / std::sqrt(double(*d)));
  Type element = vectorType.getElementType();
  Value number = arith::SIToFPOp::create(
      b, element, arith::IndexCastOp::create(b, b.getI64Type(), width));
  Value factor = arith::DivFOp::create(b, createConstant(b, element, 1),
                                       math::SqrtOp::create(b, number));
  return broadcast(b, vectorType, factor);
}

Value AttentionRows::findToken(ImplicitLocOpBuilder &b, Value row) {
  return divide(b, row, rowsPerToken);
}

QueryRow AttentionRows::findRow(ImplicitLocOpBuilder &b, Value batch,
                                Value keyHead, Value row) {
  Value inToken = getRemainder(b, row, rowsPerToken);
  Value slot = divide(b, inToken, sharing);
  Value shared = getRemainder(b, inToken, sharing);
  // tile: heads g, g + Hkv, ...; group: heads from g * H / Hkv on.
  Value inSlot = op.getHeadMap() == HeadMap::Tile
                     ? addIndex(b, multiply(b, shared, keyHeads), keyHead)
                     : addIndex(b, multiply(b, keyHead, sharing), shared);
  return {batch, findToken(b, row),
          addIndex(b, multiply(b, slot, slotHeads), inSlot)};
}

KeyRange AttentionRows::findVisibleKeys(ImplicitLocOpBuilder &b, Value batch,
                                        Value token) {
  Value zero = createIndex(b, 0), at = addIndex(b, position, token);
  KeyRange range = {zero, keys};
  if (op.getCausal())
    range.end = minIndex(b, range.end, addIndex(b, at, 1));
  if (lengths)
    range.end = minIndex(b, range.end, loadIndex(b, lengths, batch));
  if (std::optional<int64_t> window = op.getWindow())
    range.begin = maxIndex(b, zero, addIndex(b, at, 1 - *window));
  return range;
}

Value AttentionRows::maskScores(ImplicitLocOpBuilder &b, Value scores,
                                Value batch, Value token,
                                const KeyRange &visible, Value key) {
  Value hidden =
      createSplat(b, vectorType, -std::numeric_limits<double>::infinity());
  Value shown = createMask(b, vectorType, subIndex(b, visible.end, key));
  if (additiveMask) {
    // One entry serves every batch entry.
    Value entries = asIndex(b, getBufferSizes(b, additiveMask)[0]);
    Value entry = minIndex(b, batch, addIndex(b, entries, -1));
    Value bias =
        loadVector(b, vectorType, additiveMask, {entry, token, key}, shown);
    scores = arith::AddFOp::create(b, scores, bias);
  }
  if (booleanMask) {
    VectorType bytes = vectorType.clone(b.getI8Type());
    Value nothing = createSplat(b, bytes, 0);
    Value set = vector::MaskedLoadOp::create(
        b, bytes, booleanMask, ValueRange{batch, token, key}, shown, nothing);
    shown = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, set, nothing);
  }
  scores = arith::SelectOp::create(b, shown, scores, hidden);
  if (!op.getWindow())
    return scores;
  Value before = createMask(b, vectorType, subIndex(b, visible.begin, key));
  return arith::SelectOp::create(b, before, hidden, scores);
}

} // namespace moa
