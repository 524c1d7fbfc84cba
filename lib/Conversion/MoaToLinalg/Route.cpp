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

/// The low half of the key of expert 0.
static constexpr int64_t kFirstExpert = std::numeric_limits<int32_t>::max();

/// i64 keys that are ordered as signed integers the way experts rank: the score
/// in the upper half, where -0 equals +0 and a NaN is below every number, and
/// in the lower one the expert, so that no two keys of a token are equal.
static Value createKeys(ImplicitLocOpBuilder &b, Value scores) {
  Type i32 = b.getI32Type(), i64 = b.getI64Type();
  return mapElements(
      b, getSizes(b, scores), i64, {scores},
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
        key = arith::SelectOp::create(
            b, isNaN,
            createConstant(b, i32, std::numeric_limits<int32_t>::min()), key);
        Value upper = arith::ShLIOp::create(
            b, arith::ExtSIOp::create(b, i64, key), createConstant(b, i64, 32));
        Value expert =
            arith::IndexCastOp::create(b, i64, linalg::IndexOp::create(b, 1));
        Value lower = arith::SubIOp::create(
            b, createConstant(b, i64, kFirstExpert), expert);
        return arith::OrIOp::create(b, upper, lower);
      });
}

/// The highest key of `token` that is below `last`: one maximum of integers,
/// which LLVM takes several keys at a time.
static Value findNext(ImplicitLocOpBuilder &b, Value keys, Value token,
                      Value last) {
  Value none = arith::ConstantOp::create(
      b, b.getI64IntegerAttr(std::numeric_limits<int64_t>::min()));
  auto visit = [&](ImplicitLocOpBuilder &b, Value expert,
                   ValueRange best) -> SmallVector<Value> {
    Value key = tensor::ExtractOp::create(b, keys, ValueRange{token, expert});
    Value isBelow =
        arith::CmpIOp::create(b, arith::CmpIPredicate::slt, key, last);
    Value candidate = arith::SelectOp::create(b, isBelow, key, none);
    return {arith::MaxSIOp::create(b, candidate, best[0])};
  };
  return createLoop(b, createIndex(b, 0), getSize(b, keys, 1), {none},
                    visit)[0];
}

/// The expert of a key.
static Value getExpert(ImplicitLocOpBuilder &b, Value key) {
  Value lower = arith::TruncIOp::create(b, b.getI32Type(), key);
  return arith::SubIOp::create(
      b, createConstant(b, b.getI32Type(), kFirstExpert), lower);
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
    Value highest = arith::ConstantOp::create(
        b, b.getI64IntegerAttr(std::numeric_limits<int64_t>::max()));
    auto round = [&](ImplicitLocOpBuilder &b, Value j,
                     ValueRange args) -> SmallVector<Value> {
      Value next = findNext(b, keys, ivs[0], args[1]);
      Value updated = tensor::InsertOp::create(
          b, getExpert(b, next), args[0], ValueRange{createIndex(b, 0), j});
      return {updated, next};
    };
    Value chosen = createLoop(b, createIndex(b, 0), createIndex(b, topK),
                              {row, highest}, round)[0];
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
  for (Loss loss : listLosses(op.getLosses()))
    results.push_back(createLoss(b, loss, op.getGate().getActivation(), logits,
                                 /*indices=*/results[1],
                                 /*runtimeChecks=*/false));
  return results;
}
