//===- AttentionKernel.cpp - The parts of attention kernels --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionKernel.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace moa;
using tile::ReduceKind;
using IPredicate = arith::CmpIPredicate;
using FPredicate = arith::CmpFPredicate;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();
static constexpr double kLog2E = 1.4426950408889634;
static constexpr double kLn2 = 0.6931471805599453;

/// How far scores may pass the maximum that sums are relative to, in units of
/// log 2. Weights of f16 are then at most 256.
static constexpr double kMostGrowth = 8;

AttentionKernel::AttentionKernel(TileBuilder &b, const AttentionSpec &spec)
    : b(b), spec(spec), width(spec.getPaddedWidth()) {}

//===----------------------------------------------------------------------===//
// Keys
//===----------------------------------------------------------------------===//

Value AttentionKernel::viewHead(Value memory, Value rows) {
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  OpFoldResult count = getAsOpFoldResult(rows);
  SmallVector<OpFoldResult> offsets = {batch, zero, keyHead, zero};
  SmallVector<OpFoldResult> sizes = {one, count, one,
                                     b.getIndexAttr(spec.getHeadWidth())};
  SmallVector<OpFoldResult> strides(4, one);
  auto type = memref::SubViewOp::inferRankReducedResultType(
      {getConstantIntValue(count).value_or(ShapedType::kDynamic),
       spec.getHeadWidth()},
      cast<MemRefType>(memory.getType()), offsets, sizes, strides);
  return memref::SubViewOp::create(b, type, memory, offsets, sizes, strides);
}

void AttentionKernel::findKeys() {
  begin = b.index(0);
  end = b.size(key, 1);
  if (lengths) {
    Value length = memref::LoadOp::create(b, lengths, batch);
    end = b.min(end, b.max(b.toIndex(length), 0.0));
  }
  Value firstPosition = b.add(position, firstToken);
  Value endPosition = b.add(position, endToken);
  if (spec.causal)
    end = b.min(end, endPosition);
  if (spec.window) {
    begin = b.max(b.sub(firstPosition, *spec.window - 1), 0.0);
    fullBegin = b.sub(endPosition, double(*spec.window));
  }
  if (split)
    takeSplit();
  fullEnd = end;
  if (spec.causal)
    fullEnd = b.min(end, b.add(firstPosition, 1.0));
  if (allInBatch)
    fullEnd = b.select(allInBatch, fullEnd, begin);
  // The last key that is visited ends them: what stands behind may be anything,
  // NaN included.
  keys = viewHead(key, end);
  values = viewHead(value, end);
}

void AttentionKernel::takeSplit() {
  Value count = b.max(b.sub(end, begin), 0.0);
  Value share =
      b.mul(b.ceilDiv(count, spec.splits * spec.keyRows), spec.keyRows);
  begin = b.add(begin, b.mul(split, share));
  end = b.min(end, b.add(begin, share));
}

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

/// The factor that is applied to scores in their exponent: a row's maximum can
/// be taken before scores are scaled if nothing is added to them and the scale
/// keeps their order. Masks may be the least number that there is, so that
/// nothing is multiplied to them either. Otherwise 1: scores are scaled at
/// once.
double AttentionKernel::getExponentFactor() const {
  if (spec.score != Score::Softmax)
    return 1.0;
  if (spec.additiveMask)
    return kLog2E;
  // A factor that f32 holds as a denormal number would be zero in instructions.
  double factor = spec.scale * kLog2E;
  return factor >= std::numeric_limits<float>::min() ? factor : 1.0;
}

/// The mask's entry for a batch entry: [T,S].
static Value viewMask(TileBuilder &b, Value mask, Value batch) {
  auto memory = cast<MemRefType>(mask.getType());
  // One entry serves every batch entry.
  Value shared = b.compare(IPredicate::eq, b.size(mask, 0), 1.0);
  Value entry = b.select(shared, b.index(0), batch);
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> sizes = {one, getAsOpFoldResult(b.size(mask, 1)),
                                     getAsOpFoldResult(b.size(mask, 2))};
  SmallVector<OpFoldResult> offsets = {entry, zero, zero}, strides(3, one);
  auto type = memref::SubViewOp::inferRankReducedResultType(
      memory.getShape().drop_front(), memory, offsets, sizes, strides);
  return memref::SubViewOp::create(b, type, mask, offsets, sizes, strides);
}

/// The keys or values from `firstKey` on.
Value AttentionKernel::loadTile(Value memory, Value firstKey) {
  return b.load(memory, {firstKey, b.index(0)}, spec.keyRows, width);
}

/// The scores of the keys from `firstKey` on.
Value AttentionKernel::createScores(Value query, Value keyTile,
                                    Value firstKey) {
  Value scores = b.mma(query, keyTile,
                       b.tile(spec.queryRows, spec.keyRows, b.getF32Type(), 0),
                       /*transposed=*/true, spec.tf32);
  double later = getExponentFactor();
  if (!additiveMask)
    return later != 1.0 ? scores : b.mul(scores, spec.scale * kLog2E);
  Value mask = b.gather(viewMask(b, additiveMask, batch), firstKey, tokens,
                        spec.keyRows);
  if (later != kLog2E)
    mask = b.mul(mask, kLog2E / later);
  return b.fma(scores, b.like(scores, spec.scale * kLog2E / later), mask);
}

/// The key that each row's keys end before, or one for all rows.
Value AttentionKernel::getLimit() {
  Value limit = b.toI32(end);
  if (spec.causal)
    limit = b.min(b.add(rowPositions, 1.0), limit);
  if (inBatch)
    limit = b.select(inBatch, limit, b.like(tokens, 0));
  return limit;
}

/// Which of the keys from `firstKey` on each row sees.
Value AttentionKernel::isVisible(Value firstKey) {
  // Within the tile, where most of a number is a constant.
  Value columns = b.positions(1, spec.keyRows, b.index(0));
  Value first = b.toI32(firstKey);
  Value visible = b.compare(IPredicate::slt, columns, b.sub(getLimit(), first));
  if (spec.window) {
    Value hidden = b.sub(rowPositions, double(*spec.window));
    visible = b.both(visible,
                     b.compare(IPredicate::sgt, columns, b.sub(hidden, first)));
  }
  if (booleanMask)
    visible = b.both(visible, b.gather(viewMask(b, booleanMask, batch),
                                       firstKey, tokens, spec.keyRows));
  return visible;
}

/// The values of `partial`, or those of `full` where no key of the tile from
/// `firstKey` on is hidden from any row.
SmallVector<Value> AttentionKernel::visitTile(Value firstKey, TypeRange types,
                                              TileBuilder::BranchBody full,
                                              TileBuilder::BranchBody partial) {
  if (booleanMask)
    return partial();
  Value isFull = b.compare(IPredicate::sle,
                           b.add(firstKey, double(spec.keyRows)), fullEnd);
  if (spec.window)
    isFull = b.both(isFull, b.compare(IPredicate::sge, firstKey, fullBegin));
  return b.branch(isFull, types, full, partial);
}

//===----------------------------------------------------------------------===//
// Softmax
//===----------------------------------------------------------------------===//

/// Where maxima begin: below what scores are, but finite, so that the
/// difference of two is never NaN, also where a row has seen no key. With a
/// mask scores can be as low as numbers are; else it is a power of two, whose
/// product with the exponent's factor is exact, and finite as well.
double AttentionKernel::getLeastMaximum() const {
  if (spec.additiveMask)
    return std::numeric_limits<float>::lowest();
  int exponent = 0;
  std::frexp(std::max(getExponentFactor(), 1.0), &exponent);
  return -std::ldexp(1.0, 127 - exponent);
}

/// Weights of 16 bits are summed up by the products' instructions, times 1, for
/// each of the 8 columns that these have at least: one instruction for 16 keys
/// in place of 8 additions.
int64_t AttentionKernel::getTotalColumns() const {
  return spec.key.getElementType().isF32() ? 1 : 8;
}

SmallVector<Value> AttentionKernel::createState() {
  Type f32 = b.getF32Type();
  State state = {b.tile(spec.queryRows, width, f32, 0)};
  if (spec.score == Score::StickBreaking) {
    state.push_back(b.tile(spec.queryRows, 1, f32, 0));
    return state;
  }
  state.push_back(b.tile(spec.queryRows, 1, f32, getLeastMaximum()));
  state.push_back(b.tile(spec.queryRows, getTotalColumns(), f32, 0));
  return state;
}

SmallVector<Value> AttentionKernel::visitKeys(Value query, ValueRange state) {
  return spec.score == Score::StickBreaking ? breakSticks(query, state)
                                            : attend(query, state);
}

/// Online softmax over one tile of scores. What was summed is scaled down where
/// scores pass the maximum by more than kMostGrowth: less than that only makes
/// weights that are larger than 1, and costs no precision. Row r needs the
/// first `terms`[r] keys of the tile, if given.
SmallVector<Value> AttentionKernel::addTile(Value scores, Value values,
                                            ValueRange carried, Value terms) {
  double factor = getExponentFactor();
  Value sum = carried[0], max = carried[1], total = carried[2];
  Value tileMax = b.reduce(ReduceKind::Max, scores, 1);
  Value passes = b.compare(FPredicate::OGT, tileMax,
                           b.add(max, b.like(max, kMostGrowth / factor)));
  Value newMax = b.select(passes, tileMax, max);
  // One operation for each score, where a product cannot overflow.
  Value base = spec.additiveMask ? newMax : b.mul(newMax, -factor);
  auto exponentiate = [&](Value score) {
    return b.exp2(spec.additiveMask ? b.mul(b.sub(score, base), factor)
                                    : b.fma(score, b.like(max, factor), base));
  };
  Value weights = exponentiate(scores);
  Type element = spec.key.getElementType();
  Value rounded = b.convert(weights, element);
  // Exactly 1 in rows whose maximum stays.
  State scaled = b.branch(b.any(passes),
                          [&]() -> State {
                            Value decay =
                                b.exp2(b.mul(b.sub(max, newMax), factor));
                            return {b.mul(sum, decay), b.mul(total, decay)};
                          },
                          {sum, total});
  total = scaled[1];
  if (int64_t columns = getTotalColumns(); columns > 1)
    total = b.mma(rounded, b.tile(spec.keyRows, columns, element, 1), total,
                  /*transposed=*/false, /*tf32=*/false, terms);
  else
    total = b.add(total, b.reduce(ReduceKind::Add, weights, 1));
  sum =
      b.mma(rounded, values, scaled[0], /*transposed=*/false, spec.tf32, terms);
  return {sum, newMax, total};
}

SmallVector<Value> AttentionKernel::attend(Value query, ValueRange state) {
  // Weights of f32 go through a buffer, which needs all warps.
  bool byBand = !spec.key.getElementType().isF32() && (spec.causal || inBatch);
  auto step = [&](Value firstKey, ValueRange carried) -> State {
    Value keyTile = loadTile(keys, firstKey);
    Value valueTile = loadTile(values, firstKey);
    auto addHidden = [&](Value terms) {
      Value scores = createScores(query, keyTile, firstKey);
      Value hidden =
          b.select(isVisible(firstKey), scores, b.like(scores, -kInfinity));
      return addTile(hidden, valueTile, carried, terms);
    };
    auto addPartial = [&]() -> State {
      if (!byBand)
        return addHidden(/*terms=*/{});
      Value terms = b.sub(getLimit(), b.toI32(firstKey));
      return b.branch(
          b.any(b.compare(IPredicate::sgt, terms, b.like(terms, 0))),
          [&] { return addHidden(terms); }, carried);
    };
    auto addFull = [&] {
      return addTile(createScores(query, keyTile, firstKey), valueTile,
                     carried);
    };
    return visitTile(firstKey, carried.getTypes(), addFull, addPartial);
  };
  return b.loop(begin, end, spec.keyRows, state, spec.stages, step)
      .getResults();
}

//===----------------------------------------------------------------------===//
// Stick-breaking
//===----------------------------------------------------------------------===//

/// From the last key to the first, each takes its share of what later keys
/// left. Shares and what is left are kept as logarithms.
SmallVector<Value> AttentionKernel::breakSticks(Value query, ValueRange state) {
  Value count = b.max(b.sub(end, begin), 0.0);
  Value tiles = b.ceilDiv(count, spec.keyRows);
  auto step = [&](Value iteration, ValueRange carried) -> State {
    Value sum = carried[0], left = carried[1];
    Value tileIndex = b.sub(b.sub(tiles, 1.0), iteration);
    Value firstKey = b.add(begin, b.mul(tileIndex, double(spec.keyRows)));
    // With t = log(1 + exp(-|a|)): log sigmoid(a) is min(a, 0) - t, and
    // log(1 - sigmoid(a)) is -max(a, 0) - t.
    Value scores = createScores(query, loadTile(keys, firstKey), firstKey);
    Value minusAbs = b.min(scores, b.mul(scores, -1.0));
    Value t = b.log2(b.add(b.exp2(minusAbs), 1.0));
    Value taken = b.sub(b.min(scores, 0.0), t);
    Value kept = b.sub(b.mul(b.max(scores, 0.0), -1.0), t);
    State visible = visitTile(
        firstKey, {taken.getType(), kept.getType()},
        [&]() -> State { return {taken, kept}; },
        [&]() -> State {
          Value isSeen = isVisible(firstKey);
          return {b.select(isSeen, taken, b.like(taken, -kInfinity)),
                  b.select(isSeen, kept, b.like(kept, 0))};
        });
    taken = visible[0];
    kept = visible[1];
    Value later = b.scan(kept, /*dim=*/1, /*reverse=*/true);
    Value weights = b.exp2(b.add(b.add(taken, later), left));
    Value tile = loadTile(values, firstKey);
    Value newSum = b.mma(b.convert(weights, spec.key.getElementType()), tile,
                         sum, /*transposed=*/false, spec.tf32);
    return {newSum, b.add(left, b.reduce(ReduceKind::Add, kept, 1))};
  };
  return b.loop(b.index(0), tiles, 1, state, spec.stages, step).getResults();
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

Value AttentionKernel::getTotal(ValueRange state) {
  Value total = state.back();
  // All columns are the same.
  return cast<RankedTensorType>(total.getType()).getDimSize(1) > 1
             ? b.columns(total, 0, 1)
             : total;
}

AttentionKernel::Results AttentionKernel::normalize(ValueRange state) {
  Value rows = state[0], max = state[1], total = getTotal(state);
  if (spec.score == Score::Softmax) {
    Value blind = b.compare(FPredicate::OEQ, total, 0.0);
    rows = b.mul(rows, b.select(blind, b.like(total, 0),
                                b.div(b.like(total, 1), total)));
  }
  Results results = {b.convert(rows, spec.out.getElementType()), Value()};
  if (!lse)
    return results;
  // The logarithm of nothing is -inf: where a row sees no key, so is the sum.
  results.lse = b.fma(max, b.like(max, getExponentFactor() * kLn2),
                      b.mul(b.log2(total), kLn2));
  return results;
}

void AttentionKernel::finish(ValueRange state) {
  auto [rows, log] = normalize(state);
  auto collapse = [&](Value memory, ArrayRef<ReassociationIndices> groups) {
    return memref::CollapseShapeOp::create(b, memory, groups);
  };
  if (rowsAreTokens)
    b.store(rows, viewHead(out, b.size(out, 1)), {firstToken, b.index(0)});
  else
    b.scatter(rows, collapse(out, {{0, 1, 2}, {3}}), b.index(0), rowIndex);
  if (log)
    b.scatter(log, collapse(lse, {{0, 1, 2}}), {}, rowIndex);
}
