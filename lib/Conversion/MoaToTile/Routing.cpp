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

//===----------------------------------------------------------------------===//
// Routers
//===----------------------------------------------------------------------===//

/// Launch the kernel of `spec`, which lacks what both ops have in common.
template <typename OpTy>
static MaybeValues launchRouter(ImplicitLocOpBuilder &b, OpTy op,
                                KernelModule &kernels, RouterSpec spec,
                                int64_t numExperts, ArrayRef<Value> inputs,
                                Value logits) {
  Value tokens = inputs.front();
  OpFoldResult count = getSizes(b, tokens)[0];
  Value indices =
      createEmpty(b, {count, b.getIndexAttr(op.getTopK())}, b.getI32Type());
  Value gates =
      createEmpty(b, {count, b.getIndexAttr(op.getTopK())}, b.getF32Type());
  spec.selectionBias = getMemory(op.getSelectionBias());
  spec.skip = getMemory(op.getSkip());
  spec.indices = getMemory(indices);
  spec.gates = getMemory(gates);
  spec.topK = op.getTopK();
  spec.all = op.getAll();
  spec.gate = op.getGate();
  spec.tf32 = kernels.getOptions().tf32 && spec.tokens &&
              spec.tokens.getElementType().isF32();
  int64_t sharedBytes = kernels.getOptions().sharedBytes;
  if (failed(chooseRouterTiles(spec, sharedBytes)))
    return op.emitOpError() << "needs more than the " << sharedBytes
                            << " bytes of shared memory that a block has";
  SmallVector<Value> ins = presentValues(inputs);
  llvm::append_range(ins, presentValues({op.getSelectionBias(), op.getSkip()}));
  ins.push_back(arith::ConstantIndexOp::create(b, numExperts));
  return kernels.launch(
      b, spec.weights ? "router" : "route",
      [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
        return buildRouterKernel(b, module, name, spec);
      },
      {countTiles(b, count, spec.rows)}, ins,
      presentValues({logits, indices, gates}));
}

MaybeValues moa::convertRoute(ImplicitLocOpBuilder &b, RouteOp op,
                              KernelModule &kernels) {
  RouterSpec spec;
  spec.logits = getMemory(op.getLogits());
  return launchRouter(b, op, kernels, spec, spec.logits.getDimSize(1),
                      {op.getLogits()}, Value());
}

MaybeValues moa::convertRouter(ImplicitLocOpBuilder &b, RouterOp op,
                               KernelModule &kernels) {
  RouterSpec spec;
  spec.tokens = getMemory(op.getInput());
  spec.weights = getMemory(op.getWeights());
  if (failed(checkProductElement(op, spec.tokens.getElementType())))
    return failure();
  spec.transposed = op.getTransposed();
  int64_t numExperts = spec.weights.getDimSize(spec.transposed ? 0 : 1);
  Value logits;
  if (!op.getLogits().use_empty())
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
  if (chooseDispatchChunk(spec)) {
    OpFoldResult chunks = countTiles(b, slots, spec.chunk);
    Value counts =
        createEmpty(b, {chunks, b.getIndexAttr(numExperts)}, b.getI32Type());
    spec.counts = getMemory(counts);
    ins.push_back(kernels.launch(
        b, "dispatch_count",
        [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
          return buildDispatchCountKernel(b, module, name, spec);
        },
        {chunks}, {indices, experts}, counts)[0]);
    // Without slots there are offsets to store.
    blocks = atLeastOne(b, chunks);
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

static MaybeValues launchLoss(ImplicitLocOpBuilder &b, Operation *op,
                              KernelModule &kernels, LossSpec spec,
                              StringRef name) {
  Value logits = op->getOperand(0), indices = op->getOperand(1);
  spec.logits = getMemory(logits);
  spec.indices = getMemory(indices);
  if (spec.logits.isDynamicDim(1))
    return op->emitOpError("has a dynamic number of experts");
  SmallVector<OpFoldResult> sizes = getSizes(b, logits);
  OpFoldResult blocks = countTiles(b, sizes[0], kLossTokens);
  auto leave = [&](ArrayRef<OpFoldResult> sizes, MemRefType &memory) {
    Value parts = createEmpty(b, sizes, b.getF32Type());
    memory = getMemory(parts);
    return parts;
  };
  SmallVector<Value> parts = {leave(blocks, spec.tokens)};
  if (spec.kind != LossKind::Balance)
    parts.push_back(leave(blocks, spec.terms));
  if (spec.kind != LossKind::Z)
    parts.push_back(leave({blocks, sizes[1]}, spec.activations));
  if (spec.kind == LossKind::Balance)
    parts.push_back(leave({blocks, sizes[1]}, spec.slots));
  Value loss = createEmpty(b, {b.getIndexAttr(1)}, b.getF32Type());
  spec.loss = getMemory(loss);
  Value experts = arith::ConstantIndexOp::create(b, spec.logits.getDimSize(1));
  parts = kernels.launch(
      b, (name + "_parts").str(),
      [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
        return buildLossPartsKernel(b, module, name, spec);
      },
      {blocks}, {logits, indices, experts}, parts);
  parts.push_back(experts);
  Value result = kernels.launch(
      b, name,
      [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
        return buildLossKernel(b, module, name, spec);
      },
      {}, parts, loss)[0];
  return SmallVector<Value>{viewAs(b, result, {})};
}

MaybeValues moa::convertBalanceLoss(ImplicitLocOpBuilder &b, BalanceLossOp op,
                                    KernelModule &kernels) {
  LossSpec spec;
  spec.kind = LossKind::Balance;
  spec.activation = op.getActivation();
  return launchLoss(b, op, kernels, spec, "balance_loss");
}

MaybeValues moa::convertZLoss(ImplicitLocOpBuilder &b, ZLossOp op,
                              KernelModule &kernels) {
  LossSpec spec;
  spec.kind = LossKind::Z;
  return launchLoss(b, op, kernels, spec, "z_loss");
}

MaybeValues moa::convertMutualLoss(ImplicitLocOpBuilder &b, MutualLossOp op,
                                   KernelModule &kernels) {
  LossSpec spec;
  spec.kind = LossKind::Mutual;
  spec.activation = op.getActivation();
  return launchLoss(b, op, kernels, spec, "mutual_loss");
}
