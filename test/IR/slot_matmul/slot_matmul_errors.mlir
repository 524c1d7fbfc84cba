// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @slot_matmul_c1(%input: tensor<1x48xf32>, %weights: tensor<6x48x16xf32>,
    %indices: tensor<1x2xi32>, %init: tensor<2x16xf32>)
    -> tensor<2x16xf32> {
  // expected-error@below {{'moa.slot_matmul' op has no groups: its rows are in slot or token order}}
  %r = moa.slot_matmul grouped(%input), %weights, %indices into(%init)
      : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, tensor<2x16xf32>)
      -> tensor<2x16xf32>
  return %r : tensor<2x16xf32>
}

// -----

func.func @slot_matmul_c2_dynamic(%input: tensor<1x48xf32>,
    %weights: tensor<6x48x16xf32>, %indices: tensor<1x?xi32>, %init: tensor<2x16xf32>)
    -> tensor<2x16xf32> {
  // expected-error@below {{'moa.slot_matmul' op 'indices' dimension 1 (?) must be static: it is the number of slots of a token}}
  %r = moa.slot_matmul token(%input), %weights, %indices into(%init)
      : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x?xi32>, tensor<2x16xf32>)
      -> tensor<2x16xf32>
  return %r : tensor<2x16xf32>
}

// -----

func.func @slot_matmul_c2_none(%input: tensor<1x48xf32>,
    %weights: tensor<6x48x16xf32>, %indices: tensor<1x0xi32>, %init: tensor<2x16xf32>)
    -> tensor<2x16xf32> {
  // expected-error@below {{'moa.slot_matmul' op 'indices' dimension 1 (0) must be at least 1: it is the number of slots of a token}}
  %r = moa.slot_matmul token(%input), %weights, %indices into(%init)
      : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x0xi32>, tensor<2x16xf32>)
      -> tensor<2x16xf32>
  return %r : tensor<2x16xf32>
}

// -----

func.func @slot_matmul_c3(%input: tensor<1x47xf32>, %weights: tensor<6x48x16xf32>,
    %indices: tensor<1x2xi32>, %init: tensor<2x16xf32>)
    -> tensor<2x16xf32> {
  // expected-error@below {{'moa.slot_matmul' op 'weights' dimension 1 (48) does not match 'input' dimension 1 (47): both are C}}
  %r = moa.slot_matmul token(%input), %weights, %indices into(%init)
      : (tensor<1x47xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, tensor<2x16xf32>)
      -> tensor<2x16xf32>
  return %r : tensor<2x16xf32>
}

// -----

func.func @slot_matmul_c3_transposed(%input: tensor<1x48xf32>,
    %weights: tensor<6x48x16xf32>, %indices: tensor<1x2xi32>, %init: tensor<2x16xf32>)
    -> tensor<2x16xf32> {
  // expected-error@below {{'moa.slot_matmul' op 'weights' dimension 2 (16) does not match 'input' dimension 1 (48): both are C}}
  %r = moa.slot_matmul token(%input), %weights transposed, %indices into(%init)
      : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, tensor<2x16xf32>)
      -> tensor<2x16xf32>
  return %r : tensor<2x16xf32>
}

// -----

func.func @slot_matmul_c4(%input: tensor<1x48xf32>, %weights: tensor<6x48x16xf32>,
    %indices: tensor<1x2xi32>, %init: tensor<2x17xf32>)
    -> tensor<2x17xf32> {
  // expected-error@below {{'moa.slot_matmul' op 'init' dimension 1 (17) does not match 'weights' dimension 2 (16): both are F}}
  %r = moa.slot_matmul token(%input), %weights, %indices into(%init)
      : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, tensor<2x17xf32>)
      -> tensor<2x17xf32>
  return %r : tensor<2x17xf32>
}

// -----

func.func @slot_matmul_c5_token(%input: tensor<2x48xf32>,
    %weights: tensor<6x48x16xf32>, %indices: tensor<1x2xi32>, %init: tensor<2x16xf32>)
    -> tensor<2x16xf32> {
  // expected-error@below {{'moa.slot_matmul' op 'input' dimension 0 (2) does not match 'indices' dimension 0 (1): both are N}}
  %r = moa.slot_matmul token(%input), %weights, %indices into(%init)
      : (tensor<2x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, tensor<2x16xf32>)
      -> tensor<2x16xf32>
  return %r : tensor<2x16xf32>
}

// -----

func.func @slot_matmul_c5_slot(%input: tensor<1x48xf32>,
    %weights: tensor<6x48x16xf32>, %indices: tensor<1x2xi32>, %init: tensor<2x16xf32>)
    -> tensor<2x16xf32> {
  // expected-error@below {{'moa.slot_matmul' op 'input' dimension 0 (1) is not a multiple of 2: it is 2 * N}}
  %r = moa.slot_matmul slot(%input), %weights, %indices into(%init)
      : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, tensor<2x16xf32>)
      -> tensor<2x16xf32>
  return %r : tensor<2x16xf32>
}

// -----

func.func @slot_matmul_c5_init(%input: tensor<1x48xf32>,
    %weights: tensor<6x48x16xf32>, %indices: tensor<1x2xi32>, %init: tensor<4x16xf32>)
    -> tensor<4x16xf32> {
  // expected-error@below {{'moa.slot_matmul' op 'init' dimension 0 (4) does not match 'indices' dimension 0 (1): they are 2 * N and N}}
  %r = moa.slot_matmul token(%input), %weights, %indices into(%init)
      : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, tensor<4x16xf32>)
      -> tensor<4x16xf32>
  return %r : tensor<4x16xf32>
}

// -----

func.func @slot_matmul_c6(%input: tensor<1x48xf32>, %weights: tensor<6x48x16xf16>,
    %indices: tensor<1x2xi32>, %init: tensor<2x16xf32>)
    -> tensor<2x16xf32> {
  // expected-error@below {{'moa.slot_matmul' op 'weights' has element type 'f16', 'input' has 'f32': they must be the same}}
  %r = moa.slot_matmul token(%input), %weights, %indices into(%init)
      : (tensor<1x48xf32>, tensor<6x48x16xf16>, tensor<1x2xi32>, tensor<2x16xf32>)
      -> tensor<2x16xf32>
  return %r : tensor<2x16xf32>
}

// -----

func.func @slot_matmul_c7(%input: tensor<1x48xf32>, %weights: tensor<6x48x16xf32>,
    %indices: tensor<1x2xi32>, %init: tensor<2x16xbf16>)
    -> tensor<2x16xbf16> {
  // expected-error@below {{'moa.slot_matmul' op 'init' has element type 'bf16', 'input' has 'f32': 'init' must have the same or f32}}
  %r = moa.slot_matmul token(%input), %weights, %indices into(%init)
      : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, tensor<2x16xbf16>)
      -> tensor<2x16xbf16>
  return %r : tensor<2x16xbf16>
}

// -----

func.func @slot_matmul_c8_position(%x: tensor<1x48xf32>, %w: tensor<6x48x16xf32>,
    %i: tensor<1x2xi32>, %position: index, %init: tensor<2x16xf32>)
    -> tensor<2x16xf32> {
  // expected-error@below {{'moa.slot_matmul' op has heads, a length or a position, which only rotary reads}}
  %r = "moa.slot_matmul"(%x, %w, %i, %position, %init)
      <{input_rows = 2 : i32,
        operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 1>}>
      : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, index, tensor<2x16xf32>)
      -> tensor<2x16xf32>
  return %r : tensor<2x16xf32>
}

// -----

func.func @slot_matmul_c8_length(%x: tensor<1x48xf32>, %w: tensor<6x48x16xf32>,
    %i: tensor<1x2xi32>, %init: tensor<2x16xf32>)
    -> tensor<2x16xf32> {
  // expected-error@below {{'moa.slot_matmul' op needs heads and a length for its rotary positions}}
  %r = "moa.slot_matmul"(%x, %w, %i, %init)
      <{input_rows = 2 : i32,
        rotary = #moa.rotary<theta = 1.0e4 : f64, dim = 8>, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1>}>
      : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, tensor<2x16xf32>)
      -> tensor<2x16xf32>
  return %r : tensor<2x16xf32>
}

// -----

func.func @slot_matmul_c9(%x: tensor<1x48xf32>, %w: tensor<6x48x16xf32>,
    %i: tensor<1x2xi32>, %length: index, %init: tensor<2x16xf32>)
    -> tensor<2x16xf32> {
  // expected-error@below {{'moa.slot_matmul' op heads (0) must be at least 1}}
  %r = moa.slot_matmul token(%x), %w, %i rotary(<theta = 1.0e4 : f64, dim = 8>)
      heads(0) length(%length) into(%init)
      : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, index, tensor<2x16xf32>)
      -> tensor<2x16xf32>
  return %r : tensor<2x16xf32>
}

// -----

func.func @slot_matmul_c9_multiple(%x: tensor<1x48xf32>, %w: tensor<6x48x16xf32>,
    %i: tensor<1x2xi32>, %length: index, %init: tensor<2x16xf32>)
    -> tensor<2x16xf32> {
  // expected-error@below {{'moa.slot_matmul' op 'init' dimension 1 (16) is not a multiple of 3: it is 3 * d}}
  %r = moa.slot_matmul token(%x), %w, %i rotary(<theta = 1.0e4 : f64, dim = 8>)
      heads(3) length(%length) into(%init)
      : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, index, tensor<2x16xf32>)
      -> tensor<2x16xf32>
  return %r : tensor<2x16xf32>
}

// -----

func.func @slot_matmul_c10(%x: tensor<1x48xf32>, %w: tensor<6x48x16xf32>,
    %i: tensor<1x2xi32>, %length: index, %init: tensor<2x16xf32>)
    -> tensor<2x16xf32> {
  // expected-error@below {{'moa.slot_matmul' op heads * rotary dim (20) exceeds 'init' dimension 1 (16)}}
  %r = moa.slot_matmul token(%x), %w, %i rotary(<theta = 1.0e4 : f64, dim = 10>)
      heads(2) length(%length) into(%init)
      : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, index, tensor<2x16xf32>)
      -> tensor<2x16xf32>
  return %r : tensor<2x16xf32>
}

// -----

func.func @slot_matmul_c2_more_than_experts(%input: tensor<1x48xf32>,
    %weights: tensor<1x48x16xf32>, %indices: tensor<1x2xi32>, %init: tensor<2x16xf32>)
    -> tensor<2x16xf32> {
  // expected-error@below {{'moa.slot_matmul' op top_k (2) exceeds 'weights' dimension 0 (1)}}
  %r = moa.slot_matmul token(%input), %weights, %indices into(%init)
      : (tensor<1x48xf32>, tensor<1x48x16xf32>, tensor<1x2xi32>, tensor<2x16xf32>)
      -> tensor<2x16xf32>
  return %r : tensor<2x16xf32>
}
