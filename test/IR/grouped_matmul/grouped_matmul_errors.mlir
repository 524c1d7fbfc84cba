// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @grouped_matmul_c1(%input: tensor<66x48xf32>, %weights: tensor<6x48x16xf32>,
    %offsets: tensor<6xi32>, %permutation: tensor<132xi32>, %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op 'offsets' dimension 0 (6) does not match 'weights' dimension 0 (6): they are E + 1 and E}}
  %r = moa.grouped_matmul token(%input), %weights groups(%offsets, %permutation)
      top_k(2) into slot(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<6xi32>, tensor<132xi32>,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c2(%input: tensor<66x47xf32>, %weights: tensor<6x48x16xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op 'weights' dimension 1 (48) does not match 'input' dimension 1 (47): both are C}}
  %r = moa.grouped_matmul token(%input), %weights groups(%offsets, %permutation)
      top_k(2) into slot(%init)
      : (tensor<66x47xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c2_transposed(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x16xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<132xi32>, %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op 'weights' dimension 2 (16) does not match 'input' dimension 1 (48): both are C}}
  %r = moa.grouped_matmul token(%input), %weights transposed groups(%offsets,
      %permutation) top_k(2) into slot(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c3(%input: tensor<66x48xf32>, %weights: tensor<6x48x17xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op 'init' dimension 1 (16) does not match 'weights' dimension 2 (17): both are F}}
  %r = moa.grouped_matmul token(%input), %weights groups(%offsets, %permutation)
      top_k(2) into slot(%init)
      : (tensor<66x48xf32>, tensor<6x48x17xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c4_permutation(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x16xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<130xi32>, %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op 'permutation' dimension 0 (130) does not match 'input' dimension 0 (66): they are 2 * N and N}}
  %r = moa.grouped_matmul token(%input), %weights groups(%offsets, %permutation)
      top_k(2) into slot(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<130xi32>,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c4_multiple(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x16xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<131xi32>, %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op 'permutation' dimension 0 (131) is not a multiple of 2: it is 2 * N}}
  %r = moa.grouped_matmul token(%input), %weights groups(%offsets, %permutation)
      top_k(2) into slot(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<131xi32>,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c4_init(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x16xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<132xi32>, %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op 'permutation' dimension 0 (132) does not match 'input' dimension 0 (66): both are 2 * N}}
  %r = moa.grouped_matmul slot(%input), %weights groups(%offsets, %permutation)
      top_k(2) into slot(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c4_slots(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x16xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<132xi32>, %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op 'permutation' dimension 0 (132) does not match 'input' dimension 0 (66): both are N*k}}
  %r = moa.grouped_matmul slot(%input), %weights groups(%offsets, %permutation) into
      slot(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c4_gates(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x16xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<132xi32>, %gates: tensor<65x2xf32>,
    %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op 'gates' dimension 0 (65) does not match 'input' dimension 0 (66): both are N}}
  %r = moa.grouped_matmul token(%input), %weights groups(%offsets, %permutation)
      top_k(2) gates(%gates) into slot(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<65x2xf32>, tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c5(%input: tensor<66x48xf32>, %weights: tensor<6x48x16xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %gates: tensor<66x3xf32>,
    %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op 'gates' dimension 1 (3) does not match top_k (2): both are k}}
  %r = moa.grouped_matmul token(%input), %weights groups(%offsets, %permutation)
      top_k(2) gates(%gates) into slot(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<66x3xf32>, tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c6_input(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x16xf32>, %offsets: tensor<7xi32>, %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op needs a permutation for rows in token order}}
  %r = moa.grouped_matmul token(%input), %weights groups(%offsets) top_k(2) into
      grouped(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c6_result(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x16xf32>, %offsets: tensor<7xi32>, %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op needs a permutation for rows in slot order}}
  %r = moa.grouped_matmul grouped(%input), %weights groups(%offsets) into slot(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c6_gates(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x16xf32>, %offsets: tensor<7xi32>, %gates: tensor<66x2xf32>,
    %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op needs a permutation for its gates}}
  %r = moa.grouped_matmul grouped(%input), %weights groups(%offsets) gates(%gates)
      into grouped(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<66x2xf32>,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c7(%input: tensor<66x48xf32>, %weights: tensor<6x48x16xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op needs top_k for rows in token order}}
  %r = moa.grouped_matmul token(%input), %weights groups(%offsets, %permutation) into
      slot(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c7_result(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x16xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<132xi32>, %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op needs top_k for rows in token order}}
  %r = moa.grouped_matmul slot(%input), %weights groups(%offsets, %permutation) into
      token(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c8_top_k(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x16xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<132xi32>, %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op top_k (0) must be at least 1}}
  %r = moa.grouped_matmul token(%input), %weights groups(%offsets, %permutation)
      top_k(0) into slot(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c8_gates(%input: tensor<132x48xf32>,
    %weights: tensor<6x48x16xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<132xi32>, %gates: tensor<66x?xf32>,
    %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op 'gates' dimension 1 (?) must be static: it is the number of slots of a token}}
  %r = moa.grouped_matmul slot(%input), %weights groups(%offsets, %permutation)
      gates(%gates) into slot(%init)
      : (tensor<132x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<66x?xf32>, tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c9(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x16xbf16>, %offsets: tensor<7xi32>,
    %permutation: tensor<132xi32>, %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op 'weights' has element type 'bf16', 'input' has 'f32': they must be the same}}
  %r = moa.grouped_matmul token(%input), %weights groups(%offsets, %permutation)
      top_k(2) into slot(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xbf16>, tensor<7xi32>, tensor<132xi32>,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c10(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x16xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<132xi32>, %init: tensor<132x16xf16>)
    -> tensor<132x16xf16> {
  // expected-error@below {{'moa.grouped_matmul' op 'init' has element type 'f16', 'input' has 'f32': 'init' must have the same or f32}}
  %r = moa.grouped_matmul token(%input), %weights groups(%offsets, %permutation)
      top_k(2) into slot(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<132x16xf16>)
      -> tensor<132x16xf16>
  return %r : tensor<132x16xf16>
}

// -----

func.func @grouped_matmul_c11_position(%x: tensor<66x48xf32>, %w: tensor<6x48x16xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %position: index,
    %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op has heads, a length or a position, which only rotary reads}}
  %r = "moa.grouped_matmul"(%x, %w, %offsets, %permutation, %position, %init)
      <{input_rows = 2 : i32, result_rows = 1 : i32, top_k = 2 : i64,
        operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0, 1, 1>}>
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>, index,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c11_length(%x: tensor<66x48xf32>, %w: tensor<6x48x16xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op needs heads and a length for its rotary positions}}
  %r = "moa.grouped_matmul"(%x, %w, %offsets, %permutation, %init)
      <{input_rows = 2 : i32, result_rows = 1 : i32, top_k = 2 : i64,
        rotary = #moa.rotary<theta = 1.0e4 : f64, dim = 8>, operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0, 0, 1>}>
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c12(%x: tensor<66x48xf32>, %w: tensor<6x48x16xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %length: index,
    %sum: tensor<66x16xf32>)
    -> tensor<66x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op has rotary positions, which need a result in slot order and top_k}}
  %r = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2) rotary(<theta = 1.0e4 : f64, dim = 8>)
      heads(2) length(%length) into token(%sum)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>, index,
         tensor<66x16xf32>)
      -> tensor<66x16xf32>
  return %r : tensor<66x16xf32>
}

// -----

func.func @grouped_matmul_c12_top_k(%x: tensor<132x48xf32>, %w: tensor<6x48x16xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %length: index,
    %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op has rotary positions, which need a result in slot order and top_k}}
  %r = moa.grouped_matmul slot(%x), %w groups(%offsets, %permutation) rotary(<theta = 1.0e4 : f64, dim = 8>)
      heads(2) length(%length) into slot(%init)
      : (tensor<132x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>, index,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c13(%x: tensor<66x48xf32>, %w: tensor<6x48x16xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %length: index,
    %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op heads (0) must be at least 1}}
  %r = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2) rotary(<theta = 1.0e4 : f64, dim = 8>)
      heads(0) length(%length) into slot(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>, index,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c13_multiple(%x: tensor<66x48xf32>, %w: tensor<6x48x16xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %length: index,
    %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op 'init' dimension 1 (16) is not a multiple of 3: it is 3 * d}}
  %r = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2) rotary(<theta = 1.0e4 : f64, dim = 8>)
      heads(3) length(%length) into slot(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>, index,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c14(%x: tensor<66x48xf32>, %w: tensor<6x48x16xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %length: index,
    %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op heads * rotary dim (20) exceeds 'init' dimension 1 (16)}}
  %r = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2) rotary(<theta = 1.0e4 : f64, dim = 10>)
      heads(2) length(%length) into slot(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>, index,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c15(%x: tensor<66x48xf32>, %w: tensor<6x48x16xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op is unordered, though it sums nothing: its result is not in token order}}
  %r = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      into unordered slot(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c16(%x: tensor<66x48xbf16>, %w: tensor<6x48x16xbf16>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>,
    %sum: tensor<66x16xbf16>)
    -> tensor<66x16xbf16> {
  // expected-error@below {{'moa.grouped_matmul' op is unordered, and adds to a result of 'bf16', which would be rounded each time: it must be f32 or f64}}
  %r = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      into unordered token(%sum)
      : (tensor<66x48xbf16>, tensor<6x48x16xbf16>, tensor<7xi32>, tensor<132xi32>,
         tensor<66x16xbf16>)
      -> tensor<66x16xbf16>
  return %r : tensor<66x16xbf16>
}

// -----

func.func @grouped_matmul_c8_more_than_experts(%input: tensor<66x48xf32>,
    %weights: tensor<1x48x16xf32>, %offsets: tensor<2xi32>,
    %permutation: tensor<132xi32>, %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op top_k (2) exceeds 'weights' dimension 0 (1)}}
  %r = moa.grouped_matmul token(%input), %weights groups(%offsets, %permutation)
      top_k(2) into slot(%init)
      : (tensor<66x48xf32>, tensor<1x48x16xf32>, tensor<2xi32>, tensor<132xi32>,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c1_no_offsets(%input: tensor<66x48xf32>,
    %weights: tensor<?x48x16xf32>, %offsets: tensor<0xi32>,
    %permutation: tensor<132xi32>, %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op 'offsets' dimension 0 (0) must be at least 1: it is E + 1}}
  %r = moa.grouped_matmul token(%input), %weights groups(%offsets, %permutation)
      top_k(2) into slot(%init)
      : (tensor<66x48xf32>, tensor<?x48x16xf32>, tensor<0xi32>, tensor<132xi32>,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// -----

func.func @grouped_matmul_c8_no_expert(%input: tensor<8x48xf32>,
    %weights: tensor<0x48x16xf32>, %offsets: tensor<1xi32>, %init: tensor<8x16xf32>)
    -> tensor<8x16xf32> {
  // expected-error@below {{'moa.grouped_matmul' op 'weights' dimension 0 (0) must be at least 1: it is the number of experts}}
  %r = moa.grouped_matmul grouped(%input), %weights groups(%offsets)
      into grouped(%init)
      : (tensor<8x48xf32>, tensor<0x48x16xf32>, tensor<1xi32>, tensor<8x16xf32>)
      -> tensor<8x16xf32>
  return %r : tensor<8x16xf32>
}
