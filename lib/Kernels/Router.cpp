//===- Router.cpp - The router kernel -------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block multiplies a tile of tokens with the router's weights, so that the
// scores of a token lie in one row of a tile; chooses experts by k rounds of
// "largest key, smallest expert that has it"; and turns the chosen logits into
// gates.
//
//===----------------------------------------------------------------------===//

#include "moa/Kernels/Router.h"

#include "llvm/Support/MathExtras.h"
#include <limits>

using namespace mlir;
using namespace moa;
using tile::ReduceKind;
using IPredicate = arith::CmpIPredicate;
using FPredicate = arith::CmpFPredicate;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();
/// The key of a column that cannot be chosen, and that of a NaN: below all
/// numbers.
static constexpr int32_t kNoKey = std::numeric_limits<int32_t>::min();
static constexpr int32_t kNaNKey = kNoKey + 1;

namespace {
class RouterKernel {
public:
  RouterKernel(TileBuilder &b, const RouterSpec &spec)
      : b(b), spec(spec), rows(spec.rows),
        columns(llvm::alignTo(spec.numExperts, kColumnStep)),
        slots(spec.all ? columns : llvm::alignTo(spec.topK, kColumnStep)) {}

  gpu::GPUFuncOp build(gpu::GPUModuleOp module, StringRef name);

private:
  /// Columns of a tile come in groups of this size.
  static constexpr int64_t kColumnStep = 8;

  Value multiply();
  Value createScores();
  Value createKeys();
  Value createNumerators(Value values, Value max);
  Value createSoftmax(Value values, Value all);
  Value activate(Value values);
  Value maskColumns(Value values, int64_t count, double hidden);
  void choose();
  Value createGates();

  TileBuilder &b;
  const RouterSpec &spec;
  int64_t rows, columns, slots;

  Value tokens, weights, bias, skip, logitsMemory, indicesMemory, gatesMemory;
  Value firstRow, expert;
  /// [rows, columns]; -inf in columns behind the last expert.
  Value logits;
  /// Of each slot: its expert and the logit of that.
  Value chosen, chosenLogits;
};
} // namespace

/// The product of the block's tokens with the router's weights.
Value RouterKernel::multiply() {
  Value depth = b.size(tokens, 1), zero = b.index(0);
  auto step = [&](Value k, ValueRange sum) -> SmallVector<Value> {
    Value left = b.load(tokens, {firstRow, k}, rows, spec.depth);
    Value right = spec.transposed
                      ? b.load(weights, {zero, k}, columns, spec.depth)
                      : b.load(weights, {k, zero}, spec.depth, columns);
    return {b.mma(left, right, sum[0], spec.transposed, spec.tf32)};
  };
  return b
      .loop(zero, depth, spec.depth, b.tile(rows, columns, b.getF32Type(), 0),
            spec.stages, step)
      .getResult(0);
}

/// `values` with `hidden` from column `count` on.
Value RouterKernel::maskColumns(Value values, int64_t count, double hidden) {
  auto type = cast<RankedTensorType>(values.getType());
  if (type.getDimSize(1) == count)
    return values;
  Value column = b.positions(1, type.getDimSize(1), b.index(0));
  return b.select(b.compare(IPredicate::slt, column, double(count)), values,
                  b.like(values, hidden));
}

/// exp(value - max); 1 for the maximum, which may be infinite, 0 for -inf.
Value RouterKernel::createNumerators(Value values, Value max) {
  Value power = b.exp(b.sub(values, max));
  power = b.select(b.compare(FPredicate::OEQ, values, max), b.like(power, 1),
                   power);
  return b.select(b.compare(FPredicate::OEQ, values, -kInfinity),
                  b.like(power, 0), power);
}

/// The softmax of `values`, each row relative to the sum over `all`.
Value RouterKernel::createSoftmax(Value values, Value all) {
  Value max = b.reduce(ReduceKind::Max, all, 1);
  Value sum = b.reduce(ReduceKind::Add, createNumerators(all, max), 1);
  return b.div(createNumerators(values, max), sum);
}

/// The activation of all experts' logits.
Value RouterKernel::activate(Value values) {
  if (spec.gate.getActivation() == Activation::Sigmoid)
    return b.sigmoid(values);
  return createSoftmax(values, values);
}

/// What experts are ranked by. Without a bias logits rank as their activation
/// does, and do not underflow.
Value RouterKernel::createScores() {
  if (!bias)
    return logits;
  Value base = spec.gate.getOrder() == GateOrder::ActivationThenTopK
                   ? activate(logits)
                   : logits;
  return b.add(base, b.load(bias, b.index(0), 1, columns));
}

/// i32 keys whose signed order is the order of rank.
Value RouterKernel::createKeys() {
  Value scores = createScores();
  // -0 + 0 is 0: the two zeros rank the same.
  Value number = b.add(scores, 0.0);
  auto type = cast<RankedTensorType>(scores.getType()).clone(b.getI32Type());
  Value bits = arith::BitcastOp::create(b, type, number);
  Value sign = arith::ShRSIOp::create(b, bits, b.like(bits, 31));
  Value flip = b.both(sign, b.like(sign, std::numeric_limits<int32_t>::max()));
  Value keys = arith::XOrIOp::create(b, bits, flip);
  Value isNaN = b.compare(FPredicate::UNO, scores, scores);
  keys = b.select(isNaN, b.like(keys, kNaNKey), keys);
  return maskColumns(keys, spec.numExperts, kNoKey);
}

void RouterKernel::choose() {
  if (spec.all) {
    chosen = b.add(b.tile(rows, columns, b.getI32Type(), 0), expert);
    chosenLogits = logits;
    return;
  }
  Value slot = b.positions(1, slots, b.index(0));
  auto round = [&](Value j, ValueRange carried) -> SmallVector<Value> {
    Value keys = carried[0];
    Value best = b.reduce(ReduceKind::Max, keys, 1);
    Value attains = b.compare(IPredicate::eq, keys, best);
    Value first = b.reduce(ReduceKind::Min,
                           b.select(attains, expert, b.like(keys, columns)), 1);
    Value isChosen = b.compare(IPredicate::eq, expert, first);
    Value logit = b.reduce(ReduceKind::Add,
                           b.select(isChosen, logits, b.like(logits, 0)), 1);
    Value isSlot = b.compare(IPredicate::eq, slot, j);
    return {b.select(isChosen, b.like(keys, kNoKey), keys),
            b.select(isSlot, first, carried[1]),
            b.select(isSlot, logit, carried[2])};
  };
  auto rounds = b.loop(b.index(0), b.index(spec.topK), 1,
                       {createKeys(), b.tile(rows, slots, b.getI32Type(), 0),
                        b.tile(rows, slots, b.getF32Type(), -kInfinity)},
                       /*stages=*/1, round);
  chosen = rounds.getResult(1);
  chosenLogits = rounds.getResult(2);
}

/// The gates of the chosen experts, see #moa.gate.
Value RouterKernel::createGates() {
  GateAttr gate = spec.gate;
  if (gate.getActivation() == Activation::Sigmoid) {
    Value gates = b.sigmoid(chosenLogits);
    if (!gate.getNormalize())
      return gates;
    gates = maskColumns(gates, spec.topK, 0);
    return b.div(gates, b.reduce(ReduceKind::Add, gates, 1));
  }
  // A softmax divided by its sum over the chosen is the softmax of the chosen
  // logits.
  bool raw =
      gate.getOrder() == GateOrder::ActivationThenTopK && !gate.getNormalize();
  return createSoftmax(chosenLogits, raw ? logits : chosenLogits);
}

gpu::GPUFuncOp RouterKernel::build(gpu::GPUModuleOp module, StringRef name) {
  SmallVector<Type> types;
  for (MemRefType type :
       {spec.tokens, spec.weights, spec.weights ? MemRefType() : spec.logits,
        spec.selectionBias, spec.skip,
        spec.weights ? spec.logits : MemRefType(), spec.indices, spec.gates})
    if (type)
      types.push_back(type);
  gpu::GPUFuncOp kernel = b.createKernel(module, name, types, spec.warps);
  auto next = kernel.getArguments().begin();
  auto take = [&](bool present) { return present ? Value(*next++) : Value(); };
  bool multiplies = static_cast<bool>(spec.weights);
  tokens = take(multiplies);
  weights = take(multiplies);
  if (!multiplies)
    logitsMemory = take(true);
  bias = take(static_cast<bool>(spec.selectionBias));
  skip = take(static_cast<bool>(spec.skip));
  if (multiplies)
    logitsMemory = take(static_cast<bool>(spec.logits));
  indicesMemory = take(true);
  gatesMemory = take(true);

  Value zero = b.index(0);
  firstRow = b.mul(b.blockId(gpu::Dimension::x), double(rows));
  expert = b.positions(1, columns, zero);
  logits = multiplies ? multiply()
                      : b.load(logitsMemory, {firstRow, zero}, rows, columns);
  if (multiplies && logitsMemory)
    b.store(logits, logitsMemory, {firstRow, zero});
  logits = maskColumns(logits, spec.numExperts, -kInfinity);
  choose();
  Value gates = createGates();
  if (spec.gate.getFactor() != 1.0)
    gates = b.mul(gates, spec.gate.getFactor());
  if (skip) {
    Value skipped = b.load(skip, firstRow, rows, 1);
    chosen = b.select(skipped, b.like(chosen, -1), chosen);
    gates = b.select(skipped, b.like(gates, 0), gates);
  }
  b.store(chosen, indicesMemory, {firstRow, zero});
  b.store(gates, gatesMemory, {firstRow, zero});
  return kernel;
}

gpu::GPUFuncOp moa::buildRouterKernel(TileBuilder &b, gpu::GPUModuleOp module,
                                      StringRef name, const RouterSpec &spec) {
  return RouterKernel(b, spec).build(module, name);
}

LogicalResult moa::chooseRouterTiles(RouterSpec &spec, int64_t sharedBytes) {
  constexpr int64_t kBandRows = 16;
  // A band of rows for each warp, so that no choice crosses warps; four of
  // them, as in the products that the router can share a launch with.
  int64_t tokens = spec.indices.getDimSize(0);
  int64_t bands = ShapedType::isDynamic(tokens) || tokens > kBandRows ? 4 : 1;
  spec.rows = bands * kBandRows;
  spec.warps = {bands, 1};
  if (!spec.weights)
    return success();
  int64_t element = spec.tokens.getElementTypeBitWidth() / 8;
  auto countBytes = [&] {
    return spec.stages * spec.depth * element *
           (spec.rows +
            static_cast<int64_t>(llvm::alignTo(spec.numExperts, 8)));
  };
  while (countBytes() > sharedBytes) {
    if (spec.depth > 16)
      spec.depth /= 2;
    else if (spec.stages > 1)
      --spec.stages;
    else
      return failure();
  }
  return success();
}
