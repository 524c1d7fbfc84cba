//===- TileToLinalg.cpp - Tile kernels to upstream dialects ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Conversion/TileToLinalg.h"
#include "moa/Conversion/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

using namespace mlir;
using namespace moa;
using namespace moa::tile;

namespace moa {
#define GEN_PASS_DEF_CONVERTMOATILETOLINALGPASS
#include "moa/Conversion/Passes.h.inc"
} // namespace moa

namespace {
/// Replaces an op by the tile that its lowering function builds.
template <typename OpTy, Value (*lower)(ImplicitLocOpBuilder &, OpTy)>
struct ComputeLowering : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    rewriter.replaceOp(op, lower(b, op));
    return success();
  }
};

/// Replaces an op without results.
template <typename OpTy, void (*lower)(ImplicitLocOpBuilder &, OpTy)>
struct EffectLowering : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    lower(b, op);
    rewriter.eraseOp(op);
    return success();
  }
};

struct ConvertMoaTileToLinalgPass
    : moa::impl::ConvertMoaTileToLinalgPassBase<ConvertMoaTileToLinalgPass> {
  void runOnOperation() override {
    if (failed(convertLaunches()))
      return signalPassFailure();
    eraseKernelModules();
    RewritePatternSet patterns(&getContext());
    populateTileToLinalgPatterns(patterns);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
    if (failed(verifyDone()))
      signalPassFailure();
  }

private:
  LogicalResult convertLaunches();
  void eraseKernelModules();
  LogicalResult verifyDone();

  /// The functions that stand for kernels.
  DenseMap<Operation *, func::FuncOp> functions;
};
} // namespace

/// Make functions of all kernels, and loops of all launches.
LogicalResult ConvertMoaTileToLinalgPass::convertLaunches() {
  IRRewriter rewriter(&getContext());
  SymbolTableCollection symbolTable;
  SmallVector<LaunchOp> launches;
  getOperation().walk([&](LaunchOp op) { launches.push_back(op); });
  SmallVector<FunctionOpInterface> kernels;
  for (LaunchOp launch : launches) {
    if (!launch.getResults().empty())
      return launch.emitOpError("has tensors: bufferize it first");
    kernels.push_back(symbolTable.lookupNearestSymbolFrom<FunctionOpInterface>(
        launch, launch.getKernel()));
    if (!isa<gpu::GPUFuncOp>(kernels.back()))
      return launch.emitOpError() << "launches " << launch.getKernel()
                                  << ", which is already lowered for a target";
  }
  SymbolTable symbols(getOperation());
  auto result = getOperation().walk([&](gpu::GPUFuncOp kernel) {
    func::FuncOp function = createBlockFunction(rewriter, kernel);
    // Names that the user chose are kept.
    symbols.insert(function);
    functions[kernel] = function;
    return WalkResult(lowerStagedForm(rewriter, function));
  });
  if (result.wasInterrupted())
    return failure();
  for (auto [launch, kernel] : llvm::zip(launches, kernels)) {
    rewriter.setInsertionPoint(launch);
    ImplicitLocOpBuilder b(launch.getLoc(), rewriter);
    createBlockLoops(b, launch, functions[kernel]);
    rewriter.eraseOp(launch);
  }
  return success();
}

void ConvertMoaTileToLinalgPass::eraseKernelModules() {
  for (auto module :
       llvm::make_early_inc_range(getOperation().getOps<gpu::GPUModuleOp>()))
    module.erase();
  getOperation()->removeAttr(gpu::GPUDialect::getContainerModuleAttrName());
}

LogicalResult ConvertMoaTileToLinalgPass::verifyDone() {
  auto result = getOperation().walk([](Operation *op) {
    if (!isa_and_nonnull<TileDialect, gpu::GPUDialect>(op->getDialect()))
      return WalkResult::advance();
    op->emitOpError("has no meaning for a whole block on a CPU");
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

void moa::populateTileToLinalgPatterns(RewritePatternSet &patterns) {
  patterns.add<ComputeLowering<LoadOp, lowerTileLoad>,
               ComputeLowering<GatherOp, lowerTileGather>,
               EffectLowering<StoreOp, lowerTileStore>,
               EffectLowering<ScatterOp, lowerTileScatter>,
               ComputeLowering<ArriveOp, lowerTileArrive>,
               ComputeLowering<MmaOp, lowerTileMma>,
               ComputeLowering<AnyOp, lowerTileAny>,
               EffectLowering<AssertOp, lowerTileAssert>,
               ComputeLowering<ReduceOp, lowerTileReduce>,
               ComputeLowering<ScanOp, lowerTileScan>,
               ComputeLowering<BroadcastOp, lowerTileBroadcast>,
               ComputeLowering<PositionOp, lowerTilePosition>>(
      patterns.getContext());
}
