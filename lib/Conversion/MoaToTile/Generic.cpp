//===- Generic.cpp - Loops over elements to kernels -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Kernels/Generic.h"

#include "Views.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "moa/Conversion/MoaToTile.h"
#include "moa/Utils/LoopBuilders.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace moa;

//===----------------------------------------------------------------------===//
// The form of loops that kernels take
//===----------------------------------------------------------------------===//

/// The loops along which `operand` is read or stored, in the order of its
/// dimensions but those of size 1; failure where its map does more.
static FailureOr<SmallVector<unsigned>> getDims(linalg::LinalgOp op,
                                                OpOperand &operand) {
  SmallVector<unsigned> dims;
  AffineMap map = op.getMatchingIndexingMap(&operand);
  for (auto [position, result] : llvm::enumerate(map.getResults())) {
    if (auto dim = dyn_cast<AffineDimExpr>(result))
      dims.push_back(dim.getPosition());
    else if (op.getShape(&operand)[position] != 1)
      return failure();
  }
  return dims;
}

/// Check that kernels load and store the elements of `op`.
static LogicalResult checkElements(linalg::LinalgOp op) {
  for (Type type : op->getOperandTypes()) {
    Type element = getElementTypeOrSelf(type);
    bool isFloat = element.isF16() || element.isBF16() || element.isF32() ||
                   element.isF64();
    bool isInteger =
        element.isSignlessInteger() &&
        llvm::is_contained({1, 8, 16, 32, 64}, element.getIntOrFloatBitWidth());
    if (isFloat || isInteger || isa<IndexType>(type))
      continue;
    return op->emitOpError() << "has elements of " << element
                             << ", for which there is no kernel: use f16, "
                                "bf16, f32, f64, i1, i8, i16, i32 or i64";
  }
  return success();
}

static LogicalResult checkLoops(linalg::LinalgOp op) {
  if (failed(checkElements(op)))
    return failure();
  for (OpOperand &operand : op->getOpOperands())
    if (failed(getDims(op, operand)))
      return op->emitOpError()
             << "reads or stores elements by "
             << AffineMapAttr::get(op.getMatchingIndexingMap(&operand))
             << ", for which there is no kernel";
  SmallVector<unsigned> first = *getDims(op, op.getDpsInitsMutable()[0]);
  for (OpOperand &init : op.getDpsInitsMutable())
    if (*getDims(op, init) != first)
      return op->emitOpError("stores results in different orders of its loops: "
                             "there is no kernel for it");
  if (first.size() != op.getNumParallelLoops())
    return op->emitOpError("has results that do not have all of its parallel "
                           "loops: there is no kernel for it");
  return success();
}

/// Maps of indices in the body, such as a change of loops leaves, as
/// arithmetic.
static void expandIndices(ImplicitLocOpBuilder &b, linalg::GenericOp op) {
  OpBuilder::InsertionGuard guard(b);
  op.getBody()->walk([&](affine::AffineApplyOp apply) {
    b.setInsertionPoint(apply);
    auto results = affine::expandAffineMap(b, b.getLoc(), apply.getMap(),
                                           apply.getOperands());
    apply.replaceAllUsesWith(results->front());
    apply.erase();
  });
}

/// `op` as a linalg.generic whose first loops are those of the results, in
/// their order. It takes no part in what uses `op`.
static FailureOr<linalg::GenericOp> createGeneric(ImplicitLocOpBuilder &b,
                                                  linalg::LinalgOp op) {
  if (failed(checkLoops(op)))
    return failure();
  IRRewriter rewriter(b);
  Operation *copy = b.clone(*op);
  auto generic = dyn_cast<linalg::GenericOp>(copy);
  if (!generic) {
    FailureOr<linalg::GenericOp> general =
        linalg::generalizeNamedOp(rewriter, cast<linalg::LinalgOp>(copy));
    if (failed(general))
      return op->emitOpError("has no kernel");
    generic = *general;
  }
  SmallVector<unsigned> order =
      *getDims(generic, generic.getDpsInitsMutable()[0]);
  for (unsigned dim : llvm::seq(generic.getNumLoops()))
    if (!llvm::is_contained(order, dim))
      order.push_back(dim);
  if (!llvm::is_sorted(order))
    generic = *linalg::interchangeGenericOp(rewriter, generic, order);
  expandIndices(b, generic);
  return generic;
}

/// Whether a value is a number that a kernel may have as its own.
static bool isNumber(Value value) {
  return !isa<ShapedType>(value.getType()) && matchPattern(value, m_Constant());
}

/// What the body uses from outside and is no number.
static SmallVector<Value> getCaptured(linalg::GenericOp op) {
  llvm::SetVector<Value> captured;
  op.getBody()->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (operand.getParentBlock() != op.getBody() && !isNumber(operand))
        captured.insert(operand);
  });
  return captured.takeVector();
}

/// Numbers that the body uses from outside, as ops of its own.
static void sinkNumbers(ImplicitLocOpBuilder &b, linalg::GenericOp op) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(op.getBody());
  op.getBody()->walk([&](Operation *inner) {
    for (OpOperand &operand : inner->getOpOperands())
      if (operand.get().getParentBlock() != op.getBody() &&
          isNumber(operand.get()))
        operand.set(b.clone(*operand.get().getDefiningOp())->getResult(0));
  });
}

//===----------------------------------------------------------------------===//
// Columns
//===----------------------------------------------------------------------===//

/// Whether `column` can be that of columns: operands that have it, have it
/// last, and nothing is read element by element. Columns of a single row help
/// only where they are reduced.
static bool canBeColumn(linalg::GenericOp op, unsigned column) {
  bool extracts = false;
  op.getBody()->walk([&](tensor::ExtractOp) { extracts = true; });
  if (extracts)
    return false;
  bool hasRows = op.getNumReductionLoops() > 0;
  for (AffineMap map : op.getIndexingMapsArray())
    for (auto [i, result] : llvm::enumerate(map.getResults())) {
      if (result != getAffineDimExpr(column, op.getContext()))
        continue;
      if (i + 1 != map.getNumResults())
        return false;
      hasRows |= i > 0;
    }
  return hasRows;
}

/// For each output the op that adds an element to those before it, if their
/// order does not matter; otherwise nothing.
static SmallVector<Operation *> findCombiners(linalg::GenericOp op) {
  SmallVector<Operation *> combiners;
  for (unsigned number : llvm::seq(op.getNumDpsInits())) {
    SmallVector<Operation *> found;
    if (!matchReduction(op.getRegionOutputArgs(), number, found) ||
        found.size() != 1 || !isAnyOrder(found.front()))
      return {};
    combiners.push_back(found.front());
  }
  return combiners;
}

/// Choose what the columns of tiles are.
static void chooseColumn(linalg::GenericOp op, GenericSpec &spec) {
  spec.combiners.clear();
  if (spec.numReductions > 0) {
    spec.combiners = findCombiners(op);
    if (spec.combiners.empty())
      return;
    if (canBeColumn(op, spec.getRank() - 1)) {
      spec.column = spec.getRank() - 1;
      return;
    }
  }
  unsigned numParallel = spec.getNumParallel();
  if (numParallel > 0 && canBeColumn(op, numParallel - 1))
    spec.column = numParallel - 1;
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

/// `value` as the memory of an operand: rows of columns, or elements.
static Value viewOperand(ImplicitLocOpBuilder &b, Value value, bool hasColumn) {
  SmallVector<OpFoldResult> sizes = getSizes(b, value);
  if (!hasColumn)
    return viewAs(b, value, multiply(b, sizes));
  return viewAs(b, value,
                {multiply(b, ArrayRef(sizes).drop_back()), sizes.back()});
}

namespace {
/// Collects the operands of a launch as a spec describes them.
class Operands {
public:
  Operands(ImplicitLocOpBuilder &b, linalg::GenericOp op, GenericSpec &spec,
           const KernelModule &kernels)
      : b(b), op(op), spec(spec), kernels(kernels) {}

  void addSizes();
  void addInputs();
  void addOutputs();

  SmallVector<Value> ins, outs;
  /// What has the shapes of the results.
  SmallVector<Value> destinations;

private:
  GenericOperand describe(OpOperand &operand) {
    return {Type(), *getDims(op, operand)};
  }
  bool hasColumn(const GenericOperand &operand) {
    return spec.column && !operand.dims.empty() &&
           operand.dims.back() == *spec.column;
  }

  ImplicitLocOpBuilder &b;
  linalg::GenericOp op;
  GenericSpec &spec;
  const KernelModule &kernels;
};
} // namespace

/// Sizes of loops that are not static, and what the body uses from outside.
void Operands::addSizes() {
  for (auto [dim, size] : llvm::enumerate(spec.sizes)) {
    if (!ShapedType::isDynamic(size))
      continue;
    // Some operand has the dimension.
    for (OpOperand &operand : op->getOpOperands()) {
      std::optional<unsigned> position =
          op.getMatchingIndexingMap(&operand).getResultPosition(
              b.getAffineDimExpr(dim));
      if (!position)
        continue;
      ins.push_back(getSize(b, operand.get(), *position));
      break;
    }
  }
  llvm::append_range(ins, spec.captured);
}

void Operands::addInputs() {
  for (OpOperand *operand : op.getDpsInputOperands()) {
    GenericOperand &described = spec.inputs.emplace_back(describe(*operand));
    Value value = operand->get();
    described.type = value.getType();
    if (!described.dims.empty())
      value = viewOperand(b, value, hasColumn(described));
    if (isa<RankedTensorType>(value.getType()))
      described.type = getMemory(value);
    ins.push_back(value);
  }
}

void Operands::addOutputs() {
  for (OpOperand &operand : op.getDpsInitsMutable()) {
    GenericOperand &described = spec.outputs.emplace_back(describe(operand));
    KernelModule::Filled filled = kernels.getFilled(operand.get());
    spec.inits.push_back(filled.number);
    destinations.push_back(filled.number ? filled.destination : operand.get());
    outs.push_back(viewOperand(b, destinations.back(), hasColumn(described)));
    described.type = getMemory(outs.back());
  }
}

static OpFoldResult countBlocks(ImplicitLocOpBuilder &b,
                                const GenericSpec &spec, Value output) {
  SmallVector<OpFoldResult> sizes = getSizes(b, output);
  OpFoldResult rows = sizes[0];
  if (!spec.reducesRows())
    rows = countTiles(b, rows, spec.rows);
  if (sizes.size() == 1)
    return rows;
  return multiply(b, {rows, countTiles(b, sizes[1], spec.columns)});
}

static MaybeValues launchGeneric(ImplicitLocOpBuilder &b, linalg::GenericOp op,
                                 KernelModule &kernels) {
  sinkNumbers(b, op);
  for (Operation &inner : *op.getBody())
    if (failed(checkElementwise(&inner)))
      return failure();
  GenericSpec spec;
  spec.body = op.getBody();
  spec.sizes = op.getStaticLoopRanges();
  spec.numReductions = op.getNumReductionLoops();
  spec.captured = getCaptured(op);
  chooseColumn(op, spec);
  Operands operands(b, op, spec, kernels);
  operands.addSizes();
  operands.addInputs();
  operands.addOutputs();
  chooseGenericTiles(spec);
  SmallVector<Value> results = kernels.launch(
      b, spec.numReductions > 0 ? "reduce" : "elementwise",
      [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
        return buildGenericKernel(b, module, name, spec);
      },
      {countBlocks(b, spec, operands.outs.front())}, operands.ins,
      operands.outs);
  for (auto [result, like] : llvm::zip(results, operands.destinations))
    result = viewLike(b, result, like);
  return results;
}

MaybeValues moa::convertGeneric(ImplicitLocOpBuilder &b, linalg::LinalgOp op,
                                KernelModule &kernels) {
  FailureOr<linalg::GenericOp> generic = createGeneric(b, op);
  if (failed(generic))
    return failure();
  MaybeValues results = launchGeneric(b, *generic, kernels);
  generic->erase();
  return results;
}
