// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @combine_c1_dynamic(%slots: tensor<132x48xf32>, %gates: tensor<66x?xf32>,
    %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  // expected-error@below {{'moa.combine' op 'gates' dimension 1 (?) must be static: it is the number of slots of a token}}
  %r = moa.combine %slots, %gates into(%init)
      : (tensor<132x48xf32>, tensor<66x?xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}

// -----

func.func @combine_c1_none(%slots: tensor<132x48xf32>, %gates: tensor<66x0xf32>,
    %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  // expected-error@below {{'moa.combine' op 'gates' dimension 1 (0) must be at least 1: it is the number of slots of a token}}
  %r = moa.combine %slots, %gates into(%init)
      : (tensor<132x48xf32>, tensor<66x0xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}

// -----

func.func @combine_c2_slots(%slots: tensor<130x48xf32>, %gates: tensor<66x2xf32>,
    %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  // expected-error@below {{'moa.combine' op 'slots' dimension 0 (130) does not match 'gates' dimension 0 (66): they are 2 * N and N}}
  %r = moa.combine %slots, %gates into(%init)
      : (tensor<130x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}

// -----

func.func @combine_c2_skip(%slots: tensor<132x48xf32>, %gates: tensor<66x2xf32>,
    %skip: tensor<65xi1>, %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  // expected-error@below {{'moa.combine' op 'skip' dimension 0 (65) does not match 'gates' dimension 0 (66): both are N}}
  %r = moa.combine %slots, %gates skip(%skip) into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<65xi1>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}

// -----

func.func @combine_c2_multiple(%slots: tensor<131x48xf32>, %gates: tensor<66x2xf32>,
    %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  // expected-error@below {{'moa.combine' op 'slots' dimension 0 (131) is not a multiple of 2: it is 2 * N}}
  %r = moa.combine %slots, %gates into(%init)
      : (tensor<131x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}

// -----

func.func @combine_c3_slots(%slots: tensor<132x47xf32>, %gates: tensor<66x2xf32>,
    %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  // expected-error@below {{'moa.combine' op 'init' dimension 1 (48) does not match 'slots' dimension 1 (47): both are D}}
  %r = moa.combine %slots, %gates into(%init)
      : (tensor<132x47xf32>, tensor<66x2xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}

// -----

func.func @combine_c3_bias(%slots: tensor<132x48xf32>, %gates: tensor<66x2xf32>,
    %bias: tensor<47xf32>, %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  // expected-error@below {{'moa.combine' op 'bias' dimension 0 (47) does not match 'slots' dimension 1 (48): both are D}}
  %r = moa.combine %slots, %gates bias(%bias) into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<47xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}

// -----

func.func @combine_c4(%slots: tensor<132x48xf16>, %gates: tensor<66x2xf32>,
    %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  // expected-error@below {{'moa.combine' op 'slots' has element type 'f16', 'init' has 'f32': 'slots' must have the same or f32}}
  %r = moa.combine %slots, %gates into(%init)
      : (tensor<132x48xf16>, tensor<66x2xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}

// -----

func.func @combine_c5(%slots: tensor<132x48xf32>, %gates: tensor<66x2xf32>,
    %bias: tensor<48xf16>, %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  // expected-error@below {{'moa.combine' op 'bias' has element type 'f16', 'init' has 'f32': they must be the same}}
  %r = moa.combine %slots, %gates bias(%bias) into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<48xf16>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}

// -----

func.func @combine_c2_residual(%slots: tensor<132x48xf32>, %gates: tensor<66x2xf32>,
    %residual: tensor<65x48xf32>, %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  // expected-error@below {{'moa.combine' op 'residual' dimension 0 (65) does not match 'gates' dimension 0 (66): both are N}}
  %r = moa.combine %slots, %gates residual(%residual) into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<65x48xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}

// -----

func.func @combine_c3_residual(%slots: tensor<132x48xf32>, %gates: tensor<66x2xf32>,
    %residual: tensor<66x47xf32>, %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  // expected-error@below {{'moa.combine' op 'residual' dimension 1 (47) does not match 'slots' dimension 1 (48): both are D}}
  %r = moa.combine %slots, %gates residual(%residual) into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x47xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}

// -----

func.func @combine_c5_residual(%slots: tensor<132x48xf32>, %gates: tensor<66x2xf32>,
    %residual: tensor<66x48xf16>, %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  // expected-error@below {{'moa.combine' op 'residual' has element type 'f16', 'init' has 'f32': they must be the same}}
  %r = moa.combine %slots, %gates residual(%residual) into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xf16>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}
