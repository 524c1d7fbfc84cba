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

struct MoaTilePipelineOptions
    : mlir::PassPipelineOptions<MoaTilePipelineOptions> {
  Option<bool> runtimeChecks{
      *this, "runtime-checks",
      llvm::cl::desc("Check at run time the sizes that types leave open "
                     "(default: true)"),
      llvm::cl::init(true)};
  Option<int64_t> sharedBytes{
      *this, "shared-bytes",
      llvm::cl::desc("Shared memory that a block may have, in bytes (default: "
                     "99 KiB)"),
      llvm::cl::init(99 * 1024)};
  Option<bool> tf32{
      *this, "tf32",
      llvm::cl::desc("Multiply f32 through tensor instructions that round "
                     "operands to 10 bits of mantissa (default: false)"),
      llvm::cl::init(false)};
};

/// From moa ops on tensors to kernels over tiles, and functions that launch them
/// on memrefs. Every way to a GPU begins with it.
void buildMoaTilePipeline(mlir::OpPassManager &pm,
                          const MoaTilePipelineOptions &options);

using MoaTileCpuPipelineOptions = MoaTilePipelineOptions;

/// From moa ops on tensors through kernels over tiles to the LLVM dialect for the
/// host's CPU: the reference that kernels for a GPU are compared with. Functions
/// may also launch kernels on memrefs themselves.
void buildMoaTileCpuPipeline(mlir::OpPassManager &pm,
                             const MoaTileCpuPipelineOptions &options);

/// Register the pipelines by name: --moa-cpu-pipeline, --moa-tile-pipeline and
/// --moa-tile-cpu-pipeline.
void registerMoaPipelines();

} // namespace moa

#endif // MOA_PIPELINES_PIPELINES_H
