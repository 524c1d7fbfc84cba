//===- TileDialect.td - The moa_tile dialect ---------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_TILE_IR_TILEDIALECT_TD
#define MOA_TILE_IR_TILEDIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Tile_Dialect : Dialect {
  let name = "moa_tile";
  let cppNamespace = "::moa::tile";
  let summary = "What one thread block does with tiles";
  let description = [{
    A kernel at this level is a `gpu.func` with the attribute `kernel`. It says
    what one thread block computes: there is no thread index, and no instruction
    of a chip is named. Blocks know their number from `gpu.block_id`.

    A **tile** is a `tensor` of rank 2 with a static shape: a value, held by the
    block as a whole. `tensor<128x1xf32>` is a value for each row,
    `tensor<1x64xf32>` one for each column. Arithmetic on tiles is upstream's
    `arith` and `math` on tensors, loops and branches are `scf`, with tiles as
    loop-carried values. What moves tiles and what multiplies and reduces them
    are the ops below. Global memory is a `memref` argument of the kernel; a
    scalar in it is read by `memref.load`.

    A **row index** is a tile `tensor<Mx1xi32>`. `moa_tile.gather` and
    `moa_tile.scatter` take one in place of a row number: the gather of routed
    rows is part of the load, their scatter part of the store. A negative entry
    is no row: it loads zeros and stores nothing. Rows and columns outside of the
    memory likewise load zeros and store nothing, so that no size needs to be a
    multiple of a tile.

    Kernels are written in this **value form**. `moa-tile-stage` rewrites them to
    the **staged form**, where operands of products lie in buffers of the block's
    shared memory (`!moa_tile.buffer`), which asynchronous copies fill some
    stages ahead.

    Attributes of a kernel:

    | attribute | meaning |
    |---|---|
    | `moa_tile.warps = array<i64: m, n>` | the block has m * n warps of 32 threads. Tiles are dealt to them as a grid of m bands of rows and n bands of columns. A reduction along the columns stays within a warp where n is 1. |
    | `moa_tile.registers` | the most registers of a thread, where a target would take more than it needs |
    | `moa_tile.shared_bytes` | shared memory of the block, set by `moa-tile-stage` |

    Attribute of an `scf.for`: `moa_tile.stages`, how many of its iterations have
    buffers at a time: tiles are loaded stages - 1 iterations ahead (default 1:
    loaded when they are needed).
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let hasConstantMaterializer = 1;
  let hasOperationAttrVerify = 1;
  let useDefaultTypePrinterParser = 1;
  let extraClassDeclaration = [{
    /// Names of attributes on kernels and loops.
    static constexpr ::llvm::StringLiteral kWarpsAttr = "moa_tile.warps";
    static constexpr ::llvm::StringLiteral kRegistersAttr =
        "moa_tile.registers";
    static constexpr ::llvm::StringLiteral kSharedBytesAttr =
        "moa_tile.shared_bytes";
    static constexpr ::llvm::StringLiteral kStagesAttr = "moa_tile.stages";
  }];
}

def Tile_BufferType : TypeDef<Tile_Dialect, "Buffer"> {
  let mnemonic = "buffer";
  let summary = "tiles in the shared memory of a block";
  let description = [{
    `!moa_tile.buffer<128x32xbf16>` is one tile, `!moa_tile.buffer<4x128x32xbf16>`
    four stages of it, in rows one after the other.

    `swizzle` n says that within each row the 16-byte pieces of a run of n are
    exchanged: piece c of row r lies at piece c ^ ((r div (8 / n)) mod n), so that
    rows read in parallel fall into different banks. 1, the default, exchanges
    nothing.

    Example: `!moa_tile.buffer<4x128x32xbf16, swizzle = 4>`

    Errors:
    * C1: a rank other than 2 or 3, or a size below 1.
    * C2: an element type other than f32, f16, bf16 or i32.
    * C3: a swizzle other than 1, 2, 4 or 8, or one whose run of pieces does not
      divide a row.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape,
                        "::mlir::Type":$elementType,
                        DefaultValuedParameter<"int64_t", "1">:$swizzle);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Rows and columns of one stage.
    int64_t getRows() const { return getShape()[getShape().size() - 2]; }
    int64_t getColumns() const { return getShape().back(); }
    int64_t getStages() const {
      return getShape().size() == 3 ? getShape().front() : 1;
    }
    /// Bytes of one stage.
    int64_t getStageBytes() const {
      return getRows() * getColumns() *
             (getElementType().getIntOrFloatBitWidth() / 8);
    }
    /// The type of one stage.
    BufferType getStage() const {
      return get(getContext(), getShape().take_back(2), getElementType(),
                 getSwizzle());
    }
  }];
}

#endif // MOA_TILE_IR_TILEDIALECT_TD
