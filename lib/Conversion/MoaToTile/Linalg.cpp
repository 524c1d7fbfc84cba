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
#include "moa/Kernels/Generic.h"
#include "moa/Utils/LoopBuilders.h"
#include "moa/Utils/Remarks.h"

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
      {multiply(b, {countTiles(b, sizes[0], spec.rows),
                    countTiles(b, sizes[1], spec.columns)})},
      ins, rows)[0];
  Value result = viewLike(b, filled, destination);
  if (constant)
    kernels.setFilled(result, {constant, destination});
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

/// The products that decomposition emits, and others of their form; nothing
/// where there is no kernel of products.
static std::optional<MaybeValues> convertContraction(ImplicitLocOpBuilder &b,
                                                     linalg::LinalgOp op,
                                                     KernelModule &kernels) {
  if (!getElementTypeOrSelf(op.getDpsInits().front()).isF32())
    return std::nullopt;
  if (op.getNumLoops() == 3) {
    // m, n, k
    if (hasMaps(op, {{0, 2}, {2, 1}, {0, 1}}))
      return convertMatrixProduct(b, op, kernels, /*transposed=*/false);
    if (hasMaps(op, {{0, 2}, {1, 2}, {0, 1}}))
      return convertMatrixProduct(b, op, kernels, /*transposed=*/true);
  }
  // Of experts' products there are kernels that add nothing.
  if (op.getNumLoops() == 4 && !getInit(op, kernels)) {
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
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// All ops
//===----------------------------------------------------------------------===//

MaybeValues moa::convertLinalg(ImplicitLocOpBuilder &b, linalg::LinalgOp op,
                               KernelModule &kernels) {
  if (!op.hasPureTensorSemantics())
    return op->emitOpError("is not on tensors");
  if (auto fill = dyn_cast<linalg::FillOp>(*op))
    return convertFill(b, fill, kernels);
  if (isa<linalg::MatmulOp, linalg::ContractOp>(op))
    if (auto products = convertContraction(b, op, kernels))
      return *products;
  if (linalg::isaContractionOpInterface(op))
    remark::missed(op.getLoc(),
                   getRemarkOptions(op, "product", "convert-moa-to-tile"))
        << "no kernel of products for this one: it is a reduction of elements, "
           "without tensor instructions";
  return convertGeneric(b, op, kernels);
}
