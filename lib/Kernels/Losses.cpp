//===- Losses.cpp - The kernels of the router's losses --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Kernels/Losses.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/Support/MathExtras.h"
#include <limits>

using namespace mlir;
using namespace moa;
using tile::ReduceKind;
using IPredicate = arith::CmpIPredicate;
using FPredicate = arith::CmpFPredicate;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

namespace {
class LossKernel {
public:
  LossKernel(TileBuilder &b, const LossSpec &spec)
      : b(b), spec(spec), numExperts(spec.logits.getDimSize(1)),
        columns(llvm::alignTo(numExperts, 8)) {}

  gpu::GPUFuncOp build(gpu::GPUModuleOp module, StringRef name);

private:
  /// Tokens that are taken at a time: one band of rows.
  static constexpr int64_t kRows = 16;

  void loadTokens(Value first);
  Value createNumerators();
  Value activate();
  Value countSlots(Value first);
  Value entropy(Value p);
  Value sumCounted(Value values);
  SmallVector<Value> addTokens(Value first, ValueRange sums);
  Value finish(ValueRange sums);

  TileBuilder &b;
  const LossSpec &spec;
  int64_t numExperts, columns;
  Value logitsMemory, indicesMemory;
  /// [1,columns]; the experts that exist.
  Value expert, exists;
  /// Of the tokens at hand: logits, -inf where there is no expert, their
  /// maximum, and whether a token is counted.
  Value logits, max, counted;
};
} // namespace

void LossKernel::loadTokens(Value first) {
  Value zero = b.index(0);
  logits = b.load(logitsMemory, {first, zero}, kRows, columns);
  logits = b.select(exists, logits, b.like(logits, -kInfinity));
  max = b.reduce(ReduceKind::Max, logits, 1);
  Value tokens = b.positions(kRows, 1, first);
  Value isToken = b.compare(IPredicate::slt, tokens, b.size(logitsMemory, 0));
  Value index = b.load(indicesMemory, {first, zero}, kRows, 1);
  counted = b.both(isToken, b.compare(IPredicate::sge, index, 0.0));
}

/// exp(logit - max); 1 for the maximum, which may be infinite, 0 for -inf.
Value LossKernel::createNumerators() {
  Value power = b.exp(b.sub(logits, max));
  power = b.select(b.compare(FPredicate::OEQ, logits, max), b.like(power, 1),
                   power);
  return b.select(b.compare(FPredicate::OEQ, logits, -kInfinity),
                  b.like(power, 0), power);
}

Value LossKernel::activate() {
  if (spec.activation == Activation::Sigmoid)
    return b.select(exists, b.sigmoid(logits), b.like(logits, 0));
  Value numerators = createNumerators();
  return b.div(numerators, b.reduce(ReduceKind::Add, numerators, 1));
}

/// -p log p, 0 where p is 0.
Value LossKernel::entropy(Value p) {
  Value term = b.mul(p, b.mul(Value(math::LogOp::create(b, p)), -1.0));
  return b.select(b.compare(FPredicate::OEQ, p, 0.0), b.like(p, 0), term);
}

/// [1,..]: the sum of the rows of counted tokens.
Value LossKernel::sumCounted(Value values) {
  return b.reduce(ReduceKind::Add, b.select(counted, values, b.like(values, 0)),
                  0);
}

/// [1,columns] f32: slots of the tokens at hand that went to each expert.
Value LossKernel::countSlots(Value first) {
  Value zeros = b.tile(kRows, columns, b.getF32Type(), 0);
  auto addSlot = [&](Value j, ValueRange counts) -> SmallVector<Value> {
    Value index = b.load(indicesMemory, {first, j}, kRows, 1);
    Value isChosen = b.compare(IPredicate::eq, index, expert);
    return {b.add(counts[0], b.select(isChosen, b.like(zeros, 1), zeros))};
  };
  Value counts = b.loop(b.index(0), b.size(indicesMemory, 1), 1, zeros,
                        /*stages=*/1, addSlot)
                     .getResult(0);
  return sumCounted(counts);
}

/// Sums: counted tokens [1,1]; then, of the balance loss, activations and slots
/// of each expert; of the z loss, squares; of the mutual loss, activations and
/// entropies.
SmallVector<Value> LossKernel::addTokens(Value first, ValueRange sums) {
  loadTokens(first);
  Value ones = b.tile(kRows, 1, b.getF32Type(), 1);
  SmallVector<Value> next = {b.add(sums[0], sumCounted(ones))};
  if (spec.kind == LossKind::Z) {
    Value sum = b.reduce(ReduceKind::Add, createNumerators(), 1);
    Value lse = b.add(max, Value(math::LogOp::create(b, sum)));
    next.push_back(b.add(sums[1], sumCounted(b.mul(lse, lse))));
    return next;
  }
  Value p = activate();
  next.push_back(b.add(sums[1], sumCounted(p)));
  Value second = spec.kind == LossKind::Balance ? countSlots(first)
                                                : sumCounted(entropy(p));
  next.push_back(b.add(sums[2], second));
  return next;
}

/// [1,1]: the loss.
Value LossKernel::finish(ValueRange sums) {
  Value tokens = b.max(sums[0], 1.0);
  auto total = [&](Value row) { return b.reduce(ReduceKind::Add, row, 1); };
  switch (spec.kind) {
  case LossKind::Balance: {
    // E * sum_e (slots[e] / (N' k)) (sums[e] / N')
    Value shares =
        b.div(sums[2], b.mul(tokens, double(spec.indices.getDimSize(1))));
    Value means = b.div(sums[1], tokens);
    return b.mul(total(b.mul(shares, means)), double(numExperts));
  }
  case LossKind::Z:
    return b.div(sums[1], tokens);
  case LossKind::Mutual:
    return b.sub(b.div(total(sums[2]), tokens),
                 total(entropy(b.div(sums[1], tokens))));
  }
  llvm_unreachable("a loss");
}

gpu::GPUFuncOp LossKernel::build(gpu::GPUModuleOp module, StringRef name) {
  gpu::GPUFuncOp kernel = b.createKernel(
      module, name, {spec.logits, spec.indices, spec.loss}, {1, 1});
  logitsMemory = kernel.getArgument(0);
  indicesMemory = kernel.getArgument(1);
  expert = b.positions(1, columns, b.index(0));
  exists = b.compare(IPredicate::slt, expert, double(numExperts));
  Value none = b.tile(1, 1, b.getF32Type(), 0);
  Value zeros = b.tile(1, columns, b.getF32Type(), 0);
  SmallVector<Value> sums = {none, zeros, zeros};
  if (spec.kind == LossKind::Z)
    sums = {none, none};
  sums = b.loop(b.index(0), b.size(logitsMemory, 0), kRows, sums, /*stages=*/1,
                [&](Value first, ValueRange sums) {
                  return addTokens(first, sums);
                })
             .getResults();
  b.store(finish(sums), kernel.getArgument(2), b.index(0));
  return kernel;
}

gpu::GPUFuncOp moa::buildLossKernel(TileBuilder &b, gpu::GPUModuleOp module,
                                    StringRef name, const LossSpec &spec) {
  return LossKernel(b, spec).build(module, name);
}
