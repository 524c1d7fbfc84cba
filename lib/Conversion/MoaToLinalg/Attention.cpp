//===- Attention.cpp - moa.attention to upstream dialects -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Activation.h"
#include "Rows.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "moa/Conversion/MoaToLinalg.h"
#include "moa/Utils/LinalgBuilders.h"
#include "moa/Utils/LoopBuilders.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace moa;

namespace {
constexpr double kInfinity = std::numeric_limits<double>::infinity();
using FPredicate = arith::CmpFPredicate;
using IPredicate = arith::CmpIPredicate;

/// The attention of one tile of queries of one head: rows of one batch entry
/// and head against the range of keys that they can see.
class AttentionTile {
public:
  AttentionTile(AttentionOp op, Value batch, Value head, Tile queries)
      : op(op), batch(batch), head(head), queries(queries),
        accumulator(getAccumulatorType(getElementTypeOrSelf(op.getQuery()))) {}

  /// One part for each result of the op.
  SmallVector<Part> build(ImplicitLocOpBuilder &b, ValueRange destinations);

private:
  void findKeys(ImplicitLocOpBuilder &b);
  Value findKeyHead(ImplicitLocOpBuilder &b);
  Value extractKeys(ImplicitLocOpBuilder &b, Value source, Value head);
  Value extractMask(ImplicitLocOpBuilder &b, Value mask, Value entry);
  Value createScale(ImplicitLocOpBuilder &b);
  Value isVisible(ImplicitLocOpBuilder &b, Value booleanElement);
  Value createScores(ImplicitLocOpBuilder &b, Value key);
  Value breakSticks(ImplicitLocOpBuilder &b, Value scores);
  Part storeRows(ImplicitLocOpBuilder &b, Value destination, Value rows,
                 Value sum);
  Part storeLse(ImplicitLocOpBuilder &b, Value destination, Value max,
                Value sum);

  AttentionOp op;
  Value batch, head;
  Tile queries;
  Type accumulator;
  /// The position of the tile's first query, and the keys that a query of the
  /// tile may see.
  Value position;
  Tile keys;
};
} // namespace

/// Cut the keys to those that the causal mask, the window and the length leave
/// to at least one query of the tile.
void AttentionTile::findKeys(ImplicitLocOpBuilder &b) {
  OpFoldResult count = getSizes(b, op.getKey())[1];
  Value zero = createIndex(b, 0);
  position = op.getPosition() ? op.getPosition() : zero;
  position = arith::AddIOp::create(b, position, asIndex(b, queries.offset));
  keys = {b.getIndexAttr(0), count};
  if (!op.getCausal() && !op.getLengths() && !op.getWindow())
    return;
  Value end = asIndex(b, count);
  if (op.getCausal())
    end = arith::MinSIOp::create(
        b, end, arith::AddIOp::create(b, position, asIndex(b, queries.size)));
  if (op.getLengths()) {
    Value length = extractIndex(b, op.getLengths(), batch);
    length = arith::MaxSIOp::create(b, length, zero);
    end = arith::MinSIOp::create(b, end, length);
  }
  Value begin = zero;
  if (std::optional<int64_t> window = op.getWindow()) {
    begin = arith::SubIOp::create(b, position, createIndex(b, *window - 1));
    begin = arith::MaxSIOp::create(b, begin, zero);
    begin = arith::MinSIOp::create(b, begin, end);
  }
  keys.offset = begin;
  keys.size = arith::SubIOp::create(b, end, begin).getResult();
}

/// The key/value head that the query head reads.
Value AttentionTile::findKeyHead(ImplicitLocOpBuilder &b) {
  Value heads = createIndex(b, op.getHeads());
  Value keyHeads = getSize(b, op.getKey(), 2);
  Value inSlot = arith::RemUIOp::create(b, head, heads);
  if (op.getHeadMap() == HeadMap::Tile)
    return arith::RemUIOp::create(b, inSlot, keyHeads);
  return arith::DivUIOp::create(b, inSlot,
                                arith::DivUIOp::create(b, heads, keyHeads));
}

/// The visible keys, or values, of one head: [len, d].
Value AttentionTile::extractKeys(ImplicitLocOpBuilder &b, Value source,
                                 Value keyHead) {
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  return extractPart(
      b, source,
      {OpFoldResult(batch), keys.offset, OpFoldResult(keyHead), zero},
      {one, keys.size, one, getSizes(b, source)[3]}, {0, 2});
}

/// The tile [t, len] of a mask [B,T,S].
Value AttentionTile::extractMask(ImplicitLocOpBuilder &b, Value mask,
                                 Value entry) {
  return extractPart(b, mask,
                     {OpFoldResult(entry), queries.offset, keys.offset},
                     {b.getIndexAttr(1), queries.size, keys.size}, {0});
}

/// The factor on every score, in the accumulator type.
Value AttentionTile::createScale(ImplicitLocOpBuilder &b) {
  if (std::optional<APFloat> scale = op.getScale())
    return createConstant(b, accumulator, scale->convertToDouble());
  int64_t width = cast<RankedTensorType>(op.getQuery().getType()).getDimSize(3);
  if (!ShapedType::isDynamic(width))
    return createConstant(b, accumulator,
                          1.0 / std::sqrt(static_cast<double>(width)));
  Value size = arith::IndexCastOp::create(b, b.getI64Type(),
                                          getSize(b, op.getQuery(), 3));
  Value number = arith::SIToFPOp::create(b, accumulator, size);
  return arith::DivFOp::create(b, createConstant(b, accumulator, 1),
                               math::SqrtOp::create(b, number));
}

/// In the body of a map over [t, len]: whether causal, window and boolean masks
/// show the key to the query; null where nothing hides it.
Value AttentionTile::isVisible(ImplicitLocOpBuilder &b, Value booleanElement) {
  Value visible = booleanElement;
  auto require = [&](Value condition) {
    visible = visible ? arith::AndIOp::create(b, visible, condition).getResult()
                      : condition;
  };
  if (!op.getCausal() && !op.getWindow())
    return visible;
  Value query =
      arith::AddIOp::create(b, position, linalg::IndexOp::create(b, 0));
  Value key = arith::AddIOp::create(b, asIndex(b, keys.offset),
                                    linalg::IndexOp::create(b, 1));
  if (op.getCausal())
    require(arith::CmpIOp::create(b, IPredicate::sle, key, query));
  if (std::optional<int64_t> window = op.getWindow())
    require(arith::CmpIOp::create(b, IPredicate::slt,
                                  arith::SubIOp::create(b, query, key),
                                  createIndex(b, *window)));
  return visible;
}

/// The scaled and masked scores [t, len]; -inf where a key is hidden.
Value AttentionTile::createScores(ImplicitLocOpBuilder &b, Value key) {
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  OpFoldResult width = getSizes(b, op.getQuery())[3];
  Value query = extractPart(
      b, op.getQuery(),
      {OpFoldResult(batch), queries.offset, OpFoldResult(head), zero},
      {one, queries.size, one, width}, {0, 2});
  Value scores = createFilled(b, {queries.size, keys.size}, accumulator, 0.0);
  scores = createMatmul(b, query, key, scores, /*transposed=*/true);

  SmallVector<MapOperand> masks;
  if (Value mask = op.getBooleanMask())
    masks.push_back(extractMask(b, mask, batch));
  if (Value mask = op.getAdditiveMask()) {
    // One entry serves every batch entry.
    Value shared = arith::CmpIOp::create(b, IPredicate::eq, getSize(b, mask, 0),
                                         createIndex(b, 1));
    Value entry = arith::SelectOp::create(b, shared, createIndex(b, 0), batch);
    masks.push_back(extractMask(b, mask, entry));
  }
  Value scale = createScale(b);
  return updateElements(
      b, scores, masks, [&](ImplicitLocOpBuilder &b, ValueRange args) {
        Value score = arith::MulFOp::create(b, args.back(), scale);
        if (op.getAdditiveMask())
          score = arith::AddFOp::create(
              b, score, convertFloat(b, args.drop_back().back(), accumulator));
        Value visible =
            isVisible(b, op.getBooleanMask() ? args.front() : Value());
        if (!visible)
          return score;
        Value hidden = createConstant(b, accumulator, -kInfinity);
        return arith::SelectOp::create(b, visible, score, hidden).getResult();
      });
}

/// Stick-breaking weights in place of the scores: from the newest key to the
/// oldest, each takes its share of what the newer ones left.
Value AttentionTile::breakSticks(ImplicitLocOpBuilder &b, Value scores) {
  Value zero = createIndex(b, 0), one = createIndex(b, 1);
  Value unit = createConstant(b, accumulator, 1);
  Value last = arith::SubIOp::create(b, asIndex(b, keys.size), one);
  auto visitRow = [&](ImplicitLocOpBuilder &b, Value row,
                      ValueRange rowArgs) -> SmallVector<Value> {
    auto visitKey = [&](ImplicitLocOpBuilder &b, Value step,
                        ValueRange args) -> SmallVector<Value> {
      Value key = arith::SubIOp::create(b, last, step);
      Value score = tensor::ExtractOp::create(b, args[0], ValueRange{row, key});
      // sigmoid(a) and 1 - sigmoid(a) = sigmoid(-a), neither by subtraction.
      auto sigmoid = [&](Value negated) -> Value {
        Value power = math::ExpOp::create(b, negated);
        return arith::DivFOp::create(b, unit,
                                     arith::AddFOp::create(b, unit, power));
      };
      Value taken = sigmoid(arith::NegFOp::create(b, score));
      Value kept = sigmoid(score);
      Value weight = arith::MulFOp::create(b, taken, args[1]);
      Value updated =
          tensor::InsertOp::create(b, weight, args[0], ValueRange{row, key});
      return {updated, arith::MulFOp::create(b, args[1], kept)};
    };
    return {createLoop(b, zero, asIndex(b, keys.size), {rowArgs[0], unit},
                       visitKey)[0]};
  };
  return createLoop(b, zero, asIndex(b, queries.size), scores, visitRow)[0];
}

/// The rows [t, d] of the result, divided by `sum` [t] if given; zero where the
/// sum is, which is where a query sees no key.
Part AttentionTile::storeRows(ImplicitLocOpBuilder &b, Value destination,
                              Value rows, Value sum) {
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> offsets = {OpFoldResult(batch), queries.offset,
                                       OpFoldResult(head), zero};
  SmallVector<OpFoldResult> sizes = {one, queries.size, one,
                                     getSizes(b, rows)[1]};
  Value place = extractPart(b, destination, offsets, sizes, {0, 2});
  SmallVector<MapOperand> operands = {rows};
  if (sum)
    operands.emplace_back(sum, ArrayRef<unsigned>{0});
  Type element = getElementTypeOrSelf(destination);
  Value stored = mapInto(
      b, place, operands, [&](ImplicitLocOpBuilder &b, ValueRange args) {
        if (!sum)
          return convertFloat(b, args[0], element);
        Value nothing = createConstant(b, accumulator, 0);
        Value blind =
            arith::CmpFOp::create(b, FPredicate::OEQ, args[1], nothing);
        Value quotient = arith::DivFOp::create(b, args[0], args[1]);
        Value row = arith::SelectOp::create(b, blind, nothing, quotient);
        return convertFloat(b, row, element);
      });
  return {stored, offsets, sizes};
}

/// max + log(sum), -inf where the sum is zero.
Part AttentionTile::storeLse(ImplicitLocOpBuilder &b, Value destination,
                             Value max, Value sum) {
  OpFoldResult one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> offsets = {OpFoldResult(batch), queries.offset,
                                       OpFoldResult(head)};
  SmallVector<OpFoldResult> sizes = {one, queries.size, one};
  Value place = extractPart(b, destination, offsets, sizes, {0, 2});
  Type element = getElementTypeOrSelf(destination);
  Value stored = mapInto(
      b, place, {max, sum}, [&](ImplicitLocOpBuilder &b, ValueRange args) {
        // The maximum is -inf there, and so is the logarithm.
        Value lse =
            arith::AddFOp::create(b, args[0], math::LogOp::create(b, args[1]));
        return convertFloat(b, lse, element);
      });
  return {stored, offsets, sizes};
}

SmallVector<Part> AttentionTile::build(ImplicitLocOpBuilder &b,
                                       ValueRange destinations) {
  findKeys(b);
  Value keyHead = findKeyHead(b);
  Value key = extractKeys(b, op.getKey(), keyHead);
  Value value = extractKeys(b, op.getValue(), keyHead);
  Value scores = createScores(b, key);
  Value out =
      createFilled(b, {queries.size, getSizes(b, value)[1]}, accumulator, 0.0);
  if (op.getScore() == Score::StickBreaking) {
    Value weights = breakSticks(b, scores);
    out = createMatmul(b, weights, value, out, /*transposed=*/false);
    return {storeRows(b, destinations[0], out, Value())};
  }
  SoftmaxParts parts = createSoftmaxParts(b, scores);
  out = createMatmul(b, parts.numerators, value, out, /*transposed=*/false);
  SmallVector<Part> results = {storeRows(b, destinations[0], out, parts.sum)};
  if (op.getLse())
    results.push_back(storeLse(b, destinations[1], parts.max, parts.sum));
  return results;
}

/// The results where there is no key: zeros, and lse -inf.
static Values createBlindResults(ImplicitLocOpBuilder &b, AttentionOp op) {
  Values results = {createFilled(b, getSizes(b, op.getInit()),
                                 getElementTypeOrSelf(op.getInit()), 0.0)};
  if (Value lse = op.getLseInit())
    results.push_back(createFilled(b, getSizes(b, lse),
                                   getElementTypeOrSelf(lse), -kInfinity));
  return results;
}

Values moa::lowerAttention(ImplicitLocOpBuilder &b, AttentionOp op,
                           const MoaToLinalgOptions &) {
  if (isStaticallyEmpty(op.getKey()))
    return createBlindResults(b, op);
  SmallVector<OpFoldResult> sizes = getSizes(b, op.getQuery());
  auto body = [&](ImplicitLocOpBuilder &b, ValueRange ivs, ValueRange outs) {
    Tile queries = getTile(b, ivs[2], sizes[1], kRowTile);
    return AttentionTile(op, ivs[0], ivs[1], queries).build(b, outs);
  };
  SmallVector<Value> destinations = {op.getInit()};
  if (op.getLseInit())
    destinations.push_back(op.getLseInit());
  return createForall(b,
                      {sizes[0], sizes[2], countTiles(b, sizes[1], kRowTile)},
                      destinations, body);
}
