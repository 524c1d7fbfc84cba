// RUN: moa-opt %s --transform-interpreter --split-input-file --verify-diagnostics

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.consumed}) {
    // expected-error@below {{'transform.moa.vectorize' op there is no target 'sse9': use host, avx512bf16, avx512, avx2 or portable}}
    transform.moa.vectorize %root for "sse9" : !transform.any_op
    transform.yield
  }
}

// -----

// Each refusal has its reason.
func.func @refused(%q: tensor<2x5x4x8xf64>, %k: tensor<2x5x1x8xf64>,
                   %init: tensor<2x5x4x8xf64>, %a: tensor<8x8xi32>)
    -> (tensor<2x5x4x8xf64>, tensor<8x8xi32>) {
  // expected-note@below {{target op}}
  %y = moa.attention %q, %k, %k heads(2) into(%init)
      : (tensor<2x5x4x8xf64>, tensor<2x5x1x8xf64>, tensor<2x5x1x8xf64>,
         tensor<2x5x4x8xf64>) -> tensor<2x5x4x8xf64>
  // expected-note@below {{target op}}
  %z = linalg.matmul ins(%a, %a : tensor<8x8xi32>, tensor<8x8xi32>)
      outs(%a : tensor<8x8xi32>) -> tensor<8x8xi32>
  return %y, %z : tensor<2x5x4x8xf64>, tensor<8x8xi32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %ops = transform.structured.match ops{["moa.attention", "linalg.matmul"]}
        in %root : (!transform.any_op) -> !transform.any_op
    // expected-error@below {{refused: is computed in f64}}
    // expected-error@below {{refused: has integers or is empty}}
    transform.moa.vectorize %ops : !transform.any_op
    transform.yield
  }
}

// -----

func.func @no_kernel(%slots: tensor<8x4xf32>, %gates: tensor<4x2xf32>,
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
    // expected-error@below {{refused: there is no kernel of vectors for 'moa.combine'}}
    transform.moa.vectorize %ops : !transform.any_op
    transform.yield
  }
}

// -----

func.func @experts(%x: tensor<?x16xf32>, %w: tensor<?x16x32xf32>,
                   %indices: tensor<?x2xi32>, %init: tensor<?x32xf32>)
    -> tensor<?x32xf32> {
  // expected-note@below {{target op}}
  %y = moa.slot_matmul token(%x), %w, %indices into(%init)
      : (tensor<?x16xf32>, tensor<?x16x32xf32>, tensor<?x2xi32>,
         tensor<?x32xf32>) -> tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %ops = transform.structured.match ops{["moa.slot_matmul"]} in %root
        : (!transform.any_op) -> !transform.any_op
    // expected-error@below {{refused: has experts of unknown number}}
    %grouped = transform.moa.group_slots %ops
        : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}
