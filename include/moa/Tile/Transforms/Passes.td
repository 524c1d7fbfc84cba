//===- Passes.td - Passes from tiles to tiles --------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_TILE_TRANSFORMS_PASSES_TD
#define MOA_TILE_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def MoaTileBufferizePass : Pass<"moa-tile-bufferize", "::mlir::ModuleOp"> {
  let summary = "Bufferize functions that launch kernels";
  let description = [{
    In: functions on tensors, with launches on tensors. Out: the same on memrefs.
    It is upstream's One-Shot Bufferize over whole modules, but for what is in a
    `gpu.module`: tiles are values, and no tensors in memory.

    A launch writes its `outs` in place where nobody needs the old contents, and
    takes memory without strides: what is a part of larger memory is copied first,
    and copied back behind the launch.

    Numerics: none.
  }];
  let dependentDialects = [
    "::mlir::bufferization::BufferizationDialect",
    "::mlir::memref::MemRefDialect"];
}

def MoaTileMergeLaunchesPass
    : Pass<"moa-tile-merge-launches", "::mlir::ModuleOp"> {
  let summary = "Join launches that do not depend on each other";
  let description = [{
    In: functions with launches on tensors, kernels in value form. Out: the same
    with fewer launches: two of which neither needs what the other computes, and
    whose blocks have the same warps, become one, of a kernel whose first blocks
    do what the first kernel does, and the others what the second does. The router
    of a layer and its keys and values are an example. Kernels that are no longer
    launched are erased.

    A launch that reads no tensors fills what it writes. It is repeated for each
    launch that overwrites the result, since all but one would have a copy, and
    joins the last launch before it that it can, so that its memory is taken late.

    A launch costs some microseconds, and a small grid leaves most of a chip
    idle. In exchange a block needs the registers and the shared memory of the
    larger part.

    Numerics: none.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect"];
  let statistics = [
    Statistic<"numMerged", "merged", "launches that joined another one">
  ];
}

def MoaTileStagePass : Pass<"moa-tile-stage", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Plan shared memory: operands of products into buffers";
  let description = [{
    In: kernels in value form. Out: the same in staged form:
    * A tile that is loaded or gathered and multiplied is copied to a buffer,
      asynchronously. In a loop with `moa_tile.stages = s` the copy is issued
      s - 1 iterations ahead, into the stage that the iteration before has left,
      with one `moa_tile.wait` an iteration. It is not where its address comes
      from data that the same iteration loads, from a value that the loop
      carries, or where the loop writes the memory: a remark says which.
    * A left operand that is loaded before the loop that multiplies it is read
      from its buffer before the loop, if threads have the registers to keep it
      and could keep it if it were computed.
    * A tile that is computed is put into a buffer where the product needs it in
      memory: as the right operand, and as the left one if its elements are f32
      or several warps share its rows; and as a left operand that is computed
      before the loop that multiplies it, if threads have no registers to keep it.
    * A reduction or scan along a dimension that is dealt to several warps gets a
      buffer to exchange what each of them has.
    * Buffers have offsets. Those that are never in use together share memory,
      so branches of an `scf.if` use the same. `moa_tile.shared_bytes` on the
      kernel says what they take.
    * A buffer is swizzled by as many pieces of 16 bytes as divide its row, 8 at
      most, so that rows read in parallel fall into different banks.
    * `moa_tile.wait` stands wherever a read has to see a copy or a put, or what
      was read is overwritten, and nowhere else.
    * A loop over i with a branch on `i + constant <= bound` becomes two loops,
      each with one side of the branch, which go on with the same stages.
    * A loop of two iterations or more that adds products to zeros loses its first
      iteration, which stands in front of it: no register is set to zero. Sums of
      f32 that tensor cores do not compute are left as they are.

    Tiles that are only used in arithmetic stay `moa_tile.load`s to registers.
    Kernels that have `moa_tile.shared_bytes` are left as they are.

    Numerics: none.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::scf::SCFDialect", "::moa::tile::TileDialect"];
  let options = [
    Option<"maxSharedBytes", "max-shared-bytes", "int64_t", /*default=*/"166912",
           "Shared memory that a block can have; a kernel that needs more is an "
           "error. The default is that of sm_80 (163 KiB); sm_86 and sm_89 have "
           "101376">,
    Option<"operandRegisters", "operand-registers", "int64_t", /*default=*/"32",
           "Registers of a thread that a left operand may take throughout a loop; "
           "a larger one is read from its buffer in each iteration. The default "
           "holds 16 rows a warp of width 128: with the accumulator beside it, "
           "256 would not fit">
  ];
  let statistics = [
    Statistic<"numBuffers", "buffers", "buffers in shared memory">,
    Statistic<"numPipelined", "pipelined-loads",
              "loads that are issued iterations ahead">,
    Statistic<"numSplit", "split-loops", "loops that were made two">,
    Statistic<"numPeeled", "peeled-loops",
              "loops whose first iteration was taken out">,
    Statistic<"numRefused", "refused-loads",
              "loads in loops with stages that cannot be issued ahead">,
    Statistic<"numBytesSaved", "bytes-saved",
              "shared memory that buffers save by sharing it">
  ];
}

#endif // MOA_TILE_TRANSFORMS_PASSES_TD
