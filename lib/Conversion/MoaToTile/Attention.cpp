//===- Attention.cpp - Attention to kernels -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Kernels/Attention.h"

#include "RowTiles.h"
#include "Views.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "moa/Kernels/Products.h"
#include "moa/Kernels/Rotary.h"
#include "moa/Kernels/RoutedAttention.h"
#include "moa/Utils/LoopBuilders.h"
#include "moa/Utils/Remarks.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace moa;

/// The widest head that there are kernels for.
static constexpr int64_t kMaxHeadWidth = 256;

/// An error unless there are kernels for the heads of `op`.
static LogicalResult checkHeads(Operation *op, ShapedType keys) {
  if (failed(checkProductElement(op, keys.getElementType())))
    return failure();
  for (auto [dim, what] : {std::pair(2, "number"), std::pair(3, "width")})
    if (keys.isDynamicDim(dim))
      return op->emitOpError() << "has key/value heads of dynamic " << what;
  if (keys.getDimSize(3) > kMaxHeadWidth)
    return op->emitOpError()
           << "has heads of width " << keys.getDimSize(3)
           << ", there are kernels for up to " << kMaxHeadWidth;
  return success();
}

/// What `moa.attention` and `moa.routed_attention` have in common. The query
/// has the shape of the init.
template <typename OpTy>
static AttentionSpec createSpec(OpTy op, const MoaToTileOptions &options) {
  AttentionSpec spec;
  spec.key = getMemory(op.getKey());
  spec.value = getMemory(op.getValue());
  spec.query = getMemory(op.getInit());
  spec.lengths = getMemory(op.getLengths());
  spec.booleanMask = getMemory(op.getBooleanMask());
  spec.additiveMask = getMemory(op.getAdditiveMask());
  spec.out = getMemory(op.getInit());
  spec.lse = getMemory(op.getLseInit());
  spec.hasPosition = static_cast<bool>(op.getPosition());
  spec.heads = op.getHeads();
  spec.headMap = op.getHeadMap();
  spec.score = op.getScore();
  spec.causal = op.getCausal();
  if (op.getWindow())
    spec.window = *op.getWindow();
  int64_t width = spec.key.getDimSize(3);
  spec.scale = op.getScale() ? op.getScale()->convertToDouble()
                             : 1 / std::sqrt(static_cast<double>(width));
  spec.tf32 = options.tf32 && spec.key.getElementType().isF32();
  return spec;
}

/// Keys, values, position and masks, as the kernels take them.
template <typename OpTy> static SmallVector<Value> getSharedOperands(OpTy op) {
  return presentValues({op.getKey(), op.getValue(), op.getPosition(),
                        op.getLengths(), op.getBooleanMask(),
                        op.getAdditiveMask()});
}

static LogicalResult reportTiles(Operation *op,
                                 const MoaToTileOptions &options) {
  return op->emitOpError() << "needs more than the " << options.sharedBytes
                           << " bytes of shared memory that a block has";
}

/// The tile that `op` asks for by attribute `name`, 0 if none.
static FailureOr<int64_t> getTile(Operation *op, StringRef name,
                                  ArrayRef<int64_t> tiles) {
  Attribute attribute = op->getAttr(name);
  if (!attribute)
    return 0;
  auto number = dyn_cast<IntegerAttr>(attribute);
  if (number && llvm::is_contained(tiles, number.getInt()))
    return number.getInt();
  return op->emitOpError() << "'" << name << "' is " << attribute
                           << ", must be one of " << tiles;
}

/// Tiles of `op` as it asks, the rest as suits it.
static LogicalResult chooseTiles(AttentionOp op, AttentionSpec &spec,
                                 const MoaToTileOptions &options) {
  FailureOr<int64_t> queryRows = getTile(op, kRowTileAttr, kQueryTiles);
  if (failed(queryRows))
    return failure();
  FailureOr<int64_t> keyRows = getTile(op, kKeyTileAttr, kKeyTiles);
  if (failed(keyRows))
    return failure();
  if (failed(chooseAttentionTiles(spec, options.sharedBytes, *queryRows,
                                  *keyRows)))
    return reportTiles(op, options);
  return success();
}

/// Say in a remark of `op` which tiles it has.
static void reportChoice(Operation *op, const AttentionSpec &spec) {
  remark::passed(op->getLoc(),
                 getRemarkOptions(op, "attention-tiles", "convert-moa-to-tile"))
      << llvm::formatv("tiles of {0} x {1} (rows of queries x keys), stages: "
                       "{2}, warps: {3}, blocks that share a row's keys: {4}",
                       spec.queryRows, spec.keyRows, spec.stages,
                       spec.warps.rows * spec.warps.columns, spec.splits)
             .str();
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

/// Launch the kernel whose blocks share the keys of a row.
static SmallVector<Value> launchSplit(ImplicitLocOpBuilder &b, AttentionOp op,
                                      KernelModule &kernels, AttentionSpec spec,
                                      ArrayRef<OpFoldResult> blocks,
                                      ValueRange ins) {
  SmallVector<Value> outs = presentValues({op.getInit(), op.getLseInit()});
  size_t numResults = outs.size();
  OpFoldResult batch = getSizes(b, op.getQuery())[0];
  auto create = [&](ArrayRef<OpFoldResult> sizes, Type element) {
    SmallVector<OpFoldResult> all = {batch};
    llvm::append_range(all, sizes);
    return outs.emplace_back(tensor::EmptyOp::create(b, all, element));
  };
  OpFoldResult heads = b.getIndexAttr(spec.getUsedKeyHeads()),
               splits = b.getIndexAttr(spec.splits),
               rows = b.getIndexAttr(spec.getRows());
  spec.partSums = getMemory(
      create({heads, splits, rows, b.getIndexAttr(spec.getPaddedWidth())},
             b.getF32Type()));
  spec.partStates = getMemory(
      create({heads, splits, rows, b.getIndexAttr(2)}, b.getF32Type()));
  // In each call anew, so that one that was cut short leaves nothing behind.
  Value counters = create({blocks[0], heads}, b.getI32Type());
  outs.back() = kernels.fillZero(b, counters);
  spec.counters = getMemory(counters);
  SmallVector<Value> stored = kernels.launch(
      b, "attention_split_" + getTypeName(spec.key.getElementType()),
      [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
        return buildAttentionKernel(b, module, name, spec);
      },
      blocks, ins, outs);
  stored.resize(numResults);
  return stored;
}

/// The results where there is no key: zeros, and lse -inf.
template <typename OpTy>
static MaybeValues createBlindResults(ImplicitLocOpBuilder &b, OpTy op,
                                      KernelModule &kernels) {
  SmallVector<Value> results = {kernels.fillZero(b, op.getInit())};
  if (Value lse = op.getLseInit())
    results.push_back(launchFill(
        b, kernels, Value(),
        b.getF32FloatAttr(-std::numeric_limits<float>::infinity()), lse));
  return results;
}

MaybeValues moa::convertAttention(ImplicitLocOpBuilder &b, AttentionOp op,
                                  KernelModule &kernels) {
  if (isStaticallyEmpty(op.getKey()))
    return createBlindResults(b, op, kernels);
  auto keys = cast<RankedTensorType>(op.getKey().getType());
  if (failed(checkHeads(op, keys)))
    return failure();
  AttentionSpec spec = createSpec(op, kernels.getOptions());
  spec.query = getMemory(op.getQuery());
  if (spec.query.isDynamicDim(2) || spec.query.isDynamicDim(3))
    return op.emitOpError("has query heads of dynamic number or width");
  if (failed(chooseTiles(op, spec, kernels.getOptions())))
    return failure();
  reportChoice(op, spec);

  SmallVector<OpFoldResult> sizes = getSizes(b, op.getQuery());
  OpFoldResult rows = multiply(b, sizes[1], spec.getRowsPerToken());
  SmallVector<OpFoldResult> blocks = {countTiles(b, rows, spec.queryRows),
                                      b.getIndexAttr(spec.getUsedKeyHeads()),
                                      multiply(b, sizes[0], spec.splits)};
  SmallVector<Value> ins = {op.getQuery()};
  llvm::append_range(ins, getSharedOperands(op));
  if (spec.splits > 1)
    return launchSplit(b, op, kernels, spec, blocks, ins);
  return kernels.launch(
      b, "attention_" + getTypeName(keys.getElementType()),
      [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
        return buildAttentionKernel(b, module, name, spec);
      },
      blocks, ins, presentValues({op.getInit(), op.getLseInit()}));
}

//===----------------------------------------------------------------------===//
// Attention that projects its queries
//===----------------------------------------------------------------------===//

/// Its rows are those of lists that other ops may share.
static LogicalResult checkNoTiles(RoutedAttentionOp op) {
  for (StringRef name : {kRowTileAttr, kKeyTileAttr})
    if (op->hasAttr(name))
      return op.emitOpError()
             << "has '" << name << "', but tiles of its own choice alone";
  return success();
}

/// The spec of the projection, but for the list of tiles.
static QueryProjectionSpec createProjection(RoutedAttentionOp op) {
  QueryProjectionSpec projection;
  projection.input = getMemory(op.getInput());
  projection.weights = getMemory(op.getWeights());
  projection.offsets = getMemory(op.getOffsets());
  projection.permutation = getMemory(op.getPermutation());
  projection.transposed = op.getTransposed();
  projection.topK = op.getTopK();
  if (op.getRotary())
    projection.rotary = *op.getRotary();
  return projection;
}

FailureOr<int64_t> moa::chooseQueryRows(RoutedAttentionOp op,
                                        const MoaToTileOptions &options) {
  auto keys = cast<RankedTensorType>(op.getKey().getType());
  if (failed(checkHeads(op, keys)) || failed(checkNoTiles(op)))
    return failure();
  AttentionSpec spec = createSpec(op, options);
  QueryProjectionSpec projection = createProjection(op);
  if (failed(chooseRoutedAttentionTiles(spec, projection, options.sharedBytes)))
    return reportTiles(op, options);
  return spec.queryRows;
}

bool moa::hasKernel(RoutedAttentionOp op) {
  int64_t width = cast<RankedTensorType>(op.getKey().getType()).getDimSize(3);
  return !op.getRotary() || (!ShapedType::isDynamic(width) &&
                             canRotateHeads(*op.getRotary(), width));
}

MaybeValues moa::convertRoutedAttention(ImplicitLocOpBuilder &b,
                                        RoutedAttentionOp op,
                                        KernelModule &kernels) {
  if (isStaticallyEmpty(op.getKey()))
    return createBlindResults(b, op, kernels);
  auto keys = cast<RankedTensorType>(op.getKey().getType());
  if (failed(checkHeads(op, keys)) || failed(checkNoTiles(op)))
    return failure();
  AttentionSpec spec = createSpec(op, kernels.getOptions());
  QueryProjectionSpec projection = createProjection(op);
  if (failed(chooseRoutedAttentionTiles(spec, projection,
                                        kernels.getOptions().sharedBytes)))
    return reportTiles(op, kernels.getOptions());
  reportChoice(op, spec);
  Value list = kernels.getTileList(
      b, op.getOffsets(), getSizes(b, op.getPermutation())[0], spec.queryRows);
  projection.tiles = getMemory(list);
  SmallVector<Value> ins = {op.getInput(), op.getWeights(), op.getOffsets(),
                            op.getPermutation(), list};
  llvm::append_range(ins, getSharedOperands(op));
  return kernels.launch(
      b, "routed_attention_" + getTypeName(keys.getElementType()),
      [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
        return buildRoutedAttentionKernel(b, module, name, spec, projection);
      },
      {getSizes(b, list)[0], b.getIndexAttr(spec.heads)}, ins,
      presentValues({op.getInit(), op.getLseInit()}));
}
