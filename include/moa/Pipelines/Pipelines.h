//===- Pipelines.h - From moa to native code --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_PIPELINES_PIPELINES_H
#define MOA_PIPELINES_PIPELINES_H

#include "mlir/Pass/PassOptions.h"
#include "moa/Support/Chips.h"
#include "moa/Transforms/Fuse.h"

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
  Option<bool> fuse{
      *this, "fuse",
      llvm::cl::desc(
          "Fuse moa ops with moa-fuse before they are lowered, which "
          "on a CPU serves to compare the fused graph with the other "
          "(default: false)"),
      llvm::cl::init(false)};
  Option<bool> parallel{
      *this, "parallel",
      llvm::cl::desc("Run independent loops on several threads through OpenMP; "
                     "without it the code needs no OpenMP runtime (default: "
                     "true)"),
      llvm::cl::init(true)};
  Option<bool> vectorize{
      *this, "vectorize",
      llvm::cl::desc("Write products and attention as kernels of vectors; "
                     "without it they are the reference, plain loops (default: "
                     "true)"),
      llvm::cl::init(true)};
  Option<std::string> target{
      *this, "target",
      llvm::cl::desc("The vector registers that kernels are written for: host, "
                     "avx512bf16, avx512, avx2 or portable (default: host)"),
      llvm::cl::init("host")};

  /// An error unless the values are among those that can be given.
  llvm::LogicalResult check(ReportFailure fail) const;
};

/// From moa ops on tensors to the LLVM dialect for the host's CPU.
void buildMoaCpuPipeline(mlir::OpPassManager &pm,
                         const MoaCpuPipelineOptions &options);

/// What every way to a GPU takes: how graphs become kernels.
struct MoaKernelOptions : virtual mlir::detail::PassOptions {
  Option<bool> runtimeChecks{
      *this, "runtime-checks",
      llvm::cl::desc("Check at run time the sizes that types leave open "
                     "(default: true)"),
      llvm::cl::init(true)};
  Option<bool> fuse{
      *this, "fuse",
      llvm::cl::desc(
          "Fuse moa ops with moa-fuse first; without it, kernels are "
          "those of the primitives, to compare with (default: true)"),
      llvm::cl::init(true)};
  Option<QueryFusion> fuseQueryProjection{
      *this, "fuse-query-projection",
      llvm::cl::desc("Let attention project its queries (default: off)"),
      llvm::cl::init(QueryFusion::Off),
      llvm::cl::values(
          clEnumValN(QueryFusion::Off, "off", "Never"),
          clEnumValN(QueryFusion::On, "on", "Where it is legal"),
          clEnumValN(QueryFusion::Auto, "auto", "Where it is legal and pays"))};
  Option<bool> unorderedCombine{
      *this, "unordered-combine",
      llvm::cl::desc("Add rows to their tokens in no fixed order, where the "
                     "layer is f32: results differ from run to run (default: "
                     "false)"),
      llvm::cl::init(false)};
  Option<bool> tf32{
      *this, "tf32",
      llvm::cl::desc("Multiply f32 through tensor instructions that round "
                     "operands to 10 bits of mantissa (default: false)"),
      llvm::cl::init(false)};
  Option<int64_t> sharedBytes{
      *this, "shared-bytes",
      llvm::cl::desc("Shared memory that a block may have, in bytes (default: "
                     "99 KiB, which every chip has)"),
      llvm::cl::init(99 * 1024)};

  /// An error unless the values are among those that can be given.
  llvm::LogicalResult check(ReportFailure fail) const;
};

struct MoaTilePipelineOptions
    : mlir::PassPipelineOptions<MoaTilePipelineOptions>,
      MoaKernelOptions {
  Option<bool> staged{
      *this, "staged",
      llvm::cl::desc("Give kernels the staged form, with the plan of shared "
                     "memory (default: false)"),
      llvm::cl::init(false)};
};

/// From moa ops on tensors to kernels over tiles, and functions that launch
/// them on memrefs. Every way to a GPU begins with it.
void buildMoaTilePipeline(mlir::OpPassManager &pm,
                          const MoaTilePipelineOptions &options);

using MoaTileCpuPipelineOptions = MoaTilePipelineOptions;

/// From moa ops on tensors through kernels over tiles to the LLVM dialect for
/// the host's CPU: the reference that kernels for a GPU are compared with.
/// Functions may also launch kernels on memrefs themselves.
void buildMoaTileCpuPipeline(mlir::OpPassManager &pm,
                             const MoaTileCpuPipelineOptions &options);

struct MoaGpuPipelineOptions : mlir::PassPipelineOptions<MoaGpuPipelineOptions>,
                               MoaKernelOptions {
  Option<std::string> chip{
      *this, "chip",
      llvm::cl::desc("What kernels are compiled for: sm_80, sm_86, sm_89, "
                     "sm_90, sm_90a, sm_100a or sm_120a (default: sm_80)"),
      llvm::cl::init("sm_80")};
  Option<std::string> format{
      *this, "format",
      llvm::cl::desc("What is embedded: isa (PTX, which the driver compiles "
                     "when it is loaded), bin (a cubin for the chip) or fatbin "
                     "(both); the last two need ptxas (default: isa)"),
      llvm::cl::init("isa")};
  Option<std::string> features{
      *this, "features",
      llvm::cl::desc("Features of LLVM's target, +ptx83 for instance (default: "
                     "the earliest PTX that has what the chip's kernels use)")};
  Option<bool> lineInfo{
      *this, "line-info",
      llvm::cl::desc(
          "Say in the kernels which lines of the graph they compute, "
          "for profilers (default: false)"),
      llvm::cl::init(false)};

  /// An error unless the values are among those that can be given, and what
  /// they need is there. Passes would say so, after what came before them.
  llvm::LogicalResult check(ReportFailure fail) const;
};

/// From moa ops on tensors to kernels of the llvm and nvvm dialects, and
/// functions on buffers that launch them: what the compiler of kernels is
/// given.
void buildMoaGpuKernelPipeline(mlir::OpPassManager &pm,
                               const MoaGpuPipelineOptions &options);

/// From functions on buffers that launch kernels of the llvm and nvvm dialects
/// to the LLVM dialect for the host, with the kernels embedded: the end of the
/// GPU pipeline.
void buildMoaGpuHostPipeline(mlir::OpPassManager &pm,
                             const MoaGpuPipelineOptions &options);

/// From moa ops on tensors to the LLVM dialect for the host, with kernels for
/// an NVIDIA GPU embedded.
void buildMoaGpuPipeline(mlir::OpPassManager &pm,
                         const MoaGpuPipelineOptions &options);

/// Register the pipelines by name: --moa-cpu-pipeline, --moa-tile-pipeline,
/// --moa-tile-cpu-pipeline, --moa-gpu-pipeline, --moa-gpu-kernel-pipeline and
/// --moa-gpu-host-pipeline.
void registerMoaPipelines();

} // namespace moa

#endif // MOA_PIPELINES_PIPELINES_H
