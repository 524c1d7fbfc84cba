// A refusal is a silenceable failure with the reason of moa-fuse's remark.
// RUN: moa-opt %s --transform-interpreter --split-input-file --verify-diagnostics

func.func @router(%l: tensor<5x6xf32>) -> tensor<5x2xi32> {
  // expected-note@below {{target op}}
  %i, %g = moa.route %l top_k(2)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<5x6xf32>) -> (tensor<5x2xi32>, tensor<5x2xf32>)
  return %i : tensor<5x2xi32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %ops = transform.structured.match ops{["moa.route"]} in %root
        : (!transform.any_op) -> !transform.any_op
    // expected-error@below {{refused: the logits are not computed by moa.matmul}}
    %fused = transform.moa.fuse_router %ops
        : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}

// -----

func.func @loss(%l: tensor<5x6xf32>, %i: tensor<5x2xi32>) -> tensor<f32> {
  // expected-note@below {{target op}}
  %z = moa.z_loss %l, %i : (tensor<5x6xf32>, tensor<5x2xi32>) -> tensor<f32>
  return %z : tensor<f32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %ops = transform.structured.match ops{["moa.z_loss"]} in %root
        : (!transform.any_op) -> !transform.any_op
    // expected-error@below {{refused: the logits are not computed by moa.router}}
    %fused = transform.moa.fuse_loss %ops
        : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}

// -----

func.func @no_loss(%l: tensor<5x6xf32>) -> tensor<5x2xi32> {
  // expected-note@below {{target op}}
  %i, %g = moa.route %l top_k(2)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<5x6xf32>) -> (tensor<5x2xi32>, tensor<5x2xf32>)
  return %i : tensor<5x2xi32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %ops = transform.structured.match ops{["moa.route"]} in %root
        : (!transform.any_op) -> !transform.any_op
    // expected-error@below {{refused: it is no loss of a router}}
    %fused = transform.moa.fuse_loss %ops
        : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}

// -----

// An op of another kind.
func.func @kind(%l: tensor<5x6xf32>) -> tensor<5x2xi32> {
  // expected-note@below {{when applied to this op}}
  %i, %g = moa.route %l top_k(2)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<5x6xf32>) -> (tensor<5x2xi32>, tensor<5x2xf32>)
  return %i : tensor<5x2xi32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %ops = transform.structured.match ops{["moa.route"]} in %root
        : (!transform.any_op) -> !transform.any_op
    // expected-error@below {{transform applied to the wrong op kind}}
    %fused = transform.moa.fuse_rotary %ops
        : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}

// -----

func.func @key_value(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x1x8xf32>,
                     %init: tensor<2x5x4x8xf32>) -> tensor<2x5x4x8xf32> {
  // expected-note@below {{target op}}
  %y = moa.attention %q, %k, %k heads(2) into(%init)
      : (tensor<2x5x4x8xf32>, tensor<2x5x1x8xf32>, tensor<2x5x1x8xf32>,
         tensor<2x5x4x8xf32>) -> tensor<2x5x4x8xf32>
  return %y : tensor<2x5x4x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %ops = transform.structured.match ops{["moa.attention"]} in %root
        : (!transform.any_op) -> !transform.any_op
    // expected-error@below {{refused: keys are not computed by moa.matmul}}
    %fused = transform.moa.fuse_key_value %ops
        : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}

// -----

func.func @rotary(%q: tensor<2x5x4x8xf32>) -> tensor<2x5x4x8xf32> {
  // expected-note@below {{target op}}
  %y = moa.rotary %q rotary(<theta = 1.0e4 : f64, dim = 8>)
      : (tensor<2x5x4x8xf32>) -> tensor<2x5x4x8xf32>
  return %y : tensor<2x5x4x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %ops = transform.structured.match ops{["moa.rotary"]} in %root
        : (!transform.any_op) -> !transform.any_op
    // expected-error@below {{refused: its input is an argument}}
    %fused = transform.moa.fuse_rotary %ops
        : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}

// -----

func.func @residual(%a: tensor<5x8xf32>) -> tensor<5x8xf32> {
  // expected-note@below {{target op}}
  %y = arith.addf %a, %a : tensor<5x8xf32>
  return %y : tensor<5x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %ops = transform.structured.match ops{["arith.addf"]} in %root
        : (!transform.any_op) -> !transform.any_op
    // expected-error@below {{refused: no operand is a sum over slots}}
    %fused = transform.moa.fuse_residual %ops
        : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}

// -----

func.func @query_projection(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x1x8xf32>,
                            %init: tensor<2x5x4x8xf32>)
    -> tensor<2x5x4x8xf32> {
  // expected-note@below {{target op}}
  %y = moa.attention %q, %k, %k heads(2) into(%init)
      : (tensor<2x5x4x8xf32>, tensor<2x5x1x8xf32>, tensor<2x5x1x8xf32>,
         tensor<2x5x4x8xf32>) -> tensor<2x5x4x8xf32>
  return %y : tensor<2x5x4x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %ops = transform.structured.match ops{["moa.attention"]} in %root
        : (!transform.any_op) -> !transform.any_op
    // expected-error@below {{refused: the queries are not computed by moa.grouped_matmul from token order to slot order}}
    %fused = transform.moa.fuse_query_projection %ops where_profitable
        : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}

// -----

func.func @unordered_combine(%slots: tensor<8x4xf32>, %gates: tensor<4x2xf32>,
                             %init: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // expected-note@below {{target op}}
  %y = moa.combine %slots, %gates into(%init)
      : (tensor<8x4xf32>, tensor<4x2xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %y : tensor<4x4xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %ops = transform.structured.match ops{["moa.combine"]} in %root
        : (!transform.any_op) -> !transform.any_op
    // expected-error@below {{refused: the slots are not computed by moa.grouped_matmul in slot order}}
    %fused = transform.moa.fuse_unordered_combine %ops
        : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}

// -----

func.func @on_buffers(%slots: memref<8x4xf32>, %gates: memref<4x2xf32>,
                      %init: memref<4x4xf32>) {
  // expected-note@below {{target op}}
  moa.combine %slots, %gates into(%init)
      : (memref<8x4xf32>, memref<4x2xf32>, memref<4x4xf32>) -> ()
  return
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %ops = transform.structured.match ops{["moa.combine"]} in %root
        : (!transform.any_op) -> !transform.any_op
    // expected-error@below {{refused: ops are fused on tensors, this one is on buffers}}
    %fused = transform.moa.fuse_unordered_combine %ops
        : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}
