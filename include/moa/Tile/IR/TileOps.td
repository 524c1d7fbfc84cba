//===- TileOps.td - Operations of the moa_tile dialect -----*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_TILE_IR_TILEOPS_TD
#define MOA_TILE_IR_TILEOPS_TD

include "moa/Tile/IR/TileDialect.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

//===----------------------------------------------------------------------===//
// Types and base classes
//===----------------------------------------------------------------------===//

class Tile_Of<list<Type> elements>
    : RankedTensorOf<elements, [HasAnyRankOfPred<[2]>, HasStaticShapePred], "tile">;
def Tile_Tile : Tile_Of<[AnySignlessInteger, AnyFloat]>;
def Tile_RowIndex : Tile_Of<[I32]>;
def Tile_Memory : MemRefOf<[AnySignlessInteger, AnyFloat]>;
def Tile_Operand : AnyTypeOf<[Tile_Tile, Tile_BufferType], "tile or buffer">;

class Tile_Op<string mnemonic, list<Trait> traits = []>
    : Op<Tile_Dialect, mnemonic, traits>;

class Tile_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::moa::tile";
}
def Tile_ReduceKind : Tile_Enum<"ReduceKind", "how elements are reduced", [
    I32EnumAttrCase<"Add", 0, "add">,
    I32EnumAttrCase<"Max", 1, "max">,
    I32EnumAttrCase<"Min", 2, "min">]>;

//===----------------------------------------------------------------------===//
// Global memory to tiles and back
//===----------------------------------------------------------------------===//

def Tile_LoadOp : Tile_Op<"load"> {
  let summary = "A tile from consecutive rows and columns of memory";
  let description = [{
    ```
    result[r,c] = source[..., i + r, j + c]
    ```

    with i, j the last two indices; the indices before them choose a matrix.
    Elements outside of `source` are 0. A source of rank 1 has one index i and
    gives a tile of one column (`result[r,0] = source[i + r]`) or of one row
    (`result[0,c] = source[i + c]`), as the result type says.

    Example:

    ```mlir
    %a = moa_tile.load %w[%e, %k, %n] : memref<8x512x512xbf16> -> tensor<32x128xbf16>
    ```

    Errors:
    * C1: the number of indices is not the rank of `source`.
    * C2: a source of rank 0, or of rank 1 with a tile that has several rows and
      columns.
    * C3: different element types of source and tile.
  }];
  let arguments = (ins Arg<Tile_Memory, "", [MemRead]>:$source,
                       Variadic<Index>:$indices);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = [{
    $source `[` $indices `]` attr-dict `:` type($source) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_GatherOp : Tile_Op<"gather"> {
  let summary = "A tile from rows of memory that an index names";
  let description = [{
    ```
    result[r,c] = source[..., rows[r], j + c]
    ```

    with j the last index; the indices before it choose a matrix. A negative
    entry of `rows`, and elements outside of `source`, give 0. A source of rank 1
    has no index and gives a tile of one column.

    Example: rows of routed tokens.

    ```mlir
    %a = moa_tile.gather %x[%k] rows %tokens
        : memref<?x512xbf16>, tensor<128x1xi32> -> tensor<128x32xbf16>
    ```

    Errors:
    * C1: the number of indices is not the rank of `source` less one.
    * C2: a source of rank 0, or of rank 1 with a tile of several columns.
    * C3: different element types of source and tile.
    * C4: `rows` is not one column with the tile's number of rows.
  }];
  let arguments = (ins Arg<Tile_Memory, "", [MemRead]>:$source,
                       Variadic<Index>:$indices, Tile_RowIndex:$rows);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = [{
    $source `[` $indices `]` `rows` $rows attr-dict
    `:` type($source) `,` type($rows) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_StoreOp : Tile_Op<"store"> {
  let summary = "A tile to consecutive rows and columns of memory";
  let description = [{
    The inverse of `moa_tile.load`: elements outside of `destination` are not
    stored.

    A block that stored elements of 32 bits may load them, as a tile of the same
    shape from the same place, where no two warps hold the same elements: each
    thread then reads what it stored. Blocks read what others stored behind
    `moa_tile.arrive`. Other loads of what a kernel stores are in no order with its
    stores.

    Example:

    ```mlir
    moa_tile.store %y, %out[%m, %n] : tensor<128x64xbf16>, memref<?x512xbf16>
    ```

    Errors:
    * C1: the number of indices is not the rank of `destination`.
    * C2: a destination of rank 0, or of rank 1 with a tile that has several rows
      and columns.
    * C3: different element types of tile and destination.
  }];
  let arguments = (ins Tile_Tile:$tile,
                       Arg<Tile_Memory, "", [MemWrite]>:$destination,
                       Variadic<Index>:$indices);
  let assemblyFormat = [{
    $tile `,` $destination `[` $indices `]` attr-dict
    `:` type($tile) `,` type($destination)
  }];
  let hasVerifier = 1;
}

def Tile_ScatterOp : Tile_Op<"scatter"> {
  let summary = "A tile to rows of memory that an index names";
  let description = [{
    The inverse of `moa_tile.gather`: rows with a negative entry of `rows`, and
    elements outside of `destination`, are not stored.

    With `add` elements are added atomically to those of `destination`, which is
    f32. The order of the additions, and so the rounding of the sum, changes from
    run to run.

    Example:

    ```mlir
    moa_tile.scatter %y, %out[%n] rows %slots
        : tensor<128x64xbf16>, memref<?x512xbf16>, tensor<128x1xi32>
    ```

    Errors:
    * C1: the number of indices is not the rank of `destination` less one.
    * C2: a destination of rank 0, or of rank 1 with a tile of several columns.
    * C3: different element types of tile and destination.
    * C4: `rows` is not one column with the tile's number of rows.
    * C5: `add` on elements other than f32.
  }];
  let arguments = (ins Tile_Tile:$tile,
                       Arg<Tile_Memory, "", [MemRead, MemWrite]>:$destination,
                       Variadic<Index>:$indices, Tile_RowIndex:$rows,
                       UnitAttr:$add);
  let assemblyFormat = [{
    (`add` $add^)? $tile `,` $destination `[` $indices `]` `rows` $rows
    attr-dict `:` type($tile) `,` type($destination) `,` type($rows)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Between blocks
//===----------------------------------------------------------------------===//

def Tile_ArriveOp : Tile_Op<"arrive", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Count the block in, and ask whether it is the last one";
  let description = [{
    ```
    counters[indices] += 1        atomically
    last = counters[indices] == count
    ```

    Several blocks work on one result: each stores its part and arrives, and the
    one that arrives last joins the parts. No block waits for another, so that
    they need not run at the same time. Which one is the last changes from run to
    run; what it computes does not, if it takes the parts in a fixed order.

    What blocks stored before they arrived is visible to the loads of the last one
    behind the op. To the block itself the op is a barrier: every warp has passed
    this point.

    A counter is zero before the launch, and `count` blocks arrive at it, once
    each.

    Example: 4 blocks have a row each, whose sum the last of them stores.

    ```mlir
    moa_tile.store %row, %rows[%block, %c0] : tensor<1x64xf32>, memref<4x64xf32>
    %last = moa_tile.arrive %counters[%c0] of %c4 : memref<1xi32>
    scf.if %last {
      %all = moa_tile.load %rows[%c0, %c0] : memref<4x64xf32> -> tensor<16x64xf32>
      %sum = moa_tile.reduce add %all along 0 : tensor<16x64xf32> -> tensor<1x64xf32>
      moa_tile.store %sum, %y[%c0] : tensor<1x64xf32>, memref<64xf32>
    }
    ```

    Errors:
    * C1: the number of indices is not the rank of `counters`.
    * C2: a constant `count` below 1.
  }];
  let arguments = (ins Arg<MemRefOf<[I32]>, "", [MemRead, MemWrite]>:$counters,
                       Variadic<Index>:$indices, Index:$count);
  let results = (outs I1:$last);
  let assemblyFormat = [{
    $counters `[` $indices `]` `of` $count attr-dict `:` type($counters)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Arithmetic that arith and math do not have
//===----------------------------------------------------------------------===//

def Tile_MmaOp : Tile_Op<"mma", [AllTypesMatch<["accumulator", "result"]>,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "Multiply two tiles and add to an accumulator";
  let description = [{
    ```
    result[m,n] = accumulator[m,n] + sum_k a[m,k] b[k,n]      or b[n,k] if transposed
    ```

    `a` and `b` are tiles, or buffers in the staged form. Products of f16 and
    bf16 are exact, sums are f32 in an order that the target chooses. Products of
    f32 are fused into the sum. With `tf32`, f32 operands are first rounded to 10 bits of mantissa
    (tf32), a relative error of up to 2^-11 each. Where all elements of `b` are the
    same constant of 16 bits, it stays a tile in the staged form, too: times 1,
    rows are summed.

    `terms` says for each row r how many products it needs: a[r,k] is 0 for
    k >= terms[r]. Whether those are added or left out is the target's choice.
    Tensor instructions are left out where none of their rows needs them.

    Example:

    ```mlir
    %s = moa_tile.mma %q, transposed %k, %zero
        : tensor<64x128xbf16>, tensor<64x128xbf16>, tensor<64x64xf32>
    %o = moa_tile.mma %p, %v, %sum terms %seen
        : tensor<64x64xbf16>, tensor<64x128xbf16>, tensor<64x128xf32>, tensor<64x1xi32>
    ```

    Errors:
    * C1: sizes of m, n or k that differ between operands.
    * C2: different element types of a and b.
    * C3: elements other than f16, bf16 or f32 in a and b, or an accumulator that
      is not f32.
    * C4: `tf32` with elements other than f32.
    * C5: a buffer of several stages.
    * C6: `terms` is not one column with the accumulator's number of rows.
  }];
  let arguments = (ins Tile_Operand:$a, Tile_Operand:$b,
                       Tile_Of<[F32]>:$accumulator,
                       Optional<Tile_RowIndex>:$terms, UnitAttr:$transposed,
                       UnitAttr:$tf32);
  let results = (outs Tile_Of<[F32]>:$result);
  let assemblyFormat = [{
    $a `,` (`transposed` $transposed^)? $b `,` $accumulator (`terms` $terms^)?
    (`tf32` $tf32^)? attr-dict
    `:` type($a) `,` type($b) `,` type($result) (`,` type($terms)^)?
  }];
  let extraClassDeclaration = [{
    /// Whether all elements of b are one constant of 16 bits: it needs no buffer.
    bool hasSplatFactor();
  }];
  let hasVerifier = 1;
}

/// An op whose warps exchange partial results where the tile is dealt to several
/// of them along its dimension.
class Tile_ExchangeOp<string mnemonic, list<Trait> traits = []>
    : Tile_Op<mnemonic, !listconcat(traits, [AlwaysSpeculatable,
          DeclareOpInterfaceMethods<MemoryEffectsOpInterface>])>;

def Tile_ReduceOp : Tile_ExchangeOp<"reduce"> {
  let summary = "Reduce a tile along one dimension";
  let description = [{
    ```
    result[r,0] = reduce_c tile[r,c]     along 1
    result[0,c] = reduce_r tile[r,c]     along 0
    ```

    `max` and `min` of floats are those of `arith.maxnumf` and `arith.minnumf`: a
    number beats a NaN. Integers are signed. The order of a sum is the target's
    and always the same.

    In the staged form of a kernel of m x n warps, a reduction along a dimension
    that is dealt to several warps (n > 1 along 1, m > 1 along 0) goes `through`
    a buffer with one row for each of these warps: n x rows, or m x columns.
    Between writing and reading it every warp passes a barrier that is part of
    the op.

    Example:

    ```mlir
    %m = moa_tile.reduce max %s along 1 : tensor<64x128xf32> -> tensor<64x1xf32>
    %n = moa_tile.reduce max %s along 1 through %scratch
        : tensor<64x128xf32>, !moa_tile.buffer<2x64xf32> -> tensor<64x1xf32>
    ```

    Errors:
    * C1: a dimension other than 0 and 1.
    * C2: a result whose shape is not that of the tile with 1 in the reduced
      dimension, or of another element type.
    * C3: a buffer of several stages, of another element type, or whose columns
      are not the elements of the result.
  }];
  let arguments = (ins Tile_ReduceKind:$kind, Tile_Tile:$tile, I64Attr:$dim,
                       Optional<Tile_BufferType>:$scratch);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = [{
    $kind $tile `along` $dim (`through` $scratch^)? attr-dict
    `:` type($tile) (`,` type($scratch)^)? `->` type($result)
  }];
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Tile_ScanOp : Tile_ExchangeOp<"scan", [AllTypesMatch<["tile", "result"]>]> {
  let summary = "Sums of what stands before each element";
  let description = [{
    ```
    result[r,c] = sum_{r' < r} tile[r',c]     along 0
    result[r,c] = sum_{c' < c} tile[r,c']     along 1
    ```

    With `reverse` the sum is over what stands behind: r' > r, or c' > c. The
    order of a sum of floats is the target's and always the same. In the staged
    form a scan goes `through` a buffer where a reduction along that dimension
    would, of the same shape.

    Example: ranks within a counting sort, and what later keys leave of a stick.

    ```mlir
    %rank = moa_tile.scan %chosen along 0 : tensor<128x8xi32>
    %later = moa_tile.scan reverse %kept along 1 : tensor<64x64xf32>
    ```

    Errors:
    * C1: a dimension other than 0 and 1.
    * C2: a buffer of several stages, of another element type, or whose columns
      are not the elements of the tile in the other dimension.
  }];
  let arguments = (ins Tile_Of<[I32, F32]>:$tile, I64Attr:$dim, UnitAttr:$reverse,
                       Optional<Tile_BufferType>:$scratch);
  let results = (outs Tile_Of<[I32, F32]>:$result);
  let assemblyFormat = [{
    (`reverse` $reverse^)? $tile `along` $dim (`through` $scratch^)? attr-dict
    `:` type($tile) (`,` type($scratch)^)?
  }];
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Tile_AnyOp : Tile_Op<"any", [Pure]> {
  let summary = "Whether there is a row that a condition holds for";
  let description = [{
    True if an element of `rows` is. A target may answer for each band of rows
    that a warp holds by itself: rows then take a branch if one of their band
    does. So what depends on the answer must be right for rows of either kind,
    and an `scf.if` on it computes with tiles only: it copies nothing to buffers,
    waits for nothing, arrives nowhere, and exchanges nothing between warps.

    Example: rows that see no key stay as they are.

    ```mlir
    %some = moa_tile.any %sees : tensor<128x1xi1>
    %sum = scf.if %some -> tensor<128x64xf32> {
      %more = moa_tile.mma %p, %v, %old
          : tensor<128x64xbf16>, tensor<64x64xbf16>, tensor<128x64xf32>
      scf.yield %more : tensor<128x64xf32>
    } else {
      scf.yield %old : tensor<128x64xf32>
    }
    ```

    Errors:
    * C1: a tile of several columns.
  }];
  let arguments = (ins Tile_Of<[I1]>:$rows);
  let results = (outs I1:$result);
  let assemblyFormat = "$rows attr-dict `:` type($rows)";
  let hasVerifier = 1;
}

def Tile_AssertOp : Tile_Op<"assert", [MemoryEffects<[MemWrite]>]> {
  let summary = "An error of the launch where a condition does not hold";
  let description = [{
    Ends the launch with an error that says `message` if an element of `holds` is
    false: what the kernel was to compute cannot be relied on then. On a GPU, the
    driver prints the message and the launch fails as one of a C++ kernel with an
    `assert` does (CUDA_ERROR_ASSERT). For a scalar there is `cf.assert`.

    Example: an index that is no expert.

    ```mlir
    moa_tile.assert %isExpert, "an index is not below the number of experts"
        : tensor<64x1xi1>
    ```
  }];
  let arguments = (ins Tile_Of<[I1]>:$holds, StrAttr:$message);
  let assemblyFormat = "$holds `,` $message attr-dict `:` type($holds)";
}

def Tile_BroadcastOp : Tile_Op<"broadcast", [Pure]> {
  let summary = "Repeat a row, a column or one element";
  let description = [{
    A dimension of size 1 is repeated to the size of the result.

    Example:

    ```mlir
    %b = moa_tile.broadcast %m : tensor<64x1xf32> -> tensor<64x128xf32>
    ```

    Errors:
    * C1: a dimension that is neither 1 nor that of the result.
    * C2: different element types.
  }];
  let arguments = (ins Tile_Tile:$tile);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = "$tile attr-dict `:` type($tile) `->` type($result)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
}

def Tile_PositionOp : Tile_Op<"position", [Pure]> {
  let summary = "0, 1, 2, ... along the rows or the columns";
  let description = [{
    Of `tensor<Mx1xi32>`: element r is r. Of `tensor<1xNxi32>`: element c is c.

    Example:

    ```mlir
    %columns = moa_tile.position : tensor<1x64xi32>
    ```

    Errors:
    * C1: several rows and several columns.
  }];
  let results = (outs Tile_RowIndex:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Staged form
//===----------------------------------------------------------------------===//

def Tile_AllocOp : Tile_Op<"alloc"> {
  let summary = "A buffer in the shared memory of the block";
  let description = [{
    Lives until the kernel ends. `offset` is where it starts, in bytes, a multiple
    of 128. Buffers overlap only where they are never in use together.

    Example:

    ```mlir
    %a = moa_tile.alloc offset(0) : !moa_tile.buffer<4x128x32xbf16, swizzle = 4>
    ```

    Errors:
    * C1: a negative offset, or one that is not a multiple of 128.
  }];
  let arguments = (ins I64Attr:$offset);
  let results = (outs Res<Tile_BufferType, "", [MemAlloc]>:$buffer);
  let assemblyFormat = "`offset` `(` $offset `)` attr-dict `:` type($buffer)";
  let hasVerifier = 1;
}

def Tile_StageOp : Tile_Op<"stage", [Pure,
    DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "One stage of a buffer";
  let description = [{
    Example:

    ```mlir
    %s = moa_tile.stage %a[%i] : !moa_tile.buffer<4x128x32xbf16>
    ```

    The result is a buffer of rank 2. `i` is below the number of stages.

    Errors:
    * C1: a buffer of rank 2.
  }];
  let arguments = (ins Tile_BufferType:$buffer, Index:$index);
  let results = (outs Tile_BufferType:$result);
  let assemblyFormat = "$buffer `[` $index `]` attr-dict `:` type($buffer)";
}

def Tile_CopyOp : Tile_Op<"copy", [AttrSizedOperandSegments]> {
  let summary = "Start to copy a tile from global memory into a buffer";
  let description = [{
    The tile that `moa_tile.load` (without `rows`) or `moa_tile.gather` (with
    `rows`) would give goes to `buffer`. The copy is asynchronous: it belongs to
    the next `moa_tile.commit`, and is done after the `moa_tile.wait` for it.

    If `when` is given and false, nothing is copied.

    Example:

    ```mlir
    moa_tile.copy %x[%k] rows %tokens to %s
        : memref<?x512xbf16>, !moa_tile.buffer<128x32xbf16>, tensor<128x1xi32>
    ```

    Errors:
    * C1: the number of indices is not the rank of `source`, less one with `rows`.
    * C2: a source of rank below 2, or a buffer of several stages.
    * C3: different element types of source and buffer.
    * C4: `rows` is not one column with the buffer's number of rows.
  }];
  let arguments = (ins Arg<Tile_Memory, "", [MemRead]>:$source,
                       Variadic<Index>:$indices,
                       Optional<Tile_RowIndex>:$rows,
                       Arg<Tile_BufferType, "", [MemWrite]>:$buffer,
                       Optional<I1>:$when);
  let assemblyFormat = [{
    $source `[` $indices `]` (`rows` $rows^)? `to` $buffer (`when` $when^)?
    attr-dict `:` type($source) `,` type($buffer) (`,` type($rows)^)?
  }];
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
}

def Tile_CommitOp : Tile_Op<"commit", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Close a group of copies";
  let description = [{
    All copies since the last commit are one group, which may be empty.

    Example:

    ```mlir
    moa_tile.commit
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def Tile_WaitOp : Tile_Op<"wait", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Wait until copies are done";
  let description = [{
    Afterwards all groups but the last `pending` are done and visible to the whole
    block, and every warp has passed this point: buffers that were read before it
    may be filled anew.

    Example:

    ```mlir
    moa_tile.wait pending(2)
    ```

    Errors:
    * C1: a negative number.
  }];
  let arguments = (ins I64Attr:$pending);
  let assemblyFormat = "`pending` `(` $pending `)` attr-dict";
  let hasVerifier = 1;
}

def Tile_PutOp : Tile_Op<"put"> {
  let summary = "A tile into a buffer";
  let description = [{
    The block sees it after the next `moa_tile.wait`.

    Example:

    ```mlir
    moa_tile.put %p to %b : tensor<64x64xf32>, !moa_tile.buffer<64x64xf32>
    ```

    Errors:
    * C1: different shapes or element types.
  }];
  let arguments = (ins Tile_Tile:$tile,
                       Arg<Tile_BufferType, "", [MemWrite]>:$buffer);
  let assemblyFormat = "$tile `to` $buffer attr-dict `:` type($tile) `,` type($buffer)";
  let hasVerifier = 1;
}

def Tile_GetOp : Tile_Op<"get"> {
  let summary = "A tile from a buffer";
  let description = [{
    Example:

    ```mlir
    %p = moa_tile.get %b : !moa_tile.buffer<64x64xf32> -> tensor<64x64xf32>
    ```

    Errors:
    * C1: different shapes or element types.
  }];
  let arguments = (ins Arg<Tile_BufferType, "", [MemRead]>:$buffer);
  let results = (outs Tile_Tile:$tile);
  let assemblyFormat = "$buffer attr-dict `:` type($buffer) `->` type($tile)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Launch
//===----------------------------------------------------------------------===//

def Tile_LaunchOp : Tile_Op<"launch", [AttrSizedOperandSegments,
    DestinationStyleOpInterface,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Run a kernel on a grid of blocks";
  let description = [{
    Runs `kernel`, a `gpu.func` in a `gpu.module`, with x * y * z blocks; with
    none of them where a size is 0. Its arguments are those of the kernel: memory
    that it reads and scalars (`ins`), then memory that it writes (`outs`).

    On tensors the op is in destination style: each result is what the kernel
    made of its `outs`. Bufferization turns the tensors into the memrefs that the
    kernel takes.

    Example:

    ```mlir
    gpu.module @kernels {
      gpu.func @double(%x: memref<?x64xf32>, %y: memref<?x64xf32>) kernel
          attributes {moa_tile.warps = array<i64: 4, 1>} {
        %zero = arith.constant 0 : index
        %rows = arith.constant 64 : index
        %block = gpu.block_id x
        %row = arith.muli %block, %rows : index
        %a = moa_tile.load %x[%row, %zero] : memref<?x64xf32> -> tensor<64x64xf32>
        %b = arith.addf %a, %a : tensor<64x64xf32>
        moa_tile.store %b, %y[%row, %zero] : tensor<64x64xf32>, memref<?x64xf32>
        gpu.return
      }
    }
    func.func @double(%x: tensor<200x64xf32>, %init: tensor<200x64xf32>)
        -> tensor<200x64xf32> {
      %one = arith.constant 1 : index
      %blocks = arith.constant 4 : index
      %y = moa_tile.launch @kernels::@double blocks(%blocks, %one, %one)
          ins(%x : tensor<200x64xf32>) outs(%init : tensor<200x64xf32>)
          -> tensor<200x64xf32>
      return %y : tensor<200x64xf32>
    }
    ```

    Errors:
    * C1: `kernel` is not a kernel function in a module of this name.
    * C2: arguments whose number or types are not the kernel's, a tensor standing
      for the memref of its shape and element type, or for one that leaves sizes
      open.
    * C3: results that are not the tensors among `outs`.
  }];
  let arguments = (ins SymbolRefAttr:$kernel, Index:$gridX, Index:$gridY,
                       Index:$gridZ, Variadic<AnyType>:$inputs,
                       Variadic<AnyType>:$outputs);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $kernel `blocks` `(` $gridX `,` $gridY `,` $gridZ `)`
    (`ins` `(` $inputs^ `:` type($inputs) `)`)?
    (`outs` `(` $outputs^ `:` type($outputs) `)`)? attr-dict
    (`->` type($results)^)?
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return getOutputsMutable();
    }
  }];
}

#endif // MOA_TILE_IR_TILEOPS_TD
