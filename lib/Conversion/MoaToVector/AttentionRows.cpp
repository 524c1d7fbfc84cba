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
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "moa/IR/Buffers.h"
#include "moa/Utils/LinalgBuilders.h"
#include "moa/Utils/LoopBuilders.h"
#include <cmath>
#include <limits>

using namespace mlir;

namespace moa {

/// What memory delivers at a time.
static constexpr int64_t kLineBytes = 64;

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

namespace {
/// A tensor whose rows, in dimension 1, are those of two.
struct Appended {
  Value front, back;
  OpFoldResult frontRows, backRows;
};
} // namespace

static bool areEqual(OpFoldResult lhs, OpFoldResult rhs) {
  return isEqualConstantIntOrValue(lhs, rhs);
}

/// The two parts of keys or values that are appended to a cache and read by
/// attentions alone. An element that neither part sets is undefined, so that no
/// row may see it.
static std::optional<Appended> matchAppended(Value tensor) {
  auto back = tensor.getDefiningOp<tensor::InsertSliceOp>();
  auto front = back ? back.getDest().getDefiningOp<tensor::InsertSliceOp>()
                    : tensor::InsertSliceOp();
  auto empty = front ? front.getDest().getDefiningOp<tensor::EmptyOp>()
                     : tensor::EmptyOp();
  if (!empty || back.getSourceType().getRank() != 4 ||
      front.getSourceType().getRank() != 4 || !back.hasUnitStride() ||
      !front.hasUnitStride())
    return std::nullopt;
  // Who reads the whole needs it side by side.
  if (!llvm::all_of(tensor.getUsers(),
                    llvm::IsaPred<AttentionOp, tensor::DimOp>))
    return std::nullopt;
  SmallVector<OpFoldResult> sizes = empty.getMixedSizes();
  SmallVector<OpFoldResult> frontSizes = front.getMixedSizes();
  SmallVector<OpFoldResult> backSizes = back.getMixedSizes();
  for (unsigned dim = 0; dim < 4; ++dim) {
    if (!isZeroInteger(front.getMixedOffsets()[dim]))
      return std::nullopt;
    if (dim == 1)
      continue;
    if (!isZeroInteger(back.getMixedOffsets()[dim]) ||
        !areEqual(frontSizes[dim], sizes[dim]) ||
        !areEqual(backSizes[dim], sizes[dim]))
      return std::nullopt;
  }
  if (!areEqual(back.getMixedOffsets()[1], frontSizes[1]))
    return std::nullopt;
  return Appended{front.getSource(), back.getSource(), frontSizes[1],
                  backSizes[1]};
}

/// The buffer of `tensor`, as a type that all keys and values have.
static Value readPart(ImplicitLocOpBuilder &b, Value tensor) {
  Value buffer = readBuffer(b, tensor);
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<int64_t> sizes(type.getRank(), ShapedType::kDynamic);
  MemRefType cast = MemRefType::Builder(type).setShape(sizes);
  return memref::CastOp::create(b, cast, buffer);
}

/// Keys that are appended to a cache are read where they are: putting them side
/// by side would copy the cache.
void AttentionRows::readKeys(ImplicitLocOpBuilder &b) {
  std::optional<Appended> appendedKey = matchAppended(op.getKey());
  std::optional<Appended> appendedValue = matchAppended(op.getValue());
  if (!appendedKey || !appendedValue ||
      !areEqual(appendedKey->frontRows, appendedValue->frontRows) ||
      !areEqual(appendedKey->backRows, appendedValue->backRows)) {
    keys = getSize(b, op.getKey(), 1);
    key.front = readBuffer(b, op.getKey());
    value.front = readBuffer(b, op.getValue());
    return;
  }
  frontKeys = asIndex(b, appendedKey->frontRows);
  keys = addIndex(b, frontKeys, asIndex(b, appendedKey->backRows));
  key = {readPart(b, appendedKey->front), readPart(b, appendedKey->back)};
  value = {readPart(b, appendedValue->front), readPart(b, appendedValue->back)};
}

Value AttentionRows::loadKey(ImplicitLocOpBuilder &b, const KeyBuffers &buffers,
                             Value batch, Value at, Value head, Value channel,
                             Value mask) {
  Value buffer = buffers.front;
  if (buffers.back) {
    Value isFront = isBelow(b, at, frontKeys);
    Value inBack = subIndex(b, at, frontKeys);
    buffer = arith::SelectOp::create(b, isFront, buffers.front, buffers.back);
    at = arith::SelectOp::create(b, isFront, at, inBack);
  }
  return loadVector(b, vectorType, buffer, {batch, at, head, channel}, mask);
}

/// Only from the front buffers: what is appended to a cache is little. What is
/// no memory of theirs does no harm.
void AttentionRows::fetchKeys(ImplicitLocOpBuilder &b, Value batch,
                              const KeyRange &range, Value firstHead,
                              Value headCount) {
  int64_t bits = cast<MemRefType>(key.front.getType()).getElementTypeBitWidth();
  int64_t lineChannels = kLineBytes * 8 / bits;
  Value endHead = addIndex(b, firstHead, headCount), zero = createIndex(b, 0);
  auto fetchHead = [&](ImplicitLocOpBuilder &b, Value buffer, Value at,
                       Value head) {
    forEach(b, zero, width, lineChannels,
            [&](ImplicitLocOpBuilder &b, Value channel) {
              memref::PrefetchOp::create(
                  b, buffer, ValueRange{batch, at, head, channel},
                  /*isWrite=*/false, /*localityHint=*/2, /*isDataCache=*/true);
            });
  };
  forEach(b, range.begin, range.end, 1, [&](ImplicitLocOpBuilder &b, Value at) {
    forEach(b, firstHead, endHead, 1, [&](ImplicitLocOpBuilder &b, Value head) {
      fetchHead(b, key.front, at, head);
      fetchHead(b, value.front, at, head);
    });
  });
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
  keyHeads = getSize(b, op.getKey(), 2);
  slotHeads = createIndex(b, op.getHeads());
  sharing = divide(b, slotHeads, keyHeads);
  rowsPerToken = divide(b, heads, keyHeads);
  rows = multiply(b, tokens, rowsPerToken);
  scale = createScale(b);
  position = op.getPosition() ? op.getPosition() : createIndex(b, 0);
  query = readBuffer(b, op.getQuery());
  readKeys(b);
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
