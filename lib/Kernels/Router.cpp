//===- Router.cpp - The router kernel -------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block multiplies a tile of tokens with the router's weights, so that the
// scores of a token lie in one row of a tile; chooses experts by k rounds of
// "largest key, smallest expert that has it"; and turns the chosen logits into
// gates. Experts are taken some at a time; those chosen so far compete with the
// experts at hand. Where experts are visited again, the block reads the logits
// that it wrote: as a tile of the same shape and place, so that each thread
// reads its own.
//
//===----------------------------------------------------------------------===//

#include "moa/Kernels/Router.h"

#include "LossParts.h"
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

  Value multiply(Value firstExpert);
  Value getLogits(Value firstExpert);
  SmallVector<Value> visitExperts(ValueRange carried, ExpertsBody body);
  SmallVector<Value> createStatistics();
  SmallVector<Value> addStatistics(const Experts &experts,
                                   ValueRange statistics);
  Value createScores(const Experts &experts, ValueRange statistics);
  Value createKeys(const Experts &experts, ValueRange statistics);
  SmallVector<Value> createChoice();
  Value getChosenLogits(ValueRange chosen);
  SmallVector<Value> choose(const Experts &experts, ValueRange chosen,
                            Value keys);
  Value createGates(Value chosenLogits, ValueRange statistics);
  void store(Value chosen, Value gates, Value column);
  Value findCounted();
  void leaveCounts(Value counts, Value chosen);

  TileBuilder &b;
  const RouterSpec &spec;
  int64_t rows, slots;

  Value tokens, weights, bias, skip, numExperts;
  Value logitsMemory, indicesMemory, gatesMemory;
  Value firstRow;
  /// Whether the logits of all experts are in memory.
  bool hasLogits = false;
};
} // namespace

/// The product of the block's tokens with the weights of some experts.
Value RouterKernel::multiply(Value firstExpert) {
  Value depth = b.size(tokens, 1), zero = b.index(0);
  auto step = [&](Value k, ValueRange sum) -> SmallVector<Value> {
    Value left = b.load(tokens, {firstRow, k}, rows, spec.depth);
    Value right =
        spec.transposed
            ? b.load(weights, {firstExpert, k}, kExpertColumns, spec.depth)
            : b.load(weights, {k, firstExpert}, spec.depth, kExpertColumns);
    return {b.mma(left, right, sum[0], spec.transposed, spec.tf32)};
  };
  return b
      .loop(zero, depth, spec.depth,
            b.tile(rows, kExpertColumns, b.getF32Type(), 0), spec.stages, step)
      .getResult(0);
}

Value RouterKernel::getLogits(Value firstExpert) {
  if (hasLogits)
    return b.load(logitsMemory, {firstRow, firstExpert}, rows, kExpertColumns);
  Value logits = multiply(firstExpert);
  if (logitsMemory)
    b.store(logits, logitsMemory, {firstRow, firstExpert});
  return logits;
}

/// `body` for all experts.
SmallVector<Value> RouterKernel::visitExperts(ValueRange carried,
                                              ExpertsBody body) {
  SmallVector<Value> results = forExperts(
      b, numExperts, carried, [&](Value first) { return getLogits(first); },
      body);
  hasLogits = hasLogits || logitsMemory;
  return results;
}

//===----------------------------------------------------------------------===//
// Activations of all experts
//===----------------------------------------------------------------------===//

static bool isSoftmax(const RouterSpec &spec) {
  return spec.gate.getActivation() == Activation::Softmax;
}

/// Whether experts are ranked by their activation. Without a bias logits rank
/// as that does, and do not underflow.
static bool ranksActivations(const RouterSpec &spec) {
  return spec.selectionBias &&
         spec.gate.getOrder() == GateOrder::ActivationThenTopK;
}

/// Whether gates are relative to what all experts have. A softmax divided by
/// its sum over the chosen is the softmax of the chosen logits.
static bool dividesByAll(const RouterSpec &spec) {
  if (spec.all)
    return isSoftmax(spec) || spec.gate.getNormalize();
  return isSoftmax(spec) && !spec.gate.getNormalize() &&
         spec.gate.getOrder() == GateOrder::ActivationThenTopK;
}

/// Whether statistics have to be known before experts are chosen.
static bool choosesByStatistics(const RouterSpec &spec) {
  if (spec.all)
    return dividesByAll(spec);
  return isSoftmax(spec) && ranksActivations(spec);
}

bool moa::readsLogits(const RouterSpec &spec) {
  // Statistics are enough for the z loss, where they are those of a softmax.
  Loss visiting = isSoftmax(spec) ? Loss::Balance | Loss::Mutual
                                  : Loss::Balance | Loss::Z | Loss::Mutual;
  return choosesByStatistics(spec) ||
         bitEnumContainsAny(spec.losses.losses, visiting);
}

/// Statistics of no expert: the largest logit, and the sum of activations,
/// those of a softmax relative to that logit.
SmallVector<Value> RouterKernel::createStatistics() {
  return createSoftmax(b, rows);
}

/// `statistics` and the experts at hand.
SmallVector<Value> RouterKernel::addStatistics(const Experts &experts,
                                               ValueRange statistics) {
  if (isSoftmax(spec))
    return addToSoftmax(b, statistics, experts.logits);
  Value values = b.select(experts.exist, b.sigmoid(experts.logits),
                          b.like(experts.logits, 0));
  return {statistics[0],
          b.add(statistics[1], b.reduce(ReduceKind::Add, values, 1))};
}

//===----------------------------------------------------------------------===//
// Choice
//===----------------------------------------------------------------------===//

/// What experts are ranked by.
Value RouterKernel::createScores(const Experts &experts,
                                 ValueRange statistics) {
  Value logits = experts.logits;
  if (!bias)
    return logits;
  Value base = logits;
  if (ranksActivations(spec))
    base = isSoftmax(spec) ? b.div(createNumerators(b, logits, statistics[0]),
                                   statistics[1])
                           : b.sigmoid(logits);
  return b.add(base, b.load(bias, experts.first, 1, kExpertColumns));
}

/// `bits` of floats as keys whose signed order is theirs, and back: negative
/// numbers have their order reversed.
static Value flipNegative(TileBuilder &b, Value bits) {
  Value sign = arith::ShRSIOp::create(b, bits, b.like(bits, 31));
  Value flip = b.both(sign, b.like(sign, std::numeric_limits<int32_t>::max()));
  return arith::XOrIOp::create(b, bits, flip);
}

/// i32 keys whose signed order is the order of rank.
Value RouterKernel::createKeys(const Experts &experts, ValueRange statistics) {
  Value scores = createScores(experts, statistics);
  // -0 + 0 is 0: the two zeros rank the same.
  Value number = b.add(scores, 0.0);
  auto type = cast<RankedTensorType>(scores.getType()).clone(b.getI32Type());
  Value keys = flipNegative(b, arith::BitcastOp::create(b, type, number));
  Value isNaN = b.compare(FPredicate::UNO, scores, scores);
  keys = b.select(isNaN, b.like(keys, kNaNKey), keys);
  return b.select(experts.exist, keys, b.like(keys, kNoKey));
}

/// No experts: their keys, their numbers, and with a bias their logits, which
/// keys do not tell then; all [rows, slots].
SmallVector<Value> RouterKernel::createChoice() {
  SmallVector<Value> choice = {b.tile(rows, slots, b.getI32Type(), kNoKey),
                               b.tile(rows, slots, b.getI32Type(), 0)};
  if (bias)
    choice.push_back(b.tile(rows, slots, b.getF32Type(), -kInfinity));
  return choice;
}

Value RouterKernel::getChosenLogits(ValueRange chosen) {
  if (bias)
    return chosen[2];
  Value keys = chosen[0];
  auto type = cast<RankedTensorType>(keys.getType()).clone(b.getF32Type());
  Value logits = arith::BitcastOp::create(b, type, flipNegative(b, keys));
  return b.select(b.compare(IPredicate::eq, keys, double(kNoKey)),
                  b.like(logits, -kInfinity), logits);
}

/// The best of those chosen before and of `experts`, whose keys are `keys`.
/// Fewer than k before the end: slots that are left have no key.
SmallVector<Value> RouterKernel::choose(const Experts &experts,
                                        ValueRange chosen, Value keys) {
  auto join = [&](Value before, Value more) -> Value {
    return tensor::ConcatOp::create(b, /*dim=*/1, ValueRange{before, more});
  };
  Value numbers = join(chosen[1], b.add(b.like(keys, 0), experts.numbers));
  Value values = bias ? join(chosen[2], experts.logits) : Value();
  Value slot = b.positions(1, slots, b.index(0));
  auto round = [&](Value j, ValueRange carried) -> SmallVector<Value> {
    Value keys = carried[0];
    Value best = b.reduce(ReduceKind::Max, keys, 1);
    Value attains = b.compare(IPredicate::eq, keys, best);
    constexpr double kNone = std::numeric_limits<int32_t>::max();
    Value first = b.reduce(
        ReduceKind::Min, b.select(attains, numbers, b.like(numbers, kNone)), 1);
    Value isChosen = b.both(attains, b.compare(IPredicate::eq, numbers, first));
    Value isSlot = b.compare(IPredicate::eq, slot, j);
    SmallVector<Value> next = {b.select(isChosen, b.like(keys, kNoKey), keys),
                               b.select(isSlot, best, carried[1]),
                               b.select(isSlot, first, carried[2])};
    if (values) {
      Value logit = b.reduce(ReduceKind::Add,
                             b.select(isChosen, values, b.like(values, 0)), 1);
      next.push_back(b.select(isSlot, logit, carried[3]));
    }
    return next;
  };
  SmallVector<Value> carried = {join(chosen[0], keys)};
  llvm::append_range(carried, createChoice());
  auto rounds = b.loop(b.index(0), b.index(spec.topK), 1, carried,
                       /*stages=*/1, round);
  return llvm::to_vector_of<Value>(rounds.getResults().drop_front());
}

/// The gates of experts with `chosenLogits`, see #moa.gate.
Value RouterKernel::createGates(Value chosenLogits, ValueRange statistics) {
  if (isSoftmax(spec)) {
    if (dividesByAll(spec))
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

/// Which of the block's tokens there are, and not skipped: [rows,1].
Value RouterKernel::findCounted() {
  Value counted = b.compare(IPredicate::slt, b.positions(rows, 1, firstRow),
                            b.size(indicesMemory, 0));
  if (!skip)
    return counted;
  Value skipped = b.load(skip, firstRow, rows, 1);
  return b.select(skipped, b.like(counted, 0), counted);
}

/// The experts of a token are in a row of `chosen`, unless they are all.
void RouterKernel::leaveCounts(Value counts, Value chosen) {
  Value counted = findCounted();
  Value slot = b.positions(1, slots, b.index(0));
  auto getIndex = [&](Value j) {
    Value isSlot = b.both(counted, b.compare(IPredicate::eq, slot, j));
    return b.reduce(ReduceKind::Max,
                    b.select(isSlot, chosen, b.like(chosen, -1)), 1);
  };
  auto count = [&](Value numbers) -> Value {
    if (!spec.all)
      return countSlots(b, numbers, rows, b.index(spec.topK), getIndex);
    Value zeros = b.tile(rows, kExpertColumns, b.getI32Type(), 0);
    return b.select(counted, b.like(zeros, 1), zeros);
  };
  moa::leaveCounts(b, counts, b.blockId(gpu::Dimension::x), numExperts, count);
}

gpu::GPUFuncOp RouterKernel::build(gpu::GPUModuleOp module, StringRef name) {
  // Logits are read, or written.
  MemRefType none, read = spec.weights ? none : spec.logits,
                   written = spec.weights ? spec.logits : none;
  SmallVector<Type> types = presentTypes(
      {spec.tokens, spec.weights, read, spec.selectionBias, spec.skip});
  types.push_back(b.getIndexType());
  llvm::append_range(types, presentTypes({written, spec.indices, spec.gates}));
  llvm::append_range(types, listLossParts(spec.losses));
  llvm::append_range(types, presentTypes(spec.counts));
  gpu::GPUFuncOp kernel = b.createKernel(module, name, types, spec.warps);
  Arguments arguments(kernel.getArguments());
  tokens = arguments.next(spec.tokens);
  weights = arguments.next(spec.weights);
  logitsMemory = arguments.next(read);
  bias = arguments.next(spec.selectionBias);
  skip = arguments.next(spec.skip);
  numExperts = arguments.next(b.getIndexType());
  hasLogits = static_cast<bool>(read);
  if (written)
    logitsMemory = arguments.next(written);
  indicesMemory = arguments.next(spec.indices);
  gatesMemory = arguments.next(spec.gates);
  LossParts losses(b, spec.losses, arguments);
  Value counts = arguments.next(spec.counts);
  firstRow = b.mul(b.blockId(gpu::Dimension::x), double(rows));

  // Known before experts are chosen, or only behind it.
  bool first = choosesByStatistics(spec);
  bool later = !first && !spec.all && isSoftmax(spec) &&
               (dividesByAll(spec) || losses.readsSoftmax());
  SmallVector<Value> statistics;
  if (first)
    statistics = visitExperts(
        createStatistics(), [&](const Experts &experts, ValueRange statistics) {
          return addStatistics(experts, statistics);
        });
  SmallVector<Value> carried;
  if (!spec.all)
    carried = createChoice();
  size_t numChoice = carried.size();
  if (later)
    llvm::append_range(carried, createStatistics());
  auto visit = [&](const Experts &experts,
                   ValueRange carried) -> SmallVector<Value> {
    if (spec.all) {
      // Expert j is column j.
      Value zeros = b.tile(rows, kExpertColumns, b.getI32Type(), 0);
      store(b.add(zeros, experts.numbers),
            createGates(experts.logits, statistics), experts.first);
      return {};
    }
    SmallVector<Value> next = choose(experts, carried.take_front(numChoice),
                                     createKeys(experts, statistics));
    if (later)
      llvm::append_range(next,
                         addStatistics(experts, carried.drop_front(numChoice)));
    return next;
  };
  carried = visitExperts(carried, visit);
  if (later)
    statistics.assign(carried.begin() + numChoice, carried.end());
  Value chosen = spec.all ? Value() : carried[1];
  if (chosen)
    store(chosen, createGates(getChosenLogits(carried), statistics),
          b.index(0));
  if (counts)
    leaveCounts(counts, chosen);
  // Losses read a softmax only.
  if (!isSoftmax(spec))
    statistics.clear();
  if (spec.losses.tokens)
    losses.leave(
        b.blockId(gpu::Dimension::x), findCounted(), numExperts,
        [&](Value first) { return getLogits(first); }, statistics);
  return kernel;
}

gpu::GPUFuncOp moa::buildRouterKernel(TileBuilder &b, gpu::GPUModuleOp module,
                                      StringRef name, const RouterSpec &spec) {
  return RouterKernel(b, spec).build(module, name);
}

LogicalResult moa::chooseRouterTiles(RouterSpec &spec, int64_t sharedBytes) {
  if (!spec.weights)
    return success();
  int64_t element = spec.tokens.getElementTypeBitWidth() / 8;
  auto countBytes = [&] {
    return spec.stages * spec.depth * element * (spec.rows + kExpertColumns);
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
