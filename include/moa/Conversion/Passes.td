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
    a bufferization after this pass makes in place; an op on buffers gets a
    `scf.execute_region` of its own, as what it reads others may write.

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
    In: moa primitives, fused ones included, and linalg ops on tensors whose
    operands are read, and results stored, by maps that pick loops: element-wise
    ops, transposes, reductions, `linalg.fill`, products. Out: a
    `gpu.module` of kernels in the value form of `moa_tile`, and a
    `moa_tile.launch` in the place of each op; reshapes and sizes stay on the
    host. Nothing of moa and linalg is left: an op for which there is no kernel
    is an error that names it and says why.

    Equal computations share a kernel. The number of kernels and of ops does not
    depend on the number of experts. No size that depends on data reaches the
    host: grids have static bounds, and blocks without work end.

    Row tiles of products over groups are chosen by the mean size of a group
    (see `chooseProductTiles`); the attribute `moa.row_tile` = 16, 32, 64, 80, 96,
    128 or 160 of a product chooses another (not every kernel takes each: the error
    says which one it would take); of `moa.attention`, `moa.row_tile` = 16, 32, 64
    or 128 chooses the rows of queries, and `moa.key_tile` = 16, 32 or 64
    the keys that a block has at a time. Which tiles each product and attention
    has, and why, are remarks of category `convert-moa-to-tile`
    (`--remarks-filter=convert-moa-to-tile --remark-format=emitRemark`).

    What is computed element by element for one user, a `linalg.generic`, becomes
    part of that: a chain is one kernel.

    A reduction by `arith` ops that add, or take a maximum or minimum, has tiles
    along the rows of its first operand that has them, or across them; its order
    is the target's, and always the same. Other bodies, such as that of an argmax,
    and elements of 64 bits are reduced in order, each result by one thread. A
    product that is not one of `linalg.matmul` or `linalg.contract` into f32 is
    such a reduction, too, as a remark says. Indices are i32 in bodies, and wrap around.

    Numerics: products are accumulated in f32 and rounded once, the slots of a
    token are summed in their order.

    Errors, at run time: a launch of `dispatch`, `slot_matmul` or
    `balance_loss_parts` fails where the index of a slot is neither -1 nor below
    the number of experts.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::cf::ControlFlowDialect", "::mlir::gpu::GPUDialect",
    "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect", "::moa::tile::TileDialect"];
  let options = [
    Option<"sharedBytes", "shared-bytes", "int64_t", /*default=*/"101376",
           "Shared memory that a block may have, in bytes. Default: 99 KiB, "
           "which chips from sm_80 on have">,
    Option<"tf32", "tf32", "bool", /*default=*/"false",
           "Multiply f32 through tensor instructions that round operands to 10 "
           "bits of mantissa. Off by default: results lose precision">,
    Option<"runtimeChecks", "runtime-checks", "bool", /*default=*/"true",
           "Check sizes that types leave open with cf.assert, and the indices of "
           "experts in the kernels">
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
    "::mlir::cf::ControlFlowDialect",
    "::mlir::func::FuncDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"];
}

def ConvertMoaTileToNvvmPass
    : Pass<"convert-moa-tile-to-nvvm", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Lower kernels of tiles to llvm and nvvm for sm_80 and up";
  let description = [{
    In: a `gpu.module` of kernels in the staged form of moa_tile, each with the
    attribute `moa_tile.warps`. Out: one `llvm.func` for each kernel, of llvm,
    nvvm and a little inline assembly, without common subexpressions.

    Tiles are dealt to threads in the pattern of the accumulators of `mma.sync`.
    Copies become `cp.async`, of 16 bytes where rows are aligned to that, products
    `ldmatrix` and `mma.sync`. Indices are i32.

    A kernel is called with a pointer for each memref, then an i32 for each size
    that its type leaves open; with an i32 for each index. Memory starts at a
    multiple of 16 bytes, and what is written overlaps no other argument.

    Numerics: products of f16 and bf16 are exact and are summed in f32 by the
    tensor cores. exp, log, division, sqrt, rsqrt, sin and cos of f32 are the
    target's approximations, within 3 ulp (sin and cos within 1e-6, those of f64,
    too); denormal f32 are 0. Other functions, as tanh, powers and logarithms of
    f64, are calls of CUDA's libdevice.

    Errors: tiles that the warps cannot share, more shared memory than a block of
    the chip can have, a row index that depends on other threads.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::cf::ControlFlowDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect",
    "::mlir::NVVM::NVVMDialect", "::mlir::scf::SCFDialect"];
  let options = [
    Option<"chip", "chip", "std::string", /*default=*/"\"sm_80\"",
           "Whose limits hold: sm_80, sm_86, sm_89, sm_90, sm_90a, sm_100a or "
           "sm_120a">
  ];
}

def ConvertMoaTileLaunchPass
    : Pass<"convert-moa-tile-launch", "::mlir::ModuleOp"> {
  let summary = "Lower launches of tile kernels to gpu.launch_func";
  let description = [{
    In: `moa_tile.launch` on memrefs, of kernels in the staged form of moa_tile.
    Out: `gpu.launch_func`; its block has 32 threads for each of the kernel's
    warps, and the shared memory that `moa_tile.shared_bytes` says. It runs while
    kernels still have these attributes, before `convert-moa-tile-to-nvvm`.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect"];
}

def ConvertGpuToMoaRuntimePass
    : Pass<"convert-gpu-to-moa-runtime", "::mlir::ModuleOp"> {
  let summary = "Rewrite launches into calls of the GPU runtime";
  let description = [{
    In: functions that `moa-results-to-arguments` and `moa-plan-workspace` have
    prepared, without scf and affine: `gpu.launch_func`, `memref.copy`,
    `linalg.fill`, `cf.assert`, constants (`memref.get_global`), views, and
    arithmetic on sizes. Kernels are `llvm.func` in a `gpu.module`. Out: calls
    of the functions of `moa/Runtime/GpuAbi.h`; kernels stay.

    A launch passes, for each buffer, the address of its first element and an
    i32 for each dynamic size of its type, in order; an index as i32; a number
    as it is. A kernel that takes something else is an error.

    For each public function `@f` there are then, with C linkage:
    * `@f` itself, on buffers in host memory, with the C interface of the CPU
      path: what fails prints one line and aborts;
    * `f_enqueue` and `f_workspace_size`, on device memory, as
      `moa/Runtime/moa_gpu.h` describes them. A check that fails is a status and
      a message there.

    Constants become variables of the first gpu.module.

    Why not upstream's `gpu-to-llvm`: its calls take neither a stream nor a
    workspace from the caller, its kernels seven parameters per matrix, and its
    modules are loaded before main.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::cf::ControlFlowDialect",
    "::mlir::gpu::GPUDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::memref::MemRefDialect"];
}

def MoaTargetGpuPass : Pass<"moa-target-gpu", "::mlir::ModuleOp"> {
  let summary = "Say which chip kernels are compiled for";
  let description = [{
    In: gpu.modules. Out: the same with `#nvvm.target`; those that have a target
    keep it.

    What compiling will need is looked for first, since LLVM would abort, or go
    on, without it: a version of PTX that the chip has, ptxas for the formats
    bin and fatbin, CUDA's libdevice where kernels call it.
  }];
  let dependentDialects = ["::mlir::NVVM::NVVMDialect"];
  let options = [
    Option<"chip", "chip", "std::string", /*default=*/"\"sm_80\"",
           "sm_80, sm_86, sm_89, sm_90, sm_90a, sm_100a or sm_120a">,
    Option<"features", "features", "std::string", /*default=*/"\"\"",
           "Features of LLVM's target (default: the earliest PTX that has what "
           "the chip's kernels use)">,
    Option<"format", "format", "std::string", /*default=*/"\"isa\"",
           "What gpu-module-to-binary will be asked for: isa, bin or fatbin">
  ];
}

def MoaEmbedKernelsPass : Pass<"moa-embed-kernels", "::mlir::ModuleOp"> {
  let summary = "Make compiled kernels constants of the host's code";
  let description = [{
    In: `gpu.binary`, and the declarations that `convert-gpu-to-moa-runtime` has
    left. Out: constants in the LLVM dialect; nothing runs when the code is
    loaded. PTX that calls a function which nothing defines is an error.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

class TargetOption<string name = "target">
    : Option<name, name, "std::string", /*default=*/"\"host\"",
             "The vector registers to write code for: host, avx512bf16, avx512, "
             "avx2 or portable. The host's by default: code is compiled where it "
             "runs">;

def ConvertMoaToVectorPass : Pass<"convert-moa-to-vector"> {
  let summary = "Rewrite the moa ops that cost time into kernels of vectors";
  let description = [{
    In: moa primitives on tensors. Out: `moa.grouped_matmul`, unless it rotates
    or sums its rows, as loops over register tiles (`vector.fma`): rows are
    gathered by the loads of the tile, gates and scatter are part of its store.
    `moa.slot_matmul` becomes a dispatch and a `moa.grouped_matmul` first, so
    that slots that share an expert read its weights once. `moa.attention` with
    a softmax, other than in f64, becomes tiles of queries and keys with an
    online softmax; where there are few queries the keys are split over tasks,
    whose results are combined. What is left takes the reference path,
    `convert-moa-to-linalg`. Each op that has a kernel, and each that could have
    one and has none, with the reason, is a remark of category
    `convert-moa-to-vector`.

    Kernels are on buffers within code on tensors: `bufferization.to_buffer`
    where they read, `bufferization.to_tensor` of what they computed.

    Numerics: as the reference, except that a sum is taken in the order of its
    terms, with fused multiply-adds; dot products of bf16 (`avx512bf16`: sums of
    an even number of terms, known from the types) add two terms at a time and
    take denormal numbers for zero; in an attention the scale is multiplied into
    the queries, the numerators are summed in lanes, and the exponential of f32
    has an error of at most 2 units in the last place. Neither tiles nor threads
    change a bit.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::bufferization::BufferizationDialect",
    "::mlir::cf::ControlFlowDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect",
    "::mlir::vector::VectorDialect", "::mlir::x86vector::X86VectorDialect"];
  let options = [
    TargetOption<>,
    Option<"runtimeChecks", "runtime-checks", "bool", /*default=*/"true",
           "Emit a cf.assert for each size that the types leave open and for "
           "each index that comes from data">
  ];
}

def ConvertLinalgToKernelsPass
    : Pass<"convert-linalg-to-kernels", "::mlir::func::FuncOp"> {
  let summary = "Rewrite contractions of linalg into kernels of vectors";
  let description = [{
    In: linalg on tensors. Out: each contraction in the body of a function that
    is a product of matrices, or of rows with a batch of matrices, in f32 or
    f64, as loops over the register tiles of `convert-moa-to-vector`. Others,
    and those inside of loops, are left as they are. Either is a remark of
    category `convert-linalg-to-kernels`.

    Numerics: a sum is taken in the order of its terms, with fused
    multiply-adds, or as `convert-moa-to-vector` has it for bf16.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::bufferization::BufferizationDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect",
    "::mlir::vector::VectorDialect", "::mlir::x86vector::X86VectorDialect"];
  let options = [TargetOption<>];
}

#endif // MOA_CONVERSION_PASSES_TD
