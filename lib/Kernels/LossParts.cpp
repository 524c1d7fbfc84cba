//===- LossParts.cpp - What the tokens of a block add to losses -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LossParts.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace moa;
using tile::ReduceKind;
using FPredicate = arith::CmpFPredicate;

Value moa::createEntropy(TileBuilder &b, Value p) {
  Value term = b.mul(p, b.mul(Value(math::LogOp::create(b, p)), -1.0));
  return b.select(b.compare(FPredicate::OEQ, p, 0.0), b.like(p, 0), term);
}

SmallVector<Type> moa::listLossParts(const LossSpec &spec) {
  return presentTypes(
      {spec.tokens, spec.squares, spec.entropies, spec.activations});
}

LossParts::LossParts(TileBuilder &b, const LossSpec &spec, Arguments &arguments)
    : b(b), spec(spec), tokens(arguments.next(spec.tokens)),
      squares(arguments.next(spec.squares)),
      entropies(arguments.next(spec.entropies)),
      activations(arguments.next(spec.activations)) {}

Value LossParts::activate(const Experts &experts, ValueRange softmax) {
  if (spec.activation == Activation::Sigmoid)
    return b.select(experts.exist, b.sigmoid(experts.logits),
                    b.like(experts.logits, 0));
  return b.div(createNumerators(b, experts.logits, softmax[0]), softmax[1]);
}

/// [1,..]: the sum of the rows of counted tokens.
Value LossParts::sumCounted(Value values) {
  return b.reduce(ReduceKind::Add, b.select(counted, values, b.like(values, 0)),
                  0);
}

void LossParts::leave(Value block, Value isCounted, Value numExperts,
                      ExpertLogits getLogits, ValueRange softmax) {
  counted = isCounted;
  int64_t rows = cast<RankedTensorType>(counted.getType()).getDimSize(0);
  b.store(sumCounted(b.tile(rows, 1, b.getF32Type(), 1)), tokens, block);
  SmallVector<Value> statistics(softmax);
  if (readsSoftmax() && statistics.empty())
    statistics = forExperts(b, numExperts, createSoftmax(b, rows), getLogits,
                            [&](const Experts &experts, ValueRange carried) {
                              return addToSoftmax(b, carried, experts.logits);
                            });
  if (squares) {
    Value lse =
        b.add(statistics[0], Value(math::LogOp::create(b, statistics[1])));
    b.store(sumCounted(b.mul(lse, lse)), squares, block);
  }
  if (!activations)
    return;
  SmallVector<Value> sums;
  if (entropies)
    sums.push_back(b.tile(rows, 1, b.getF32Type(), 0));
  auto addExperts = [&](const Experts &experts,
                        ValueRange carried) -> SmallVector<Value> {
    Value p = activate(experts, statistics);
    b.store(sumCounted(p), activations, {block, experts.first});
    if (!entropies)
      return {};
    return {
        b.add(carried[0], b.reduce(ReduceKind::Add, createEntropy(b, p), 1))};
  };
  sums = forExperts(b, numExperts, sums, getLogits, addExperts);
  if (entropies)
    b.store(sumCounted(sums[0]), entropies, block);
}
