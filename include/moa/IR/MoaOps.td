//===- MoaOps.td - Operations of the moa dialect -----------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_IR_MOAOPS_TD
#define MOA_IR_MOAOPS_TD

include "moa/IR/MoaAttributes.td"
include "moa/IR/MoaDialect.td"
include "moa/IR/MoaInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/TilingInterface.td"
include "mlir/IR/OpBase.td"

//===----------------------------------------------------------------------===//
// Types and base classes
//===----------------------------------------------------------------------===//

// Activations and weights: f32, f16, bf16 or f64.
def Moa_Element : AnyTypeOf<[F32, F16, BF16, F64]>;
def Moa_Weights2 : TensorRankOf<[Moa_Element], [2]>;
def Moa_Weights3 : TensorRankOf<[Moa_Element], [3]>;
def Moa_Vector : TensorRankOf<[Moa_Element], [1]>;
def Moa_Rows : TensorRankOf<[Moa_Element], [2]>;
def Moa_Heads : TensorRankOf<[Moa_Element], [4]>;
def Moa_Sequence : TensorRankOf<[Moa_Element], [3]>;
def Moa_F32Scalar : TensorRankOf<[F32], [0]>;
def Moa_F32Vector : TensorRankOf<[F32], [1]>;
def Moa_F32Matrix : TensorRankOf<[F32], [2]>;
def Moa_F32Rows3 : TensorRankOf<[F32], [3]>;
def Moa_I32Vector : TensorRankOf<[I32], [1]>;
def Moa_I32Matrix : TensorRankOf<[I32], [2]>;
def Moa_I1Vector : TensorRankOf<[I1], [1]>;
def Moa_I1Matrix : TensorRankOf<[I1], [2]>;
def Moa_I1Mask : TensorRankOf<[I1], [3]>;

class Moa_Op<string mnemonic, list<Trait> traits = []>
    : Op<Moa_Dialect, mnemonic, [Pure,
        DeclareOpInterfaceMethods<Moa_SizedOpInterface>] # traits>;

// An op whose result types follow from its operands and attributes.
class Moa_InferredOp<string mnemonic, list<Trait> traits = []>
    : Moa_Op<mnemonic, traits # [InferTypeOpAdaptor,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
            ["reifyResultShapes"]>]>;

// How an op is cut into tiles: see lib/IR/Tiling.cpp.
class Moa_Tiling<list<string> more = []>
    : DeclareOpInterfaceMethods<TilingInterface, ["getLoopIteratorTypes",
        "getIterationDomain", "getTiledImplementation",
        "getResultTilePosition"] # more>;

// An op that writes into destinations, as `linalg` ops do.
class Moa_DestinationOp<string mnemonic, list<Trait> traits = []>
    : Moa_Op<mnemonic, traits # [DestinationStyleOpInterface,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
            ["reifyResultShapes"]>]> {
  code destinationDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return getInitMutable();
    }
  }];
}

//===----------------------------------------------------------------------===//
// The layer
//===----------------------------------------------------------------------===//

def Moa_LayerOp : Moa_Op<"layer", [AttrSizedOperandSegments, InferTypeOpAdaptor,
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
            ["reifyResultShapes"]>]> {
  let summary = "A whole mixture-of-attention layer";
  let description = [{
    For every token t of `x`, with `p` the activation of the logits l:

    ```
    l[t,e]   = sum_c x[t,c] router[c,e]                    or given as `logits`
    G[t]     = the top_k experts of largest score
    w[t,j]   = gate(p, G[t])                               see #moa.gate
    q[t,j,h] = (x[t,:] query[G[t,j]])[h*d : (h+1)*d]
    K[s,g]   = (x'[s,:] key)[g*d : (g+1)*d]                x' is `memory`, or x
    V[s,g]   = (x'[s,:] value)[g*d : (g+1)*d]
    o[t,j,h] = softmax_s(scale * q[t,j,h] . K[s,g(h)] + mask) V[s,g(h)]
    y[t,:]   = sum_j w[t,j] * (concat_h o[t,j,h]) output[G[t,j]] + bias
    ```

    | operand | shape | element type |
    |---|---|---|
    | x | [B,T,D] | f32, f16, bf16, f64; called T below |
    | memory | [B,S,D] | T |
    | router, or logits in its place | [D,E], or [B*T,E] | T, or f32 |
    | query | [E,D,H*d] | T |
    | key, value | [D,Hkv*d] | T |
    | output | [E,H*d,D] | T |
    | bias | [D] | T |
    | selection_bias | [E] | f32 |
    | skip | [B,T] | i1 |
    | cache | [B,P,Hkv,d] twice: keys, values | T |
    | position | index: where query 0 stands | |
    | lengths | [B] | i32 |
    | boolean_mask | [B,T,S] | i1 |
    | additive_mask | [B or 1,T,S] | f32 |

    With `transposed` the last two dimensions of router, query, key, value and
    output are swapped. `heads` is H, `kv_heads` is Hkv; d follows from the
    weights. E and k are static; everything else may be dynamic. Where sizes are
    dynamic, the rules below are checked at run time, with the same words.

    Variants:
    * `gate`: see `#moa.gate`. `selection_bias` is added to the score for the
      choice only. Of equal scores the lower expert is chosen first; NaN ranks
      below every number.
    * `skip`: a true token selects no expert (index -1), has gates 0 and output
      row 0, bias included.
    * `head_map`: query head h reads key/value head h mod Hkv (`tile`) or
      h div (H / Hkv) (`group`).
    * masks, combined freely: `causal` (key s is visible if s <= `position` + t),
      `window` w (position + t - s < w), `lengths` (s < lengths[b]),
      `boolean_mask` (true: visible), `additive_mask` (added to the scaled
      score). A query that sees no key has attention output 0 and lse -inf.
    * `score`: `softmax`, or `stick_breaking` (z = sigmoid(score); the weight of
      key s is z[s] times the product of 1 - z over later visible keys). It is
      meant for `causal` layers and defined without it: "later" is always among
      the keys that the masks show.
    * `rotary`: rotates q at position + t, and the new keys at their index in
      the key sequence, the cache included.
    * `cache`: keys (already rotated) and values that stand before the new ones;
      S = P + T. Not with `memory`.

    Results are `y` [B,T,D] and those that `also` names, in this order: logits
    [B*T,E] f32, indices [B*T,k] i32, gates [B*T,k] f32, lse [B,T,k*H] f32
    (softmax only), keys and values [B,S,Hkv,d] (the next call's cache).

    Products are accumulated in f32 (f64 where T is f64) and rounded once; so are
    softmax and the sum over the k slots. Logits, gates and lse are f32 whatever
    T is.

    Example:

    ```mlir
    %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
        top_k(2) gate(<activation = softmax, order = activation_then_topk, normalize = true>)
        causal
        : (tensor<2x33x48xf32>, tensor<48x6xf32>, tensor<6x48x16xf32>,
           tensor<48x16xf32>, tensor<48x16xf32>, tensor<6x16x48xf32>)
        -> tensor<2x33x48xf32>
    ```

    Errors:
    * C1: both or neither of `router` and `logits`.
    * C2: k outside 1..E.
    * C3: E dynamic in an operand that has it as a dimension.
    * C4: `heads` or `kv_heads` below 1.
    * C5: Hkv does not divide H, under `head_map(group)`.
    * C6: a window below 1.
    * C7: a rotary width above d.
    * C8: `lse` with stick-breaking.
    * C9: `cache` with `memory`.
    * C10: one of the two caches without the other.
    * C11: element types other than T where the table asks for T.
    * C12: E differs between operands.
    * C13: B differs between operands.
    * C14: T, the query length, differs between operands.
    * C15: D differs between operands.
    * C16: d differs between operands, or H*d or Hkv*d is no multiple of H or Hkv.
    * C17: the caches have other than Hkv heads, or differ in P.
    * C18: S differs between `memory` and the masks, or is not T (without
      `memory`) or P + T (with `cache`).
    * C19: `logits` has other than B*T rows.
    * C20: dimension 0 of `additive_mask` is neither B nor 1.
    * C21: written result types other than those above. Their sizes are those of
      x, of the router and `top_k`; d is that of `key`.
  }];
  let arguments = (ins
    Moa_Sequence:$x,
    Optional<Moa_Sequence>:$memory,
    Optional<Moa_Weights2>:$router,
    Optional<Moa_F32Matrix>:$logits,
    Moa_Weights3:$query,
    Moa_Weights2:$key,
    Moa_Weights2:$value,
    Moa_Weights3:$output,
    Optional<Moa_Vector>:$bias,
    Optional<Moa_F32Vector>:$selection_bias,
    Optional<Moa_I1Matrix>:$skip,
    Optional<Moa_Heads>:$key_cache,
    Optional<Moa_Heads>:$value_cache,
    Optional<Index>:$position,
    Optional<Moa_I32Vector>:$lengths,
    Optional<Moa_I1Mask>:$boolean_mask,
    Optional<Moa_F32Rows3>:$additive_mask,
    I64Attr:$top_k,
    Moa_GateAttr:$gate,
    DefaultValuedAttr<I64Attr, "1">:$heads,
    DefaultValuedAttr<I64Attr, "1">:$kv_heads,
    DefaultValuedAttr<Moa_HeadMap, "::moa::HeadMap::Tile">:$head_map,
    DefaultValuedAttr<Moa_Score, "::moa::Score::Softmax">:$score,
    UnitAttr:$causal,
    OptionalAttr<I64Attr>:$window,
    OptionalAttr<F64Attr>:$scale,
    OptionalAttr<Moa_RotaryAttr>:$rotary,
    UnitAttr:$transposed,
    DefaultValuedAttr<Moa_ExtraAttr, "::moa::Extra::None">:$also);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $x (`memory` `(` $memory^ `)`)?
    (`router` `(` $router^ `)`)? (`logits` `(` $logits^ `)`)?
    `query` `(` $query `)` `key` `(` $key `)` `value` `(` $value `)`
    `output` `(` $output `)` (`transposed` $transposed^)? (`bias` `(` $bias^ `)`)?
    `top_k` `(` $top_k `)` (`heads` `(` $heads^ `)`)?
    (`kv_heads` `(` $kv_heads^ `)`)? (`head_map` `(` $head_map^ `)`)?
    `gate` `(` $gate `)` (`selection_bias` `(` $selection_bias^ `)`)?
    (`skip` `(` $skip^ `)`)?
    (`cache` `(` $key_cache^ `,` $value_cache `)`)?
    (`position` `(` $position^ `)`)? (`rotary` `(` $rotary^ `)`)?
    (`score` `(` $score^ `)`)? (`scale` `(` $scale^ `)`)?
    (`causal` $causal^)? (`window` `(` $window^ `)`)?
    (`lengths` `(` $lengths^ `)`)? (`boolean_mask` `(` $boolean_mask^ `)`)?
    (`additive_mask` `(` $additive_mask^ `)`)?
    (`also` `` $also^)?
    attr-dict `:` functional-type(operands, results)
  }];
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    /// The number of experts; kDynamic when no operand fixes it.
    int64_t getNumExperts();
    /// The result that `also` asks for by `extra`, null if it does not.
    ::mlir::Value getExtra(::moa::Extra extra);
  }];
}

//===----------------------------------------------------------------------===//
// Routing
//===----------------------------------------------------------------------===//

def Moa_RouteOp : Moa_InferredOp<"route", [AttrSizedOperandSegments]> {
  let summary = "Choose the experts of each token and their gates";
  let description = [{
    `indices[t,:]` are the `top_k` experts of token t in descending order of
    score, `gates[t,:]` their gates (see `#moa.gate`). Of equal scores the lower
    expert comes first (-0 equals +0); a NaN ranks below every number, and its
    gate is NaN. `selection_bias` is added to the score for the choice only. A
    token whose `skip` is true has indices -1 and gates 0.

    With `all` (top_k = E) nothing is chosen and nothing is ranked: column j is
    expert j.

    Shapes: logits [N,E] f32, selection_bias [E] f32, skip [N] i1; indices [N,k]
    i32, gates [N,k] f32. E is static.

    Example:

    ```mlir
    %indices, %gates = moa.route %logits top_k(2)
        gate(<activation = softmax, order = topk_then_activation>)
        : (tensor<?x6xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>)
    ```

    Errors:
    * C1: E dynamic.
    * C2: k outside 1..E.
    * C3: k other than E with `all`.
    * C4: `selection_bias` has other than E entries.
    * C5: `skip` has other than N entries.
    * C6: written result types other than those above.
  }];
  let arguments = (ins
    Moa_F32Matrix:$logits,
    Optional<Moa_F32Vector>:$selection_bias,
    Optional<Moa_I1Vector>:$skip,
    I64Attr:$top_k,
    Moa_GateAttr:$gate,
    UnitAttr:$all);
  let results = (outs Moa_I32Matrix:$indices, Moa_F32Matrix:$gates);
  let assemblyFormat = [{
    $logits (`selection_bias` `(` $selection_bias^ `)`)? (`skip` `(` $skip^ `)`)?
    `top_k` `(` $top_k `)` (`all` $all^)? `gate` `(` $gate `)`
    attr-dict `:` functional-type(operands, results)
  }];
  let hasCanonicalizer = 1;
}

def Moa_DispatchOp : Moa_InferredOp<"dispatch"> {
  let summary = "Sort slots by expert";
  let description = [{
    A stable counting sort of the slots by expert:

    ```
    offsets[e]     = number of slots routed to experts below e
    permutation[r] = the r-th slot id in (expert, slot id) order
    ```

    `offsets[E]` is the number of routed slots; entries of `permutation` from
    there on are N*k, which is no slot. A skipped slot (index -1) is in no group.

    Shapes: indices [N,k] i32, k static; offsets [E+1] i32, permutation [N*k]
    i32.

    Example:

    ```mlir
    %offsets, %permutation = moa.dispatch %indices experts(6)
        : (tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>)
    ```

    Errors:
    * C1: k dynamic or below 1.
    * C2: fewer than one expert.
    * C3: more slots than an i32 counts.
    * C4: written result types other than those above.

    An index outside -1..E-1 is an error at run time.
  }];
  let arguments = (ins Moa_I32Matrix:$indices, I64Attr:$num_experts);
  let results = (outs Moa_I32Vector:$offsets, Moa_I32Vector:$permutation);
  let assemblyFormat = [{
    $indices `experts` `(` $num_experts `)`
    attr-dict `:` functional-type(operands, results)
  }];
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

def Moa_GroupedMatmulOp : Moa_DestinationOp<"grouped_matmul",
    [AttrSizedOperandSegments, Moa_Tiling<>]> {
  let summary = "Multiply each row by the weights of its expert";
  let description = [{
    With r a row of the grouped order, e(r) its expert (`offsets[e] <= r <
    offsets[e+1]`) and r < offsets[E]:

    ```
    row[r,:] = input[in(r),:] weights[e(r)]
    ```

    `in(r)` is r (`grouped`), `permutation[r]` (`slot`) or `permutation[r] div
    top_k` (`token`: the gather of a token's row is part of the product).

    The row is stored to row r (`grouped`) or `permutation[r]` (`slot`) of the
    result, or added to row `permutation[r] div top_k` (`token`), where the rows
    of a token are summed in f32 in the order of its slots. Where `gates` are
    given, the row is first multiplied by the gate of slot `permutation[r]`.

    Rows of the result that no slot is stored to keep the value of `init`; under
    `token` the rows are added to `init`. Products are accumulated in f32 (f64
    for f64) and rounded once.

    Shapes: input [N*k,C] (`grouped`, `slot`) or [N,C] (`token`), weights
    [E,C,F], or [E,F,C] if `transposed`, offsets [E+1] i32, permutation [N*k]
    i32, gates [N,k] f32; init and result [N*k,F] or [N,F]. `permutation` is
    needed unless both orders are `grouped` and there are no gates. `top_k` is
    needed where an order is `token`. The element type of the result is that of
    the input, or f32.

    Tiling: one parallel loop, over the columns F.

    Example: the query projection of a layer, from token order to slot order.

    ```mlir
    %q = moa.grouped_matmul token(%x), %wq groups(%offsets, %permutation) top_k(2)
        into slot(%init)
        : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>,
           tensor<132xi32>, tensor<132x16xf32>) -> tensor<132x16xf32>
    ```

    Errors:
    * C1: E differs between `weights` and `offsets`, which has E + 1 entries.
    * C2: C differs between `input` and `weights`.
    * C3: F differs between `weights` and `init`.
    * C4: N, or the number of slots, differs between operands.
    * C5: k differs between `top_k` and `gates`.
    * C6: no permutation, though an order is not `grouped` or there are gates.
    * C7: no `top_k`, though an order is `token`.
    * C8: `top_k` below 1, or gates of dynamic k or of k below 1.
    * C9: `weights` has another element type than `input`.
    * C10: the element type of `init` is neither that of `input` nor f32.
  }];
  let arguments = (ins
    Moa_RowMap:$input_rows,
    Moa_Rows:$input,
    Moa_Weights3:$weights,
    Moa_I32Vector:$offsets,
    Optional<Moa_I32Vector>:$permutation,
    Optional<Moa_F32Matrix>:$gates,
    Moa_RowMap:$result_rows,
    Moa_Rows:$init,
    OptionalAttr<I64Attr>:$top_k,
    UnitAttr:$transposed);
  let results = (outs Moa_Rows:$result);
  let assemblyFormat = [{
    $input_rows `(` $input `)` `,` $weights (`transposed` $transposed^)?
    `groups` `(` $offsets (`,` $permutation^)? `)` (`top_k` `(` $top_k^ `)`)?
    (`gates` `(` $gates^ `)`)? `into` $result_rows `(` $init `)`
    attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = destinationDeclaration;
}

def Moa_SlotMatmulOp : Moa_DestinationOp<"slot_matmul"> {
  let summary = "Multiply each slot by the weights of its expert, without groups";
  let description = [{
    For every slot s whose expert `e = indices[s div k, s mod k]` is not -1:

    ```
    result[s,:] = input[in(s),:] weights[e]
    ```

    `in(s)` is s (`slot`) or s div k (`token`). The other rows keep the value of
    `init`. This is the form for one token (or few): its experts differ, so there
    is nothing to group and no sort is needed.

    Shapes: input [N*k,C] (`slot`) or [N,C] (`token`), weights [E,C,F], or
    [E,F,C] if `transposed`, indices [N,k] i32 with k static, init and result
    [N*k,F]. The element type of the result is that of the input, or f32.

    Example:

    ```mlir
    %q = moa.slot_matmul token(%x), %wq, %indices into(%init)
        : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>,
           tensor<2x16xf32>) -> tensor<2x16xf32>
    ```

    Errors:
    * C1: `grouped` rows.
    * C2: k dynamic or below 1.
    * C3: C differs between `input` and `weights`.
    * C4: F differs between `weights` and `init`.
    * C5: N differs between operands.
    * C6: `weights` has another element type than `input`.
    * C7: the element type of `init` is neither that of `input` nor f32.

    An index outside -1..E-1 is an error at run time.
  }];
  let arguments = (ins
    Moa_RowMap:$input_rows,
    Moa_Rows:$input,
    Moa_Weights3:$weights,
    Moa_I32Matrix:$indices,
    Moa_Rows:$init,
    UnitAttr:$transposed);
  let results = (outs Moa_Rows:$result);
  let assemblyFormat = [{
    $input_rows `(` $input `)` `,` $weights (`transposed` $transposed^)? `,`
    $indices `into` `(` $init `)`
    attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = destinationDeclaration;
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

def Moa_AttentionOp : Moa_DestinationOp<"attention",
    [AttrSizedOperandSegments, Moa_Tiling<>]> {
  let summary = "Attention of query heads over shared keys and values";
  let description = [{
    For batch entry b, query t at position `position` + t, and query head n,
    which reads key/value head g(n):

    ```
    a[s]         = scale * query[b,t,n,:] . key[b,s,g(n),:] + additive_mask[b,t,s]
    result[b,t,n,:] = sum_s weight(a)[s] value[b,s,g(n),:]
    lse[b,t,n]   = log sum_s exp a[s]
    ```

    over the keys that every mask shows (see `moa.layer`). Query heads come in
    runs of `heads` (H), one run a slot: with h = n mod H, g(n) is h mod Hkv
    (`tile`) or h div (H / Hkv) (`group`). `scale` is 1/sqrt(d) unless given.
    A query that sees no key has result 0 and lse -inf.

    Scores, softmax and sums are f32 (f64 for f64).

    Shapes: query, init, result [B,T,Q,d], Q = k*H a multiple of H; key, value
    [B,S,Hkv,d]; lengths [B] i32, boolean_mask [B,T,S] i1, additive_mask [B or
    1,T,S] f32; lse_init, lse [B,T,Q] f32.

    Tiling: three parallel loops, over B, T and the Q / H runs of heads. An
    additive mask whose dimension 0 is dynamic cannot be tiled.

    Example:

    ```mlir
    %o = moa.attention %q, %k, %v heads(4) causal into(%init)
        : (tensor<2x33x8x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>,
           tensor<2x33x8x16xf32>) -> tensor<2x33x8x16xf32>
    ```

    Errors:
    * C1: `heads` below 1.
    * C2: Q is not a multiple of H, or differs between operands.
    * C3: Hkv is dynamic, below 1, or does not divide H, under
      `head_map(group)`; Hkv static and below 1 under `head_map(tile)`.
    * C4: a window below 1.
    * C5: `lse_init` with stick-breaking.
    * C6: query, key, value and init of different element types.
    * C7: B differs between operands.
    * C8: T, the query length, differs between operands.
    * C9: S differs between operands.
    * C10: Hkv differs between key and value.
    * C11: d differs between operands.
    * C12: dimension 0 of `additive_mask` is neither B nor 1.
  }];
  let arguments = (ins
    Moa_Heads:$query,
    Moa_Heads:$key,
    Moa_Heads:$value,
    Optional<Index>:$position,
    Optional<Moa_I32Vector>:$lengths,
    Optional<Moa_I1Mask>:$boolean_mask,
    Optional<Moa_F32Rows3>:$additive_mask,
    Moa_Heads:$init,
    Optional<Moa_F32Rows3>:$lse_init,
    DefaultValuedAttr<I64Attr, "1">:$heads,
    DefaultValuedAttr<Moa_HeadMap, "::moa::HeadMap::Tile">:$head_map,
    DefaultValuedAttr<Moa_Score, "::moa::Score::Softmax">:$score,
    UnitAttr:$causal,
    OptionalAttr<I64Attr>:$window,
    OptionalAttr<F64Attr>:$scale);
  let results = (outs Moa_Heads:$result, Optional<Moa_F32Rows3>:$lse);
  let assemblyFormat = [{
    $query `,` $key `,` $value (`heads` `(` $heads^ `)`)?
    (`head_map` `(` $head_map^ `)`)? (`score` `(` $score^ `)`)?
    (`scale` `(` $scale^ `)`)? (`position` `(` $position^ `)`)?
    (`causal` $causal^)? (`window` `(` $window^ `)`)?
    (`lengths` `(` $lengths^ `)`)? (`boolean_mask` `(` $boolean_mask^ `)`)?
    (`additive_mask` `(` $additive_mask^ `)`)?
    `into` `(` $init (`,` $lse_init^)? `)`
    attr-dict `:` functional-type(operands, results)
  }];
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      unsigned first = getODSOperandIndexAndLength(7).first;
      return ::mlir::MutableOperandRange(getOperation(), first,
                                         getNumOperands() - first);
    }
  }];
}

def Moa_RotaryOp : Moa_InferredOp<"rotary", [Moa_Tiling<>]> {
  let summary = "Rotary position embedding";
  let description = [{
    Row l of `input` stands at position `position` + l. Channels i and i + w/2
    of the first w = `rotary.dim` channels of every head are rotated by
    `(position + l) * theta^(-2i/w)`:

    ```
    result[b,l,h,i]       = input[i] cos - input[i + w/2] sin
    result[b,l,h,i + w/2] = input[i + w/2] cos + input[i] sin
    ```

    The angle is computed in f64, the rotation in f32 (f64 for f64).

    Shapes: input and result [B,L,heads,d].

    Tiling: three parallel loops, over B, L and heads.

    Example:

    ```mlir
    %r = moa.rotary %k rotary(<theta = 1.0e4, dim = 16>)
        : (tensor<2x33x4x16xf32>) -> tensor<2x33x4x16xf32>
    ```

    Errors:
    * C1: a rotary width above d.
    * C2: a written result type other than that of the input.
  }];
  let arguments = (ins Moa_Heads:$input, Optional<Index>:$position,
                       Moa_RotaryAttr:$rotary);
  let results = (outs Moa_Heads:$result);
  let assemblyFormat = [{
    $input (`position` `(` $position^ `)`)? `rotary` `(` $rotary `)`
    attr-dict `:` functional-type(operands, results)
  }];
  let hasCanonicalizer = 1;
}

//===----------------------------------------------------------------------===//
// Combine
//===----------------------------------------------------------------------===//

def Moa_CombineOp : Moa_DestinationOp<"combine",
    [AttrSizedOperandSegments, Moa_Tiling<["generateResultTileValue"]>]> {
  let summary = "Sum the slots of each token, weighted by their gates";
  let description = [{
    ```
    result[t,:] = sum_j gates[t,j] * slots[t*k + j,:] + bias[:]
    ```

    summed in f32 (f64 for f64) in the order j = 0..k-1 and rounded once. A token
    whose `skip` is true has a row of zeros; its slots are not used.

    Shapes: slots [N*k,D], gates [N,k] f32 with k static, bias [D], skip [N] i1,
    init and result [N,D]. `init` is overwritten. The element type of slots is
    that of the result, or f32.

    Folds: one slot of gate 1 (k = 1, constant gates, no bias, no skip, slots of
    the result's type) is its slot.

    Tiling: two parallel loops, over N and D; a tile can be fused into the loop of
    its user.

    Example:

    ```mlir
    %y = moa.combine %slots, %gates bias(%b) into(%init)
        : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<48xf32>,
           tensor<66x48xf32>) -> tensor<66x48xf32>
    ```

    Errors:
    * C1: k dynamic or below 1.
    * C2: N differs between operands.
    * C3: D differs between operands.
    * C4: the element type of `slots` is neither that of `init` nor f32.
    * C5: `bias` has another element type than `init`.
  }];
  let arguments = (ins
    Moa_Rows:$slots,
    Moa_F32Matrix:$gates,
    Optional<Moa_Vector>:$bias,
    Optional<Moa_I1Vector>:$skip,
    Moa_Rows:$init);
  let results = (outs Moa_Rows:$result);
  let hasCanonicalizer = 1;
  let assemblyFormat = [{
    $slots `,` $gates (`bias` `(` $bias^ `)`)? (`skip` `(` $skip^ `)`)?
    `into` `(` $init `)`
    attr-dict `:` functional-type(operands, results)
  }];
  let hasFolder = 1;
  let extraClassDeclaration = destinationDeclaration;
}

//===----------------------------------------------------------------------===//
// Losses
//===----------------------------------------------------------------------===//

class Moa_LossOp<string mnemonic, dag extra> : Moa_InferredOp<mnemonic> {
  let arguments = !con((ins Moa_F32Matrix:$logits, Moa_I32Matrix:$indices), extra);
  let results = (outs Moa_F32Scalar:$loss);
}

class Moa_ActivatedLossOp<string mnemonic>
    : Moa_LossOp<mnemonic, (ins Moa_Activation:$activation)> {
  let assemblyFormat = [{
    $activation $logits `,` $indices
    attr-dict `:` functional-type(operands, results)
  }];
}

def Moa_BalanceLossOp : Moa_ActivatedLossOp<"balance_loss"> {
  let summary = "The loss that asks for an even use of the experts";
  let description = [{
    ```
    balance = E * sum_e f[e] P[e]
    ```

    P[e] is the mean over counted tokens of the activation of the logits over
    all E, f[e] the share of the slots of counted tokens that went to e (it
    carries no gradient). A token is counted unless it is skipped
    (`indices[t,0]` is -1). With nothing counted the loss is 0. The paper weighs
    it by 0.01.

    Shapes: logits [N,E] f32, indices [N,k] i32; the result is a scalar.

    Example:

    ```mlir
    %loss = moa.balance_loss softmax %logits, %indices
        : (tensor<66x6xf32>, tensor<66x2xi32>) -> tensor<f32>
    ```

    Errors:
    * C1: logits and indices of different N.
    * C2: k dynamic or below 1.
    * C3: a written result type other than tensor<f32>.
  }];
}

def Moa_ZLossOp : Moa_LossOp<"z_loss", (ins)> {
  let summary = "The loss that keeps router logits small";
  let description = [{
    ```
    z = (1/N') sum_t logsumexp_e(logits[t,e])^2
    ```

    over the N' counted tokens (see `moa.balance_loss`), 0 if there are none.
    The paper weighs it by 0.001.

    Shapes: logits [N,E] f32, indices [N,k] i32; the result is a scalar.

    Example:

    ```mlir
    %loss = moa.z_loss %logits, %indices
        : (tensor<66x6xf32>, tensor<66x2xi32>) -> tensor<f32>
    ```

    Errors:
    * C1: logits and indices of different N.
    * C2: k dynamic or below 1.
    * C3: a written result type other than tensor<f32>.
  }];
  let assemblyFormat = [{
    $logits `,` $indices attr-dict `:` functional-type(operands, results)
  }];
}

def Moa_MutualLossOp : Moa_ActivatedLossOp<"mutual_loss"> {
  let summary = "The negated mutual information of tokens and experts";
  let description = [{
    ```
    mutual = (1/N') sum_t H(p[t,:]) - H(P),    H(a) = -sum_e a[e] log a[e]
    ```

    with p the activation of the logits and P its mean over the N' counted
    tokens (see `moa.balance_loss`), 0 if there are none. Source: ModuleFormer.

    Shapes: logits [N,E] f32, indices [N,k] i32; the result is a scalar.

    Example:

    ```mlir
    %loss = moa.mutual_loss softmax %logits, %indices
        : (tensor<66x6xf32>, tensor<66x2xi32>) -> tensor<f32>
    ```

    Errors:
    * C1: logits and indices of different N.
    * C2: k dynamic or below 1.
    * C3: a written result type other than tensor<f32>.
  }];
}

#endif // MOA_IR_MOAOPS_TD
