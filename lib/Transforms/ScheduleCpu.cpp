//===- ScheduleCpu.cpp - Loops that suit a CPU ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Transforms/ScheduleCpu.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "moa/Transforms/Passes.h"
#include "moa/Utils/FuseMaps.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using moa::CpuSchedule;

namespace moa {
#define GEN_PASS_DEF_MOASCHEDULECPUPASS
#include "moa/Transforms/Passes.h.inc"
} // namespace moa

std::string CpuSchedule::getError() const {
  for (auto [name, value, least] : {std::tuple("rows", rows, 1),
                                    {"columns", columns, 1},
                                    {"parallel-from", parallelFrom, 0}})
    if (value < least)
      return llvm::formatv("{0} is {1}, must be at least {2}", name, value,
                           least);
  return "";
}

/// The loop that runs along dimension `dim` of a value.
static std::optional<unsigned> getLoop(AffineMap map, unsigned dim) {
  auto expr = dyn_cast<AffineDimExpr>(map.getResult(dim));
  if (!expr)
    return std::nullopt;
  return expr.getPosition();
}

/// Whether a parallel loop costs more than it saves.
static bool isSmall(linalg::LinalgOp op, const CpuSchedule &schedule) {
  int64_t iterations = 1;
  // Upstream cannot tile loops that have no turn.
  if (llvm::is_contained(op.getStaticLoopRanges(), 0))
    return true;
  for (int64_t range : op.getStaticLoopRanges()) {
    if (ShapedType::isDynamic(range))
      return false;
    iterations *= range;
    if (iterations >= schedule.parallelFrom)
      return false;
  }
  return iterations < schedule.parallelFrom;
}

/// Tile sizes over the leading dimensions of the result: tokens, or entries of
/// a batch and then tokens; and over columns where each costs a sum.
static SmallVector<OpFoldResult>
chooseTileSizes(Builder &b, linalg::LinalgOp op, const CpuSchedule &schedule) {
  SmallVector<OpFoldResult> sizes(op.getNumLoops(), b.getIndexAttr(0));
  AffineMap result = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  auto tile = [&](unsigned dim, int64_t size) {
    if (std::optional<unsigned> loop = getLoop(result, dim))
      sizes[*loop] = b.getIndexAttr(size);
  };
  unsigned rank = result.getNumResults();
  if (rank == 0)
    return sizes;
  if (rank >= 4)
    tile(0, 1);
  tile(rank >= 4 ? 1 : 0, schedule.rows);
  if (rank == 2 && linalg::isaContractionOpInterface(op))
    tile(1, schedule.columns);
  return sizes;
}

/// Tile `op` and the fill of its result into an scf.forall.
static LogicalResult tileOverRows(RewriterBase &rewriter, linalg::LinalgOp op,
                                  const CpuSchedule &schedule) {
  scf::SCFTileAndFuseOptions options;
  options.tilingOptions.setTileSizes(chooseTileSizes(rewriter, op, schedule));
  options.tilingOptions.setLoopType(scf::SCFTilingOptions::LoopType::ForallOp);
  options.setFusionControlFn(
      [](tensor::ExtractSliceOp, OpResult producer,
         bool) -> std::optional<scf::SCFTileAndFuseOptions::ControlFnResult> {
        if (isa<linalg::FillOp>(producer.getOwner()))
          return scf::SCFTileAndFuseOptions::ControlFnResult{};
        return std::nullopt;
      });
  rewriter.setInsertionPoint(op);
  FailureOr<scf::SCFTileAndFuseResult> tiled =
      scf::tileConsumerAndFuseProducersUsingSCF(
          rewriter, cast<TilingInterface>(op.getOperation()), options);
  if (failed(tiled))
    return op->emitOpError("cannot be tiled over its rows");
  for (OpResult result : op->getResults())
    if (Value replacement = tiled->replacements.lookup(result))
      rewriter.replaceAllUsesWith(result, replacement);
  return success();
}

/// Order the loops of a contraction so that the innermost one runs along
/// contiguous memory of the right operand.
static LogicalResult orderLoops(RewriterBase &rewriter, linalg::LinalgOp op) {
  rewriter.setInsertionPoint(op);
  FailureOr<linalg::GenericOp> generic =
      isa<linalg::GenericOp>(op) ? cast<linalg::GenericOp>(op.getOperation())
                                 : linalg::generalizeNamedOp(rewriter, op);
  if (failed(generic))
    return op->emitOpError("has no general form");
  AffineMap weights =
      generic->getMatchingIndexingMap(generic->getDpsInputOperand(1));
  // A factor that is a scalar has no order.
  if (weights.getNumResults() == 0)
    return success();
  std::optional<unsigned> innermost =
      getLoop(weights, weights.getNumResults() - 1);
  unsigned loops = generic->getNumLoops();
  if (!innermost || *innermost == loops - 1)
    return success();
  SmallVector<unsigned> order;
  for (unsigned loop = 0; loop < loops; ++loop)
    if (loop != *innermost)
      order.push_back(loop);
  order.push_back(*innermost);
  return linalg::interchangeGenericOp(rewriter, *generic, order);
}

/// Let products be contracted into sums, and a sum along the innermost loop be
/// reassociated, without which it cannot use vectors. Sums along other loops
/// keep their order.
static void relaxSums(linalg::LinalgOp op) {
  if (op.getNumReductionLoops() == 0)
    return;
  arith::FastMathFlags relaxed = arith::FastMathFlags::contract;
  if (op.getIteratorTypesArray().back() == utils::IteratorType::reduction)
    relaxed = relaxed | arith::FastMathFlags::reassoc;
  auto flags = arith::FastMathFlagsAttr::get(op.getContext(), relaxed);
  op->walk([&](Operation *nested) {
    if (isa<arith::AddFOp, arith::MulFOp>(nested))
      nested->setAttr("fastmath", flags);
  });
}

static SmallVector<linalg::LinalgOp> collectLinalgOps(func::FuncOp function) {
  SmallVector<linalg::LinalgOp> ops;
  function.walk([&](linalg::LinalgOp op) {
    if (op.hasPureTensorSemantics())
      ops.push_back(op);
  });
  return ops;
}

LogicalResult moa::scheduleForCpu(RewriterBase &rewriter, func::FuncOp function,
                                  const CpuSchedule &schedule) {
  // One loop for a chain of maps.
  fuseMaps(rewriter, function);
  SmallVector<linalg::LinalgOp> ops = collectLinalgOps(function);
  // Consumers first: a fill is tiled with the op that adds to it.
  for (linalg::LinalgOp op : llvm::reverse(ops)) {
    bool isOutside = op->getParentOp() == function;
    if (!isOutside || op->use_empty() || isSmall(op, schedule))
      continue;
    if (failed(tileOverRows(rewriter, op, schedule)))
      return failure();
  }
  for (linalg::LinalgOp op : collectLinalgOps(function))
    if (linalg::isaContractionOpInterface(op) &&
        failed(orderLoops(rewriter, op)))
      return failure();
  for (linalg::LinalgOp op : collectLinalgOps(function))
    relaxSums(op);
  return success();
}

namespace {
struct MoaScheduleCpuPass
    : moa::impl::MoaScheduleCpuPassBase<MoaScheduleCpuPass> {
  using MoaScheduleCpuPassBase::MoaScheduleCpuPassBase;

  void runOnOperation() override {
    CpuSchedule schedule{rows, columns, parallelFrom};
    std::string error = schedule.getError();
    if (!error.empty()) {
      emitError(getOperation()->getLoc()) << error;
      return signalPassFailure();
    }
    IRRewriter rewriter(&getContext());
    if (failed(moa::scheduleForCpu(rewriter, getOperation(), schedule)))
      signalPassFailure();
  }
};
} // namespace
