//===- Linalg.cpp - Combine and linalg ops to kernels ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include "ProductOperands.h"
#include "Views.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "moa/Kernels/Combine.h"
#include "moa/Kernels/Elementwise.h"
#include "moa/Utils/LoopBuilders.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace moa;

//===----------------------------------------------------------------------===//
// Combine
//===----------------------------------------------------------------------===//

MaybeValues moa::convertCombine(ImplicitLocOpBuilder &b, CombineOp op,
                                KernelModule &kernels) {
  if (failed(checkProductElement(op, getElementTypeOrSelf(op.getSlots()))) ||
      failed(checkProductElement(op, getElementTypeOrSelf(op.getInit()))))
    return failure();
  CombineSpec spec;
  spec.slots = getMemory(op.getSlots());
  spec.gates = getMemory(op.getGates());
  spec.bias = getMemory(op.getBias());
  spec.skip = getMemory(op.getSkip());
  spec.residual = getMemory(op.getResidual());
  spec.result = getMemory(op.getInit());
  spec.topK = spec.gates.getDimSize(1);
  SmallVector<OpFoldResult> sizes = getSizes(b, op.getInit());
  return kernels.launch(
      b, "combine",
      [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
        return buildCombineKernel(b, module, name, spec);
      },
      {countTiles(b, sizes[0], spec.rows),
       countTiles(b, sizes[1], spec.columns)},
      presentValues({op.getSlots(), op.getGates(), op.getBias(), op.getSkip(),
                     op.getResidual()}),
      op.getInit());
}

//===----------------------------------------------------------------------===//
// Filling
//===----------------------------------------------------------------------===//

/// All dimensions but the last one as rows; one row of few dimensions.
static Value viewRows(ImplicitLocOpBuilder &b, Value value) {
  SmallVector<OpFoldResult> sizes = getSizes(b, value);
  if (sizes.empty())
    return viewAs(b, value, {b.getIndexAttr(1), b.getIndexAttr(1)});
  return viewAs(b, value,
                {multiply(b, ArrayRef(sizes).drop_back()), sizes.back()});
}

Value moa::launchFill(ImplicitLocOpBuilder &b, KernelModule &kernels,
                      Value number, Attribute constant, Value destination) {
  Value rows = viewRows(b, destination);
  FillSpec spec;
  spec.memory = getMemory(rows);
  spec.number = constant;
  SmallVector<OpFoldResult> sizes = getSizes(b, rows);
  SmallVector<Value> ins;
  if (!constant)
    ins.push_back(number);
  Value filled = kernels.launch(
      b, "fill",
      [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
        return buildFillKernel(b, module, name, spec);
      },
      {countTiles(b, sizes[0], spec.rows),
       countTiles(b, sizes[1], spec.columns)},
      ins, rows)[0];
  Value result = viewLike(b, filled, destination);
  if (constant && matchPattern(constant, m_AnyZeroFloat()))
    kernels.setZero(result);
  return result;
}

Value KernelModule::fillZero(ImplicitLocOpBuilder &b, Value destination) {
  Type element = getElementTypeOrSelf(destination);
  return launchFill(b, *this, Value(), b.getZeroAttr(element), destination);
}

static MaybeValues convertFill(ImplicitLocOpBuilder &b, linalg::FillOp op,
                               KernelModule &kernels) {
  Value number = op.getInputs().front();
  Value destination = op.getOutputs().front();
  Type element = getElementTypeOrSelf(destination);
  if (number.getType() != element)
    return op.emitOpError() << "fills " << element << " with "
                            << number.getType() << ", must be the same";
  Attribute constant;
  matchPattern(number, m_Constant(&constant));
  return SmallVector<Value>{
      launchFill(b, kernels, number, constant, destination)};
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// The init of a product: null where it is zeros.
static Value getInit(linalg::LinalgOp op, KernelModule &kernels) {
  Value init = op.getDpsInits().front();
  return kernels.isZero(init) ? Value() : init;
}

/// A place for the result of `op`.
static Value createResult(ImplicitLocOpBuilder &b, linalg::LinalgOp op) {
  Value init = op.getDpsInits().front();
  return tensor::EmptyOp::create(b, getSizes(b, init),
                                 getElementTypeOrSelf(init));
}

static bool hasMaps(linalg::LinalgOp op,
                    ArrayRef<SmallVector<unsigned>> expected) {
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  for (auto [map, dims] : llvm::zip_equal(maps, expected))
    if (map != AffineMap::getMultiDimMapWithTargets(map.getNumDims(), dims,
                                                    map.getContext()))
      return false;
  return true;
}

static MaybeValues convertMatrixProduct(ImplicitLocOpBuilder &b,
                                        linalg::LinalgOp op,
                                        KernelModule &kernels,
                                        bool transposed) {
  MatmulOperands operands = {};
  operands.input = op.getDpsInputs()[0];
  operands.weights = op.getDpsInputs()[1];
  operands.init = getInit(op, kernels);
  operands.result = createResult(b, op);
  operands.transposed = transposed;
  return launchMatmul(b, op, kernels, operands);
}

/// Rows of each expert, from or to rows of tokens.
static MaybeValues convertExpertProduct(ImplicitLocOpBuilder &b,
                                        linalg::LinalgOp op,
                                        KernelModule &kernels, RowMap inputRows,
                                        bool transposed) {
  if (getInit(op, kernels))
    return op->emitOpError("adds products of experts to an init, of which "
                           "there is a kernel for zeros only");
  Value input = op.getDpsInputs()[0], result = createResult(b, op);
  // [N,E,F] as [N*E,F].
  auto flatten = [&](Value value) {
    SmallVector<OpFoldResult> sizes = getSizes(b, value);
    return viewAs(b, value,
                  {multiply(b, ArrayRef(sizes).take_front(2)), sizes[2]});
  };
  DenseOperands operands = {};
  operands.inputRows = inputRows;
  operands.input = inputRows == RowMap::Slot ? flatten(input) : input;
  operands.weights = op.getDpsInputs()[1];
  operands.result = inputRows == RowMap::Token ? flatten(result) : result;
  operands.transposed = transposed;
  MaybeValues stored = launchDense(b, op, kernels, operands);
  if (failed(stored))
    return failure();
  return SmallVector<Value>{viewLike(b, stored->front(), result)};
}

/// The products that decomposition emits, and others of their form.
static MaybeValues convertContraction(ImplicitLocOpBuilder &b,
                                      linalg::LinalgOp op,
                                      KernelModule &kernels) {
  if (!getElementTypeOrSelf(op.getDpsInits().front()).isF32())
    return op->emitOpError("accumulates in other than f32");
  if (op.getNumLoops() == 3) {
    // m, n, k
    if (hasMaps(op, {{0, 2}, {2, 1}, {0, 1}}))
      return convertMatrixProduct(b, op, kernels, /*transposed=*/false);
    if (hasMaps(op, {{0, 2}, {1, 2}, {0, 1}}))
      return convertMatrixProduct(b, op, kernels, /*transposed=*/true);
  }
  if (op.getNumLoops() == 4) {
    // e, t, f, c: see moa-decompose.
    for (bool transposed : {false, true}) {
      SmallVector<unsigned> toColumns = {0, 3, 2}, fromColumns = {0, 2, 3};
      if (transposed)
        std::swap(toColumns, fromColumns);
      if (hasMaps(op, {{1, 3}, toColumns, {1, 0, 2}}))
        return convertExpertProduct(b, op, kernels, RowMap::Token, transposed);
      // e, t, c, f
      if (hasMaps(op, {{1, 0, 3}, toColumns, {1, 2}}))
        return convertExpertProduct(b, op, kernels, RowMap::Slot, transposed);
      if (hasMaps(op, {{1, 0, 2}, fromColumns, {1, 3}}))
        return convertExpertProduct(b, op, kernels, RowMap::Slot, transposed);
    }
  }
  return op->emitOpError("is a product of which there is no kernel");
}

//===----------------------------------------------------------------------===//
// Element by element
//===----------------------------------------------------------------------===//

/// The dimensions that a map projects to; failure where it does more.
static FailureOr<SmallVector<unsigned>> getDims(AffineMap map) {
  SmallVector<unsigned> dims;
  for (AffineExpr result : map.getResults()) {
    auto dim = dyn_cast<AffineDimExpr>(result);
    if (!dim)
      return failure();
    dims.push_back(dim.getPosition());
  }
  return dims;
}

/// Whether the last dimension can be columns: operands that have it, have it
/// last, and nothing is read element by element.
static bool canHaveColumns(linalg::GenericOp op) {
  unsigned rank = op.getNumLoops();
  if (rank < 2)
    return false;
  bool extracts = false;
  op.getBody()->walk([&](tensor::ExtractOp) { extracts = true; });
  if (extracts)
    return false;
  for (AffineMap map : op.getIndexingMapsArray())
    for (auto [i, result] : llvm::enumerate(map.getResults()))
      if (result == getAffineDimExpr(rank - 1, op.getContext()) &&
          i + 1 != map.getNumResults())
        return false;
  return true;
}

/// What the body uses from outside and is not a constant.
static SmallVector<Value> getCaptured(linalg::GenericOp op) {
  llvm::SetVector<Value> captured;
  op.getBody()->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (operand.getParentBlock() != op.getBody() &&
          !matchPattern(operand, m_Constant()))
        captured.insert(operand);
  });
  return captured.takeVector();
}

/// Constants that the body uses from outside, as ops of its own.
static void sinkConstants(ImplicitLocOpBuilder &b, linalg::GenericOp op) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(op.getBody());
  op.getBody()->walk([&](Operation *inner) {
    for (OpOperand &operand : inner->getOpOperands())
      if (operand.get().getParentBlock() != op.getBody() &&
          matchPattern(operand.get(), m_Constant()))
        operand.set(b.clone(*operand.get().getDefiningOp())->getResult(0));
  });
}

/// `value` as the memory of an operand that reads `dims`.
static Value viewOperand(ImplicitLocOpBuilder &b, Value value, bool hasColumn) {
  SmallVector<OpFoldResult> sizes = getSizes(b, value);
  if (sizes.empty())
    return value;
  if (!hasColumn)
    return viewAs(b, value, multiply(b, sizes));
  if (sizes.size() == 1)
    return value;
  return viewAs(b, value,
                {multiply(b, ArrayRef(sizes).drop_back()), sizes.back()});
}

static LogicalResult checkGeneric(linalg::GenericOp op) {
  for (utils::IteratorType iterator : op.getIteratorTypesArray())
    if (iterator != utils::IteratorType::parallel)
      return op.emitOpError("is a reduction, of which there is no kernel");
  for (OpOperand &init : op.getDpsInitsMutable())
    if (!op.getMatchingIndexingMap(&init).isIdentity())
      return op.emitOpError("stores its elements in another order than that of "
                            "its loops: there is no kernel for it");
  for (AffineMap map : op.getIndexingMapsArray())
    if (failed(getDims(map)))
      return op.emitOpError() << "reads elements by " << AffineMapAttr::get(map)
                              << ", for which there is no kernel";
  for (Operation &inner : *op.getBody())
    if (failed(checkElementwise(&inner)))
      return failure();
  return success();
}

static MaybeValues convertGeneric(ImplicitLocOpBuilder &b, linalg::GenericOp op,
                                  KernelModule &kernels) {
  if (failed(checkGeneric(op)))
    return failure();
  sinkConstants(b, op);
  ElementwiseSpec spec;
  spec.body = op.getBody();
  spec.hasColumns = canHaveColumns(op);
  spec.captured = getCaptured(op);
  SmallVector<OpFoldResult> sizes = getSizes(b, op.getDpsInits().front());
  SmallVector<Value> ins, outs;
  for (OpFoldResult size : sizes) {
    spec.sizes.push_back(getStatic(size));
    if (ShapedType::isDynamic(spec.sizes.back()))
      ins.push_back(asIndex(b, size));
  }
  llvm::append_range(ins, spec.captured);
  unsigned column = op.getNumLoops() - 1;
  auto addOperand = [&](OpOperand &operand,
                        SmallVector<ElementwiseOperand> &operands,
                        SmallVector<Value> &values) {
    SmallVector<unsigned> dims = *getDims(op.getMatchingIndexingMap(&operand));
    bool hasColumn = spec.hasColumns && !dims.empty() && dims.back() == column;
    Value value = operand.get();
    if (isa<RankedTensorType>(value.getType()))
      value = viewOperand(b, value, hasColumn);
    operands.push_back({getMemory(value), dims});
    values.push_back(value);
  };
  for (OpOperand *operand : op.getDpsInputOperands())
    addOperand(*operand, spec.inputs, ins);
  for (OpOperand &operand : op.getDpsInitsMutable())
    addOperand(operand, spec.outputs, outs);
  chooseElementwiseTiles(spec);
  if (outs.front().getType() ==
      RankedTensorType::get({}, getElementTypeOrSelf(outs.front())))
    return op.emitOpError("computes a scalar, for which there is no kernel");

  SmallVector<OpFoldResult> outSizes = getSizes(b, outs.front());
  SmallVector<OpFoldResult> blocks = {countTiles(b, outSizes[0], spec.rows)};
  if (spec.hasColumns)
    blocks.push_back(countTiles(b, outSizes[1], spec.columns));
  SmallVector<Value> results = kernels.launch(
      b, "elementwise",
      [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
        return buildElementwiseKernel(b, module, name, spec);
      },
      blocks, ins, outs);
  for (auto [result, init] : llvm::zip(results, op.getDpsInits()))
    result = viewLike(b, result, init);
  return results;
}

MaybeValues moa::convertLinalg(ImplicitLocOpBuilder &b, linalg::LinalgOp op,
                               KernelModule &kernels) {
  if (!op.hasPureTensorSemantics())
    return op->emitOpError("is not on tensors");
  return llvm::TypeSwitch<Operation *, MaybeValues>(op)
      .Case([&](linalg::FillOp op) { return convertFill(b, op, kernels); })
      .Case(
          [&](linalg::GenericOp op) { return convertGeneric(b, op, kernels); })
      .Case<linalg::MatmulOp, linalg::ContractOp>(
          [&](auto op) { return convertContraction(b, op, kernels); })
      .Default([](Operation *op) -> MaybeValues {
        return op->emitOpError("has no kernel");
      });
}
