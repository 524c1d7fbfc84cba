//===- Kernels.cpp - Blocks as functions, launches as loops ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Conversion/TileToLinalg.h"

#include "moa/Utils/LoopBuilders.h"

using namespace mlir;
using namespace moa;
using namespace moa::tile;

/// What gpu.block_id and gpu.grid_dim of `function` give.
static void replaceBlockNumbers(RewriterBase &rewriter, func::FuncOp function,
                                unsigned numArguments) {
  auto argument = [&](gpu::Dimension dimension, unsigned first) -> Value {
    return function.getArgument(numArguments + first +
                                static_cast<unsigned>(dimension));
  };
  function.walk([&](gpu::BlockIdOp op) {
    rewriter.replaceOp(op, argument(op.getDimension(), 0));
  });
  function.walk([&](gpu::GridDimOp op) {
    rewriter.replaceOp(op, argument(op.getDimension(), 3));
  });
  function.walk([&](gpu::ReturnOp op) {
    rewriter.setInsertionPoint(op);
    rewriter.replaceOpWithNewOp<func::ReturnOp>(op);
  });
}

func::FuncOp moa::createBlockFunction(RewriterBase &rewriter,
                                      gpu::GPUFuncOp kernel) {
  auto module = kernel->getParentOfType<gpu::GPUModuleOp>();
  SmallVector<Type> types(kernel.getArgumentTypes());
  unsigned numArguments = types.size();
  types.append(kNumBlockArguments, rewriter.getIndexType());
  rewriter.clearInsertionPoint();
  std::string name = (module.getName() + "_" + kernel.getName()).str();
  auto function = func::FuncOp::create(rewriter, kernel.getLoc(), name,
                                       rewriter.getFunctionType(types, {}));
  function.setPrivate();
  rewriter.inlineRegionBefore(kernel.getBody(), function.getBody(),
                              function.end());
  SmallVector<Location> locations(kNumBlockArguments, kernel.getLoc());
  function.getBody().addArguments(
      SmallVector<Type>(kNumBlockArguments, rewriter.getIndexType()),
      locations);
  replaceBlockNumbers(rewriter, function, numArguments);
  return function;
}

void moa::createBlockLoops(ImplicitLocOpBuilder &b, LaunchOp launch,
                           func::FuncOp function) {
  Value grid[] = {launch.getGridX(), launch.getGridY(), launch.getGridZ()};
  SmallVector<Value> arguments(launch.getInputs());
  llvm::append_range(arguments, launch.getOutputs());
  SmallVector<Value> block(3);
  // z is the outermost loop: blocks run in the order of their numbers.
  auto loop = [&](auto &self, ImplicitLocOpBuilder &b, int dim) -> void {
    if (dim < 0) {
      SmallVector<Value> all = arguments;
      llvm::append_range(all, block);
      llvm::append_range(all, grid);
      func::CallOp::create(b, function, all);
      return;
    }
    createLoop(b, createIndex(b, 0), grid[dim], {},
               [&](ImplicitLocOpBuilder &b, Value i, ValueRange) {
                 block[dim] = i;
                 self(self, b, dim - 1);
                 return SmallVector<Value>{};
               });
  };
  loop(loop, b, 2);
}
