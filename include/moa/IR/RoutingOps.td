//===- RoutingOps.td - Routing, dispatch and the losses of a router *- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_IR_ROUTINGOPS_TD
#define MOA_IR_ROUTINGOPS_TD

include "moa/IR/MoaOpBase.td"

//===----------------------------------------------------------------------===//
// Routing
//===----------------------------------------------------------------------===//

def Moa_RouteOp : Moa_InferredOp<"route", [AttrSizedOperandSegments, OpAsmOpInterface]> {
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
    UnitAttr:$all,
    Variadic<AnyMemRef>:$outs);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $logits (`selection_bias` `(` $selection_bias^ `)`)? (`skip` `(` $skip^ `)`)?
    `top_k` `(` $top_k `)` (`all` $all^)? `gate` `(` $gate `)`
    (`into` `(` $outs^ `)`)? attr-dict `:` functional-type(operands, results)
  }];
  let hasCanonicalizer = 1;
  let extraClassDeclaration = inferredDeclaration # [{
    /// Null on buffers.
    ::mlir::Value getIndices() { return ::moa::getResultOrNull(*this, 0); }
    ::mlir::Value getGates() { return ::moa::getResultOrNull(*this, 1); }
    void getAsmResultNames(::mlir::OpAsmSetValueNameFn setName) {
      ::moa::nameResults(*this, {"indices", "gates"}, setName);
    }
  }];
}

def Moa_RouterOp : Moa_InferredOp<"router", [AttrSizedOperandSegments, OpAsmOpInterface]> {
  let summary = "The router product and the choice of experts in one op";
  let description = [{
    ```
    logits[t,:]           = input[t,:] weights
    indices[t,:], gates[t,:] = moa.route of logits[t,:]
    ```

    so that a token is read once. Logits are accumulated in f32; experts are
    chosen and gates computed from them as `moa.route` says. An unused `logits`
    need not be stored.

    Results are these three and the losses that `losses` names, as
    `losses<balance, z>`, in the order balance, z, mutual: what
    `moa.balance_loss`, `moa.z_loss` and `moa.mutual_loss` of logits and indices
    are, with the activation of the gate.

    Shapes: input [N,D], weights [D,E], or [E,D] if `transposed`, selection_bias
    [E] f32, skip [N] i1; logits [N,E] f32, indices [N,k] i32, gates [N,k] f32,
    losses scalars. E is static.

    Example:

    ```mlir
    %logits, %indices, %gates = moa.router %x, %weights top_k(2)
        gate(<activation = softmax, order = topk_then_activation>)
        : (tensor<?x48xbf16>, tensor<48x6xbf16>)
        -> (tensor<?x6xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
    ```

    Errors:
    * C1: E dynamic.
    * C2: k outside 1..E.
    * C3: k other than E with `all`.
    * C4: D differs between `input` and `weights`.
    * C5: `selection_bias` has other than E entries.
    * C6: `skip` has other than N entries.
    * C7: `weights` has another element type than `input`.
    * C8: written result types other than those above.
  }];
  let arguments = (ins
    Moa_Rows:$input,
    Moa_Weights2:$weights,
    Optional<Moa_F32Vector>:$selection_bias,
    Optional<Moa_I1Vector>:$skip,
    I64Attr:$top_k,
    Moa_GateAttr:$gate,
    UnitAttr:$all,
    UnitAttr:$transposed,
    DefaultValuedAttr<Moa_LossAttr, "::moa::Loss::None">:$losses,
    Variadic<AnyMemRef>:$outs);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $input `,` $weights (`transposed` $transposed^)?
    (`selection_bias` `(` $selection_bias^ `)`)? (`skip` `(` $skip^ `)`)?
    `top_k` `(` $top_k `)` (`all` $all^)? `gate` `(` $gate `)`
    (`losses` `` $losses^)? (`into` `(` $outs^ `)`)? attr-dict `:` functional-type(operands, results)
  }];
  let hasCanonicalizer = 1;
  let extraClassDeclaration = inferredDeclaration # [{
    /// Null on buffers.
    ::mlir::Value getLogits() { return ::moa::getResultOrNull(*this, 0); }
    ::mlir::Value getIndices() { return ::moa::getResultOrNull(*this, 1); }
    ::mlir::Value getGates() { return ::moa::getResultOrNull(*this, 2); }
    /// The result that `losses` asks for by `loss`, null if it does not.
    ::mlir::Value getLoss(::moa::Loss loss);
    void getAsmResultNames(::mlir::OpAsmSetValueNameFn setName);
  }];
}

def Moa_DispatchOp : Moa_InferredOp<"dispatch", [OpAsmOpInterface]> {
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
    * C2: fewer experts than k, or more than an i32 counts.
    * C3: more slots than an i32 counts.
    * C4: written result types other than those above.

    An index outside -1..E-1 is an error at run time; on a GPU the launch fails, and
    the driver says why (CUDA_ERROR_ASSERT).
  }];
  let arguments = (ins Moa_I32Matrix:$indices, I64Attr:$num_experts,
    Variadic<AnyMemRef>:$outs);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $indices `experts` `(` $num_experts `)`
    (`into` `(` $outs^ `)`)? attr-dict `:` functional-type(operands, results)
  }];
  let hasCanonicalizer = 1;
  let extraClassDeclaration = inferredDeclaration # [{
    /// Null on buffers.
    ::mlir::Value getOffsets() { return ::moa::getResultOrNull(*this, 0); }
    ::mlir::Value getPermutation() { return ::moa::getResultOrNull(*this, 1); }
    void getAsmResultNames(::mlir::OpAsmSetValueNameFn setName) {
      ::moa::nameResults(*this, {"offsets", "permutation"}, setName);
    }
  }];
}

//===----------------------------------------------------------------------===//
// Losses
//===----------------------------------------------------------------------===//

class Moa_LossOp<string mnemonic, dag extra> : Moa_InferredOp<mnemonic> {
  let arguments = !con((ins Moa_F32Matrix:$logits, Moa_I32Matrix:$indices),
                           extra, (ins Variadic<Moa_F32Scalar>:$outs));
  let results = (outs Optional<Moa_F32Scalar.tensor>:$loss);
  let hasCanonicalizer = 1;
}

class Moa_ActivatedLossOp<string mnemonic>
    : Moa_LossOp<mnemonic, (ins Moa_Activation:$activation)> {
  let assemblyFormat = [{
    $activation $logits `,` $indices (`into` `(` $outs^ `)`)?
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
    * C2: k dynamic or outside 1..E.
    * C3: a written result type other than tensor<f32>.

    An index outside -1..E-1 is an error at run time; on a GPU the launch fails, and
    the driver says why (CUDA_ERROR_ASSERT).
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
    * C2: k dynamic or outside 1..E.
    * C3: a written result type other than tensor<f32>.
  }];
  let assemblyFormat = [{
    $logits `,` $indices (`into` `(` $outs^ `)`)? attr-dict `:` functional-type(operands, results)
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
    * C2: k dynamic or outside 1..E.
    * C3: a written result type other than tensor<f32>.
  }];
}

#endif // MOA_IR_ROUTINGOPS_TD
