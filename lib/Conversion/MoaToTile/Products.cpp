//===- Products.cpp - Products by weights to kernels ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Kernels/Products.h"

#include "ProductOperands.h"
#include "RowTiles.h"
#include "Views.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "moa/Conversion/MoaToTile.h"
#include "moa/Kernels/Combine.h"
#include "moa/Utils/LoopBuilders.h"
#include "moa/Utils/Remarks.h"
#include "llvm/Support/FormatVariadic.h"
#include <limits>

using namespace mlir;
using namespace moa;

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

/// The row tile that `op` asks for, 0 if none.
static FailureOr<int64_t> getRowTile(Operation *op) {
  Attribute attribute = op->getAttr(kRowTileAttr);
  if (!attribute)
    return 0;
  auto number = dyn_cast<IntegerAttr>(attribute);
  if (number && llvm::is_contained(kRowTiles, number.getInt()))
    return number.getInt();
  InFlightDiagnostic error = op->emitOpError();
  error << "'" << kRowTileAttr << "' is " << attribute << ", must be one of ";
  llvm::interleaveComma(kRowTiles, error);
  return error;
}

/// Tiles of a product of `op`; `rows` rows meet the same weights.
static FailureOr<ProductTiles> chooseTiles(Operation *op, int64_t rows,
                                           int64_t columns, Type element,
                                           const MoaToTileOptions &options) {
  FailureOr<int64_t> rowTile = getRowTile(op);
  if (failed(rowTile) || failed(checkProductElement(op, element)))
    return failure();
  FailureOr<ProductTiles> tiles =
      chooseProductTiles(rows, columns, element, options.sharedBytes, *rowTile);
  if (failed(tiles))
    return op->emitOpError()
           << "needs more than the " << options.sharedBytes
           << " bytes of shared memory that a block has, with tiles of "
           << *rowTile << " rows: take a smaller '" << kRowTileAttr << "'";
  tiles->tf32 = options.tf32 && element.isF32();
  return tiles;
}

/// An error where `op` asks for other than the `rows` that its kernel takes.
static LogicalResult checkRowTile(Operation *op, int64_t rows) {
  auto asked = op->getAttrOfType<IntegerAttr>(kRowTileAttr);
  if (!asked || asked.getInt() == rows)
    return success();
  return op->emitOpError() << "'" << kRowTileAttr << "' is " << asked.getInt()
                           << ", its kernel would take " << rows;
}

/// Say in a remark which tiles the product of `op` has, and why: `rows` rows
/// meet the same weights.
static void reportTiles(Operation *op, int64_t rows,
                        const ProductTiles &tiles) {
  std::string reason = "as " + kRowTileAttr.str() + " says";
  if (!op->hasAttr(kRowTileAttr))
    reason = "rows that meet the same weights: " +
             (ShapedType::isDynamic(rows) ? "unknown" : std::to_string(rows));
  remark::passed(op->getLoc(),
                 getRemarkOptions(op, "product-tiles", "convert-moa-to-tile"))
      << llvm::formatv("tiles of {0} x {1} (rows x columns), stages: {2} of "
                       "depth {3}, warps: {4}; {5}",
                       tiles.rows, tiles.columns, tiles.stages, tiles.depth,
                       tiles.warps.rows * tiles.warps.columns, reason)
             .str();
}

/// The static number of rows of `value` divided by `groups`, rounded up.
static int64_t getRowsPerGroup(Value value, int64_t groups) {
  int64_t rows = cast<RankedTensorType>(value.getType()).getDimSize(0);
  if (ShapedType::isDynamic(rows) || ShapedType::isDynamic(groups) ||
      groups < 1)
    return ShapedType::kDynamic;
  return llvm::divideCeil(rows, groups);
}

/// The rows of a group, on average, with room for those that are larger.
static int64_t getGroupRows(GroupedMatmulOp op) {
  auto weights = cast<RankedTensorType>(op.getWeights().getType());
  // Rows of slots, of which there are as many as the permutation has entries.
  Value rows = op.getPermutation() ? op.getPermutation() : op.getInit();
  int64_t mean = getRowsPerGroup(rows, weights.getDimSize(0));
  // Groups vary: with a tile for a quarter more than the mean, few of them need
  // a second one, for which their weights are loaded again.
  if (!ShapedType::isDynamic(mean))
    mean += mean / 4;
  return mean;
}

static FailureOr<ProductTiles> chooseTiles(GroupedMatmulOp op,
                                           const MoaToTileOptions &options) {
  auto weights = cast<RankedTensorType>(op.getWeights().getType());
  int64_t rows = getGroupRows(op);
  // A rotation needs registers, which a tile of 160 rows has not: as for more.
  if (op.getRotary() && !ShapedType::isDynamic(rows) && rows > 128)
    rows = std::numeric_limits<int32_t>::max();
  return chooseTiles(op, rows, weights.getDimSize(op.getTransposed() ? 1 : 2),
                     weights.getElementType(), options);
}

FailureOr<int64_t> moa::chooseRowTile(Operation *op,
                                      const MoaToTileOptions &options) {
  if (auto grouped = dyn_cast<GroupedMatmulOp>(op)) {
    FailureOr<ProductTiles> tiles = chooseTiles(grouped, options);
    if (failed(tiles))
      return failure();
    return tiles->rows;
  }
  if (auto routed = dyn_cast<RoutedAttentionOp>(op))
    return chooseQueryRows(routed, options);
  return 0;
}

/// The number of tiles of columns that cover a product's result.
static OpFoldResult countColumns(ImplicitLocOpBuilder &b, Value result,
                                 const ProductTiles &tiles,
                                 const std::optional<ProductRotary> &rotary) {
  OpFoldResult columns = getSizes(b, result).back();
  if (rotary)
    return b.getIndexAttr(countColumnTiles(getStatic(columns), tiles, rotary));
  return countTiles(b, columns, tiles.columns);
}

/// Set `rotary` to that of an op with `rotary` and `heads`, if it has one.
template <typename OpTy>
static LogicalResult setRotary(OpTy op, std::optional<ProductRotary> &rotary) {
  if (!op.getRotary())
    return success();
  int64_t width = cast<ShapedType>(op.getInit().getType()).getDimSize(1);
  if (ShapedType::isDynamic(width))
    return op.emitOpError("rotates heads of dynamic width");
  int64_t heads = *op.getHeads();
  rotary = {*op.getRotary(), width / heads};
  return success();
}

//===----------------------------------------------------------------------===//
// Products of slots
//===----------------------------------------------------------------------===//

/// [N,k] as [N*k].
static Value flattenSlots(ImplicitLocOpBuilder &b, Value value) {
  return value ? viewAs(b, value, multiply(b, getSizes(b, value))) : Value();
}

/// Slots of a token; 1 where no row is a token's.
static int64_t getTopK(GroupedMatmulOp op) {
  if (op.getGates())
    return cast<RankedTensorType>(op.getGates().getType()).getDimSize(1);
  return op.getTopK().value_or(1);
}

/// The product of `op` stored or added to `result`.
static Value launchGrouped(ImplicitLocOpBuilder &b, GroupedMatmulOp op,
                           KernelModule &kernels, GroupedMatmulSpec spec,
                           Value result) {
  Value slotRows = op.getPermutation() ? op.getPermutation() : op.getInit();
  OpFoldResult slots = getSizes(b, slotRows)[0];
  Value list = kernels.getTileList(b, op.getOffsets(), slots, spec.tiles.rows);
  Value gates = flattenSlots(b, op.getGates());
  OpFoldResult columns = countColumns(b, result, spec.tiles, spec.rotary);
  spec.inputRows = op.getInputRows();
  spec.input = getMemory(op.getInput());
  spec.weights = getMemory(op.getWeights());
  spec.offsets = getMemory(op.getOffsets());
  spec.list = getMemory(list);
  spec.permutation = getMemory(op.getPermutation());
  spec.gates = getMemory(gates);
  spec.result = getMemory(result);
  spec.transposed = op.getTransposed();
  spec.topK = getTopK(op);
  spec.hasPosition = static_cast<bool>(op.getPosition());
  SmallVector<Value> ins = presentValues(
      {op.getInput(), op.getWeights(), op.getOffsets(), list,
       op.getPermutation(), gates, op.getLength(), op.getPosition()});
  std::string name = "grouped_matmul_" + std::to_string(spec.tiles.rows) + "x" +
                     std::to_string(spec.tiles.columns) + "_" +
                     getTypeName(spec.weights.getElementType());
  return kernels.launch(
      b, name,
      [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
        return buildGroupedMatmulKernel(b, module, name, spec);
      },
      {getSizes(b, list)[0], columns}, ins, result)[0];
}

/// Rows that are added to those of their tokens in the order of slots: the
/// products are stored by slot first.
static MaybeValues sumInOrder(ImplicitLocOpBuilder &b, GroupedMatmulOp op,
                              KernelModule &kernels, GroupedMatmulSpec spec) {
  OpFoldResult slots = getSizes(b, op.getPermutation())[0];
  Value products = tensor::EmptyOp::create(
      b, ArrayRef<OpFoldResult>{slots, getSizes(b, op.getInit())[1]},
      b.getF32Type());
  // Slots in no group add nothing.
  products = kernels.fillZero(b, products);
  spec.resultRows = RowMap::Slot;
  products = launchGrouped(b, op, kernels, spec, products);

  CombineSpec sum;
  sum.slots = getMemory(products);
  sum.start = getMemory(op.getInit());
  sum.result = sum.start;
  sum.topK = *op.getTopK();
  Value empty = tensor::EmptyOp::create(b, getSizes(b, op.getInit()),
                                        sum.result.getElementType());
  return kernels.launch(
      b, "sum_slots",
      [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
        return buildCombineKernel(b, module, name, sum);
      },
      {countTiles(b, getSizes(b, empty)[0], sum.rows),
       countTiles(b, getSizes(b, empty)[1], sum.columns)},
      {products, op.getInit()}, empty);
}

MaybeValues moa::convertGroupedMatmul(ImplicitLocOpBuilder &b,
                                      GroupedMatmulOp op,
                                      KernelModule &kernels) {
  FailureOr<ProductTiles> tiles = chooseTiles(op, kernels.getOptions());
  if (failed(tiles))
    return failure();
  reportTiles(op, getGroupRows(op), *tiles);
  GroupedMatmulSpec spec;
  spec.tiles = *tiles;
  spec.resultRows = op.getResultRows();
  bool isF32 =
      cast<RankedTensorType>(op.getInit().getType()).getElementType().isF32();
  // Only f32 can be added to in memory.
  if (spec.resultRows == RowMap::Token && !(op.getUnordered() && isF32))
    return sumInOrder(b, op, kernels, spec);
  if (failed(setRotary(op, spec.rotary)))
    return failure();
  return SmallVector<Value>{launchGrouped(b, op, kernels, spec, op.getInit())};
}

MaybeValues moa::convertSlotMatmul(ImplicitLocOpBuilder &b, SlotMatmulOp op,
                                   KernelModule &kernels) {
  auto weights = cast<RankedTensorType>(op.getWeights().getType());
  FailureOr<ProductTiles> tiles = chooseTiles(
      op, /*rows=*/1, weights.getDimSize(op.getTransposed() ? 1 : 2),
      weights.getElementType(), kernels.getOptions());
  if (failed(tiles))
    return failure();
  reportTiles(op, /*rows=*/1, *tiles);
  Value indices = flattenSlots(b, op.getIndices()), init = op.getInit();
  SlotMatmulSpec spec;
  if (failed(setRotary(op, spec.rotary)))
    return failure();
  spec.inputRows = op.getInputRows();
  spec.input = getMemory(op.getInput());
  spec.weights = getMemory(op.getWeights());
  spec.indices = getMemory(indices);
  spec.result = getMemory(init);
  spec.transposed = op.getTransposed();
  spec.topK = cast<RankedTensorType>(op.getIndices().getType()).getDimSize(1);
  spec.hasPosition = static_cast<bool>(op.getPosition());
  spec.tiles = *tiles;
  return kernels.launch(
      b, "slot_matmul_" + getTypeName(weights.getElementType()),
      [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
        return buildSlotMatmulKernel(b, module, name, spec);
      },
      {getSizes(b, indices)[0], countColumns(b, init, *tiles, spec.rotary)},
      presentValues({op.getInput(), op.getWeights(), indices, op.getLength(),
                     op.getPosition()}),
      init);
}

//===----------------------------------------------------------------------===//
// Products of all rows
//===----------------------------------------------------------------------===//

MaybeValues moa::launchMatmul(ImplicitLocOpBuilder &b, Operation *op,
                              KernelModule &kernels,
                              const MatmulOperands &operands) {
  auto weights = cast<RankedTensorType>(operands.weights.getType());
  FailureOr<ProductTiles> tiles =
      chooseTiles(op, getRowsPerGroup(operands.input, 1),
                  weights.getDimSize(operands.transposed ? 0 : 1),
                  weights.getElementType(), kernels.getOptions());
  if (failed(tiles))
    return failure();
  // Bands of rows, as in a router, with which this can share a launch; and more
  // blocks, since all rows meet the same weights.
  if (tiles->rows >= 64) {
    tiles->rows = tiles->rows / 64 * 64;
    tiles->columns = std::min<int64_t>(tiles->columns, 64);
    tiles->warps = {4, 1};
  }
  if (failed(checkRowTile(op, tiles->rows)))
    return failure();
  reportTiles(op, getRowsPerGroup(operands.input, 1), *tiles);
  MatmulSpec spec;
  spec.input = getMemory(operands.input);
  spec.weights = getMemory(operands.weights);
  spec.secondWeights = getMemory(operands.secondWeights);
  spec.init = getMemory(operands.init);
  spec.transposed = operands.transposed;
  spec.tiles = *tiles;
  spec.rotary = operands.rotary;
  spec.hasPosition = static_cast<bool>(operands.position);
  spec.result = getMemory(operands.result);
  spec.secondResult = getMemory(operands.secondResult);
  OpFoldResult columns = countColumns(b, operands.result, *tiles, spec.rotary);
  if (operands.secondResult)
    columns = add(b, columns,
                  countColumns(b, operands.secondResult, *tiles, std::nullopt));
  std::string name = (operands.secondWeights ? "key_value_" : "matmul_") +
                     getTypeName(weights.getElementType());
  return kernels.launch(
      b, name,
      [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
        return buildMatmulKernel(b, module, name, spec);
      },
      {countTiles(b, getSizes(b, operands.input)[0], tiles->rows), columns},
      presentValues({operands.input, operands.weights, operands.secondWeights,
                     operands.init, operands.length, operands.position}),
      presentValues({operands.result, operands.secondResult}));
}

MaybeValues moa::convertMatmul(ImplicitLocOpBuilder &b, MatmulOp op,
                               KernelModule &kernels) {
  MatmulOperands operands = {};
  operands.input = op.getInput();
  operands.weights = op.getWeights();
  operands.result = op.getInit();
  operands.transposed = op.getTransposed();
  return launchMatmul(b, op, kernels, operands);
}

MaybeValues moa::convertKeyValue(ImplicitLocOpBuilder &b, KeyValueOp op,
                                 KernelModule &kernels) {
  SmallVector<OpFoldResult> sizes = getSizes(b, op.getKeyInit());
  OpFoldResult rows = multiply(b, ArrayRef(sizes).take_front(2));
  OpFoldResult width = multiply(b, ArrayRef(sizes).drop_front(2));
  int64_t headWidth = getStatic(sizes[3]);
  if (ShapedType::isDynamic(headWidth))
    return op.emitOpError("has heads of dynamic width");
  MatmulOperands operands = {};
  operands.input =
      viewAs(b, op.getInput(), {rows, getSizes(b, op.getInput()).back()});
  operands.weights = op.getKey();
  operands.secondWeights = op.getValue();
  operands.transposed = op.getTransposed();
  operands.result = viewAs(b, op.getKeyInit(), {rows, width});
  operands.secondResult = viewAs(b, op.getValueInit(), {rows, width});
  if (op.getRotary()) {
    operands.rotary = {*op.getRotary(), headWidth};
    operands.length = getSize(b, op.getInput(), 1);
    operands.position = op.getPosition();
  }
  MaybeValues stored = launchMatmul(b, op, kernels, operands);
  if (failed(stored))
    return failure();
  return SmallVector<Value>{viewAs(b, (*stored)[0], sizes),
                            viewAs(b, (*stored)[1], sizes)};
}

//===----------------------------------------------------------------------===//
// Products by the weights of all experts
//===----------------------------------------------------------------------===//

MaybeValues moa::launchDense(ImplicitLocOpBuilder &b, Operation *op,
                             KernelModule &kernels,
                             const DenseOperands &operands) {
  auto weights = cast<RankedTensorType>(operands.weights.getType());
  Type element = getElementTypeOrSelf(operands.input);
  bool sums = operands.inputRows == RowMap::Slot;
  int64_t rows =
      getRowsPerGroup(operands.input, sums ? weights.getDimSize(0) : 1);
  // A rotation needs registers, which larger tiles have not: ptxas computes the
  // angles of rows at even distances all at once.
  constexpr int64_t kMostRotated = 96;
  int64_t together = rows;
  if (operands.rotary && (ShapedType::isDynamic(rows) || rows > kMostRotated))
    together = kMostRotated;
  FailureOr<ProductTiles> tiles =
      chooseTiles(op, together, weights.getDimSize(operands.transposed ? 1 : 2),
                  element, kernels.getOptions());
  if (failed(tiles))
    return failure();
  // A sum over experts has two accumulators.
  if (sums)
    tiles->rows = std::min<int64_t>(tiles->rows, 64);
  if (failed(checkRowTile(op, tiles->rows)))
    return failure();
  reportTiles(op, rows, *tiles);
  DenseMatmulSpec spec;
  spec.inputRows = operands.inputRows;
  spec.input = getMemory(operands.input);
  spec.weights = getMemory(operands.weights);
  spec.gates = getMemory(operands.gates);
  spec.bias = getMemory(operands.bias);
  spec.skip = getMemory(operands.skip);
  spec.residual = getMemory(operands.residual);
  spec.result = getMemory(operands.result);
  spec.transposed = operands.transposed;
  spec.tiles = *tiles;
  spec.rotary = operands.rotary;
  spec.hasPosition = static_cast<bool>(operands.position);
  OpFoldResult tokens = getSizes(b, sums ? operands.result : operands.input)[0];
  return kernels.launch(
      b, "dense_matmul_" + getTypeName(element),
      [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
        return buildDenseMatmulKernel(b, module, name, spec);
      },
      {countTiles(b, tokens, tiles->rows),
       countColumns(b, operands.result, *tiles, spec.rotary),
       sums ? b.getIndexAttr(1) : getSizes(b, operands.weights)[0]},
      presentValues({operands.input, operands.weights, operands.gates,
                     operands.bias, operands.skip, operands.residual,
                     operands.length, operands.position}),
      operands.result);
}

MaybeValues moa::convertDenseMatmul(ImplicitLocOpBuilder &b, DenseMatmulOp op,
                                    KernelModule &kernels) {
  DenseOperands operands = {};
  operands.inputRows = op.getInputRows();
  operands.input = op.getInput();
  operands.weights = op.getWeights();
  operands.gates = op.getGates();
  operands.bias = op.getBias();
  operands.skip = op.getSkip();
  operands.residual = op.getResidual();
  operands.result = op.getInit();
  operands.length = op.getLength();
  operands.position = op.getPosition();
  operands.transposed = op.getTransposed();
  if (failed(setRotary(op, operands.rotary)))
    return failure();
  return launchDense(b, op, kernels, operands);
}
