//===- Experts.cpp - Experts, taken some at a time ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Experts.h"

#include <limits>

using namespace mlir;
using namespace moa;
using tile::ReduceKind;
using IPredicate = arith::CmpIPredicate;
using FPredicate = arith::CmpFPredicate;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

SmallVector<Value> moa::forExperts(TileBuilder &b, Value count,
                                   ValueRange carried, ExpertLogits getLogits,
                                   ExpertsBody body) {
  auto step = [&](Value first, ValueRange carried) {
    Value numbers = b.positions(1, kExpertColumns, first);
    Value exist = b.compare(IPredicate::slt, numbers, count);
    Value logits = getLogits(first);
    logits = b.select(exist, logits, b.like(logits, -kInfinity));
    return body({first, numbers, exist, logits}, carried);
  };
  return b.loop(b.index(0), count, kExpertColumns, carried, /*stages=*/1, step)
      .getResults();
}

Value moa::countSlots(TileBuilder &b, Value numbers, int64_t rows, Value topK,
                      function_ref<Value(Value)> getIndex) {
  Value zeros = b.tile(rows, kExpertColumns, b.getI32Type(), 0);
  auto addSlot = [&](Value slot, ValueRange counts) -> SmallVector<Value> {
    Value isChosen = b.compare(IPredicate::eq, getIndex(slot), numbers);
    return {b.add(counts[0], b.select(isChosen, b.like(zeros, 1), zeros))};
  };
  return b.loop(b.index(0), topK, 1, zeros, /*stages=*/1, addSlot).getResult(0);
}

void moa::leaveCounts(TileBuilder &b, Value counts, Value block,
                      Value numExperts,
                      function_ref<Value(Value numbers)> count) {
  b.loop(b.index(0), numExperts, kExpertColumns, {}, /*stages=*/1,
         [&](Value first, ValueRange) -> SmallVector<Value> {
           Value slots = count(b.positions(1, kExpertColumns, first));
           b.store(b.reduce(ReduceKind::Add, slots, 0), counts, {block, first});
           return {};
         });
}

Value moa::createNumerators(TileBuilder &b, Value values, Value max) {
  Value power = b.exp(b.sub(values, max));
  power = b.select(b.compare(FPredicate::OEQ, values, max), b.like(power, 1),
                   power);
  return b.select(b.compare(FPredicate::OEQ, values, -kInfinity),
                  b.like(power, 0), power);
}

SmallVector<Value> moa::createSoftmax(TileBuilder &b, int64_t rows) {
  return {b.tile(rows, 1, b.getF32Type(), -kInfinity),
          b.tile(rows, 1, b.getF32Type(), 0)};
}

SmallVector<Value> moa::addToSoftmax(TileBuilder &b, ValueRange softmax,
                                     Value logits) {
  Value max = softmax[0], sum = softmax[1];
  Value newMax = b.max(max, b.reduce(ReduceKind::Max, logits, 1));
  sum = b.mul(sum, createNumerators(b, max, newMax));
  Value more =
      b.reduce(ReduceKind::Add, createNumerators(b, logits, newMax), 1);
  return {newMax, b.add(sum, more)};
}
