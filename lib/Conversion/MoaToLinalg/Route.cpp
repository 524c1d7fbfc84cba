//===- Route.cpp - moa.route to upstream dialects -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Activation.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "moa/Conversion/MoaToLinalg.h"
#include "moa/Utils/LinalgBuilders.h"
#include "moa/Utils/LoopBuilders.h"
#include <limits>

using namespace mlir;
using namespace moa;

namespace {
/// What moa.route and moa.router choose experts and compute gates from.
struct Choice {
  template <typename OpTy>
  Choice(OpTy op, Value logits)
      : logits(logits), selectionBias(op.getSelectionBias()),
        skip(op.getSkip()), topK(op.getTopK()), gate(op.getGate()),
        all(op.getAll()) {}

  Value logits, selectionBias, skip;
  int64_t topK;
  GateAttr gate;
  bool all;
};
} // namespace

/// The score [N,E] by which experts are ranked.
static Value createScores(ImplicitLocOpBuilder &b, const Choice &choice) {
  Value bias = choice.selectionBias;
  // Without a bias logits rank as their activation does, and do not underflow.
  if (!bias)
    return choice.logits;
  Value base = choice.logits;
  if (choice.gate.getOrder() == GateOrder::ActivationThenTopK)
    base = activateRows(b, base, choice.gate.getActivation());
  return mapElements(b, getSizes(b, base), b.getF32Type(), {base, {bias, {1}}},
                     [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                       return arith::AddFOp::create(b, args[0], args[1]);
                     });
}

/// i32 keys that are ordered as signed integers the way scores rank: -0 equals
/// +0, a NaN is below every number.
static Value createKeys(ImplicitLocOpBuilder &b, Value scores) {
  Type i32 = b.getI32Type();
  return mapElements(
      b, getSizes(b, scores), i32, {scores},
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        Value number = arith::AddFOp::create(
            b, args[0], createConstant(b, b.getF32Type(), 0));
        Value bits = arith::BitcastOp::create(b, i32, number);
        Value sign =
            arith::ShRSIOp::create(b, bits, createConstant(b, i32, 31));
        Value flip = arith::AndIOp::create(
            b, sign,
            createConstant(b, i32, std::numeric_limits<int32_t>::max()));
        Value key = arith::XOrIOp::create(b, bits, flip);
        Value isNaN = arith::CmpFOp::create(b, arith::CmpFPredicate::UNO,
                                            args[0], args[0]);
        return arith::SelectOp::create(
            b, isNaN,
            createConstant(b, i32, std::numeric_limits<int32_t>::min()), key);
      });
}

/// The expert of `token` that ranks first after (`lastKey`, `last`), as its
/// key and id, both i32.
static SmallVector<Value> findNext(ImplicitLocOpBuilder &b, Value keys,
                                   Value token, Value lastKey, Value last) {
  using Predicate = arith::CmpIPredicate;
  Type i32 = b.getI32Type();
  Value none = createConstant(b, i32, -1);
  auto visit = [&](ImplicitLocOpBuilder &b, Value expert,
                   ValueRange best) -> SmallVector<Value> {
    Value key = tensor::ExtractOp::create(b, keys, ValueRange{token, expert});
    Value id = arith::IndexCastOp::create(b, i32, expert);
    Value lower = arith::CmpIOp::create(b, Predicate::slt, key, lastKey);
    Value equal = arith::CmpIOp::create(b, Predicate::eq, key, lastKey);
    Value later = arith::CmpIOp::create(b, Predicate::sgt, id, last);
    Value after =
        arith::OrIOp::create(b, lower, arith::AndIOp::create(b, equal, later));
    // Experts are visited in ascending order: of equal keys the first stays.
    Value higher = arith::CmpIOp::create(b, Predicate::sgt, key, best[0]);
    Value first = arith::CmpIOp::create(b, Predicate::eq, best[1], none);
    Value better =
        arith::AndIOp::create(b, after, arith::OrIOp::create(b, higher, first));
    return {arith::SelectOp::create(b, better, key, best[0]),
            arith::SelectOp::create(b, better, id, best[1])};
  };
  Value lowest = createConstant(b, i32, std::numeric_limits<int32_t>::min());
  return createLoop(b, createIndex(b, 0), getSize(b, keys, 1), {lowest, none},
                    visit);
}

/// The top_k experts [N,k] of each token by descending key. k rounds over E
/// keys: no sort, and no storage beyond the result.
static Value chooseExperts(ImplicitLocOpBuilder &b, Value keys, int64_t topK) {
  Type i32 = b.getI32Type();
  OpFoldResult tokens = getSizes(b, keys)[0];
  OpFoldResult one = b.getIndexAttr(1), zero = b.getIndexAttr(0);
  OpFoldResult k = b.getIndexAttr(topK);
  Value empty = tensor::EmptyOp::create(b, {tokens, k}, i32);
  auto chooseForToken = [&](ImplicitLocOpBuilder &b, ValueRange ivs,
                            ValueRange outs) -> SmallVector<Part> {
    Value row = extractPart(b, outs[0], {OpFoldResult(ivs[0]), zero}, {one, k});
    Value highest = createConstant(b, i32, std::numeric_limits<int32_t>::max());
    auto round = [&](ImplicitLocOpBuilder &b, Value j,
                     ValueRange args) -> SmallVector<Value> {
      SmallVector<Value> next = findNext(b, keys, ivs[0], args[1], args[2]);
      Value updated = tensor::InsertOp::create(
          b, next[1], args[0], ValueRange{createIndex(b, 0), j});
      return {updated, next[0], next[1]};
    };
    Value chosen =
        createLoop(b, createIndex(b, 0), createIndex(b, topK),
                   {row, highest, createConstant(b, i32, -1)}, round)[0];
    return {{chosen, {OpFoldResult(ivs[0]), zero}, {one, k}}};
  };
  return createForall(b, {tokens}, empty, chooseForToken)[0];
}

/// Column j of every row is expert j.
static Value listAllExperts(ImplicitLocOpBuilder &b, Value logits) {
  return mapElements(b, getSizes(b, logits), b.getI32Type(), {},
                     [](ImplicitLocOpBuilder &b, ValueRange) -> Value {
                       return arith::IndexCastOp::create(
                           b, b.getI32Type(), linalg::IndexOp::create(b, 1));
                     });
}

/// values[t, indices[t,j]] for every slot.
static Value gatherChosen(ImplicitLocOpBuilder &b, Value values,
                          Value indices) {
  return mapElements(
      b, getSizes(b, indices), b.getF32Type(), {indices},
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        Value expert = arith::IndexCastOp::create(b, b.getIndexType(), args[0]);
        return tensor::ExtractOp::create(
            b, values, ValueRange{linalg::IndexOp::create(b, 0), expert});
      });
}

/// The gates [N,k] before the factor and before tokens are skipped.
static Value createGates(ImplicitLocOpBuilder &b, const Choice &choice,
                         Value indices) {
  GateAttr gate = choice.gate;
  auto choose = [&](Value values) {
    return choice.all ? values : gatherChosen(b, values, indices);
  };
  bool rawSoftmax = gate.getActivation() == Activation::Softmax &&
                    gate.getOrder() == GateOrder::ActivationThenTopK &&
                    !gate.getNormalize();
  if (rawSoftmax)
    return choose(activateRows(b, choice.logits, Activation::Softmax));
  // A softmax divided by its sum over the chosen is the softmax of the chosen
  // logits: one function, without the underflow of small scores.
  Value gates = activateRows(b, choose(choice.logits), gate.getActivation());
  if (gate.getActivation() == Activation::Sigmoid && gate.getNormalize())
    gates = divideRows(b, gates, sumRows(b, gates));
  return gates;
}

/// `values` [N,k] times `factor`, and `skipped` where the token is skipped.
static Value finishSlots(ImplicitLocOpBuilder &b, Value values, Value skip,
                         double factor, double skipped) {
  Type element = getElementTypeOrSelf(values);
  if (!skip && factor == 1.0)
    return values;
  SmallVector<MapOperand> operands = {values};
  if (skip)
    operands.emplace_back(skip, ArrayRef<unsigned>{0});
  return mapElements(b, getSizes(b, values), element, operands,
                     [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                       Value value = args[0];
                       if (factor != 1.0)
                         value = arith::MulFOp::create(
                             b, value, createConstant(b, element, factor));
                       if (skip)
                         value = arith::SelectOp::create(
                             b, args[1], createConstant(b, element, skipped),
                             value);
                       return value;
                     });
}

/// The indices and gates of every token.
static Values choose(ImplicitLocOpBuilder &b, const Choice &choice) {
  Value indices = choice.all
                      ? listAllExperts(b, choice.logits)
                      : chooseExperts(b, createKeys(b, createScores(b, choice)),
                                      choice.topK);
  Value gates = createGates(b, choice, indices);
  return {finishSlots(b, indices, choice.skip, 1.0, -1.0),
          finishSlots(b, gates, choice.skip, choice.gate.getFactor(), 0.0)};
}

Values moa::lowerRoute(ImplicitLocOpBuilder &b, RouteOp op,
                       const MoaToLinalgOptions &) {
  return choose(b, Choice(op, op.getLogits()));
}

Values moa::lowerRouter(ImplicitLocOpBuilder &b, RouterOp op,
                        const MoaToLinalgOptions &) {
  // f32 whatever the input is; for f64 they are rounded once.
  Value logits = createRoundedMatmul(b, op.getInput(), op.getWeights(),
                                     b.getF32Type(), op.getTransposed());
  Values results = {logits};
  results.append(choose(b, Choice(op, logits)));
  return results;
}
