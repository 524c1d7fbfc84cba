//===- Launch.cpp - Launches of tile kernels to upstream launches ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Conversion/Passes.h"
#include "moa/Conversion/TileToNvvm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Pass/Pass.h"
#include "moa/Tile/IR/Tile.h"

using namespace mlir;
using namespace moa::tile;

namespace moa {
#define GEN_PASS_DEF_CONVERTMOATILELAUNCHPASS
#include "moa/Conversion/Passes.h.inc"
} // namespace moa

static constexpr int64_t kWarpThreads = 32;

LogicalResult moa::tile::convertTileLaunch(LaunchOp op) {
  if (op.getNumResults() != 0)
    return op.emitOpError("is on tensors: bufferize it first");
  auto module = op->getParentOfType<ModuleOp>();
  auto kernel =
      SymbolTable::lookupNearestSymbolFrom<gpu::GPUFuncOp>(op, op.getKernel());
  if (!kernel)
    return op.emitOpError("launches ")
           << op.getKernel()
           << ", which is no gpu.func: launches are lowered before kernels";
  auto warps =
      kernel->getAttrOfType<DenseI64ArrayAttr>(TileDialect::kWarpsAttr);
  auto bytes =
      kernel->getAttrOfType<IntegerAttr>(TileDialect::kSharedBytesAttr);
  if (!warps || !bytes)
    return op.emitOpError("launches ")
           << op.getKernel() << ", which has no '"
           << (warps ? TileDialect::kSharedBytesAttr : TileDialect::kWarpsAttr)
           << "': run moa-tile-stage on its module first";

  OpBuilder builder(op);
  ImplicitLocOpBuilder b(op.getLoc(), builder);
  Value one = arith::ConstantIndexOp::create(b, 1);
  Value threads =
      arith::ConstantIndexOp::create(b, kWarpThreads * warps[0] * warps[1]);
  Value shared = arith::ConstantIntOp::create(b, bytes.getInt(), 32);
  SmallVector<Value> arguments(op.getInputs());
  llvm::append_range(arguments, op.getOutputs());
  module->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                  b.getUnitAttr());
  gpu::LaunchFuncOp::create(b, op.getKernel(),
                            {op.getGridX(), op.getGridY(), op.getGridZ()},
                            {threads, one, one}, shared, arguments);
  op.erase();
  return success();
}

namespace {
struct ConvertMoaTileLaunchPass
    : moa::impl::ConvertMoaTileLaunchPassBase<ConvertMoaTileLaunchPass> {
  void runOnOperation() override {
    SmallVector<LaunchOp> launches;
    getOperation().walk([&](LaunchOp op) { launches.push_back(op); });
    for (LaunchOp op : launches)
      if (failed(convertTileLaunch(op)))
        return signalPassFailure();
  }
};
} // namespace
