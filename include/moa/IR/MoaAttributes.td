//===- MoaAttributes.td - Attributes of the moa dialect ----*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_IR_MOAATTRIBUTES_TD
#define MOA_IR_MOAATTRIBUTES_TD

include "moa/IR/MoaDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

// Kept as integers, so that ops print them as bare words.
class Moa_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::moa";
}

def Moa_Activation : Moa_Enum<"Activation", "what turns router logits into scores", [
    I32EnumAttrCase<"Softmax", 0, "softmax">,
    I32EnumAttrCase<"Sigmoid", 1, "sigmoid">]>;

def Moa_GateOrder : Moa_Enum<"GateOrder", "whether scores are activated before or after the choice", [
    I32EnumAttrCase<"ActivationThenTopK", 0, "activation_then_topk">,
    I32EnumAttrCase<"TopKThenActivation", 1, "topk_then_activation">]>;

def Moa_HeadMap : Moa_Enum<"HeadMap", "which key/value head a query head reads", [
    I32EnumAttrCase<"Tile", 0, "tile">,
    I32EnumAttrCase<"Group", 1, "group">]>;

def Moa_Score : Moa_Enum<"Score", "how attention scores become weights", [
    I32EnumAttrCase<"Softmax", 0, "softmax">,
    I32EnumAttrCase<"StickBreaking", 1, "stick_breaking">]>;

def Moa_RowMap : Moa_Enum<"RowMap", "the order of the rows of a matrix of slots", [
    I32EnumAttrCase<"Grouped", 0, "grouped">,
    I32EnumAttrCase<"Slot", 1, "slot">,
    I32EnumAttrCase<"Token", 2, "token">]>;

def Moa_Extra : I32BitEnumAttr<"Extra", "results of a layer besides its output", [
    I32BitEnumAttrCaseNone<"None", "none">,
    I32BitEnumAttrCaseBit<"Logits", 0, "logits">,
    I32BitEnumAttrCaseBit<"Indices", 1, "indices">,
    I32BitEnumAttrCaseBit<"Gates", 2, "gates">,
    I32BitEnumAttrCaseBit<"Lse", 3, "lse">,
    I32BitEnumAttrCaseBit<"Keys", 4, "keys">,
    I32BitEnumAttrCaseBit<"Values", 5, "values">]> {
  let cppNamespace = "::moa";
  let genSpecializedAttr = 0;
  let separator = ", ";
}
def Moa_ExtraAttr : EnumAttr<Moa_Dialect, Moa_Extra, "extra"> {
  let assemblyFormat = "`<` $value `>`";
}

def Moa_Loss : I32BitEnumAttr<"Loss", "losses of a router", [
    I32BitEnumAttrCaseNone<"None", "none">,
    I32BitEnumAttrCaseBit<"Balance", 0, "balance">,
    I32BitEnumAttrCaseBit<"Z", 1, "z">,
    I32BitEnumAttrCaseBit<"Mutual", 2, "mutual">]> {
  let cppNamespace = "::moa";
  let genSpecializedAttr = 0;
  let separator = ", ";
}
def Moa_LossAttr : EnumAttr<Moa_Dialect, Moa_Loss, "loss"> {
  let assemblyFormat = "`<` $value `>`";
}

def Moa_GateAttr : AttrDef<Moa_Dialect, "Gate"> {
  let mnemonic = "gate";
  let summary = "how router logits become the gates of the chosen experts";
  let description = [{
    With `l[e]` the logits of a token, `p` their activation over all E experts
    and G the k chosen experts:

    | order | normalize | gate of e in G, before `scale` |
    |---|---|---|
    | activation_then_topk | no | `p[e]` |
    | activation_then_topk | yes | `p[e] / sum_{i in G} p[i]` |
    | topk_then_activation | no | the activation over the k chosen logits alone |
    | topk_then_activation | yes | the same, divided by its sum over G |

    `scale` is a constant factor on every gate, 1 unless given.
    `detach_divisor` says that the divisor of `normalize` carries no gradient;
    it does not change the value.

    The score by which experts are chosen is `p` (activation first) or `l`
    (top-k first), plus the selection bias where there is one. Without a bias
    both rank the experts alike, and logits are compared, which do not underflow.

    Example: `#moa.gate<activation = softmax, order = activation_then_topk, normalize = true>`

    Errors:
    * C1: `detach_divisor` without `normalize`.
    * C2: a scale that is not finite.
  }];
  let parameters = (ins
    EnumParameter<Moa_Activation>:$activation,
    EnumParameter<Moa_GateOrder>:$order,
    DefaultValuedParameter<"bool", "false">:$normalize,
    DefaultValuedParameter<"bool", "false">:$detach_divisor,
    OptionalParameter<"::mlir::FloatAttr">:$scale);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The constant factor on every gate.
    double getFactor() const {
      return getScale() ? getScale().getValueAsDouble() : 1.0;
    }
  }];
}

def Moa_RotaryAttr : AttrDef<Moa_Dialect, "Rotary"> {
  let mnemonic = "rotary";
  let summary = "rotary position embedding, rotate-half";
  let description = [{
    Channels `i` and `i + dim/2` of the first `dim` channels of a head are
    rotated by `position * theta^(-2i/dim)`, 0 <= i < dim/2. The other channels
    are left as they are. `dim` is even and positive, `theta` positive.

    Example: `#moa.rotary<theta = 1.0e4, dim = 64>`

    Errors:
    * C1: a width that is odd or below 2.
    * C2: a theta that is not finite and positive.
  }];
  let parameters = (ins "::mlir::FloatAttr":$theta, "int64_t":$dim);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

#endif // MOA_IR_MOAATTRIBUTES_TD
