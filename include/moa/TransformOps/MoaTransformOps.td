//===- MoaTransformOps.td - Rewrites as transform ops ------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One op for each rewrite that the passes are made of. A rewrite that is refused
// is a silenceable failure with the reason that the pass gives as its remark.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_TRANSFORMOPS_MOATRANSFORMOPS_TD
#define MOA_TRANSFORMOPS_MOATRANSFORMOPS_TD

include "mlir/Dialect/Transform/IR/TransformDialect.td"
include "mlir/Dialect/Transform/IR/TransformTypes.td"
include "mlir/Dialect/Transform/Interfaces/TransformInterfaces.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

def MoaDecomposeOp : Op<Transform_Dialect, "moa.decompose", [
    DeclareOpInterfaceMethods<TransformOpInterface>,
    FunctionalStyleTransformOpTrait, MemoryEffectsOpInterface,
    ReportTrackingListenerFailuresOpTrait]> {
  let summary = "Rewrite moa.layer into primitives";
  let description = [{
    Each `moa.layer` of `target` becomes primitives, with the run-time checks of
    sizes that its types leave open, unless `without_checks`. What pass
    `moa-decompose` does to all layers, this op does to some.

    `primitives` are the moa ops that were created, those of one layer after
    those of the one before, in the order in which they stand.
    `transform.select` takes those of a kind from them.

    ```mlir
    %primitives = transform.moa.decompose %layers
        : (!transform.op<"moa.layer">) -> !transform.any_op
    ```

    #### Return modes

    Consumes `target`. A target that is no `moa.layer` is a silenceable failure,
    and no layer is rewritten.
  }];
  let arguments = (ins TransformHandleTypeInterface:$target,
                       UnitAttr:$without_checks);
  let results = (outs TransformHandleTypeInterface:$primitives);
  let assemblyFormat = [{
    $target (`without_checks` $without_checks^)? attr-dict
    `:` functional-type(operands, results)
  }];
}

//===----------------------------------------------------------------------===//
// Fusions
//===----------------------------------------------------------------------===//

class MoaFuseOp<string mnemonic, string payload, list<Trait> traits>
    : Op<Transform_Dialect, "moa." # mnemonic,
         !listconcat(traits, [TransformOpInterface, TransformEachOpTrait,
                              ReportTrackingListenerFailuresOpTrait])> {
  let results = (outs TransformHandleTypeInterface:$fused);
  let extraClassDeclaration = [{
    ::mlir::DiagnosedSilenceableFailure applyToOne(
        ::mlir::transform::TransformRewriter &rewriter,
        }] # payload # [{ target,
        ::mlir::transform::ApplyToEachResultList &results,
        ::mlir::transform::TransformState &state);
  }];
}

/// The targets are among what is fused.
defvar ConsumesTarget = [FunctionalStyleTransformOpTrait,
                         MemoryEffectsOpInterface];
/// The targets stay.
defvar ReadsTarget = [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>];

class MoaSimpleFuseOp<string mnemonic, string payload,
                      list<Trait> traits = ConsumesTarget>
    : MoaFuseOp<mnemonic, payload, traits> {
  let arguments = (ins TransformHandleTypeInterface:$target);
  let assemblyFormat = "$target attr-dict `:` functional-type(operands, results)";
}

def MoaFuseRouterOp : MoaSimpleFuseOp<"fuse_router", "::moa::RouteOp"> {
  let summary = "Fuse the product of the logits and moa.route";
  let description = [{
    Each `moa.route` of `target` and the `moa.matmul` that computes its logits
    become a `moa.router`, which `fused` is a handle to.

    ```mlir
    %routers = transform.moa.fuse_router %routes
        : (!transform.op<"moa.route">) -> !transform.op<"moa.router">
    ```

    #### Return modes

    Consumes `target`. Handles to the products are invalid afterwards. An op of
    another kind, one on buffers, or a fusion that is refused is a silenceable
    failure with the reason; the other targets are fused all the same.
  }];
}

def MoaFuseLossOp : Op<Transform_Dialect, "moa.fuse_loss", [
    DeclareOpInterfaceMethods<TransformOpInterface>,
    FunctionalStyleTransformOpTrait, MemoryEffectsOpInterface,
    ReportTrackingListenerFailuresOpTrait]> {
  let summary = "Fuse losses and the routers that they are of";
  let description = [{
    Each `moa.balance_loss`, `moa.z_loss` and `moa.mutual_loss` of `target` and the
    `moa.router` that computes its logits and indices become that router with
    the loss among its `losses`. `fused` is a handle to these routers, each once.

    ```mlir
    %routers = transform.moa.fuse_loss %losses
        : (!transform.any_op) -> !transform.op<"moa.router">
    ```

    #### Return modes

    As with `transform.moa.fuse_router`. Handles to a router are handles to what
    it becomes.
  }];
  let arguments = (ins TransformHandleTypeInterface:$target);
  let results = (outs TransformHandleTypeInterface:$fused);
  let assemblyFormat = "$target attr-dict `:` functional-type(operands, results)";
}

def MoaFuseKeyValueOp
    : MoaSimpleFuseOp<"fuse_key_value", "::moa::AttentionOp", ReadsTarget> {
  let summary = "Fuse the products of keys and values";
  let description = [{
    The two `moa.matmul` that compute the keys and the values of each
    `moa.attention` of `target`, and the `moa.rotary` of the keys, become a
    `moa.key_value`, which `fused` is a handle to. With a cache, these are the new
    keys and values.

    ```mlir
    %key_values = transform.moa.fuse_key_value %attentions
        : (!transform.op<"moa.attention">) -> !transform.op<"moa.key_value">
    ```

    #### Return modes

    Reads `target`, whose ops stay. The rest is as with
    `transform.moa.fuse_router`.
  }];
}

def MoaFuseRotaryOp : MoaSimpleFuseOp<"fuse_rotary", "::moa::RotaryOp"> {
  let summary = "Fuse the product of the queries and their rotation";
  let description = [{
    Each `moa.rotary` of `target` and the product in slot order whose result it
    rotates become that product with `rotary`, which `fused` is a handle to.

    ```mlir
    %products = transform.moa.fuse_rotary %rotations
        : (!transform.op<"moa.rotary">) -> !transform.any_op
    ```

    #### Return modes

    As with `transform.moa.fuse_router`.
  }];
}

def MoaFuseResidualOp
    : MoaSimpleFuseOp<"fuse_residual", "::mlir::arith::AddFOp"> {
  let summary = "Fuse the sum over slots and the sum with a residual";
  let description = [{
    Each `arith.addf` of `target` and the sum over slots that it adds to
    something, a `moa.combine` or a `moa.dense_matmul` that sums, become that sum
    with `residual`, which `fused` is a handle to.

    ```mlir
    %sums = transform.moa.fuse_residual %adds
        : (!transform.op<"arith.addf">) -> !transform.any_op
    ```

    #### Return modes

    As with `transform.moa.fuse_router`; an `arith.addf` that adds no sum over
    slots is refused.
  }];
}

def MoaFuseQueryProjectionOp
    : MoaFuseOp<"fuse_query_projection", "::moa::AttentionOp",
                ConsumesTarget> {
  let summary = "Let attention project its queries";
  let description = [{
    Each `moa.attention` of `target` and the `moa.grouped_matmul` that computes
    its queries become a `moa.routed_attention`, which `fused` is a handle to.
    With `where_profitable`, only where the cost model of `moa-fuse` expects a
    gain.

    ```mlir
    %attentions = transform.moa.fuse_query_projection %unfused where_profitable
        : (!transform.op<"moa.attention">)
        -> !transform.op<"moa.routed_attention">
    ```

    #### Return modes

    As with `transform.moa.fuse_router`; where there is no gain to expect, the
    fusion is refused.
  }];
  let arguments = (ins TransformHandleTypeInterface:$target,
                       UnitAttr:$where_profitable);
  let assemblyFormat = [{
    $target (`where_profitable` $where_profitable^)? attr-dict
    `:` functional-type(operands, results)
  }];
}

def MoaFuseUnorderedCombineOp
    : MoaSimpleFuseOp<"fuse_unordered_combine", "::moa::CombineOp"> {
  let summary = "Fuse the product of the outputs and the sum over slots";
  let description = [{
    Each `moa.combine` of `target` and the `moa.grouped_matmul` that computes its
    slots become a product that adds its rows to their tokens in no fixed order,
    which `fused` is a handle to. Results may then differ from run to run.

    ```mlir
    %products = transform.moa.fuse_unordered_combine %sums
        : (!transform.op<"moa.combine">)
        -> !transform.op<"moa.grouped_matmul">
    ```

    #### Return modes

    As with `transform.moa.fuse_router`.
  }];
}

//===----------------------------------------------------------------------===//
// Choices
//===----------------------------------------------------------------------===//

def MoaConfigureKernelOp : Op<Transform_Dialect, "moa.configure_kernel", [
    AttrSizedOperandSegments, DeclareOpInterfaceMethods<TransformOpInterface>,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "Choose the tiles of kernels";
  let description = [{
    Each op of `target` gets the attribute `moa.row_tile`, `moa.key_tile` or both,
    which `convert-moa-to-tile` reads; without them, it chooses by sizes.

    * `row_tile` of a product by weights (`moa.grouped_matmul`,
      `moa.slot_matmul`, `moa.dense_matmul`, `moa.matmul`, `moa.key_value`): the
      rows that a block multiplies at a time, 16, 32, 64, 80, 96, 128 or 160. Not
      every kernel takes each: the error of the pass says which one it would take.
    * `row_tile` of `moa.attention`: the rows of queries that a block has, 16, 32,
      64 or 128.
    * `key_tile` of `moa.attention`: the keys that a block has at a time, 16, 32
      or 64.

    Tiles that need more shared memory than a block has are an error of
    `convert-moa-to-tile`.

    A number stands in the script, or is a parameter, which a tuner can set.

    ```mlir
    transform.moa.configure_kernel %products row_tile = 32
        : !transform.op<"moa.grouped_matmul">
    ```

    ```mlir
    transform.moa.configure_kernel %attentions row_tile = 64 key_tile = %keys
        : !transform.any_op, !transform.param<i64>
    ```

    #### Return modes

    Reads `target` and the parameters. An op that has no such tile, and a
    parameter that is no single number of those above, are silenceable failures.
  }];
  let arguments = (ins TransformHandleTypeInterface:$target,
                       OptionalAttr<I64Attr>:$row_tile,
                       Optional<TransformParamTypeInterface>:$dynamic_row_tile,
                       OptionalAttr<I64Attr>:$key_tile,
                       Optional<TransformParamTypeInterface>:$dynamic_key_tile);
  let assemblyFormat = [{
    $target
    (`row_tile` `=` custom<IntegerOrParam>($row_tile, $dynamic_row_tile)^)?
    (`key_tile` `=` custom<IntegerOrParam>($key_tile, $dynamic_key_tile)^)?
    attr-dict `:` type(operands)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// CPU
//===----------------------------------------------------------------------===//

def MoaGroupSlotsOp
    : MoaSimpleFuseOp<"group_slots", "::moa::SlotMatmulOp"> {
  let summary = "Rewrite moa.slot_matmul into a dispatch and a grouped product";
  let description = [{
    Each `moa.slot_matmul` of `target` becomes a `moa.dispatch` and a
    `moa.grouped_matmul`, so that slots that share an expert read its weights
    once. `grouped` are the products. `convert-moa-to-vector` does so first.

    ```mlir
    %grouped = transform.moa.group_slots %products
        : (!transform.op<"moa.slot_matmul">)
        -> !transform.op<"moa.grouped_matmul">
    ```

    #### Return modes

    As with `transform.moa.fuse_router`.
  }];
  let results = (outs TransformHandleTypeInterface:$grouped);
}

def MoaVectorizeOp : Op<Transform_Dialect, "moa.vectorize", [
    DeclareOpInterfaceMethods<TransformOpInterface>,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "Rewrite ops into kernels of vectors for a CPU";
  let description = [{
    Each op of `target` that passes `convert-moa-to-vector` and
    `convert-linalg-to-kernels` have a kernel for becomes that kernel: a product
    by the weights of experts, an attention, or a contraction of linalg in the
    body of a function. `cpu` is the target of those passes: `host` (the default),
    `avx512bf16`, `avx512`, `avx2` or `portable`. Sizes that types leave open, and
    indices that come from data, are checked at run time, unless
    `without_checks`.

    ```mlir
    transform.moa.vectorize %attentions for "avx2"
        : !transform.op<"moa.attention">
    ```

    #### Return modes

    Consumes `target`. An op without a kernel is a silenceable failure with the
    reason; the other targets are rewritten all the same.
  }];
  let arguments = (ins TransformHandleTypeInterface:$target,
                       DefaultValuedAttr<StrAttr, "\"host\"">:$cpu,
                       UnitAttr:$without_checks);
  let assemblyFormat = [{
    $target (`for` $cpu^)? (`without_checks` $without_checks^)? attr-dict
    `:` type($target)
  }];
  let hasVerifier = 1;
}

def MoaScheduleCpuOp : Op<Transform_Dialect, "moa.schedule_cpu", [
    AttrSizedOperandSegments, DeclareOpInterfaceMethods<TransformOpInterface>,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    ReportTrackingListenerFailuresOpTrait]> {
  let summary = "Give the linalg ops of functions loops that suit a CPU";
  let description = [{
    What pass `moa-schedule-cpu` does to each `func.func` of `target`, with the
    pass's options: the rows and columns that one iteration of a parallel loop
    computes, and the number of iterations from which an op gets such a loop. Each
    is a number or a parameter; what is not given is the pass's default.

    ```mlir
    transform.moa.schedule_cpu %functions rows = 64 columns = %columns
        : !transform.op<"func.func">, !transform.param<i64>
    ```

    #### Return modes

    Reads `target` and the parameters. An op that is no function, and a parameter
    that is no single number in range, are silenceable failures. Handles to the
    linalg ops are invalid afterwards.
  }];
  let arguments = (ins TransformHandleTypeInterface:$target,
      OptionalAttr<I64Attr>:$rows,
      Optional<TransformParamTypeInterface>:$dynamic_rows,
      OptionalAttr<I64Attr>:$columns,
      Optional<TransformParamTypeInterface>:$dynamic_columns,
      OptionalAttr<I64Attr>:$parallel_from,
      Optional<TransformParamTypeInterface>:$dynamic_parallel_from);
  let assemblyFormat = [{
    $target
    (`rows` `=` custom<IntegerOrParam>($rows, $dynamic_rows)^)?
    (`columns` `=` custom<IntegerOrParam>($columns, $dynamic_columns)^)?
    (`parallel_from` `=`
        custom<IntegerOrParam>($parallel_from, $dynamic_parallel_from)^)?
    attr-dict `:` type(operands)
  }];
  let hasVerifier = 1;
}

#endif // MOA_TRANSFORMOPS_MOATRANSFORMOPS_TD
