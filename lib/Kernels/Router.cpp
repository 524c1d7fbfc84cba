//===- Router.cpp - The router kernel -------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block multiplies a tile of tokens with the router's weights, so that the
// scores of a token lie in one row of a tile; chooses experts by k rounds of
// "largest key, smallest expert that has it"; and turns the chosen logits into
// gates. Experts are taken some at a time, and how many there are is an
// argument of the kernel: its code is the same for any number. Those chosen so
// far compete with the experts at hand.
//
//===----------------------------------------------------------------------===//

#include "moa/Kernels/Router.h"

#include "Arguments.h"
#include "Softmax.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
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
        slots(llvm::alignTo(spec.topK, kColumnStep)) {}

  gpu::GPUFuncOp build(gpu::GPUModuleOp module, StringRef name);

private:
  /// Columns of a tile come in groups of this size.
  static constexpr int64_t kColumnStep = 8;

  void takeArguments(ArrayRef<BlockArgument> arguments);
  Value multiply();
  using ExpertsBody = function_ref<SmallVector<Value>(ValueRange carried)>;
  SmallVector<Value> forExperts(ValueRange carried, ExpertsBody body);
  bool isSoftmax() const {
    return spec.gate.getActivation() == Activation::Softmax;
  }
  bool ranksActivations() const;
  bool dividesByAll() const;
  SmallVector<Value> createStatistics();
  SmallVector<Value> addStatistics(ValueRange statistics);
  Value createScores(ValueRange statistics);
  Value createKeys(ValueRange statistics);
  SmallVector<Value> createChoice();
  SmallVector<Value> choose(ValueRange chosen, Value keys);
  Value createGates(Value chosenLogits, ValueRange statistics);
  void store(Value chosen, Value gates, Value column);

  TileBuilder &b;
  const RouterSpec &spec;
  int64_t rows, slots;

  Value tokens, weights, bias, skip, experts;
  Value logitsMemory, indicesMemory, gatesMemory;
  Value firstRow;
  /// The experts at hand: the first one; their numbers and which of them there
  /// are, [1, kRouterColumns]; and their logits [rows, kRouterColumns], -inf
  /// where there is no expert.
  Value firstExpert, expert, exists, logits;
};
} // namespace

/// The product of the block's tokens with the weights of the experts at hand.
Value RouterKernel::multiply() {
  Value depth = b.size(tokens, 1), zero = b.index(0);
  auto step = [&](Value k, ValueRange sum) -> SmallVector<Value> {
    Value left = b.load(tokens, {firstRow, k}, rows, spec.depth);
    Value right =
        spec.transposed
            ? b.load(weights, {firstExpert, k}, kRouterColumns, spec.depth)
            : b.load(weights, {k, firstExpert}, spec.depth, kRouterColumns);
    return {b.mma(left, right, sum[0], spec.transposed, spec.tf32)};
  };
  return b
      .loop(zero, depth, spec.depth,
            b.tile(rows, kRouterColumns, b.getF32Type(), 0), spec.stages, step)
      .getResult(0);
}

/// `body` for all experts, some at a time.
SmallVector<Value> RouterKernel::forExperts(ValueRange carried,
                                            ExpertsBody body) {
  auto step = [&](Value first, ValueRange carried) {
    firstExpert = first;
    expert = b.positions(1, kRouterColumns, first);
    exists = b.compare(IPredicate::slt, expert, experts);
    logits =
        weights ? multiply()
                : b.load(logitsMemory, {firstRow, first}, rows, kRouterColumns);
    logits = b.select(exists, logits, b.like(logits, -kInfinity));
    return body(carried);
  };
  return b
      .loop(b.index(0), experts, kRouterColumns, carried, /*stages=*/1, step)
      .getResults();
}

//===----------------------------------------------------------------------===//
// Activations of all experts
//===----------------------------------------------------------------------===//

/// Whether experts are ranked by their activation. Without a bias logits rank
/// as that does, and do not underflow.
bool RouterKernel::ranksActivations() const {
  return bias && spec.gate.getOrder() == GateOrder::ActivationThenTopK;
}

/// Whether gates are relative to what all experts have. A softmax divided by
/// its sum over the chosen is the softmax of the chosen logits.
bool RouterKernel::dividesByAll() const {
  if (spec.all)
    return isSoftmax() || spec.gate.getNormalize();
  return isSoftmax() && !spec.gate.getNormalize() &&
         spec.gate.getOrder() == GateOrder::ActivationThenTopK;
}

/// Statistics of no expert: the largest logit, and the sum of activations,
/// those of a softmax relative to that logit.
SmallVector<Value> RouterKernel::createStatistics() {
  return createSoftmax(b, rows);
}

/// `statistics` and the experts at hand.
SmallVector<Value> RouterKernel::addStatistics(ValueRange statistics) {
  if (isSoftmax())
    return addToSoftmax(b, statistics, logits);
  Value values = b.select(exists, b.sigmoid(logits), b.like(logits, 0));
  return {statistics[0],
          b.add(statistics[1], b.reduce(ReduceKind::Add, values, 1))};
}

//===----------------------------------------------------------------------===//
// Choice
//===----------------------------------------------------------------------===//

/// What the experts at hand are ranked by.
Value RouterKernel::createScores(ValueRange statistics) {
  if (!bias)
    return logits;
  Value base = logits;
  if (ranksActivations())
    base = isSoftmax() ? b.div(createNumerators(b, logits, statistics[0]),
                               statistics[1])
                       : b.sigmoid(logits);
  return b.add(base, b.load(bias, firstExpert, 1, kRouterColumns));
}

/// i32 keys whose signed order is the order of rank.
Value RouterKernel::createKeys(ValueRange statistics) {
  Value scores = createScores(statistics);
  // -0 + 0 is 0: the two zeros rank the same.
  Value number = b.add(scores, 0.0);
  auto type = cast<RankedTensorType>(scores.getType()).clone(b.getI32Type());
  Value bits = arith::BitcastOp::create(b, type, number);
  Value sign = arith::ShRSIOp::create(b, bits, b.like(bits, 31));
  Value flip = b.both(sign, b.like(sign, std::numeric_limits<int32_t>::max()));
  Value keys = arith::XOrIOp::create(b, bits, flip);
  Value isNaN = b.compare(FPredicate::UNO, scores, scores);
  keys = b.select(isNaN, b.like(keys, kNaNKey), keys);
  return b.select(exists, keys, b.like(keys, kNoKey));
}

/// No experts: their keys, numbers and logits, [rows, slots].
SmallVector<Value> RouterKernel::createChoice() {
  return {b.tile(rows, slots, b.getI32Type(), kNoKey),
          b.tile(rows, slots, b.getI32Type(), 0),
          b.tile(rows, slots, b.getF32Type(), -kInfinity)};
}

/// The best of those chosen before and of the experts at hand, whose keys are
/// `keys`. Fewer than k before the end: slots that are left have no key.
SmallVector<Value> RouterKernel::choose(ValueRange chosen, Value keys) {
  auto join = [&](Value before, Value more) -> Value {
    return tensor::ConcatOp::create(b, /*dim=*/1, ValueRange{before, more});
  };
  Value numbers = join(chosen[1], b.add(b.like(keys, 0), expert));
  Value values = join(chosen[2], logits);
  Value slot = b.positions(1, slots, b.index(0));
  auto round = [&](Value j, ValueRange carried) -> SmallVector<Value> {
    Value keys = carried[0];
    Value best = b.reduce(ReduceKind::Max, keys, 1);
    Value attains = b.compare(IPredicate::eq, keys, best);
    constexpr double kNone = std::numeric_limits<int32_t>::max();
    Value first = b.reduce(
        ReduceKind::Min, b.select(attains, numbers, b.like(numbers, kNone)), 1);
    Value isChosen = b.both(attains, b.compare(IPredicate::eq, numbers, first));
    Value logit = b.reduce(ReduceKind::Add,
                           b.select(isChosen, values, b.like(values, 0)), 1);
    Value isSlot = b.compare(IPredicate::eq, slot, j);
    return {b.select(isChosen, b.like(keys, kNoKey), keys),
            b.select(isSlot, best, carried[1]),
            b.select(isSlot, first, carried[2]),
            b.select(isSlot, logit, carried[3])};
  };
  SmallVector<Value> carried = {join(chosen[0], keys)};
  llvm::append_range(carried, createChoice());
  auto rounds = b.loop(b.index(0), b.index(spec.topK), 1, carried,
                       /*stages=*/1, round);
  return llvm::to_vector_of<Value>(rounds.getResults().drop_front());
}

/// The gates of experts with `chosenLogits`, see #moa.gate.
Value RouterKernel::createGates(Value chosenLogits, ValueRange statistics) {
  if (isSoftmax()) {
    if (dividesByAll())
      return b.div(createNumerators(b, chosenLogits, statistics[0]),
                   statistics[1]);
    Value max = b.reduce(ReduceKind::Max, chosenLogits, 1);
    Value numerators = createNumerators(b, chosenLogits, max);
    return b.div(numerators, b.reduce(ReduceKind::Add, numerators, 1));
  }
  Value gates = b.sigmoid(chosenLogits);
  if (!spec.gate.getNormalize())
    return gates;
  if (spec.all)
    return b.div(gates, statistics[1]);
  Value isSlot = b.compare(IPredicate::slt, b.positions(1, slots, b.index(0)),
                           double(spec.topK));
  gates = b.select(isSlot, gates, b.like(gates, 0));
  return b.div(gates, b.reduce(ReduceKind::Add, gates, 1));
}

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

void RouterKernel::store(Value chosen, Value gates, Value column) {
  if (spec.gate.getFactor() != 1.0)
    gates = b.mul(gates, spec.gate.getFactor());
  if (skip) {
    Value skipped = b.load(skip, firstRow, rows, 1);
    chosen = b.select(skipped, b.like(chosen, -1), chosen);
    gates = b.select(skipped, b.like(gates, 0), gates);
  }
  b.store(chosen, indicesMemory, {firstRow, column});
  b.store(gates, gatesMemory, {firstRow, column});
}

gpu::GPUFuncOp RouterKernel::build(gpu::GPUModuleOp module, StringRef name) {
  // Logits are read, or written.
  MemRefType none, read = spec.weights ? none : spec.logits,
                   written = spec.weights ? spec.logits : none;
  SmallVector<Type> types = presentTypes(
      {spec.tokens, spec.weights, read, spec.selectionBias, spec.skip});
  types.push_back(b.getIndexType());
  llvm::append_range(types, presentTypes({written, spec.indices, spec.gates}));
  gpu::GPUFuncOp kernel = b.createKernel(module, name, types, spec.warps);
  Arguments arguments(kernel.getArguments());
  tokens = arguments.next(spec.tokens);
  weights = arguments.next(spec.weights);
  logitsMemory = arguments.next(read);
  bias = arguments.next(spec.selectionBias);
  skip = arguments.next(spec.skip);
  experts = arguments.next(b.getIndexType());
  if (written)
    logitsMemory = arguments.next(written);
  indicesMemory = arguments.next(spec.indices);
  gatesMemory = arguments.next(spec.gates);
  firstRow = b.mul(b.blockId(gpu::Dimension::x), double(rows));

  // Known before the experts are visited once more, or only behind them.
  bool first = spec.all ? dividesByAll() : ranksActivations() && isSoftmax();
  bool later = !first && dividesByAll();
  SmallVector<Value> statistics;
  if (first)
    statistics = forExperts(createStatistics(), [&](ValueRange statistics) {
      return addStatistics(statistics);
    });
  SmallVector<Value> carried;
  if (!spec.all)
    carried = createChoice();
  if (later)
    llvm::append_range(carried, createStatistics());
  carried = forExperts(carried, [&](ValueRange carried) -> SmallVector<Value> {
    if (written)
      b.store(logits, logitsMemory, {firstRow, firstExpert});
    if (spec.all) {
      // Expert j is column j.
      Value chosen =
          b.add(b.tile(rows, kRouterColumns, b.getI32Type(), 0), expert);
      store(chosen, createGates(logits, statistics), firstExpert);
      return {};
    }
    SmallVector<Value> next =
        choose(carried.take_front(3), createKeys(statistics));
    if (later)
      llvm::append_range(next, addStatistics(carried.drop_front(3)));
    return next;
  });
  if (later)
    statistics.assign(carried.begin() + 3, carried.end());
  if (!spec.all)
    store(carried[1], createGates(carried[2], statistics), b.index(0));
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
    return spec.stages * spec.depth * element * (spec.rows + kRouterColumns);
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
