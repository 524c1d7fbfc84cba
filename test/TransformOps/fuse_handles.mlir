// Handles after a fusion: to what was fused, to targets that stay, to targets
// of which some were refused.
// RUN: moa-opt %s --transform-interpreter | FileCheck %s

// CHECK-LABEL: func.func @two(
// CHECK: moa.router {{.*}} {fused}
// CHECK: moa.route {{.*}} {route}
func.func @two(%x: tensor<5x48xf32>, %w: tensor<48x6xf32>,
               %init: tensor<5x6xf32>, %l: tensor<5x6xf32>)
    -> (tensor<5x2xi32>, tensor<5x2xi32>) {
  %p = moa.matmul %x, %w into(%init)
      : (tensor<5x48xf32>, tensor<48x6xf32>, tensor<5x6xf32>) -> tensor<5x6xf32>
  %i, %g = moa.route %p top_k(2)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<5x6xf32>) -> (tensor<5x2xi32>, tensor<5x2xf32>)
  %i2, %g2 = moa.route %l top_k(2)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<5x6xf32>) -> (tensor<5x2xi32>, tensor<5x2xf32>)
  return %i, %i2 : tensor<5x2xi32>, tensor<5x2xi32>
}

// CHECK-LABEL: func.func @stays(
// CHECK: moa.key_value {{.*}} {fused}
// CHECK: moa.attention {{.*}} {attention}
func.func @stays(%x: tensor<2x5x48xf32>, %wk: tensor<48x8xf32>,
                 %wv: tensor<48x8xf32>, %q: tensor<2x5x4x8xf32>,
                 %init: tensor<10x8xf32>, %into: tensor<2x5x4x8xf32>)
    -> tensor<2x5x4x8xf32> {
  %rows = tensor.collapse_shape %x [[0, 1], [2]]
      : tensor<2x5x48xf32> into tensor<10x48xf32>
  %k = moa.matmul %rows, %wk into(%init)
      : (tensor<10x48xf32>, tensor<48x8xf32>, tensor<10x8xf32>)
      -> tensor<10x8xf32>
  %v = moa.matmul %rows, %wv into(%init)
      : (tensor<10x48xf32>, tensor<48x8xf32>, tensor<10x8xf32>)
      -> tensor<10x8xf32>
  %keys = tensor.expand_shape %k [[0, 1], [2, 3]] output_shape [2, 5, 1, 8]
      : tensor<10x8xf32> into tensor<2x5x1x8xf32>
  %values = tensor.expand_shape %v [[0, 1], [2, 3]] output_shape [2, 5, 1, 8]
      : tensor<10x8xf32> into tensor<2x5x1x8xf32>
  %y = moa.attention %q, %keys, %values heads(2) into(%into)
      : (tensor<2x5x4x8xf32>, tensor<2x5x1x8xf32>, tensor<2x5x1x8xf32>,
         tensor<2x5x4x8xf32>) -> tensor<2x5x4x8xf32>
  return %y : tensor<2x5x4x8xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    // The second target is refused, the first is fused all the same.
    %routes = transform.structured.match ops{["moa.route"]} in %root
        : (!transform.any_op) -> !transform.op<"moa.route">
    transform.sequence %routes
        : !transform.op<"moa.route"> failures(suppress) {
    ^bb0(%targets: !transform.op<"moa.route">):
      transform.moa.fuse_router %targets
          : (!transform.op<"moa.route">) -> !transform.op<"moa.router">
    }
    %route = transform.structured.match ops{["moa.route"]} in %root
        : (!transform.any_op) -> !transform.any_op
    transform.annotate %route "route" : !transform.any_op
    %routers = transform.structured.match ops{["moa.router"]} in %root
        : (!transform.any_op) -> !transform.any_op
    transform.annotate %routers "fused" : !transform.any_op

    %attentions = transform.structured.match ops{["moa.attention"]} in %root
        : (!transform.any_op) -> !transform.any_op
    %key_values = transform.moa.fuse_key_value %attentions
        : (!transform.any_op) -> !transform.op<"moa.key_value">
    transform.annotate %key_values "fused" : !transform.op<"moa.key_value">
    transform.annotate %attentions "attention" : !transform.any_op
    transform.yield
  }
}
