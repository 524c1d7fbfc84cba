//===- LayerOp.td - The whole layer ------------------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_IR_LAYEROP_TD
#define MOA_IR_LAYEROP_TD

include "moa/IR/MoaOpBase.td"

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

    All operands are tensors. The table of operands at the end names memrefs, as
    for every op; here they are an error that says what to run before
    bufferization.

    What is not written: `heads` and `kv_heads` are 1, `head_map` is `tile`,
    `score` is `softmax`, `scale` is 1/sqrt(d), `position` is 0, which it is with
    a cache too: a call that goes on behind P keys says so. There are no masks, no
    rotation, no bias and no results besides y.

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

    Results are `y` [B,T,D] and those that `also` names, as `also<logits, keys>`
    does, in this order: logits [B*T,E] f32, indices [B*T,k] i32, gates [B*T,k]
    f32, lse [B,T,k*H] f32 (softmax only), keys and values [B,S,Hkv,d] (the next
    call's cache).

    Products are accumulated in f32 (f64 where T is f64) and rounded once; so are
    softmax and the sum over the k slots. Logits, gates and lse are f32 whatever
    T is.

    Rounding q and K to bf16 moves a score by about 1/256 of it, and the weights
    of a softmax with it. However it is computed, a bf16 layer with large scores
    is far from a reference that rounds nothing: by 2e-2 of 1 + |y| at scores of
    30, by 0.5 at 170 (random weights), while a reference in f64 that rounds q,
    K, V, o and y, and nothing else, agrees with the result to a rare last bit.

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
    * C6: a window below 1, or a scale that is not finite.
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
    * C22: D or d below 1.
    * C23: more slots than an i32 counts.
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

#endif // MOA_IR_LAYEROP_TD
