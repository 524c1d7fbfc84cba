//===- Sums.cpp - What follows the sum over slots, and what it follows ----===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelChoices.h"
#include "Reshapes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "moa/Transforms/Fuse.h"

using namespace mlir;
using namespace moa;

//===----------------------------------------------------------------------===//
// Residual
//===----------------------------------------------------------------------===//

/// Whether `op` sums the slots of tokens and can add a residual.
static bool isSlotSum(Operation *op) {
  if (auto product = dyn_cast_if_present<DenseMatmulOp>(op))
    return product.getInputRows() == RowMap::Slot;
  return isa_and_present<CombineOp>(op);
}

bool moa::addsToSlotSum(arith::AddFOp add) {
  return llvm::any_of(add->getOperands(), [](Value operand) {
    return isSlotSum(Reshapes(operand).source.getDefiningOp());
  });
}

/// `value`, of the shape of the reshapes' value, in the shape of their source,
/// which they expand.
static Value undoReshapes(RewriterBase &rewriter, const Reshapes &reshapes,
                          Value value) {
  for (Operation *op : llvm::reverse(reshapes.ops)) {
    auto expand = cast<tensor::ExpandShapeOp>(op);
    value = tensor::CollapseShapeOp::create(rewriter, op->getLoc(), value,
                                            expand.getReassociationIndices());
  }
  return value;
}

/// `op` as a copy with the residual.
template <typename OpTy>
static Operation *createWithResidual(RewriterBase &rewriter, OpTy op,
                                     Value residual) {
  auto sum = cast<OpTy>(rewriter.clone(*op));
  sum.getResidualMutable().assign(residual);
  return sum;
}

static bool hasResidual(Operation *sum) {
  if (auto combine = dyn_cast<CombineOp>(sum))
    return bool(combine.getResidual());
  return bool(cast<DenseMatmulOp>(sum).getResidual());
}

/// Why the sum over slots that `reshapes` start from cannot add what `add` adds
/// to it; null where it can.
static const char *findObstacle(arith::AddFOp add, const Reshapes &reshapes) {
  Operation *sum = reshapes.source.getDefiningOp();
  if (sum->getBlock() != add->getBlock())
    return "the sum over slots is computed in another block";
  if (!reshapes.isOnlyUse())
    return "the sum over slots is also read without the residual";
  if (hasResidual(sum))
    return "the sum over slots has a residual already";
  if (!llvm::all_of(reshapes.ops, llvm::IsaPred<tensor::ExpandShapeOp>))
    return "the sum over slots is reshaped to other than its tokens";
  return nullptr;
}

static Operation *addResidual(RewriterBase &rewriter, arith::AddFOp add,
                              const Reshapes &reshapes, Value other) {
  rewriter.setInsertionPoint(add);
  Operation *sum = reshapes.source.getDefiningOp();
  Value residual = undoReshapes(rewriter, reshapes, other);
  Operation *fused =
      isa<CombineOp>(sum)
          ? createWithResidual(rewriter, cast<CombineOp>(sum), residual)
          : createWithResidual(rewriter, cast<DenseMatmulOp>(sum), residual);
  rewriter.replaceOp(add, reshapes.replay(rewriter, fused->getResult(0)));
  reshapes.eraseUnused(rewriter);
  return fused;
}

FailureOr<Operation *> moa::fuseResidual(RewriterBase &rewriter,
                                         arith::AddFOp add) {
  const char *obstacle = "no operand is a sum over slots";
  // Either operand may be the residual of the other: of two layers, the first
  // is that of the second.
  for (auto [operand, other] : {std::pair(add.getLhs(), add.getRhs()),
                                std::pair(add.getRhs(), add.getLhs())}) {
    Reshapes reshapes(operand);
    if (!isSlotSum(reshapes.source.getDefiningOp()))
      continue;
    obstacle = findObstacle(add, reshapes);
    if (!obstacle)
      return addResidual(rewriter, add, reshapes, other);
  }
  return rewriter.notifyMatchFailure(add, obstacle);
}

//===----------------------------------------------------------------------===//
// The sum in no fixed order
//===----------------------------------------------------------------------===//

/// The skip of the routing that a permutation was made from; failure where the
/// routing is not known.
static FailureOr<Value> findSkip(Value permutation) {
  auto dispatch = permutation.getDefiningOp<DispatchOp>();
  if (!dispatch)
    return failure();
  if (auto route = dispatch.getIndices().getDefiningOp<RouteOp>())
    return route.getSkip();
  if (auto router = dispatch.getIndices().getDefiningOp<RouterOp>())
    return router.getSkip();
  return failure();
}

FailureOr<GroupedMatmulOp> moa::fuseUnorderedCombine(RewriterBase &rewriter,
                                                     CombineOp combine) {
  auto refuse = [&](const char *reason) {
    return rewriter.notifyMatchFailure(combine, reason);
  };
  auto product = combine.getSlots().getDefiningOp<GroupedMatmulOp>();
  if (!product || product.getResultRows() != RowMap::Slot)
    return refuse("the slots are not computed by moa.grouped_matmul in slot "
                  "order");
  if (product->getBlock() != combine->getBlock())
    return refuse("the slots are computed in another block");
  if (!product->hasOneUse())
    return refuse("the slots are also read by others");
  if (product.getGates() || product.getRotary())
    return refuse("the slots are gated or rotated before they are summed");
  Type element = getTensorType(combine.getInit()).getElementType();
  if (!element.isF32() && !element.isF64())
    return refuse("the sum is rounded to fewer bits than it is added in");
  if (combine.getBias())
    return refuse("a bias is added to the sum");
  if (combine.getSkip()) {
    // A skipped token has no rows in the product if it has none in the routing.
    FailureOr<Value> skip = findSkip(product.getPermutation());
    if (failed(skip) || *skip != combine.getSkip())
      return refuse("the skipped tokens are not known to be those of the "
                    "routing");
  }

  rewriter.setInsertionPoint(combine);
  Location loc = combine.getLoc();
  Value init = combine.getResidual();
  if (!init) {
    Value zero =
        arith::ConstantOp::create(rewriter, loc, rewriter.getZeroAttr(element));
    init = linalg::FillOp::create(rewriter, loc, zero, combine.getInit())
               .getResult(0);
  }
  int64_t topK = getTensorType(combine.getGates()).getDimSize(1);
  auto fused = rewriter.replaceOpWithNewOp<GroupedMatmulOp>(
      combine, combine.getResult().getType(), product.getInputRows(),
      product.getInput(), product.getWeights(), product.getOffsets(),
      product.getPermutation(), combine.getGates(), /*length=*/Value(),
      /*position=*/Value(), RowMap::Token, init,
      rewriter.getI64IntegerAttr(topK), RotaryAttr(),
      /*heads=*/IntegerAttr(), /*unordered=*/true, product.getTransposed());
  copyKernelChoices(product, fused);
  rewriter.eraseOp(product);
  return fused;
}
