//===- Losses.cpp - The kernels of the router's losses --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block of tokens leaves what they add to the losses: some numbers, and some
// for each expert. One more block adds that up in the order of the blocks.
//
//===----------------------------------------------------------------------===//

#include "moa/Kernels/Losses.h"

#include "LossParts.h"
#include "moa/IR/Moa.h"

using namespace mlir;
using namespace moa;
using tile::ReduceKind;
using IPredicate = arith::CmpIPredicate;

//===----------------------------------------------------------------------===//
// What tokens add
//===----------------------------------------------------------------------===//

gpu::GPUFuncOp moa::buildLossPartsKernel(TileBuilder &b,
                                         gpu::GPUModuleOp module,
                                         StringRef name, const LossSpec &spec,
                                         MemRefType logitsType,
                                         MemRefType indicesType) {
  // A band of 16 rows for each warp.
  constexpr WarpGrid kWarps = {kLossTokens / 16, 1};
  SmallVector<Type> types = {logitsType, indicesType, b.getIndexType()};
  llvm::append_range(types, listLossParts(spec));
  llvm::append_range(types, presentTypes(spec.counts));
  gpu::GPUFuncOp kernel = b.createKernel(module, name, types, kWarps);
  Arguments arguments(kernel.getArguments());
  Value logits = arguments.next(logitsType);
  Value indices = arguments.next(indicesType);
  Value numExperts = arguments.next(b.getIndexType());
  LossParts parts(b, spec, arguments);
  Value counts = arguments.next(spec.counts);

  Value block = b.blockId(gpu::Dimension::x);
  Value firstToken = b.mul(block, double(kLossTokens));
  Value isToken =
      b.compare(IPredicate::slt, b.positions(kLossTokens, 1, firstToken),
                b.size(logits, 0));
  Value index = b.load(indices, {firstToken, b.index(0)}, kLossTokens, 1);
  Value counted = b.both(isToken, b.compare(IPredicate::sge, index, 0.0));
  auto getLogits = [&](Value first) {
    return b.load(logits, {firstToken, first}, kLossTokens, kExpertColumns);
  };
  parts.leave(block, counted, numExperts, getLogits);
  if (!counts)
    return kernel;
  auto getIndex = [&](Value slot) {
    Value index = b.load(indices, {firstToken, slot}, kLossTokens, 1);
    b.checkIndices(index, numExperts, BalanceLossOp::getOperationName());
    return b.select(counted, index, b.like(index, -1));
  };
  leaveCounts(b, counts, block, numExperts, [&](Value numbers) {
    return countSlots(b, numbers, kLossTokens, b.size(indices, 1), getIndex);
  });
  return kernel;
}

//===----------------------------------------------------------------------===//
// The losses
//===----------------------------------------------------------------------===//

namespace {
class LossKernel {
public:
  LossKernel(TileBuilder &b, const LossSpec &spec) : b(b), spec(spec) {}

  gpu::GPUFuncOp build(gpu::GPUModuleOp module, StringRef name, Type loss);

private:
  /// Blocks of tokens that are added at a time.
  static constexpr int64_t kRows = 64;

  Value addParts(Value parts, int64_t columns = 1, Value column = {});
  using Term = function_ref<Value(Value means, Value first)>;
  Value sumExperts(Term term);
  Value compute(Loss loss);

  TileBuilder &b;
  const LossSpec &spec;
  Value squares, entropies, activations, counts, experts;
  /// How many tokens are counted, at least 1: [1,1].
  Value tokens;
};
} // namespace

/// What all blocks left in `columns` columns of `parts` from `column` on, or in
/// a list: [1,columns].
Value LossKernel::addParts(Value parts, int64_t columns, Value column) {
  auto step = [&](Value first, ValueRange sum) -> SmallVector<Value> {
    SmallVector<Value> place = {first};
    if (column)
      place.push_back(column);
    Value more = b.load(parts, place, kRows, columns);
    return {b.add(sum[0], b.reduce(ReduceKind::Add, more, 0))};
  };
  Type element = cast<MemRefType>(parts.getType()).getElementType();
  Value none = b.tile(1, columns, element, 0);
  return b.loop(b.index(0), b.size(parts, 0), kRows, none, /*stages=*/1, step)
      .getResult(0);
}

/// The sum over all experts of a term of their mean activations
/// [1,kExpertColumns], from expert `first` on.
Value LossKernel::sumExperts(Term term) {
  auto step = [&](Value first, ValueRange sum) -> SmallVector<Value> {
    Value means = b.div(addParts(activations, kExpertColumns, first), tokens);
    return {b.add(sum[0], b.reduce(ReduceKind::Add, term(means, first), 1))};
  };
  return b
      .loop(b.index(0), experts, kExpertColumns,
            b.tile(1, 1, b.getF32Type(), 0), /*stages=*/1, step)
      .getResult(0);
}

Value LossKernel::compute(Loss loss) {
  if (loss == Loss::Z)
    return b.div(addParts(squares), tokens);
  if (loss == Loss::Mutual)
    return b.sub(b.div(addParts(entropies), tokens),
                 sumExperts([&](Value means, Value) {
                   return createEntropy(b, means);
                 }));
  // E * sum_e (slots[e] / (N' k)) (sums[e] / N')
  Value sum = sumExperts([&](Value means, Value first) {
    Value slots = addParts(counts, kExpertColumns, first);
    slots = arith::SIToFPOp::create(b, means.getType(), slots);
    return b.mul(b.div(slots, tokens), means);
  });
  Value count = arith::SIToFPOp::create(b, b.getF32Type(), b.toI32(experts));
  return b.div(b.mul(sum, count), double(spec.topK));
}

gpu::GPUFuncOp LossKernel::build(gpu::GPUModuleOp module, StringRef name,
                                 Type loss) {
  // Rows in one warp, so that sums over them cross none.
  constexpr WarpGrid kWarps = {1, kExpertColumns / 8};
  SmallVector<Loss> losses = listLosses(spec.losses);
  SmallVector<Type> types = listLossParts(spec);
  llvm::append_range(types, presentTypes({spec.counts, b.getIndexType()}));
  types.append(losses.size(), loss);
  gpu::GPUFuncOp kernel = b.createKernel(module, name, types, kWarps);
  Arguments arguments(kernel.getArguments());
  Value tokensMemory = arguments.next(spec.tokens);
  squares = arguments.next(spec.squares);
  entropies = arguments.next(spec.entropies);
  activations = arguments.next(spec.activations);
  counts = arguments.next(spec.counts);
  experts = arguments.next(b.getIndexType());
  tokens = b.max(addParts(tokensMemory), 1.0);
  for (Loss each : losses)
    b.store(compute(each), arguments.next(loss), b.index(0));
  return kernel;
}

gpu::GPUFuncOp moa::buildLossKernel(TileBuilder &b, gpu::GPUModuleOp module,
                                    StringRef name, const LossSpec &spec,
                                    MemRefType loss) {
  return LossKernel(b, spec).build(module, name, loss);
}
