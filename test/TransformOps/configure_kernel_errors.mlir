// RUN: moa-opt %s --transform-interpreter --split-input-file --verify-diagnostics

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    // expected-error@below {{'transform.moa.configure_kernel' op row_tile is 48, must be one of 16, 32, 64, 80, 96, 128}}
    transform.moa.configure_kernel %root row_tile = 48 : !transform.any_op
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    // expected-error@below {{'transform.moa.configure_kernel' op needs row_tile or key_tile}}
    "transform.moa.configure_kernel"(%root) <{operandSegmentSizes = array<i32: 1, 0, 0>}> : (!transform.any_op) -> ()
    transform.yield
  }
}

// -----

func.func @product(%x: tensor<512x64xbf16>, %w: tensor<64x64xbf16>,
                   %init: tensor<512x64xbf16>) -> tensor<512x64xbf16> {
  // expected-note@below {{this is 'moa.matmul'}}
  %y = moa.matmul %x, %w into(%init)
      : (tensor<512x64xbf16>, tensor<64x64xbf16>, tensor<512x64xbf16>)
      -> tensor<512x64xbf16>
  return %y : tensor<512x64xbf16>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %products = transform.structured.match ops{["moa.matmul"]} in %root
        : (!transform.any_op) -> !transform.any_op
    %rows = transform.param.constant 17 : i64 -> !transform.param<i64>
    // expected-error@below {{row_tile is 17, must be one of 16, 32, 64, 80, 96, 128}}
    transform.moa.configure_kernel %products row_tile = %rows
        : !transform.any_op, !transform.param<i64>
    transform.yield
  }
}

// -----

// Of attention there are other tiles.
func.func @attention(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x1x8xf32>,
                     %init: tensor<2x5x4x8xf32>) -> tensor<2x5x4x8xf32> {
  // expected-note@below {{this is 'moa.attention'}}
  %y = moa.attention %q, %k, %k heads(2) into(%init)
      : (tensor<2x5x4x8xf32>, tensor<2x5x1x8xf32>, tensor<2x5x1x8xf32>,
         tensor<2x5x4x8xf32>) -> tensor<2x5x4x8xf32>
  return %y : tensor<2x5x4x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %attentions = transform.structured.match ops{["moa.attention"]} in %root
        : (!transform.any_op) -> !transform.any_op
    // expected-error@below {{row_tile is 96, must be one of 16, 32, 64, 128}}
    transform.moa.configure_kernel %attentions row_tile = 96 : !transform.any_op
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    // expected-error@below {{'transform.moa.configure_kernel' op key_tile is 128, must be one of 16, 32, 64}}
    transform.moa.configure_kernel %root key_tile = 128 : !transform.any_op
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %keys = transform.param.constant 16 : i64 -> !transform.param<i64>
    // expected-error@below {{'transform.moa.configure_kernel' op key_tile is a number and a parameter}}
    "transform.moa.configure_kernel"(%root, %keys) <{
        key_tile = 16 : i64, operandSegmentSizes = array<i32: 1, 0, 1>}>
        : (!transform.any_op, !transform.param<i64>) -> ()
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
    // expected-error@below {{only products by weights and moa.attention have a row_tile}}
    transform.moa.configure_kernel %sums row_tile = 32 : !transform.any_op
    transform.yield
  }
}

// -----

func.func @keys_of_a_product(%x: tensor<512x64xbf16>, %w: tensor<64x64xbf16>,
                             %init: tensor<512x64xbf16>)
    -> tensor<512x64xbf16> {
  // expected-note@below {{this is 'moa.matmul'}}
  %y = moa.matmul %x, %w into(%init)
      : (tensor<512x64xbf16>, tensor<64x64xbf16>, tensor<512x64xbf16>)
      -> tensor<512x64xbf16>
  return %y : tensor<512x64xbf16>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %products = transform.structured.match ops{["moa.matmul"]} in %root
        : (!transform.any_op) -> !transform.any_op
    // expected-error@below {{only moa.attention has a key_tile}}
    transform.moa.configure_kernel %products key_tile = 32 : !transform.any_op
    transform.yield
  }
}
