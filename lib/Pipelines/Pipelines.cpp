//===- Pipelines.cpp - From moa to native code ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Stages.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "moa/Conversion/CpuTarget.h"
#include "moa/Conversion/Passes.h"
#include "moa/Tile/Transforms/Passes.h"
#include "moa/Transforms/Passes.h"

using namespace mlir;
using moa::simplify;

LogicalResult moa::MoaCpuPipelineOptions::check(ReportFailure fail) const {
  if (CpuTarget::parse(target))
    return success();
  return fail("there is no target '" + Twine(target) + "': use " +
              CpuTarget::getNames());
}

LogicalResult moa::MoaKernelOptions::check(ReportFailure fail) const {
  return checkSharedBytes(sharedBytes, /*chip=*/nullptr, fail);
}

void moa::simplify(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

/// moa to linalg on tensors.
static void addTensorStage(OpPassManager &pm,
                           const moa::MoaCpuPipelineOptions &options) {
  // Before anything rewrites the functions: their types are what callers see.
  pm.addNestedPass<func::FuncOp>(moa::createMoaExportFunctionsPass());
  // Drops operands that say nothing, so that no form is chosen for them.
  simplify(pm);
  pm.addPass(moa::createMoaDecomposePass({options.runtimeChecks}));
  // Shares what the forms of one layer have in common.
  simplify(pm);
  if (options.fuse) {
    pm.addPass(moa::createMoaFusePass());
    simplify(pm);
  }
  if (options.vectorize)
    pm.addPass(moa::createConvertMoaToVectorPass(
        {options.target, options.runtimeChecks}));
  // The reference path, for what has no kernel.
  pm.addPass(moa::createConvertMoaToLinalgPass({options.runtimeChecks}));
  // What a user computes around a layer with arith on whole tensors.
  pm.addPass(createConvertElementwiseToLinalgPass());
  // Sizes of intermediate values become sizes of arguments; what is then
  // compared with itself holds and disappears.
  pm.addPass(memref::createResolveShapedTypeResultDimsPass());
  simplify(pm);
  // Before the schedule, which would cut contractions for plain loops.
  if (options.vectorize)
    pm.addNestedPass<func::FuncOp>(
        moa::createConvertLinalgToKernelsPass({options.target}));
  pm.addNestedPass<func::FuncOp>(moa::createMoaScheduleCpuPass());
  simplify(pm);
}

/// Tensors to buffers that are allocated, used and freed.
static void addBufferStage(OpPassManager &pm) {
  // Lets results be computed where they are stored.
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  bufferization::OneShotBufferizePassOptions bufferize;
  bufferize.bufferizeFunctionBoundaries = true;
  bufferize.functionBoundaryTypeConversion =
      bufferization::LayoutMapOption::IdentityLayoutMap;
  bufferize.allowReturnAllocsFromLoops = true;
  pm.addPass(bufferization::createOneShotBufferizePass(bufferize));
  simplify(pm);
  bufferization::buildBufferDeallocationPipeline(
      pm, bufferization::BufferDeallocationPipelineOptions());
  pm.addPass(createConvertBufferizationToMemRefPass());
  // A buffer lives from its first user to its last, so that others may have its
  // memory; without this all of them live to the end of the block.
  pm.addNestedPass<func::FuncOp>(
      bufferization::createOptimizeAllocationLivenessPass());
  pm.addNestedPass<func::FuncOp>(moa::createMoaSinkAllocationsPass());
  pm.addNestedPass<func::FuncOp>(moa::createMoaLegalizeBuffersPass());
  simplify(pm);
}

/// Buffers and loops to the LLVM dialect.
static void addLlvmStage(OpPassManager &pm, bool parallel) {
  pm.addNestedPass<func::FuncOp>(createConvertLinalgToLoopsPass());
  if (parallel) {
    pm.addNestedPass<func::FuncOp>(createForallToParallelLoopPass());
    pm.addPass(createConvertSCFToOpenMPPass());
  } else {
    pm.addNestedPass<func::FuncOp>(createForallToForLoopPass());
  }
  // Subviews become arithmetic on strides, which affine ops express.
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  simplify(pm);
  pm.addPass(createSCFToControlFlowPass());
  // LLVM has no bf16 arithmetic on every CPU: it becomes arithmetic in f32,
  // which a graph may have around its layers, and conversions become integer
  // ops.
  arith::ArithEmulateUnsupportedFloatsOptions emulate;
  emulate.sourceTypeStrs = {"bf16"};
  emulate.targetTypeStr = "f32";
  pm.addPass(arith::createArithEmulateUnsupportedFloats(emulate));
  arith::ArithExpandOpsPassOptions expand;
  expand.includeBf16 = true;
  pm.addPass(arith::createArithExpandOpsPass(expand));
  pm.addPass(createConvertMathToLLVMPass());
  // What LLVM has no intrinsic for is a function of the C library.
  pm.addPass(createConvertMathToLibmPass());
  ConvertVectorToLLVMPassOptions vectors;
  // Dot products of bf16.
  vectors.x86Vector = true;
  pm.addPass(createConvertVectorToLLVMPass(vectors));
  pm.addPass(createConvertToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(moa::createMoaLegalizeMaskedAccessesPass());
  pm.addPass(moa::createMoaRequireFeaturesPass());
  simplify(pm);
}

void moa::buildMoaCpuPipeline(OpPassManager &pm,
                              const MoaCpuPipelineOptions &options) {
  addTensorStage(pm, options);
  addBufferStage(pm);
  addLlvmStage(pm, options.parallel);
}

void moa::addTileStage(OpPassManager &pm, const MoaKernelOptions &options) {
  pm.addNestedPass<func::FuncOp>(moa::createMoaExportFunctionsPass());
  // Drops operands that say nothing, so that no form is chosen for them.
  simplify(pm);
  pm.addPass(moa::createMoaDecomposePass({options.runtimeChecks}));
  simplify(pm);
  if (options.fuse) {
    pm.addPass(moa::createMoaFusePass(
        {options.fuseQueryProjection, options.unorderedCombine}));
    simplify(pm);
  }
  // What a user computes around a layer with arith on whole tensors; in
  // functions only, tiles are computed in kernels.
  pm.addNestedPass<func::FuncOp>(createConvertElementwiseToLinalgPass());
  // Sizes of intermediate values become sizes of arguments, which the host has.
  pm.addPass(memref::createResolveShapedTypeResultDimsPass());
  simplify(pm);
  moa::ConvertMoaToTilePassOptions convert;
  convert.sharedBytes = options.sharedBytes;
  convert.tf32 = options.tf32;
  convert.runtimeChecks = options.runtimeChecks;
  pm.addPass(moa::createConvertMoaToTilePass(convert));
  // Sizes of views are those of what they view.
  pm.addPass(memref::createResolveShapedTypeResultDimsPass());
  // Views of views become one view.
  simplify(pm);
  // On tensors, where launches depend on each other through values alone.
  pm.addPass(moa::createMoaTileMergeLaunchesPass());
  simplify(pm);
  pm.addPass(moa::createMoaTileBufferizePass());
  simplify(pm);
}

void moa::addStagedStage(OpPassManager &pm, const MoaKernelOptions &options) {
  OpPassManager &kernels = pm.nest<gpu::GPUModuleOp>();
  // What does not change leaves the loops before their loads are staged.
  kernels.addPass(createLoopInvariantCodeMotionPass());
  kernels.addPass(createCSEPass());
  moa::MoaTileStagePassOptions stage;
  stage.maxSharedBytes = options.sharedBytes;
  kernels.addPass(moa::createMoaTileStagePass(stage));
  simplify(kernels);
}

void moa::buildMoaTilePipeline(OpPassManager &pm,
                               const MoaTilePipelineOptions &options) {
  addTileStage(pm, options);
  if (options.staged)
    addStagedStage(pm, options);
}

void moa::buildMoaTileCpuPipeline(OpPassManager &pm,
                                  const MoaTileCpuPipelineOptions &options) {
  buildMoaTilePipeline(pm, options);
  pm.addPass(moa::createConvertMoaTileToLinalgPass());
  // Arithmetic on tiles.
  pm.addPass(createConvertElementwiseToLinalgPass());
  simplify(pm);
  addBufferStage(pm);
  // Blocks run in their order: no threads.
  addLlvmStage(pm, /*parallel=*/false);
}

/// As upstream's PassPipelineRegistration, which ends the process where a
/// pipeline stands on an op that its passes are not for.
template <typename Options>
static void registerPipeline(StringRef name, StringRef description,
                             void (*build)(OpPassManager &, const Options &)) {
  registerPassPipeline(
      name, description,
      [=](OpPassManager &pm, StringRef text,
          function_ref<LogicalResult(const Twine &)> fail) -> LogicalResult {
        StringRef wanted = ModuleOp::getOperationName();
        if (std::optional<StringRef> op = pm.getOpName(); op && *op != wanted)
          return fail("'" + name + "' runs on '" + wanted + "', not on '" +
                      *op + "'");
        Options options;
        if (failed(options.parseFromString(text)) ||
            failed(options.check(fail)))
          return failure();
        build(pm, options);
        return success();
      },
      [](function_ref<void(const mlir::detail::PassOptions &)> describe) {
        describe(Options());
      });
}

void moa::registerMoaPipelines() {
  registerPipeline("moa-cpu-pipeline",
                   "Lower moa ops on tensors to the LLVM dialect for a CPU",
                   buildMoaCpuPipeline);
  registerPipeline(
      "moa-tile-pipeline",
      "Lower moa ops on tensors to kernels over tiles and their launches",
      buildMoaTilePipeline);
  registerPipeline(
      "moa-tile-cpu-pipeline",
      "Lower moa ops through kernels over tiles to the LLVM dialect for a CPU",
      buildMoaTileCpuPipeline);
  registerPipeline(
      "moa-gpu-pipeline",
      "Lower moa ops on tensors to the LLVM dialect with kernels for a GPU",
      buildMoaGpuPipeline);
  registerPipeline(
      "moa-gpu-kernel-pipeline",
      "Lower moa ops on tensors to kernels of llvm and nvvm and their launches",
      buildMoaGpuKernelPipeline);
  registerPipeline(
      "moa-gpu-host-pipeline",
      "Lower functions on buffers that launch kernels to the LLVM dialect",
      buildMoaGpuHostPipeline);
}
