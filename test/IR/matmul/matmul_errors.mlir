// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @matmul_c1(%input: tensor<66x48xf32>, %weights: tensor<48x6xf32>,
    %init: tensor<65x6xf32>)
    -> tensor<65x6xf32> {
  // expected-error@below {{'moa.matmul' op 'init' dimension 0 (65) does not match 'input' dimension 0 (66): both are N}}
  %r = moa.matmul %input, %weights into(%init)
      : (tensor<66x48xf32>, tensor<48x6xf32>, tensor<65x6xf32>)
      -> tensor<65x6xf32>
  return %r : tensor<65x6xf32>
}

// -----

func.func @matmul_c2(%input: tensor<66x48xf32>, %weights: tensor<47x6xf32>,
    %init: tensor<66x6xf32>)
    -> tensor<66x6xf32> {
  // expected-error@below {{'moa.matmul' op 'weights' dimension 0 (47) does not match 'input' dimension 1 (48): both are C}}
  %r = moa.matmul %input, %weights into(%init)
      : (tensor<66x48xf32>, tensor<47x6xf32>, tensor<66x6xf32>)
      -> tensor<66x6xf32>
  return %r : tensor<66x6xf32>
}

// -----

func.func @matmul_c2_transposed(%input: tensor<66x48xf32>, %weights: tensor<48x6xf32>,
    %init: tensor<66x6xf32>)
    -> tensor<66x6xf32> {
  // expected-error@below {{'moa.matmul' op 'weights' dimension 1 (6) does not match 'input' dimension 1 (48): both are C}}
  %r = moa.matmul %input, %weights transposed into(%init)
      : (tensor<66x48xf32>, tensor<48x6xf32>, tensor<66x6xf32>)
      -> tensor<66x6xf32>
  return %r : tensor<66x6xf32>
}

// -----

func.func @matmul_c3(%input: tensor<66x48xf32>, %weights: tensor<48x6xf32>,
    %init: tensor<66x7xf32>)
    -> tensor<66x7xf32> {
  // expected-error@below {{'moa.matmul' op 'init' dimension 1 (7) does not match 'weights' dimension 1 (6): both are F}}
  %r = moa.matmul %input, %weights into(%init)
      : (tensor<66x48xf32>, tensor<48x6xf32>, tensor<66x7xf32>)
      -> tensor<66x7xf32>
  return %r : tensor<66x7xf32>
}

// -----

func.func @matmul_c4(%input: tensor<66x48xf32>, %weights: tensor<48x6xf16>,
    %init: tensor<66x6xf32>)
    -> tensor<66x6xf32> {
  // expected-error@below {{'moa.matmul' op 'weights' has element type 'f16', 'input' has 'f32': they must be the same}}
  %r = moa.matmul %input, %weights into(%init)
      : (tensor<66x48xf32>, tensor<48x6xf16>, tensor<66x6xf32>)
      -> tensor<66x6xf32>
  return %r : tensor<66x6xf32>
}

// -----

func.func @matmul_c5(%input: tensor<66x48xf32>, %weights: tensor<48x6xf32>,
    %init: tensor<66x6xbf16>)
    -> tensor<66x6xbf16> {
  // expected-error@below {{'moa.matmul' op 'init' has element type 'bf16', 'input' has 'f32': 'init' must have the same or f32}}
  %r = moa.matmul %input, %weights into(%init)
      : (tensor<66x48xf32>, tensor<48x6xf32>, tensor<66x6xbf16>)
      -> tensor<66x6xbf16>
  return %r : tensor<66x6xbf16>
}
