//===- AttentionOps.td - Attention and rotary positions ----*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_IR_ATTENTIONOPS_TD
#define MOA_IR_ATTENTIONOPS_TD

include "moa/IR/MoaOpBase.td"

def Moa_AttentionOp : Moa_DestinationOp<"attention",
    [AttrSizedOperandSegments, OpAsmOpInterface, Moa_Tiling<>]> {
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
    * C4: a window below 1, or a scale that is not finite.
    * C5: `lse_init` with stick-breaking.
    * C6: query, key, value and init of different element types.
    * C7: B differs between operands.
    * C8: T, the query length, differs between operands.
    * C9: S differs between operands.
    * C10: Hkv differs between key and value.
    * C11: d differs between operands, or is below 1.
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
  let results = (outs Variadic<AnyRankedTensor>:$results);
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
  let extraClassDeclaration = overwritesDeclaration # [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      unsigned first = getODSOperandIndexAndLength(7).first;
      return ::mlir::MutableOperandRange(getOperation(), first,
                                         getNumOperands() - first);
    }
    /// Null on buffers; so is the second where it is not asked for.
    ::mlir::Value getResult() { return ::moa::getResultOrNull(*this, 0); }
    ::mlir::Value getLse() { return ::moa::getResultOrNull(*this, 1); }
    void getAsmResultNames(::mlir::OpAsmSetValueNameFn setName) {
      ::moa::nameResults(*this, {"result", "lse"}, setName);
    }
  }];
}

def Moa_RoutedAttentionOp : Moa_DestinationOp<"routed_attention",
    [AttrSizedOperandSegments, OpAsmOpInterface]> {
  let summary = "Attention that projects its queries itself";
  let description = [{
    `moa.grouped_matmul` from token order to slot order, and `moa.attention` of
    the products: the queries of slot s, of token t = s div `top_k` and expert e,
    are

    ```
    (input[t,:] weights[e])[h*d : (h+1)*d]      0 <= h < heads
    ```

    rotated at `position` + (t mod T) if there is `rotary`, and attend to keys
    and values as `moa.attention` says. They are not stored. Queries are
    accumulated in f32 (f64 for f64), rotated, and rounded once to the type of
    the keys.

    Results of slots in no group are unspecified.

    Shapes: input [B*T,D], weights [E,D,H*d], or [E,H*d,D] if `transposed`,
    offsets [E+1] i32, permutation [B*T*k] i32; the others as in
    `moa.attention`, with init and result [B,T,k*H,d] and H = `heads`.

    Example:

    ```mlir
    %o = moa.routed_attention %x, %wq groups(%offsets, %permutation) top_k(2),
        %k, %v heads(4) causal into(%init)
        : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>,
           tensor<132xi32>, tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>,
           tensor<2x33x8x16xf32>) -> tensor<2x33x8x16xf32>
    ```

    Errors:
    * C1: `heads` or `top_k` below 1.
    * C2: `init` or `lse_init` has other than k*H heads.
    * C3: Hkv is dynamic, below 1, or does not divide H, under
      `head_map(group)`; Hkv static and below 1 under `head_map(tile)`.
    * C4: a window below 1, or a scale that is not finite.
    * C5: `lse_init` with stick-breaking.
    * C6: input, weights, key, value and init of different element types.
    * C7: B differs between operands.
    * C8: T, the query length, differs between operands.
    * C9: S differs between operands.
    * C10: Hkv differs between key and value.
    * C11: d differs between operands or is below 1, or H*d is no multiple of H.
    * C12: dimension 0 of `additive_mask` is neither B nor 1.
    * C13: D differs between `input` and `weights`.
    * C14: E differs between `weights` and `offsets`, which has E + 1 entries.
    * C15: `input` has other than B*T rows, or `permutation` other than B*T*k
      entries.
    * C16: a rotary width above d.
  }];
  let arguments = (ins
    Moa_Rows:$input,
    Moa_Weights3:$weights,
    Moa_I32Vector:$offsets,
    Moa_I32Vector:$permutation,
    Moa_Heads:$key,
    Moa_Heads:$value,
    Optional<Index>:$position,
    Optional<Moa_I32Vector>:$lengths,
    Optional<Moa_I1Mask>:$boolean_mask,
    Optional<Moa_F32Rows3>:$additive_mask,
    Moa_Heads:$init,
    Optional<Moa_F32Rows3>:$lse_init,
    I64Attr:$top_k,
    DefaultValuedAttr<I64Attr, "1">:$heads,
    DefaultValuedAttr<Moa_HeadMap, "::moa::HeadMap::Tile">:$head_map,
    DefaultValuedAttr<Moa_Score, "::moa::Score::Softmax">:$score,
    UnitAttr:$causal,
    OptionalAttr<I64Attr>:$window,
    OptionalAttr<F64Attr>:$scale,
    OptionalAttr<Moa_RotaryAttr>:$rotary,
    UnitAttr:$transposed);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $input `,` $weights (`transposed` $transposed^)?
    `groups` `(` $offsets `,` $permutation `)` `top_k` `(` $top_k `)`
    (`rotary` `(` $rotary^ `)`)? `,` $key `,` $value
    (`heads` `(` $heads^ `)`)?
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
      unsigned first = getODSOperandIndexAndLength(10).first;
      return ::mlir::MutableOperandRange(getOperation(), first,
                                         getNumOperands() - first);
    }
    /// Null on buffers; so is the second where it is not asked for.
    ::mlir::Value getResult() { return ::moa::getResultOrNull(*this, 0); }
    ::mlir::Value getLse() { return ::moa::getResultOrNull(*this, 1); }
    void getAsmResultNames(::mlir::OpAsmSetValueNameFn setName) {
      ::moa::nameResults(*this, {"result", "lse"}, setName);
    }
  }];
}

def Moa_RotaryOp : Moa_InferredOp<"rotary",
    [AttrSizedOperandSegments, Moa_Tiling<>]> {
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
                       Moa_RotaryAttr:$rotary, Variadic<Moa_Heads>:$outs);
  let results = (outs Optional<Moa_Heads.tensor>:$result);
  let assemblyFormat = [{
    $input (`position` `(` $position^ `)`)? `rotary` `(` $rotary `)`
    (`into` `(` $outs^ `)`)? attr-dict `:` functional-type(operands, results)
  }];
  let hasCanonicalizer = 1;
}

#endif // MOA_IR_ATTENTIONOPS_TD
