//===- Losses.cpp - The kernels of the router's losses --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two kernels. A block of the first takes some tokens and leaves what they add
// to the loss: one number, or one for each expert. The second, a single block,
// adds that up in the order of the blocks. Both take experts some at a time,
// and how many there are is an argument: the code is the same for any number.
//
//===----------------------------------------------------------------------===//

#include "moa/Kernels/Losses.h"

#include "Arguments.h"
#include "Softmax.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <limits>

using namespace mlir;
using namespace moa;
using tile::ReduceKind;
using IPredicate = arith::CmpIPredicate;
using FPredicate = arith::CmpFPredicate;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Experts that are taken at a time.
static constexpr int64_t kColumns = 64;
/// A band of 16 rows for each warp: tokens, or blocks that left something.
static constexpr int64_t kRows = kLossTokens;
static constexpr WarpGrid kWarps = {kRows / 16, 1};

/// -p log p, 0 where p is 0.
static Value createEntropy(TileBuilder &b, Value p) {
  Value term = b.mul(p, b.mul(Value(math::LogOp::create(b, p)), -1.0));
  return b.select(b.compare(FPredicate::OEQ, p, 0.0), b.like(p, 0), term);
}

static Value sumRows(TileBuilder &b, Value values) {
  return b.reduce(ReduceKind::Add, values, 0);
}

static Value sumColumns(TileBuilder &b, Value values) {
  return b.reduce(ReduceKind::Add, values, 1);
}

//===----------------------------------------------------------------------===//
// What tokens add
//===----------------------------------------------------------------------===//

namespace {
class LossPartsKernel {
public:
  LossPartsKernel(TileBuilder &b, const LossSpec &spec) : b(b), spec(spec) {}

  gpu::GPUFuncOp build(gpu::GPUModuleOp module, StringRef name);

private:
  using ExpertsBody = function_ref<SmallVector<Value>(ValueRange carried)>;
  SmallVector<Value> forExperts(ValueRange carried, ExpertsBody body);
  Value activate(ValueRange softmax);
  Value countSlots();
  Value sumCounted(Value values);
  Value addExperts(ValueRange softmax);

  TileBuilder &b;
  const LossSpec &spec;
  Value logitsMemory, indices, experts;
  Value activations, slots;
  Value block, firstToken;
  /// Which tokens are counted, [kRows,1].
  Value counted;
  /// The experts at hand: the first one; their numbers and which of them there
  /// are, [1,kColumns]; and their logits [kRows,kColumns], -inf where there is
  /// no expert.
  Value firstExpert, expert, exists, logits;
};
} // namespace

/// `body` for all experts, some at a time.
SmallVector<Value> LossPartsKernel::forExperts(ValueRange carried,
                                               ExpertsBody body) {
  auto step = [&](Value first, ValueRange carried) {
    firstExpert = first;
    expert = b.positions(1, kColumns, first);
    exists = b.compare(IPredicate::slt, expert, experts);
    logits = b.load(logitsMemory, {firstToken, first}, kRows, kColumns);
    logits = b.select(exists, logits, b.like(logits, -kInfinity));
    return body(carried);
  };
  return b.loop(b.index(0), experts, kColumns, carried, /*stages=*/1, step)
      .getResults();
}

Value LossPartsKernel::activate(ValueRange softmax) {
  if (spec.activation == Activation::Sigmoid)
    return b.select(exists, b.sigmoid(logits), b.like(logits, 0));
  return b.div(createNumerators(b, logits, softmax[0]), softmax[1]);
}

/// [1,..]: the sum of the rows of counted tokens.
Value LossPartsKernel::sumCounted(Value values) {
  return sumRows(b, b.select(counted, values, b.like(values, 0)));
}

/// [1,kColumns] f32: slots that went to each of the experts at hand.
Value LossPartsKernel::countSlots() {
  Value zeros = b.tile(kRows, kColumns, b.getF32Type(), 0);
  auto addSlot = [&](Value j, ValueRange counts) -> SmallVector<Value> {
    Value index = b.load(indices, {firstToken, j}, kRows, 1);
    Value isChosen = b.compare(IPredicate::eq, index, expert);
    return {b.add(counts[0], b.select(isChosen, b.like(zeros, 1), zeros))};
  };
  return sumCounted(b.loop(b.index(0), b.size(indices, 1), 1, zeros,
                           /*stages=*/1, addSlot)
                        .getResult(0));
}

/// Leave what tokens add to each expert; returns what they add to the loss
/// itself, [kRows,1].
Value LossPartsKernel::addExperts(ValueRange softmax) {
  Value none = b.tile(kRows, 1, b.getF32Type(), 0);
  return forExperts(none, [&](ValueRange terms) -> SmallVector<Value> {
    Value p = activate(softmax);
    b.store(sumCounted(p), activations, {block, firstExpert});
    if (spec.kind == LossKind::Mutual)
      return {b.add(terms[0], sumColumns(b, createEntropy(b, p)))};
    b.store(countSlots(), slots, {block, firstExpert});
    return {terms[0]};
  })[0];
}

gpu::GPUFuncOp LossPartsKernel::build(gpu::GPUModuleOp module, StringRef name) {
  SmallVector<Type> types = {spec.logits, spec.indices, b.getIndexType()};
  llvm::append_range(types, presentTypes({spec.tokens, spec.terms,
                                          spec.activations, spec.slots}));
  gpu::GPUFuncOp kernel = b.createKernel(module, name, types, kWarps);
  Arguments arguments(kernel.getArguments());
  logitsMemory = arguments.next(spec.logits);
  indices = arguments.next(spec.indices);
  experts = arguments.next(b.getIndexType());
  Value tokens = arguments.next(spec.tokens);
  Value terms = arguments.next(spec.terms);
  activations = arguments.next(spec.activations);
  slots = arguments.next(spec.slots);

  block = b.blockId(gpu::Dimension::x);
  firstToken = b.mul(block, double(kRows));
  Value isToken = b.compare(IPredicate::slt, b.positions(kRows, 1, firstToken),
                            b.size(logitsMemory, 0));
  Value index = b.load(indices, {firstToken, b.index(0)}, kRows, 1);
  counted = b.both(isToken, b.compare(IPredicate::sge, index, 0.0));
  Value ones = b.tile(kRows, 1, b.getF32Type(), 1);
  b.store(sumCounted(ones), tokens, block);

  SmallVector<Value> softmax;
  if (spec.kind == LossKind::Z || spec.activation == Activation::Softmax)
    softmax = forExperts(createSoftmax(b, kRows), [&](ValueRange softmax) {
      return addToSoftmax(b, softmax, logits);
    });
  if (spec.kind == LossKind::Z) {
    Value lse = b.add(softmax[0], Value(math::LogOp::create(b, softmax[1])));
    b.store(sumCounted(b.mul(lse, lse)), terms, block);
    return kernel;
  }
  Value added = addExperts(softmax);
  if (terms)
    b.store(sumCounted(added), terms, block);
  return kernel;
}

gpu::GPUFuncOp moa::buildLossPartsKernel(TileBuilder &b,
                                         gpu::GPUModuleOp module,
                                         StringRef name, const LossSpec &spec) {
  return LossPartsKernel(b, spec).build(module, name);
}

//===----------------------------------------------------------------------===//
// The loss
//===----------------------------------------------------------------------===//

/// What all blocks left in `columns` columns of `parts` from `column` on, or in
/// a list: [1,columns].
static Value addParts(TileBuilder &b, Value parts, int64_t columns = 1,
                      Value column = {}) {
  auto step = [&](Value first, ValueRange sum) -> SmallVector<Value> {
    SmallVector<Value> place = {first};
    if (column)
      place.push_back(column);
    return {b.add(sum[0], sumRows(b, b.load(parts, place, kRows, columns)))};
  };
  Value none = b.tile(1, columns, b.getF32Type(), 0);
  return b.loop(b.index(0), b.size(parts, 0), kRows, none, /*stages=*/1, step)
      .getResult(0);
}

gpu::GPUFuncOp moa::buildLossKernel(TileBuilder &b, gpu::GPUModuleOp module,
                                    StringRef name, const LossSpec &spec) {
  SmallVector<Type> types =
      presentTypes({spec.tokens, spec.terms, spec.activations, spec.slots});
  types.append({b.getIndexType(), spec.loss});
  gpu::GPUFuncOp kernel = b.createKernel(module, name, types, kWarps);
  Arguments arguments(kernel.getArguments());
  Value tokensMemory = arguments.next(spec.tokens);
  Value terms = arguments.next(spec.terms);
  Value activations = arguments.next(spec.activations);
  Value slots = arguments.next(spec.slots);
  Value experts = arguments.next(b.getIndexType());
  Value loss = arguments.next(spec.loss);

  Value tokens = b.max(addParts(b, tokensMemory), 1.0);
  Value result = b.tile(1, 1, b.getF32Type(), 0);
  if (terms)
    result = b.div(addParts(b, terms), tokens);
  if (activations)
    result =
        b.loop(b.index(0), experts, kColumns, result, /*stages=*/1,
               [&](Value first, ValueRange sum) -> SmallVector<Value> {
                 Value means =
                     b.div(addParts(b, activations, kColumns, first), tokens);
                 if (spec.kind == LossKind::Mutual)
                   return {
                       b.sub(sum[0], sumColumns(b, createEntropy(b, means)))};
                 Value shares =
                     b.div(addParts(b, slots, kColumns, first), tokens);
                 return {b.add(sum[0], sumColumns(b, b.mul(shares, means)))};
               })
            .getResult(0);
  // E * sum_e (slots[e] / (N' k)) (sums[e] / N')
  if (spec.kind == LossKind::Balance)
    result = b.mul(result, double(spec.logits.getDimSize(1)) /
                               double(spec.indices.getDimSize(1)));
  b.store(result, loss, b.index(0));
  return kernel;
}
