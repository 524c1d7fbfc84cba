//===- GpuPipeline.cpp - From moa to kernels and code that launches them --===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Stages.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "moa/Conversion/GpuTarget.h"
#include "moa/Conversion/Passes.h"
#include "moa/Transforms/Passes.h"

using namespace mlir;
using namespace moa;

LogicalResult moa::MoaGpuPipelineOptions::check(ReportFailure fail) const {
  FailureOr<const Chip *> target = findGpuTarget(chip, features, format, fail);
  if (failed(target))
    return failure();
  return checkSharedBytes(sharedBytes, *target, fail);
}

/// On functions alone: what is done there to the host's code must not take time
/// that grows with the kernels.
static void simplifyHost(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  pm.addNestedPass<func::FuncOp>(createCSEPass());
}

/// Buffers of a function to one workspace of the caller's.
static void addWorkspaceStage(OpPassManager &pm) {
  // A function is its own launches: helpers become part of their callers.
  pm.addPass(createInlinerPass());
  pm.addPass(createSymbolDCEPass());
  // Sizes of buffers become sizes of arguments, which callers know.
  pm.addNestedPass<func::FuncOp>(
      memref::createResolveShapedTypeResultDimsPass());
  simplifyHost(pm);
  // First, as a buffer that is returned takes no workspace.
  pm.addPass(createMoaResultsToArgumentsPass());
  simplifyHost(pm);
  pm.addPass(createMoaPlanWorkspacePass());
  simplifyHost(pm);
}

/// Kernels over tiles to the code of threads.
static void addThreadStage(OpPassManager &pm,
                           const MoaGpuPipelineOptions &options) {
  pm.addNestedPass<gpu::GPUModuleOp>(
      createConvertMoaTileToNvvmPass({options.chip}));
  if (!options.lineInfo)
    return;
  pm.addPass(createMoaCalleeLocationsPass());
  // While no function of the host is in the LLVM dialect. Directives alone:
  // with tables of lines, ptxas compiles for a debugger.
  LLVM::DIScopeForLLVMFuncOpPassOptions scopes;
  scopes.emissionKind = LLVM::DIEmissionKind::DebugDirectivesOnly;
  pm.addPass(LLVM::createDIScopeForLLVMFuncOpPass(scopes));
}

void moa::buildMoaGpuHostPipeline(OpPassManager &pm,
                                  const MoaGpuPipelineOptions &options) {
  addWorkspaceStage(pm);
  pm.addNestedPass<func::FuncOp>(
      createMoaLegalizeBuffersPass({/*expandCopies=*/false}));
  // A call that fails ends the function, which takes a flat list of blocks.
  OpPassManager &host = pm.nest<func::FuncOp>();
  host.addPass(memref::createExpandStridedMetadataPass());
  host.addPass(createLowerAffinePass());
  host.addPass(createSCFToControlFlowPass());
  simplifyHost(pm);
  // Not before, as the code of threads is long.
  addThreadStage(pm, options);
  // While kernels are there to be compared with their launches.
  pm.addPass(createConvertGpuToMoaRuntimePass());
  // Last among what may add to the kernels' modules: constants do.
  pm.addPass(
      createMoaTargetGpuPass({options.chip, options.features, options.format}));
  GpuModuleToBinaryPassOptions compile;
  compile.compilationTarget = options.format;
  if (options.lineInfo)
    compile.cmdOptions = "-lineinfo"; // ptxas would drop the lines
  pm.addPass(createGpuModuleToBinaryPass(compile));
  pm.addPass(createMoaEmbedKernelsPass());
  // On the host's code alone: kernels are bytes by now.
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createConvertToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  simplify(pm);
}

/// Graphs to kernels in the staged form and their launches.
static void addKernelStages(OpPassManager &pm,
                            const MoaKernelOptions &options) {
  addTileStage(pm, options);
  addStagedStage(pm, options);
  // While kernels say how many warps and how much memory they take.
  pm.addPass(createConvertMoaTileLaunchPass());
}

void moa::buildMoaGpuKernelPipeline(OpPassManager &pm,
                                    const MoaGpuPipelineOptions &options) {
  addKernelStages(pm, options);
  addThreadStage(pm, options);
  pm.addPass(
      createMoaTargetGpuPass({options.chip, options.features, options.format}));
}

void moa::buildMoaGpuPipeline(OpPassManager &pm,
                              const MoaGpuPipelineOptions &options) {
  addKernelStages(pm, options);
  buildMoaGpuHostPipeline(pm, options);
}
