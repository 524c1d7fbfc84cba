// RUN: moa-opt %s --transform-interpreter --split-input-file --verify-diagnostics

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    // expected-error@below {{'transform.moa.configure_kernel' op row_tile is 48, must be 16, 32, 64, 96 or 128}}
    transform.moa.configure_kernel %root row_tile = 48 : !transform.any_op
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    // expected-error@below {{'transform.moa.configure_kernel' op needs row_tile as a number or as a parameter}}
    "transform.moa.configure_kernel"(%root) : (!transform.any_op) -> ()
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %rows = transform.param.constant 17 : i64 -> !transform.param<i64>
    // expected-error@below {{row_tile is 17, must be 16, 32, 64, 96 or 128}}
    transform.moa.configure_kernel %root row_tile = %rows
        : !transform.any_op, !transform.param<i64>
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %a = transform.param.constant 16 : i64 -> !transform.param<i64>
    %rows = transform.merge_handles %a, %a : !transform.param<i64>
    // expected-error@below {{row_tile has 2 values, must have 1}}
    transform.moa.configure_kernel %root row_tile = %rows
        : !transform.any_op, !transform.param<i64>
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %rows = transform.param.constant "large" -> !transform.any_param
    // expected-error@below {{row_tile is "large", must be an integer}}
    transform.moa.configure_kernel %root row_tile = %rows
        : !transform.any_op, !transform.any_param
    transform.yield
  }
}

// -----

func.func @combine(%slots: tensor<8x4xf32>, %gates: tensor<4x2xf32>,
                   %init: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // expected-note@below {{this is 'moa.combine'}}
  %y = moa.combine %slots, %gates into(%init)
      : (tensor<8x4xf32>, tensor<4x2xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %y : tensor<4x4xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %sums = transform.structured.match ops{["moa.combine"]} in %root
        : (!transform.any_op) -> !transform.any_op
    // expected-error@below {{only products by weights have row tiles}}
    transform.moa.configure_kernel %sums row_tile = 32 : !transform.any_op
    transform.yield
  }
}
