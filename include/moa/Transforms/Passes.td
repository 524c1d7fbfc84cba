//===- Passes.td - Passes from moa to moa ------------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_TRANSFORMS_PASSES_TD
#define MOA_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def MoaDecomposePass : Pass<"moa-decompose"> {
  let summary = "Rewrite moa.layer into primitives and linalg";
  let description = [{
    In: `moa.layer`. Out: `moa.matmul` for the router and for keys and values,
    `moa.route`, `moa.dispatch`, `moa.grouped_matmul`, `moa.rotary`,
    `moa.attention`, `moa.combine`, and reshapes. `linalg.softmax`, which has no
    lowering of its own upstream, becomes four `linalg.generic`, as its
    `decomposeOperation` has it. Other ops are left as they are.

    A layer takes one of three forms:
    * sparse: one dispatch serves both projections.
    * k = E: nothing is sparse. The projections are `moa.dense_matmul`, over all
      experts; there is no sort, group or gather. Only where `indices`, `gates`
      or `lse` are results are experts ranked, since those are in the order of
      rank; losses read sets of experts, and do not need it.
    * T = 1 (static): `moa.slot_matmul` reads the weights of each slot's expert;
      there is no sort.

    Numerics: projections are accumulated in f32 and rounded once to the type of
    the layer; the rows of the output projection stay f32 until the slots of a
    token are summed. The dense form multiplies by the gate before the output
    projection, the others after it.

    The form of each layer is a remark of category `moa-decompose`, at the layer
    (`--remarks-filter=moa-decompose --remark-format=emitRemark`).
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::cf::ControlFlowDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
  let options = [
    Option<"runtimeChecks", "runtime-checks", "bool", /*default=*/"true",
           "Emit a cf.assert for each size that the types leave open">
  ];
  let statistics = [
    Statistic<"numSparse", "sparse", "layers that were grouped by expert">,
    Statistic<"numDense", "dense", "layers with k = E">,
    Statistic<"numSingleToken", "single-token", "layers with T = 1">
  ];
}

def MoaFusePass : Pass<"moa-fuse"> {
  let summary = "Fuse moa primitives into ops that say what is fused";
  let description = [{
    In: moa primitives on tensors, as `moa-decompose` makes them, canonical. Out:
    the same with fewer and larger ops, each of which reads its operands once and
    becomes one kernel on a GPU. The functions behind it are in
    `moa/Transforms/Fuse.h`.

    | remark, statistic | what is fused | into |
    |---|---|---|
    | router | `moa.matmul` of the logits, `moa.route` | `moa.router` |
    | loss | a loss of a router's logits and indices | `moa.router` with `losses` |
    | key-value | `moa.matmul` of keys and of values, `moa.rotary` of the keys | `moa.key_value` |
    | rotary | a product in slot order, `moa.rotary` of its result | the product with `rotary` |
    | residual | `moa.combine`, or `moa.dense_matmul` that sums, and `arith.addf` | the sum with `residual` |
    | query-projection | `moa.grouped_matmul` of the queries, `moa.attention` | `moa.routed_attention` |
    | combine | `moa.grouped_matmul`, `moa.combine` of its slots | `moa.grouped_matmul` into tokens, `unordered` |

    The gather of a token's row into the query product, and the scatter of its
    result to slots, need no rewrite: `moa-decompose` writes one
    `moa.grouped_matmul` for them. Bias and gates are operands of the sum over
    slots from the start.

    A fusion keeps what the rest of the graph reads: it is refused where an
    intermediate value has another reader. It also keeps the tiles that a script
    chose (`moa.row_tile`): the fused op has them, and where it cannot, or where
    keys and values ask for different ones, nothing is fused. Each op that a fusion starts from
    gives a remark of category `moa-fuse`, passed or missed with the reason
    (`--remarks-filter=moa-fuse --remark-format=emitRemark`).

    Numerics: values that were rounded between two ops are rounded once, after
    both: rotated queries and keys, and the sum of a layer's output and its
    residual. Logits and query products keep their values. `unordered-combine`
    fuses where the layer is f32 or f64; elsewhere each addition would round. It
    leaves the order of the sum over the slots of a token open. Kernels for a GPU,
    which multiply no f64, make use of it for f32, and results may then differ from
    run to run. On a CPU the sum has the order of the slots with it as without.

    `fuse-query-projection` is off by default: a tile of attention then takes
    tokens of one expert, and where the mask is causal or a window these lie
    further apart than neighbours do, so that less of the keys can be skipped.
    What is saved is that queries are written and read. `auto` fuses where there
    is no such mask and an expert has, on average, at least 64 tokens of a
    sequence (T * k / E, static), which is a tile's worth of queries.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect"];
  let options = [
    Option<"fuseQueryProjection", "fuse-query-projection", "::moa::QueryFusion",
           /*default=*/"::moa::QueryFusion::Off",
           "Let attention project its queries: off, on, or auto, which decides "
           "by a cost model", [{::llvm::cl::values(
             clEnumValN(::moa::QueryFusion::Off, "off", "Never"),
             clEnumValN(::moa::QueryFusion::On, "on", "Where it is legal"),
             clEnumValN(::moa::QueryFusion::Auto, "auto",
                        "Where it is legal and pays"))}]>,
    Option<"unorderedCombine", "unordered-combine", "bool", /*default=*/"false",
           "Let rows of the output product be added to their tokens in no fixed "
           "order, where the layer is f32 or f64: a GPU then stores no slots, "
           "and its results, f32, are not deterministic">
  ];
  let statistics = [
    Statistic<"numRouter", "router", "router products fused with the choice">,
    Statistic<"numLoss", "loss", "losses fused into their router">,
    Statistic<"numKeyValue", "key-value", "key and value products made one">,
    Statistic<"numRotary", "rotary", "rotations fused into a product of queries">,
    Statistic<"numResidual", "residual", "residuals fused into a sum over slots">,
    Statistic<"numQueryProjection", "query-projection",
              "query products fused into attention">,
    Statistic<"numCombine", "combine", "sums over slots fused into a product">
  ];
}

def MoaScheduleCpuPass : Pass<"moa-schedule-cpu", "::mlir::func::FuncOp"> {
  let summary = "Give linalg ops the loops that suit a CPU";
  let description = [{
    In: linalg on tensors. Out: the same, where
    * element-wise ops in a chain are one op;
    * each op outside a loop, unless it is small, is tiled over its rows into an
      `scf.forall`, with the fill of its accumulator;
    * the loops of a contraction are ordered so that the innermost one runs
      along contiguous memory of the right operand;
    * products may be contracted into sums, and a sum along the innermost loop
      may be reassociated, which lets that loop use vectors.

    Numerics: changes the order of summation along innermost loops; the order
    depends on sizes and the host's vectors, never on the number of threads.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
  let options = [
    Option<"rows", "rows", "int64_t", /*default=*/"32",
           "Rows that one iteration of a parallel loop computes">,
    Option<"columns", "columns", "int64_t", /*default=*/"256",
           "Columns that it computes, where each costs a sum">,
    Option<"parallelFrom", "parallel-from", "int64_t", /*default=*/"8192",
           "Iterations from which an op gets a parallel loop; below, the loop "
           "costs more than it saves">
  ];
}

def MoaLegalizeBuffersPass : Pass<"moa-legalize-buffers", "::mlir::func::FuncOp"> {
  let summary = "Rewrite what the lowering of memref ops cannot take";
  let description = [{
    In and out: buffers.
    * `memref.copy` where a side is not contiguous becomes `linalg.copy`: its
      lowering would call MLIR's runtime library, and compiled layers depend on
      the C library alone.
    * `memref.expand_shape` of a contiguous buffer becomes
      `memref.reinterpret_cast`: `expand-strided-metadata` crashes where a
      dimension is expanded to two dynamic ones.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::linalg::LinalgDialect"];
  let options = [
    Option<"expandCopies", "expand-copies", "bool", /*default=*/"true",
           "Rewrite copies; a driver that copies between strided buffers itself "
           "needs no loops for them">
  ];
}

def MoaSinkAllocationsPass
    : Pass<"moa-sink-allocations", "::mlir::func::FuncOp"> {
  let summary = "Allocate buffers where they are first used";
  let description = [{
    In and out: buffers. Each `memref.alloc` moves, with the views of it, in front
    of the first op of its block that uses it, and so behind the
    `memref.dealloc` of buffers that are read for the last time before: their
    memory can be its own. Goes with `optimize-allocation-liveness`, which moves
    the other end of a buffer's life.
  }];
}

def MoaLegalizeMaskedAccessesPass : Pass<"moa-legalize-masked-accesses"> {
  let summary = "Access vectors of bf16 and f16 under a mask as integers";
  let description = [{
    In and out: the LLVM dialect. `llvm.intr.masked.load` and
    `llvm.intr.masked.store` of bf16 or f16 become those of i16, with a bitcast:
    for a CPU without arithmetic in these types LLVM would widen the elements and
    call the compiler's library to round them (`__truncsfbf2`), which is newer
    than the systems that code is linked on.

    Example:

    ```mlir
    llvm.intr.masked.store %v, %to, %mask {alignment = 2 : i32}
        : vector<8xbf16>, vector<8xi1> into !llvm.ptr
    ```

    becomes

    ```mlir
    %bits = llvm.bitcast %v : vector<8xbf16> to vector<8xi16>
    llvm.intr.masked.store %bits, %to, %mask {alignment = 2 : i32}
        : vector<8xi16>, vector<8xi1> into !llvm.ptr
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def MoaRequireFeaturesPass : Pass<"moa-require-features"> {
  let summary = "Say which CPU features a function's instructions need";
  let description = [{
    In and out: the LLVM dialect. A function that calls an intrinsic which LLVM has
    on some CPUs alone, the dot product of bf16, gets the features among its
    `target_features`. Without them LLVM ends the process where it compiles for the
    baseline of x86-64, as `clang` and `llc` do by default. The rest of the
    function may then use them, too: such code runs on no other CPU either way.

    Example: a function with

    ```mlir
    %dot = llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"(%sum, %a, %b)
        : (vector<16xf32>, vector<32xbf16>, vector<32xbf16>) -> vector<16xf32>
    ```

    gets the attribute
    `target_features = #llvm.target_features<["+avx512bf16", "+avx512vl"]>`.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def MoaExportFunctionsPass : Pass<"moa-export-functions", "::mlir::func::FuncOp"> {
  let summary = "Give public functions a C interface and read-only arguments";
  let description = [{
    In: functions on tensors. Out: the same; each public function with a body
    has `llvm.emit_c_interface`, and its tensor arguments are marked
    `bufferization.writable = false`, so that a caller's buffers are never
    written.

    So that a caller of the lowered function knows its types, they are kept:
    `moa.signature` (the function type), `moa.arg_names` and `moa.result_names`
    (from `moa.name` on arguments and results).
  }];
}

def MoaCalleeLocationsPass : Pass<"moa-callee-locations"> {
  let summary = "Give what was inlined the line of the function it came from";
  let description = [{
    In and out: any ops. A location `callsite(CALLEE at CALLER)` becomes `CALLEE`,
    also within names and fused locations. Goes in front of
    `ensure-debug-info-scope-on-llvm-func`, which looks for the LLVM function of
    each op that has such a location: a function of the host is not one yet.

    Example:

    ```mlir
    // In: loc(callsite("block.py":7:1 at "model.py":3:1)). Out:
    %y = arith.negf %x : tensor<4xf32> loc("block.py":7:1)
    ```
  }];
}

def MoaResultsToArgumentsPass
    : Pass<"moa-results-to-arguments", "::mlir::ModuleOp"> {
  let summary = "Let the caller say where results go";
  let description = [{
    In: public functions on dense buffers, with one block each. Out: the same
    without results; each result is an argument behind the others, marked
    `moa.result`. A buffer that the function allocates and returns, as it is or
    reshaped, is computed in that argument; anything else is copied there.

    Where the types of results leave sizes open, a private function
    `@f.result_sizes` with the arguments of `@f` returns these sizes, in order,
    so that a caller knows what to allocate. It repeats the run-time checks of
    `@f` that need no device memory.

    A size that depends on what is in a buffer is an error: the buffer is in
    device memory, and the host does not wait for it. So is a result that is not
    a buffer.

    Why: memory of the device is the caller's to manage; a function that
    allocates cannot be captured in a CUDA graph.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::memref::MemRefDialect"];
}

def MoaPlanWorkspacePass : Pass<"moa-plan-workspace", "::mlir::ModuleOp"> {
  let summary = "Place all buffers of a function in one workspace";
  let description = [{
    In: public functions on buffers, with one block each. Out: the same with one
    more argument, `memref<?xi8>` marked `moa.workspace`, in which each
    `memref.alloc` has become a `memref.view` at a multiple of 256 bytes, and
    without `memref.dealloc`. A private function `@f.workspace_size` with the
    arguments of `@f`, without those marked `moa.result`, returns the bytes that
    `@f` needs.

    Buffers share a region of the workspace where the ops that use one come
    before the ops that use the other. A region is as large as its largest
    buffer. Sizes, and the run-time checks that guard them, are computed first.
    A buffer in a loop or a branch is one buffer for all of its runs.

    A size that depends on what is in a buffer, or that is computed inside a
    loop, is an error.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::memref::MemRefDialect"];
}

#endif // MOA_TRANSFORMS_PASSES_TD
