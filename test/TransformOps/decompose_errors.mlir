// RUN: moa-opt %s --transform-interpreter --split-input-file --verify-diagnostics

func.func @wrong_op(%l: tensor<5x6xf32>) -> tensor<5x2xi32> {
  // expected-note@below {{this is 'moa.route'}}
  %i, %g = moa.route %l top_k(2)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<5x6xf32>) -> (tensor<5x2xi32>, tensor<5x2xf32>)
  return %i : tensor<5x2xi32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %routes = transform.structured.match ops{["moa.route"]} in %root
        : (!transform.any_op) -> !transform.any_op
    // expected-error@below {{only moa.layer can be decomposed}}
    %primitives = transform.moa.decompose %routes
        : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}

// -----

// The layer is gone.
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %layers = transform.structured.match ops{["moa.layer"]} in %root
        : (!transform.any_op) -> !transform.any_op
    // expected-note@below {{invalidated by this transform op that consumes its operand #0}}
    %primitives = transform.moa.decompose %layers
        : (!transform.any_op) -> !transform.any_op
    // expected-error@below {{uses a handle associated with empty payload and invalidated by a previously executed transform op}}
    transform.annotate %layers "decomposed" : !transform.any_op
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %p = transform.param.constant 1 : i64 -> !transform.param<i64>
    // expected-error@below {{'transform.moa.decompose' op operand #0 must be TransformHandleTypeInterface instance, but got '!transform.param<i64>'}}
    %primitives = transform.moa.decompose %p
        : (!transform.param<i64>) -> !transform.any_op
    transform.yield
  }
}
