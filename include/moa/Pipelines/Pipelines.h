//===- Pipelines.h - From moa to native code --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_PIPELINES_PIPELINES_H
#define MOA_PIPELINES_PIPELINES_H

#include "mlir/Pass/PassOptions.h"

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace moa {

struct MoaCpuPipelineOptions
    : mlir::PassPipelineOptions<MoaCpuPipelineOptions> {
  Option<bool> runtimeChecks{
      *this, "runtime-checks",
      llvm::cl::desc("Check at run time the sizes that types leave open, and "
                     "indices that come from data (default: true)"),
      llvm::cl::init(true)};
  Option<bool> parallel{
      *this, "parallel",
      llvm::cl::desc("Run independent loops on several threads through OpenMP; "
                     "without it the code needs no OpenMP runtime (default: "
                     "true)"),
      llvm::cl::init(true)};
};

/// From moa ops on tensors to the LLVM dialect for the host's CPU.
void buildMoaCpuPipeline(mlir::OpPassManager &pm,
                         const MoaCpuPipelineOptions &options);

struct MoaTileCpuPipelineOptions
    : mlir::PassPipelineOptions<MoaTileCpuPipelineOptions> {};

/// From kernels over tiles, and functions that launch them on memrefs, to the
/// LLVM dialect for the host's CPU: the reference that kernels for a GPU are
/// compared with.
void buildMoaTileCpuPipeline(mlir::OpPassManager &pm,
                             const MoaTileCpuPipelineOptions &options);

/// Register the pipelines by name: --moa-cpu-pipeline and
/// --moa-tile-cpu-pipeline.
void registerMoaPipelines();

} // namespace moa

#endif // MOA_PIPELINES_PIPELINES_H
