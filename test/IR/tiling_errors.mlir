// RUN: moa-opt %s -transform-interpreter -verify-diagnostics

func.func @attention(%q: tensor<2x12x8x16xf32>, %k: tensor<2x20x2x16xf32>,
    %additive: tensor<?x12x20xf32>, %init: tensor<2x12x8x16xf32>)
    -> tensor<2x12x8x16xf32> {
  // expected-error@below {{'moa.attention' op has an additive_mask of unknown batch: it cannot be tiled}}
  // expected-error@below {{'moa.attention' op failed to generate tiling loops}}
  // expected-error@below {{to tile operation}}
  %o = moa.attention %q, %k, %k heads(4) additive_mask(%additive) into(%init)
      : (tensor<2x12x8x16xf32>, tensor<2x20x2x16xf32>, tensor<2x20x2x16xf32>,
         tensor<?x12x20xf32>, tensor<2x12x8x16xf32>) -> tensor<2x12x8x16xf32>
  return %o : tensor<2x12x8x16xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["moa.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_for %op tile_sizes [0, 4, 0]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
