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

static LogicalResult checkLoops(linalg::LinalgOp op) {
  for (AffineMap map : op.getIndexingMapsArray())
    if (failed(getDims(map)))
      return op->emitOpError()
             << "reads or stores elements by " << AffineMapAttr::get(map)
             << ", for which there is no kernel";
  AffineMap first = op.getMatchingIndexingMap(&op.getDpsInitsMutable()[0]);
  for (OpOperand &init : op.getDpsInitsMutable())
    if (op.getMatchingIndexingMap(&init) != first)
      return op->emitOpError("stores results in different orders of its loops: "
                             "there is no kernel for it");
  if (first.getNumResults() != op.getNumParallelLoops())
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
  AffineMap map =
      generic.getMatchingIndexingMap(&generic.getDpsInitsMutable()[0]);
  SmallVector<unsigned> order = *getDims(map);
  for (unsigned dim : llvm::seq(generic.getNumLoops()))
    if (!llvm::is_contained(order, dim))
      order.push_back(dim);
  if (!llvm::is_sorted(order))
    generic = *linalg::interchangeGenericOp(rewriter, generic, order);
  expandIndices(b, generic);
  return generic;
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

//===----------------------------------------------------------------------===//
// Columns
//===----------------------------------------------------------------------===//

/// Whether `column` can be that of columns: operands that have it, have it
/// last, one of them beside others, and nothing is read element by element.
static bool canBeColumn(linalg::GenericOp op, unsigned column) {
  bool extracts = false;
  op.getBody()->walk([&](tensor::ExtractOp) { extracts = true; });
  if (extracts)
    return false;
  bool hasRows = false;
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
    return {Type(), *getDims(op.getMatchingIndexingMap(&operand))};
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
      SmallVector<unsigned> dims =
          *getDims(op.getMatchingIndexingMap(&operand));
      auto *found = llvm::find(dims, dim);
      if (found == dims.end())
        continue;
      ins.push_back(getSize(b, operand.get(), found - dims.begin()));
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

static SmallVector<OpFoldResult>
countBlocks(ImplicitLocOpBuilder &b, const GenericSpec &spec, Value output) {
  SmallVector<OpFoldResult> sizes = getSizes(b, output);
  if (!spec.reducesRows())
    sizes[0] = countTiles(b, sizes[0], spec.rows);
  if (sizes.size() > 1)
    sizes[1] = countTiles(b, sizes[1], spec.columns);
  return sizes;
}

static MaybeValues launchGeneric(ImplicitLocOpBuilder &b, linalg::GenericOp op,
                                 KernelModule &kernels) {
  for (Operation &inner : *op.getBody())
    if (failed(checkElementwise(&inner)))
      return failure();
  sinkConstants(b, op);
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
      countBlocks(b, spec, operands.outs.front()), operands.ins, operands.outs);
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
