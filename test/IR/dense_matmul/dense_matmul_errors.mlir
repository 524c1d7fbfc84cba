// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @dense_matmul_c1(%input: tensor<66x48xf32>, %weights: tensor<6x48x16xf32>,
    %init: tensor<396x16xf32>)
    -> tensor<396x16xf32> {
  // expected-error@below {{'moa.dense_matmul' op has no groups: its rows are in slot or token order}}
  %r = moa.dense_matmul grouped(%input), %weights into(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<396x16xf32>)
      -> tensor<396x16xf32>
  return %r : tensor<396x16xf32>
}

// -----

func.func @dense_matmul_c2_dynamic(%input: tensor<66x48xf32>,
    %weights: tensor<?x48x16xf32>, %init: tensor<396x16xf32>)
    -> tensor<396x16xf32> {
  // expected-error@below {{'moa.dense_matmul' op 'weights' dimension 0 (?) must be static: it is the number of experts}}
  %r = moa.dense_matmul token(%input), %weights into(%init)
      : (tensor<66x48xf32>, tensor<?x48x16xf32>, tensor<396x16xf32>)
      -> tensor<396x16xf32>
  return %r : tensor<396x16xf32>
}

// -----

func.func @dense_matmul_c2_none(%input: tensor<66x48xf32>, %weights: tensor<0x48x16xf32>,
    %init: tensor<396x16xf32>)
    -> tensor<396x16xf32> {
  // expected-error@below {{'moa.dense_matmul' op the number of experts (0) must be at least 1}}
  %r = moa.dense_matmul token(%input), %weights into(%init)
      : (tensor<66x48xf32>, tensor<0x48x16xf32>, tensor<396x16xf32>)
      -> tensor<396x16xf32>
  return %r : tensor<396x16xf32>
}

// -----

func.func @dense_matmul_c3(%input: tensor<66x48xf32>, %weights: tensor<6x47x16xf32>,
    %init: tensor<396x16xf32>)
    -> tensor<396x16xf32> {
  // expected-error@below {{'moa.dense_matmul' op 'weights' dimension 1 (47) does not match 'input' dimension 1 (48): both are C}}
  %r = moa.dense_matmul token(%input), %weights into(%init)
      : (tensor<66x48xf32>, tensor<6x47x16xf32>, tensor<396x16xf32>)
      -> tensor<396x16xf32>
  return %r : tensor<396x16xf32>
}

// -----

func.func @dense_matmul_c3_transposed(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x16xf32>, %init: tensor<396x16xf32>)
    -> tensor<396x16xf32> {
  // expected-error@below {{'moa.dense_matmul' op 'weights' dimension 2 (16) does not match 'input' dimension 1 (48): both are C}}
  %r = moa.dense_matmul token(%input), %weights transposed into(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<396x16xf32>)
      -> tensor<396x16xf32>
  return %r : tensor<396x16xf32>
}

// -----

func.func @dense_matmul_c4(%input: tensor<66x48xf32>, %weights: tensor<6x48x16xf32>,
    %init: tensor<396x17xf32>)
    -> tensor<396x17xf32> {
  // expected-error@below {{'moa.dense_matmul' op 'init' dimension 1 (17) does not match 'weights' dimension 2 (16): both are F}}
  %r = moa.dense_matmul token(%input), %weights into(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<396x17xf32>)
      -> tensor<396x17xf32>
  return %r : tensor<396x17xf32>
}

// -----

func.func @dense_matmul_c4_bias(%input: tensor<396x16xf32>,
    %weights: tensor<6x16x48xf32>, %gates: tensor<66x6xf32>, %bias: tensor<47xf32>,
    %skip: tensor<66xi1>, %residual: tensor<66x48xf32>, %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  // expected-error@below {{'moa.dense_matmul' op 'bias' dimension 0 (47) does not match 'weights' dimension 2 (48): both are F}}
  %r = moa.dense_matmul slot(%input), %weights gates(%gates) bias(%bias)
      skip(%skip) residual(%residual) into(%init)
      : (tensor<396x16xf32>, tensor<6x16x48xf32>, tensor<66x6xf32>, tensor<47xf32>,
         tensor<66xi1>, tensor<66x48xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}

// -----

func.func @dense_matmul_c4_residual(%input: tensor<396x16xf32>,
    %weights: tensor<6x16x48xf32>, %gates: tensor<66x6xf32>, %bias: tensor<48xf32>,
    %skip: tensor<66xi1>, %residual: tensor<66x47xf32>, %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  // expected-error@below {{'moa.dense_matmul' op 'residual' dimension 1 (47) does not match 'weights' dimension 2 (48): both are F}}
  %r = moa.dense_matmul slot(%input), %weights gates(%gates) bias(%bias)
      skip(%skip) residual(%residual) into(%init)
      : (tensor<396x16xf32>, tensor<6x16x48xf32>, tensor<66x6xf32>, tensor<48xf32>,
         tensor<66xi1>, tensor<66x47xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}

// -----

func.func @dense_matmul_c5(%input: tensor<66x48xf32>, %weights: tensor<6x48x16xf32>,
    %init: tensor<390x16xf32>)
    -> tensor<390x16xf32> {
  // expected-error@below {{'moa.dense_matmul' op 'init' dimension 0 (390) does not match 'input' dimension 0 (66): they are 6 * N and N}}
  %r = moa.dense_matmul token(%input), %weights into(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<390x16xf32>)
      -> tensor<390x16xf32>
  return %r : tensor<390x16xf32>
}

// -----

func.func @dense_matmul_c5_multiple(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x16xf32>, %init: tensor<395x16xf32>)
    -> tensor<395x16xf32> {
  // expected-error@below {{'moa.dense_matmul' op 'init' dimension 0 (395) is not a multiple of 6: it is 6 * N}}
  %r = moa.dense_matmul token(%input), %weights into(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<395x16xf32>)
      -> tensor<395x16xf32>
  return %r : tensor<395x16xf32>
}

// -----

func.func @dense_matmul_c5_gates(%input: tensor<396x16xf32>,
    %weights: tensor<6x16x48xf32>, %gates: tensor<65x6xf32>, %bias: tensor<48xf32>,
    %skip: tensor<66xi1>, %residual: tensor<66x48xf32>, %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  // expected-error@below {{'moa.dense_matmul' op 'gates' dimension 0 (65) does not match 'input' dimension 0 (396): they are N and 6 * N}}
  %r = moa.dense_matmul slot(%input), %weights gates(%gates) bias(%bias)
      skip(%skip) residual(%residual) into(%init)
      : (tensor<396x16xf32>, tensor<6x16x48xf32>, tensor<65x6xf32>, tensor<48xf32>,
         tensor<66xi1>, tensor<66x48xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}

// -----

func.func @dense_matmul_c5_skip(%input: tensor<396x16xf32>,
    %weights: tensor<6x16x48xf32>, %gates: tensor<66x6xf32>, %bias: tensor<48xf32>,
    %skip: tensor<65xi1>, %residual: tensor<66x48xf32>, %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  // expected-error@below {{'moa.dense_matmul' op 'skip' dimension 0 (65) does not match 'input' dimension 0 (396): they are N and 6 * N}}
  %r = moa.dense_matmul slot(%input), %weights gates(%gates) bias(%bias)
      skip(%skip) residual(%residual) into(%init)
      : (tensor<396x16xf32>, tensor<6x16x48xf32>, tensor<66x6xf32>, tensor<48xf32>,
         tensor<65xi1>, tensor<66x48xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}

// -----

func.func @dense_matmul_c5_residual(%input: tensor<396x16xf32>,
    %weights: tensor<6x16x48xf32>, %gates: tensor<66x6xf32>, %bias: tensor<48xf32>,
    %skip: tensor<66xi1>, %residual: tensor<65x48xf32>, %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  // expected-error@below {{'moa.dense_matmul' op 'residual' dimension 0 (65) does not match 'input' dimension 0 (396): they are N and 6 * N}}
  %r = moa.dense_matmul slot(%input), %weights gates(%gates) bias(%bias)
      skip(%skip) residual(%residual) into(%init)
      : (tensor<396x16xf32>, tensor<6x16x48xf32>, tensor<66x6xf32>, tensor<48xf32>,
         tensor<66xi1>, tensor<65x48xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}

// -----

func.func @dense_matmul_c6(%input: tensor<396x16xf32>, %weights: tensor<6x16x48xf32>,
    %gates: tensor<66x5xf32>, %bias: tensor<48xf32>, %skip: tensor<66xi1>,
    %residual: tensor<66x48xf32>, %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  // expected-error@below {{'moa.dense_matmul' op 'gates' dimension 1 (5) does not match 'weights' dimension 0 (6): both are E}}
  %r = moa.dense_matmul slot(%input), %weights gates(%gates) bias(%bias)
      skip(%skip) residual(%residual) into(%init)
      : (tensor<396x16xf32>, tensor<6x16x48xf32>, tensor<66x5xf32>, tensor<48xf32>,
         tensor<66xi1>, tensor<66x48xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}

// -----

func.func @dense_matmul_c7(%input: tensor<66x48xf32>, %weights: tensor<6x48x16xf16>,
    %init: tensor<396x16xf32>)
    -> tensor<396x16xf32> {
  // expected-error@below {{'moa.dense_matmul' op 'weights' has element type 'f16', 'input' has 'f32': they must be the same}}
  %r = moa.dense_matmul token(%input), %weights into(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf16>, tensor<396x16xf32>)
      -> tensor<396x16xf32>
  return %r : tensor<396x16xf32>
}

// -----

func.func @dense_matmul_c8(%input: tensor<66x48xf32>, %weights: tensor<6x48x16xf32>,
    %init: tensor<396x16xbf16>)
    -> tensor<396x16xbf16> {
  // expected-error@below {{'moa.dense_matmul' op 'init' has element type 'bf16', 'input' has 'f32': 'init' must have the same or f32}}
  %r = moa.dense_matmul token(%input), %weights into(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<396x16xbf16>)
      -> tensor<396x16xbf16>
  return %r : tensor<396x16xbf16>
}

// -----

func.func @dense_matmul_c9(%input: tensor<66x48xf32>, %weights: tensor<6x48x16xf32>,
    %bias: tensor<16xf32>, %init: tensor<396x16xf32>)
    -> tensor<396x16xf32> {
  // expected-error@below {{'moa.dense_matmul' op has gates, bias, skip or residual, which need rows in slot order that are summed}}
  %r = moa.dense_matmul token(%input), %weights bias(%bias) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<16xf32>, tensor<396x16xf32>)
      -> tensor<396x16xf32>
  return %r : tensor<396x16xf32>
}

// -----

func.func @dense_matmul_c10(%input: tensor<396x16xf32>, %weights: tensor<6x16x48xf32>,
    %gates: tensor<66x6xf32>, %bias: tensor<48xf16>, %skip: tensor<66xi1>,
    %residual: tensor<66x48xf32>, %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  // expected-error@below {{'moa.dense_matmul' op 'bias' has element type 'f16', 'init' has 'f32': they must be the same}}
  %r = moa.dense_matmul slot(%input), %weights gates(%gates) bias(%bias)
      skip(%skip) residual(%residual) into(%init)
      : (tensor<396x16xf32>, tensor<6x16x48xf32>, tensor<66x6xf32>, tensor<48xf16>,
         tensor<66xi1>, tensor<66x48xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}

// -----

func.func @dense_matmul_c10_residual(%input: tensor<396x16xf32>,
    %weights: tensor<6x16x48xf32>, %gates: tensor<66x6xf32>, %bias: tensor<48xf32>,
    %skip: tensor<66xi1>, %residual: tensor<66x48xf16>, %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  // expected-error@below {{'moa.dense_matmul' op 'residual' has element type 'f16', 'init' has 'f32': they must be the same}}
  %r = moa.dense_matmul slot(%input), %weights gates(%gates) bias(%bias)
      skip(%skip) residual(%residual) into(%init)
      : (tensor<396x16xf32>, tensor<6x16x48xf32>, tensor<66x6xf32>, tensor<48xf32>,
         tensor<66xi1>, tensor<66x48xf16>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}

// -----

func.func @dense_matmul_c12(%input: tensor<396x16xf32>, %weights: tensor<6x16x48xf32>,
    %length: index, %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  // expected-error@below {{'moa.dense_matmul' op has rotary positions, which need a result in slot order}}
  %r = moa.dense_matmul slot(%input), %weights rotary(<theta = 1.0e4 : f64, dim = 8>)
      heads(3) length(%length) into(%init)
      : (tensor<396x16xf32>, tensor<6x16x48xf32>, index, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}

// -----

func.func @dense_matmul_c13(%input: tensor<66x48xf32>, %weights: tensor<6x48x16xf32>,
    %length: index, %init: tensor<396x16xf32>)
    -> tensor<396x16xf32> {
  // expected-error@below {{'moa.dense_matmul' op heads (0) must be at least 1}}
  %r = moa.dense_matmul token(%input), %weights rotary(<theta = 1.0e4 : f64, dim = 8>)
      heads(0) length(%length) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, index, tensor<396x16xf32>)
      -> tensor<396x16xf32>
  return %r : tensor<396x16xf32>
}

// -----

func.func @dense_matmul_c13_multiple(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x16xf32>, %length: index, %init: tensor<396x16xf32>)
    -> tensor<396x16xf32> {
  // expected-error@below {{'moa.dense_matmul' op 'init' dimension 1 (16) is not a multiple of 3: it is 3 * d}}
  %r = moa.dense_matmul token(%input), %weights rotary(<theta = 1.0e4 : f64, dim = 8>)
      heads(3) length(%length) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, index, tensor<396x16xf32>)
      -> tensor<396x16xf32>
  return %r : tensor<396x16xf32>
}

// -----

func.func @dense_matmul_c14(%input: tensor<66x48xf32>, %weights: tensor<6x48x16xf32>,
    %length: index, %init: tensor<396x16xf32>)
    -> tensor<396x16xf32> {
  // expected-error@below {{'moa.dense_matmul' op heads * rotary dim (20) exceeds 'init' dimension 1 (16)}}
  %r = moa.dense_matmul token(%input), %weights rotary(<theta = 1.0e4 : f64, dim = 10>)
      heads(2) length(%length) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, index, tensor<396x16xf32>)
      -> tensor<396x16xf32>
  return %r : tensor<396x16xf32>
}

// -----

func.func @dense_matmul_c11_position(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x16xf32>, %position: index, %init: tensor<396x16xf32>)
    -> tensor<396x16xf32> {
  // expected-error@below {{'moa.dense_matmul' op has heads, a length or a position, which only rotary reads}}
  %r = "moa.dense_matmul"(%input, %weights, %position, %init)
      <{input_rows = 2 : i32,
        operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 0, 1, 1>}>
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, index, tensor<396x16xf32>)
      -> tensor<396x16xf32>
  return %r : tensor<396x16xf32>
}

// -----

func.func @dense_matmul_c11_length(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x16xf32>, %init: tensor<396x16xf32>)
    -> tensor<396x16xf32> {
  // expected-error@below {{'moa.dense_matmul' op needs heads and a length for its rotary positions}}
  %r = "moa.dense_matmul"(%input, %weights, %init)
      <{input_rows = 2 : i32,
        rotary = #moa.rotary<theta = 1.0e4 : f64, dim = 8>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 0, 0, 1>}>
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<396x16xf32>)
      -> tensor<396x16xf32>
  return %r : tensor<396x16xf32>
}
