//===- Passes.td - Passes out of the moa dialects ----------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_PASSES_TD
#define MOA_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertMoaToLinalgPass : Pass<"convert-moa-to-linalg"> {
  let summary = "Rewrite the primitive moa ops into upstream dialects";
  let description = [{
    In: moa primitives on tensors or on buffers (`moa.layer` is rewritten by
    `moa-decompose` before). Out: linalg, tensor, scf, arith, math, affine and cf on tensors;
    nothing of moa is left. Buffers are read and written through
    `bufferization.to_tensor` and `bufferization.materialize_in_destination`, which
    a bufferization after this pass makes in place.

    This is the reference path: every op becomes what its documentation says,
    parallel (`scf.forall`) where its results are independent. The number of ops
    does not depend on the number of experts, and the rows that are multiplied
    are those of routed slots.

    Numerics: products and sums are accumulated in f32 (f64 for f64) and rounded
    once. Sums over the slots of a token are taken in the order of the slots.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::bufferization::BufferizationDialect",
    "::mlir::cf::ControlFlowDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"];
  let options = [
    Option<"runtimeChecks", "runtime-checks", "bool", /*default=*/"true",
           "Emit a cf.assert for each size that the types leave open and for "
           "each index that comes from data. On by default: a wrong size is "
           "then an error, not a wrong result">
  ];
}

def ConvertMoaToTilePass : Pass<"convert-moa-to-tile", "::mlir::ModuleOp"> {
  let summary = "Rewrite moa ops and linalg ops on tensors into kernels";
  let description = [{
    In: moa primitives, fused ones included, and linalg ops on tensors:
    `linalg.fill`, products, and `linalg.generic` without reductions. Out: a
    `gpu.module` of kernels in the value form of `moa_tile`, and a
    `moa_tile.launch` in the place of each op; reshapes and sizes stay on the
    host. Nothing of moa and linalg is left: an op for which there is no kernel
    is an error that names it and says why.

    Equal computations share a kernel. The number of kernels and of ops does not
    depend on the number of experts. No size that depends on data reaches the
    host: grids have static bounds, and blocks without work end.

    Row tiles of products over groups are chosen by the mean size of a group
    (see `chooseProductTiles`); the attribute `moa.row_tile` = 16, 32, 64 or 128
    of a product chooses another.

    Numerics: products are accumulated in f32 and rounded once, the slots of a
    token are summed in their order. An index outside of -1..E-1 counts as -1.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::gpu::GPUDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect", "::moa::tile::TileDialect"];
  let options = [
    Option<"sharedBytes", "shared-bytes", "int64_t", /*default=*/"101376",
           "Shared memory that a block may have, in bytes. Default: 99 KiB, "
           "which chips from sm_80 on have">,
    Option<"tf32", "tf32", "bool", /*default=*/"false",
           "Multiply f32 through tensor instructions that round operands to 10 "
           "bits of mantissa. Off by default: results lose precision">
  ];
  let statistics = [
    Statistic<"numKernels", "kernels", "kernels that were built">,
    Statistic<"numLaunches", "launches", "launches of kernels">
  ];
}

def ConvertMoaTileToLinalgPass
    : Pass<"convert-moa-tile-to-linalg", "::mlir::ModuleOp"> {
  let summary = "Rewrite tile kernels and their launches into upstream dialects";
  let description = [{
    In: kernels of `moa_tile` in `gpu.module`s, and functions with
    `moa_tile.launch` on memrefs. Out: a private function for each kernel that
    does what one block does, on tensors inside and memrefs outside, and loops
    over the blocks that call it. Nothing of moa_tile and gpu is left.

    This is the reference path: it runs kernels on a CPU without a GPU, to
    compare with. Blocks run one after the other in the order of their numbers,
    so that also sums that a GPU takes in any order are the same from run to run.

    Kernels may be in the staged form: shared memory is memory of the function,
    buffers lie in it where `moa-tile-stage` placed them, copies are done at once.
    It begins as NaNs, so a tile that is read before it is written, or after
    another took its place, shows in the results.

    Numerics: as the ops say; products are accumulated in the order of k.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"];
}

#endif // MOA_CONVERSION_PASSES_TD
