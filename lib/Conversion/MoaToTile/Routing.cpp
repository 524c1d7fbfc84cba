//===- Routing.cpp - Routers, dispatch and losses to kernels --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RowTiles.h"
#include "Views.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "moa/Conversion/MoaToTile.h"
#include "moa/Kernels/Dispatch.h"
#include "moa/Kernels/Losses.h"
#include "moa/Kernels/Router.h"
#include "moa/Utils/LoopBuilders.h"

using namespace mlir;
using namespace moa;

static Value createEmpty(ImplicitLocOpBuilder &b, ArrayRef<OpFoldResult> sizes,
                         Type element) {
  return tensor::EmptyOp::create(b, sizes, element);
}

/// Space for how many slots of each of `blocks` go to each expert.
static Value createCounts(ImplicitLocOpBuilder &b, OpFoldResult blocks,
                          OpFoldResult experts) {
  return createEmpty(b, {blocks, experts}, b.getI32Type());
}

/// What `blocks` of tokens leave for the losses of `spec`, which is completed.
/// Counts, if there are any, are the last.
static SmallVector<Value> createParts(ImplicitLocOpBuilder &b, LossSpec &spec,
                                      OpFoldResult blocks,
                                      OpFoldResult experts) {
  SmallVector<Value> parts;
  auto leave = [&](Loss losses, ArrayRef<OpFoldResult> sizes,
                   MemRefType &memory) {
    if (!bitEnumContainsAny(spec.losses, losses))
      return;
    parts.push_back(createEmpty(b, sizes, b.getF32Type()));
    memory = getMemory(parts.back());
  };
  leave(Loss::Balance | Loss::Z | Loss::Mutual, blocks, spec.tokens);
  leave(Loss::Z, blocks, spec.squares);
  leave(Loss::Mutual, blocks, spec.entropies);
  leave(Loss::Balance | Loss::Mutual, {blocks, experts}, spec.activations);
  if (bitEnumContainsAny(spec.losses, Loss::Balance)) {
    parts.push_back(createCounts(b, blocks, experts));
    spec.counts = getMemory(parts.back());
  }
  return parts;
}

/// The losses of `spec`, scalars.
static SmallVector<Value> launchLosses(ImplicitLocOpBuilder &b,
                                       const LossSpec &spec,
                                       ArrayRef<Value> parts, Value experts,
                                       KernelModule &kernels) {
  SmallVector<Value> ins(parts), losses;
  ins.push_back(experts);
  std::string name;
  for (Loss loss : listLosses(spec.losses)) {
    losses.push_back(createEmpty(b, {b.getIndexAttr(1)}, b.getF32Type()));
    name += stringifyLoss(loss) + "_";
  }
  name += losses.size() == 1 ? "loss" : "losses";
  losses = kernels.launch(
      b, name,
      [&](TileBuilder &builder, gpu::GPUModuleOp module, StringRef name) {
        return buildLossKernel(builder, module, name, spec,
                               MemRefType::get({1}, builder.getF32Type()));
      },
      {}, ins, losses);
  for (Value &loss : losses)
    loss = viewAs(b, loss, {});
  return losses;
}

//===----------------------------------------------------------------------===//
// Routers
//===----------------------------------------------------------------------===//

/// What both ops have in common.
template <typename OpTy> static void describeRouter(OpTy op, RouterSpec &spec) {
  spec.selectionBias = getMemory(op.getSelectionBias());
  spec.skip = getMemory(op.getSkip());
  spec.topK = op.getTopK();
  spec.all = op.getAll();
  spec.gate = op.getGate();
}

/// Whether there is a dispatch of `indices`.
static bool areDispatched(Value indices) {
  return llvm::any_of(indices.getUsers(), [](Operation *user) {
    auto cast = dyn_cast<tensor::CastOp>(user);
    return isa<DispatchOp>(user) || (cast && areDispatched(cast.getResult()));
  });
}

/// Launch the kernel of `spec` for tokens, of which the first of `inputs` has a
/// row each. Returns logits if there are, indices, gates and losses.
template <typename OpTy>
static MaybeValues launchRouter(ImplicitLocOpBuilder &b, OpTy op,
                                KernelModule &kernels, RouterSpec spec,
                                int64_t numExperts, ArrayRef<Value> inputs,
                                Value logits) {
  OpFoldResult count = getSizes(b, inputs.front())[0];
  Value indices =
      createEmpty(b, {count, b.getIndexAttr(op.getTopK())}, b.getI32Type());
  Value gates =
      createEmpty(b, {count, b.getIndexAttr(op.getTopK())}, b.getF32Type());
  spec.indices = getMemory(indices);
  spec.gates = getMemory(gates);
  spec.tf32 = kernels.getOptions().tf32 && spec.tokens &&
              spec.tokens.getElementType().isF32();
  int64_t sharedBytes = kernels.getOptions().sharedBytes;
  if (failed(chooseRouterTiles(spec, sharedBytes)))
    return op.emitOpError() << "needs more than the " << sharedBytes
                            << " bytes of shared memory that a block has";
  OpFoldResult blocks = countTiles(b, count, spec.rows);
  SmallVector<Value> parts =
      createParts(b, spec.losses, blocks, b.getIndexAttr(numExperts));
  SmallVector<Value> ins = presentValues(inputs);
  llvm::append_range(ins, presentValues({op.getSelectionBias(), op.getSkip()}));
  Value experts = arith::ConstantIndexOp::create(b, numExperts);
  ins.push_back(experts);
  SmallVector<Value> outs = presentValues({logits, indices, gates});
  size_t numResults = outs.size();
  llvm::append_range(outs, parts);
  bool isCounted = spec.losses.counts || (isSortedInChunks(spec.indices) &&
                                          areDispatched(op.getIndices()));
  if (isCounted && !spec.losses.counts)
    outs.push_back(createCounts(b, blocks, b.getIndexAttr(numExperts)));
  if (isCounted)
    spec.counts = getMemory(outs.back());
  SmallVector<Value> results = kernels.launch(
      b, spec.weights ? "router" : "route",
      [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
        return buildRouterKernel(b, module, name, spec);
      },
      {blocks}, ins, outs);
  if (isCounted)
    kernels.setCounts(results[numResults - 2],
                      {results.back(), spec.rows * spec.topK});
  llvm::copy(ArrayRef(results).slice(numResults, parts.size()), parts.begin());
  results.truncate(numResults);
  if (!parts.empty())
    llvm::append_range(results,
                       launchLosses(b, spec.losses, parts, experts, kernels));
  return results;
}

MaybeValues moa::convertRoute(ImplicitLocOpBuilder &b, RouteOp op,
                              KernelModule &kernels) {
  RouterSpec spec;
  describeRouter(op, spec);
  spec.logits = getMemory(op.getLogits());
  return launchRouter(b, op, kernels, spec, spec.logits.getDimSize(1),
                      {op.getLogits()}, Value());
}

MaybeValues moa::convertRouter(ImplicitLocOpBuilder &b, RouterOp op,
                               KernelModule &kernels) {
  RouterSpec spec;
  describeRouter(op, spec);
  spec.losses.losses = op.getLosses();
  spec.losses.activation = op.getGate().getActivation();
  spec.losses.topK = op.getTopK();
  spec.tokens = getMemory(op.getInput());
  spec.weights = getMemory(op.getWeights());
  if (failed(checkProductElement(op, spec.tokens.getElementType())))
    return failure();
  spec.transposed = op.getTransposed();
  int64_t numExperts = spec.weights.getDimSize(spec.transposed ? 0 : 1);
  Value logits;
  if (!op.getLogits().use_empty() || readsLogits(spec))
    logits = createEmpty(
        b, {getSizes(b, op.getInput())[0], b.getIndexAttr(numExperts)},
        b.getF32Type());
  spec.logits = getMemory(logits);
  MaybeValues results = launchRouter(b, op, kernels, spec, numExperts,
                                     {op.getInput(), op.getWeights()}, logits);
  if (succeeded(results) && !logits)
    results->insert(results->begin(), Value());
  return results;
}

//===----------------------------------------------------------------------===//
// Dispatch
//===----------------------------------------------------------------------===//

/// Row tiles that the users of `op` work on; failure where one of them cannot
/// be converted.
static FailureOr<SmallVector<int64_t>>
getRowTilesOfUsers(DispatchOp op, const MoaToTileOptions &options) {
  SmallVector<int64_t> tiles;
  for (Operation *user : op.getOffsets().getUsers()) {
    FailureOr<int64_t> rows = chooseRowTile(user, options);
    if (failed(rows))
      return failure();
    if (*rows > 0 && !llvm::is_contained(tiles, *rows))
      tiles.push_back(*rows);
  }
  return tiles;
}

/// How many slots go to each expert, as the router has left it, or by a kernel
/// of its own. Completes `spec`.
static Value getCounts(ImplicitLocOpBuilder &b, DispatchOp op,
                       KernelModule &kernels, DispatchSpec &spec, Value slots,
                       Value experts) {
  SlotCounts known = kernels.getCounts(op.getIndices());
  chooseDispatchChunk(spec, known.slots);
  if (known.memory) {
    spec.counts = getMemory(known.memory);
    return known.memory;
  }
  OpFoldResult chunks = countTiles(b, getSizes(b, slots)[0], spec.chunk);
  Value counts = createCounts(b, chunks, b.getIndexAttr(op.getNumExperts()));
  spec.counts = getMemory(counts);
  return kernels.launch(
      b, "dispatch_count",
      [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
        return buildDispatchCountKernel(b, module, name, spec);
      },
      {chunks}, {slots, experts}, counts)[0];
}

MaybeValues moa::convertDispatch(ImplicitLocOpBuilder &b, DispatchOp op,
                                 KernelModule &kernels) {
  int64_t numExperts = op.getNumExperts();
  SmallVector<OpFoldResult> sizes = getSizes(b, op.getIndices());
  OpFoldResult slots = multiply(b, sizes);
  Value indices = viewAs(b, op.getIndices(), slots);
  Value offsets =
      createEmpty(b, {b.getIndexAttr(numExperts + 1)}, b.getI32Type());
  Value permutation = createEmpty(b, slots, b.getI32Type());

  DispatchSpec spec;
  spec.indices = getMemory(indices);
  spec.offsets = getOpenMemory(offsets);
  spec.permutation = getMemory(permutation);
  Value experts = arith::ConstantIndexOp::create(b, numExperts);
  SmallVector<Value> ins = {indices}, outs = {offsets, permutation};
  FailureOr<SmallVector<int64_t>> rowTiles =
      getRowTilesOfUsers(op, kernels.getOptions());
  if (failed(rowTiles))
    return failure();
  for (int64_t rows : *rowTiles) {
    outs.push_back(
        kernels.createTileList(b, slots, b.getIndexAttr(numExperts), rows));
    spec.lists.push_back({getOpenMemory(outs.back()), rows});
  }
  OpFoldResult blocks = b.getIndexAttr(1);
  if (isSortedInChunks(spec.indices)) {
    ins.push_back(getCounts(b, op, kernels, spec, indices, experts));
    // Without slots there are offsets to store.
    blocks = atLeastOne(b, countTiles(b, slots, spec.chunk));
  }
  ins.push_back(experts);
  SmallVector<Value> results = kernels.launch(
      b, "dispatch",
      [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
        return buildDispatchKernel(b, module, name, spec);
      },
      {blocks}, ins, outs);
  for (auto [list, value] : llvm::zip(spec.lists, llvm::drop_begin(results, 2)))
    kernels.setTileList(results[0], list.rows, value);
  results.resize(2);
  return results;
}

//===----------------------------------------------------------------------===//
// Losses
//===----------------------------------------------------------------------===//

static MaybeValues convertLoss(ImplicitLocOpBuilder &b, Loss loss,
                               Activation activation, Value logits,
                               Value indices, KernelModule &kernels) {
  LossSpec spec;
  spec.losses = loss;
  spec.activation = activation;
  spec.topK = getMemory(indices).getDimSize(1);
  SmallVector<OpFoldResult> sizes = getSizes(b, logits);
  OpFoldResult blocks = countTiles(b, sizes[0], kLossTokens);
  SmallVector<Value> parts = createParts(b, spec, blocks, sizes[1]);
  Value experts = asIndex(b, sizes[1]);
  parts = kernels.launch(
      b, stringifyLoss(loss) + "_loss_parts",
      [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
        return buildLossPartsKernel(b, module, name, spec, getMemory(logits),
                                    getMemory(indices));
      },
      {blocks}, {logits, indices, experts}, parts);
  return launchLosses(b, spec, parts, experts, kernels);
}

MaybeValues moa::convertBalanceLoss(ImplicitLocOpBuilder &b, BalanceLossOp op,
                                    KernelModule &kernels) {
  return convertLoss(b, Loss::Balance, op.getActivation(), op.getLogits(),
                     op.getIndices(), kernels);
}

MaybeValues moa::convertZLoss(ImplicitLocOpBuilder &b, ZLossOp op,
                              KernelModule &kernels) {
  return convertLoss(b, Loss::Z, Activation::Softmax, op.getLogits(),
                     op.getIndices(), kernels);
}

MaybeValues moa::convertMutualLoss(ImplicitLocOpBuilder &b, MutualLossOp op,
                                   KernelModule &kernels) {
  return convertLoss(b, Loss::Mutual, op.getActivation(), op.getLogits(),
                     op.getIndices(), kernels);
}
