//===- ProductOps.td - Products by weights, and the sum of slots *- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_IR_PRODUCTOPS_TD
#define MOA_IR_PRODUCTOPS_TD

include "moa/IR/MoaOpBase.td"

// What the products whose result is in slot order share: the rotation of their
// rows as the queries of attention.
defvar rotaryFormat = [{
    (`rotary` `(` $rotary^ `)` `heads` `(` $heads `)` `length` `(` $length `)`
     (`position` `(` $position^ `)`)?)?
}];

//===----------------------------------------------------------------------===//
// Dense products
//===----------------------------------------------------------------------===//

def Moa_MatmulOp : Moa_DestinationOp<"matmul", [Moa_Tiling<>]> {
  let summary = "Multiply rows by one matrix";
  let description = [{
    ```
    result[r,:] = input[r,:] weights
    ```

    accumulated in f32 (f64 for f64) and rounded once. `init` is overwritten.
    Unlike `linalg.matmul` it says where the sum starts and how it is rounded.

    Shapes: input [N,C], weights [C,F], or [F,C] if `transposed`, init and result
    [N,F]. The element type of the result is that of the input, or f32.

    Tiling: two parallel loops, over N and F.

    Example: the router product of a layer.

    ```mlir
    %logits = moa.matmul %x, %router into(%init)
        : (tensor<66x48xbf16>, tensor<48x6xbf16>, tensor<66x6xf32>)
        -> tensor<66x6xf32>
    ```

    Errors:
    * C1: N differs between `input` and `init`.
    * C2: C differs between `input` and `weights`.
    * C3: F differs between `weights` and `init`.
    * C4: `weights` has another element type than `input`.
    * C5: the element type of `init` is neither that of `input` nor f32.
  }];
  let arguments = (ins
    Moa_Rows:$input,
    Moa_Weights2:$weights,
    Moa_Rows:$init,
    UnitAttr:$transposed);
  let results = (outs Optional<Moa_Rows.tensor>:$result);
  let assemblyFormat = [{
    $input `,` $weights (`transposed` $transposed^)? `into` `(` $init `)`
    attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration =
      destinationDeclaration # overwritesDeclaration;
}

def Moa_KeyValueOp : Moa_DestinationOp<"key_value", [OpAsmOpInterface, Moa_Tiling<>]> {
  let summary = "Project keys and values in one product";
  let description = [{
    With d the width of a head:

    ```
    keys[b,s,g,:]   = (input[b,s,:] key)[g*d : (g+1)*d]
    values[b,s,g,:] = (input[b,s,:] value)[g*d : (g+1)*d]
    ```

    which is one product over the columns of both weights: every row of the input
    is read once. With `rotary` keys are rotated as `moa.rotary` does, row s at
    `position` + s, before they are rounded. Products are accumulated in f32 (f64
    for f64) and rounded once. The inits are overwritten.

    Shapes: input [B,S,D], key and value [D,Hkv*d], or [Hkv*d,D] if `transposed`,
    inits and results [B,S,Hkv,d] with Hkv static; one element type.

    Tiling: three parallel loops, over B, S and Hkv; tiles of Hkv have static
    sizes.

    Example:

    ```mlir
    %k, %v = moa.key_value %x, %wk, %wv rotary(<theta = 1.0e4, dim = 16>)
        into(%k_init, %v_init)
        : (tensor<2x33x48xf32>, tensor<48x64xf32>, tensor<48x64xf32>,
           tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>)
        -> (tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>)
    ```

    Errors:
    * C1: Hkv dynamic or below 1.
    * C2: B differs between operands.
    * C3: S differs between operands.
    * C4: D differs between operands.
    * C5: Hkv differs between the inits.
    * C6: d differs between operands, or Hkv*d is no multiple of Hkv.
    * C7: operands of different element types.
    * C8: a rotary width above d.
    * C9: `position` without `rotary`.
  }];
  let arguments = (ins
    Moa_Sequence:$input,
    Moa_Weights2:$key,
    Moa_Weights2:$value,
    Optional<Index>:$position,
    Moa_Heads:$key_init,
    Moa_Heads:$value_init,
    OptionalAttr<Moa_RotaryAttr>:$rotary,
    UnitAttr:$transposed);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let hasCanonicalizer = 1;
  let assemblyFormat = [{
    $input `,` $key `,` $value (`transposed` $transposed^)?
    (`rotary` `(` $rotary^ `)`)? (`position` `(` $position^ `)`)?
    `into` `(` $key_init `,` $value_init `)`
    attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = overwritesDeclaration # [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return ::mlir::MutableOperandRange(getOperation(), getNumOperands() - 2,
                                         2);
    }
    /// Null on buffers.
    ::mlir::Value getKeys() { return ::moa::getResultOrNull(*this, 0); }
    ::mlir::Value getValues() { return ::moa::getResultOrNull(*this, 1); }
    void getAsmResultNames(::mlir::OpAsmSetValueNameFn setName) {
      ::moa::nameResults(*this, {"keys", "values"}, setName);
    }
  }];
}

def Moa_DenseMatmulOp : Moa_DestinationOp<"dense_matmul",
    [AttrSizedOperandSegments, Moa_Tiling<>]> {
  let summary = "Multiply by the weights of all experts";
  let description = [{
    The products of a layer whose tokens go to every expert: k = E, and slot
    t*E + e is expert e's (see `moa.route` with `all`). With `input_rows` =
    `token` each token is multiplied by the weights of every expert:

    ```
    result[t*E + e,:] = input[t,:] weights[e]
    ```

    and with `slot` the products of a token's slots are summed, each slot times
    its gate where `gates` are given:

    ```
    result[t,:] = sum_e gates[t,e] * input[t*E + e,:] weights[e] + bias[:] + residual[t,:]
    ```

    A token whose `skip` is true has the row of `residual`, or zeros.

    With `rotary` the result's rows are queries of `heads` heads, and are
    rotated before they are rounded, as in `moa.grouped_matmul`.

    The input is multiplied by the gate in f32, products and sums are accumulated
    in f32 (f64 for f64) and the result is rounded once. `init` is overwritten.

    Shapes: input [N,C] (`token`) or [N*E,C] (`slot`), weights [E,C,F], or
    [E,F,C] if `transposed`, with E static, gates [N,E] f32, bias [F], skip [N]
    i1, residual [N,F], init and result [N*E,F] or [N,F]. The element type of the
    result is that of the input, or f32.

    Tiling: two parallel loops, over N and F; not with `rotary`.

    Example:

    ```mlir
    %q = moa.dense_matmul token(%x), %wq into(%q_init)
        : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<396x16xf32>)
        -> tensor<396x16xf32>
    %y = moa.dense_matmul slot(%o), %wo gates(%gates) into(%y_init)
        : (tensor<396x16xf32>, tensor<6x16x48xf32>, tensor<66x6xf32>,
           tensor<66x48xf32>) -> tensor<66x48xf32>
    ```

    Errors:
    * C1: `grouped` rows.
    * C2: E dynamic or below 1.
    * C3: C differs between `input` and `weights`.
    * C4: F differs between operands.
    * C5: N differs between operands.
    * C6: E differs between `weights` and `gates`.
    * C7: `weights` has another element type than `input`.
    * C8: the element type of `init` is neither that of `input` nor f32.
    * C9: gates, bias, skip or residual, though nothing is summed (`token`).
    * C10: `bias` or `residual` has another element type than `init`.
    * C11: `rotary` without `heads` and `length`, or one of these or `position`
      without `rotary`.
    * C12: `rotary`, though the result is not in slot order.
    * C13: `heads` below 1, or F is no multiple of it.
    * C14: a rotary width above F / `heads`.
  }];
  let arguments = (ins
    Moa_RowMap:$input_rows,
    Moa_Rows:$input,
    Moa_Weights3:$weights,
    Optional<Moa_F32Matrix>:$gates,
    Optional<Moa_Vector>:$bias,
    Optional<Moa_I1Vector>:$skip,
    Optional<Moa_Rows>:$residual,
    Optional<Index>:$length,
    Optional<Index>:$position,
    Moa_Rows:$init,
    OptionalAttr<Moa_RotaryAttr>:$rotary,
    OptionalAttr<I64Attr>:$heads,
    UnitAttr:$transposed);
  let results = (outs Optional<Moa_Rows.tensor>:$result);
  let hasCanonicalizer = 1;
  let assemblyFormat = !strconcat([{
    $input_rows `(` $input `)` `,` $weights (`transposed` $transposed^)?
    (`gates` `(` $gates^ `)`)? (`bias` `(` $bias^ `)`)? (`skip` `(` $skip^ `)`)?
    (`residual` `(` $residual^ `)`)?
  }], rotaryFormat, [{
    `into` `(` $init `)` attr-dict `:` functional-type(operands, results)
  }]);
  let extraClassDeclaration =
      destinationDeclaration # overwritesDeclaration;
}

//===----------------------------------------------------------------------===//
// Products by the weights of a slot's expert
//===----------------------------------------------------------------------===//

def Moa_GroupedMatmulOp : Moa_DestinationOp<"grouped_matmul",
    [AttrSizedOperandSegments, Moa_Tiling<["generateResultTileValue"]>]> {
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
    of a token are summed in f32 in the order of its slots; or, if `unordered`,
    added to the result in no fixed order, so that results may differ from run to
    run. Where `gates` are given, the row is first multiplied by the gate of slot
    `permutation[r]`.

    With `rotary` the rows are queries, `heads` of F / `heads` channels each, and
    are rotated as `moa.rotary` does before they are rounded: slot s is a query
    of token s div `top_k`, which stands at `position` + (token mod `length`).
    `length` is that of the sequences the tokens come from, and positive unless
    there are no tokens.

    Rows of the result that no slot is stored to keep the value of `init`; under
    `token` the rows are added to `init`. Products are accumulated in f32 (f64
    for f64) and rounded once.

    Shapes: input [N*k,C] (`grouped`, `slot`) or [N,C] (`token`), weights
    [E,C,F], or [E,F,C] if `transposed`, offsets [E+1] i32, permutation [N*k]
    i32, gates [N,k] f32; init and result [N*k,F] or [N,F]. `permutation` is
    needed unless both orders are `grouped` and there are no gates. `top_k` is
    needed where an order is `token`. The element type of the result is that of
    the input, or f32.

    Tiling: one parallel loop, over the columns F; not with `rotary`. A tile of
    all rows can be fused into the loop of its user.

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
    * C8: `top_k` outside 1..E, no expert, or gates of dynamic k or of k below 1.
    * C9: `weights` has another element type than `input`.
    * C10: the element type of `init` is neither that of `input` nor f32.
    * C11: `rotary` without `heads` and `length`, or one of these or `position`
      without `rotary`.
    * C12: `rotary`, though the result is not in slot order or `top_k` is absent.
    * C13: `heads` below 1, or F is no multiple of it.
    * C14: a rotary width above F / `heads`.
    * C15: `unordered`, though the result is not in token order.
    * C16: `unordered`, though the result is neither f32 nor f64: each addition
      would round.

    Offsets that do not ascend from 0 to at most the number of slots, and entries
    of the permutation that are no slot, are errors at run time.
  }];
  let arguments = (ins
    Moa_RowMap:$input_rows,
    Moa_Rows:$input,
    Moa_Weights3:$weights,
    Moa_I32Vector:$offsets,
    Optional<Moa_I32Vector>:$permutation,
    Optional<Moa_F32Matrix>:$gates,
    Optional<Index>:$length,
    Optional<Index>:$position,
    Moa_RowMap:$result_rows,
    Moa_Rows:$init,
    OptionalAttr<I64Attr>:$top_k,
    OptionalAttr<Moa_RotaryAttr>:$rotary,
    OptionalAttr<I64Attr>:$heads,
    UnitAttr:$unordered,
    UnitAttr:$transposed);
  let results = (outs Optional<Moa_Rows.tensor>:$result);
  let hasCanonicalizer = 1;
  let assemblyFormat = !strconcat([{
    $input_rows `(` $input `)` `,` $weights (`transposed` $transposed^)?
    `groups` `(` $offsets (`,` $permutation^)? `)` (`top_k` `(` $top_k^ `)`)?
    (`gates` `(` $gates^ `)`)?
  }], rotaryFormat, [{
    `into` (`unordered` $unordered^)? $result_rows `(` $init `)`
    attr-dict `:` functional-type(operands, results)
  }]);
  let extraClassDeclaration = destinationDeclaration;
}

def Moa_SlotMatmulOp : Moa_DestinationOp<"slot_matmul",
    [AttrSizedOperandSegments]> {
  let summary = "Multiply each slot by the weights of its expert, without groups";
  let description = [{
    For every slot s whose expert `e = indices[s div k, s mod k]` is not -1:

    ```
    result[s,:] = input[in(s),:] weights[e]
    ```

    `in(s)` is s (`slot`) or s div k (`token`). The other rows keep the value of
    `init`. This is the form for one token (or few): its experts differ, so there
    is nothing to group and no sort is needed. With `rotary` the rows are queries
    of `heads` heads, and are rotated before they are rounded, as in
    `moa.grouped_matmul`.

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
    * C2: k dynamic or outside 1..E.
    * C3: C differs between `input` and `weights`.
    * C4: F differs between `weights` and `init`.
    * C5: N differs between operands.
    * C6: `weights` has another element type than `input`.
    * C7: the element type of `init` is neither that of `input` nor f32.
    * C8: `rotary` without `heads` and `length`, or one of these or `position`
      without `rotary`.
    * C9: `heads` below 1, or F is no multiple of it.
    * C10: a rotary width above F / `heads`.

    An index outside -1..E-1 is an error at run time; on a GPU the launch fails, and
    the driver says why (CUDA_ERROR_ASSERT).
  }];
  let arguments = (ins
    Moa_RowMap:$input_rows,
    Moa_Rows:$input,
    Moa_Weights3:$weights,
    Moa_I32Matrix:$indices,
    Optional<Index>:$length,
    Optional<Index>:$position,
    Moa_Rows:$init,
    OptionalAttr<Moa_RotaryAttr>:$rotary,
    OptionalAttr<I64Attr>:$heads,
    UnitAttr:$transposed);
  let results = (outs Optional<Moa_Rows.tensor>:$result);
  let hasCanonicalizer = 1;
  let assemblyFormat = !strconcat([{
    $input_rows `(` $input `)` `,` $weights (`transposed` $transposed^)? `,`
    $indices
  }], rotaryFormat, [{
    `into` `(` $init `)` attr-dict `:` functional-type(operands, results)
  }]);
  let extraClassDeclaration = destinationDeclaration;
}

//===----------------------------------------------------------------------===//
// Combine
//===----------------------------------------------------------------------===//

def Moa_CombineOp : Moa_DestinationOp<"combine",
    [AttrSizedOperandSegments, Moa_Tiling<["generateResultTileValue"]>]> {
  let summary = "Sum the slots of each token, weighted by their gates";
  let description = [{
    ```
    result[t,:] = sum_j gates[t,j] * slots[t*k + j,:] + bias[:] + residual[t,:]
    ```

    summed in f32 (f64 for f64) in the order j = 0..k-1, then bias, then residual,
    and rounded once. A token whose `skip` is true has the row of `residual`, or
    zeros; its slots are not used.

    Shapes: slots [N*k,D], gates [N,k] f32 with k static, bias [D], skip [N] i1,
    residual, init and result [N,D]. `init` is overwritten. The element type of
    slots is that of the result, or f32.

    One slot of gate 1 (k = 1, gates known to be 1, no bias, no skip, no
    residual, slots of the result's element type and known to be as many) is its
    slot.

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
    * C5: `bias` or `residual` has another element type than `init`.
  }];
  let arguments = (ins
    Moa_Rows:$slots,
    Moa_F32Matrix:$gates,
    Optional<Moa_Vector>:$bias,
    Optional<Moa_I1Vector>:$skip,
    Optional<Moa_Rows>:$residual,
    Moa_Rows:$init);
  let results = (outs Optional<Moa_Rows.tensor>:$result);
  let hasCanonicalizer = 1;
  let assemblyFormat = [{
    $slots `,` $gates (`bias` `(` $bias^ `)`)? (`skip` `(` $skip^ `)`)?
    (`residual` `(` $residual^ `)`)? `into` `(` $init `)`
    attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration =
      destinationDeclaration # overwritesDeclaration;
}

#endif // MOA_IR_PRODUCTOPS_TD
