// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @key_value_c1_dynamic(%input: tensor<2x33x48xf32>, %key: tensor<48x64xf32>,
    %value: tensor<48x64xf32>, %key_init: tensor<2x33x?x16xf32>,
    %value_init: tensor<2x33x4x16xf32>)
    -> (tensor<2x33x?x16xf32>, tensor<2x33x4x16xf32>) {
  // expected-error@below {{'moa.key_value' op 'key_init' dimension 2 (?) must be static: it is the number of key/value heads}}
  %r:2 = moa.key_value %input, %key, %value into(%key_init, %value_init)
      : (tensor<2x33x48xf32>, tensor<48x64xf32>, tensor<48x64xf32>,
         tensor<2x33x?x16xf32>, tensor<2x33x4x16xf32>)
      -> (tensor<2x33x?x16xf32>, tensor<2x33x4x16xf32>)
  return %r#0, %r#1 : tensor<2x33x?x16xf32>, tensor<2x33x4x16xf32>
}

// -----

func.func @key_value_c1_none(%input: tensor<2x33x48xf32>, %key: tensor<48x64xf32>,
    %value: tensor<48x64xf32>, %key_init: tensor<2x33x0x16xf32>,
    %value_init: tensor<2x33x4x16xf32>)
    -> (tensor<2x33x0x16xf32>, tensor<2x33x4x16xf32>) {
  // expected-error@below {{'moa.key_value' op the number of key/value heads (0) must be at least 1}}
  %r:2 = moa.key_value %input, %key, %value into(%key_init, %value_init)
      : (tensor<2x33x48xf32>, tensor<48x64xf32>, tensor<48x64xf32>,
         tensor<2x33x0x16xf32>, tensor<2x33x4x16xf32>)
      -> (tensor<2x33x0x16xf32>, tensor<2x33x4x16xf32>)
  return %r#0, %r#1 : tensor<2x33x0x16xf32>, tensor<2x33x4x16xf32>
}

// -----

func.func @key_value_c2(%input: tensor<2x33x48xf32>, %key: tensor<48x64xf32>,
    %value: tensor<48x64xf32>, %key_init: tensor<3x33x4x16xf32>,
    %value_init: tensor<2x33x4x16xf32>)
    -> (tensor<3x33x4x16xf32>, tensor<2x33x4x16xf32>) {
  // expected-error@below {{'moa.key_value' op 'key_init' dimension 0 (3) does not match 'input' dimension 0 (2): both are B}}
  %r:2 = moa.key_value %input, %key, %value into(%key_init, %value_init)
      : (tensor<2x33x48xf32>, tensor<48x64xf32>, tensor<48x64xf32>,
         tensor<3x33x4x16xf32>, tensor<2x33x4x16xf32>)
      -> (tensor<3x33x4x16xf32>, tensor<2x33x4x16xf32>)
  return %r#0, %r#1 : tensor<3x33x4x16xf32>, tensor<2x33x4x16xf32>
}

// -----

func.func @key_value_c3(%input: tensor<2x33x48xf32>, %key: tensor<48x64xf32>,
    %value: tensor<48x64xf32>, %key_init: tensor<2x33x4x16xf32>,
    %value_init: tensor<2x32x4x16xf32>)
    -> (tensor<2x33x4x16xf32>, tensor<2x32x4x16xf32>) {
  // expected-error@below {{'moa.key_value' op 'value_init' dimension 1 (32) does not match 'input' dimension 1 (33): both are S}}
  %r:2 = moa.key_value %input, %key, %value into(%key_init, %value_init)
      : (tensor<2x33x48xf32>, tensor<48x64xf32>, tensor<48x64xf32>,
         tensor<2x33x4x16xf32>, tensor<2x32x4x16xf32>)
      -> (tensor<2x33x4x16xf32>, tensor<2x32x4x16xf32>)
  return %r#0, %r#1 : tensor<2x33x4x16xf32>, tensor<2x32x4x16xf32>
}

// -----

func.func @key_value_c4(%input: tensor<2x33x48xf32>, %key: tensor<48x64xf32>,
    %value: tensor<47x64xf32>, %key_init: tensor<2x33x4x16xf32>,
    %value_init: tensor<2x33x4x16xf32>)
    -> (tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>) {
  // expected-error@below {{'moa.key_value' op 'value' dimension 0 (47) does not match 'input' dimension 2 (48): both are D}}
  %r:2 = moa.key_value %input, %key, %value into(%key_init, %value_init)
      : (tensor<2x33x48xf32>, tensor<48x64xf32>, tensor<47x64xf32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>)
      -> (tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>)
  return %r#0, %r#1 : tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>
}

// -----

func.func @key_value_c5(%input: tensor<2x33x48xf32>, %key: tensor<48x64xf32>,
    %value: tensor<48x64xf32>, %key_init: tensor<2x33x4x16xf32>,
    %value_init: tensor<2x33x2x16xf32>)
    -> (tensor<2x33x4x16xf32>, tensor<2x33x2x16xf32>) {
  // expected-error@below {{'moa.key_value' op 'value_init' dimension 2 (2) does not match 'key_init' dimension 2 (4): both are Hkv}}
  %r:2 = moa.key_value %input, %key, %value into(%key_init, %value_init)
      : (tensor<2x33x48xf32>, tensor<48x64xf32>, tensor<48x64xf32>,
         tensor<2x33x4x16xf32>, tensor<2x33x2x16xf32>)
      -> (tensor<2x33x4x16xf32>, tensor<2x33x2x16xf32>)
  return %r#0, %r#1 : tensor<2x33x4x16xf32>, tensor<2x33x2x16xf32>
}

// -----

func.func @key_value_c6(%input: tensor<2x33x48xf32>, %key: tensor<48x64xf32>,
    %value: tensor<48x60xf32>, %key_init: tensor<2x33x4x16xf32>,
    %value_init: tensor<2x33x4x16xf32>)
    -> (tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>) {
  // expected-error@below {{'moa.key_value' op 'value' dimension 1 (60) does not match 'key' dimension 1 (64): both are 4 * d}}
  %r:2 = moa.key_value %input, %key, %value into(%key_init, %value_init)
      : (tensor<2x33x48xf32>, tensor<48x64xf32>, tensor<48x60xf32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>)
      -> (tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>)
  return %r#0, %r#1 : tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>
}

// -----

func.func @key_value_c6_multiple(%input: tensor<2x33x48xf32>, %key: tensor<48x63xf32>,
    %value: tensor<48x64xf32>, %key_init: tensor<2x33x4x16xf32>,
    %value_init: tensor<2x33x4x16xf32>)
    -> (tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>) {
  // expected-error@below {{'moa.key_value' op 'key' dimension 1 (63) is not a multiple of 4: it is 4 * d}}
  %r:2 = moa.key_value %input, %key, %value into(%key_init, %value_init)
      : (tensor<2x33x48xf32>, tensor<48x63xf32>, tensor<48x64xf32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>)
      -> (tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>)
  return %r#0, %r#1 : tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>
}

// -----

func.func @key_value_c6_init(%input: tensor<2x33x48xf32>, %key: tensor<48x64xf32>,
    %value: tensor<48x64xf32>, %key_init: tensor<2x33x4x15xf32>,
    %value_init: tensor<2x33x4x16xf32>)
    -> (tensor<2x33x4x15xf32>, tensor<2x33x4x16xf32>) {
  // expected-error@below {{'moa.key_value' op 'key_init' dimension 3 (15) does not match 'key' dimension 1 (64): they are d and 4 * d}}
  %r:2 = moa.key_value %input, %key, %value into(%key_init, %value_init)
      : (tensor<2x33x48xf32>, tensor<48x64xf32>, tensor<48x64xf32>,
         tensor<2x33x4x15xf32>, tensor<2x33x4x16xf32>)
      -> (tensor<2x33x4x15xf32>, tensor<2x33x4x16xf32>)
  return %r#0, %r#1 : tensor<2x33x4x15xf32>, tensor<2x33x4x16xf32>
}

// -----

func.func @key_value_c7(%input: tensor<2x33x48xf32>, %key: tensor<48x64xf32>,
    %value: tensor<48x64xf16>, %key_init: tensor<2x33x4x16xf32>,
    %value_init: tensor<2x33x4x16xf32>)
    -> (tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>) {
  // expected-error@below {{'moa.key_value' op 'value' has element type 'f16', 'input' has 'f32': they must be the same}}
  %r:2 = moa.key_value %input, %key, %value into(%key_init, %value_init)
      : (tensor<2x33x48xf32>, tensor<48x64xf32>, tensor<48x64xf16>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>)
      -> (tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>)
  return %r#0, %r#1 : tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>
}

// -----

func.func @key_value_c8(%input: tensor<2x33x48xf32>, %key: tensor<48x64xf32>,
    %value: tensor<48x64xf32>, %key_init: tensor<2x33x4x16xf32>,
    %value_init: tensor<2x33x4x16xf32>)
    -> (tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>) {
  // expected-error@below {{'moa.key_value' op rotary dim (18) exceeds 'key_init' dimension 3 (16)}}
  %r:2 = moa.key_value %input, %key, %value rotary(<theta = 1.0e4 : f64, dim = 18>) into(%key_init, %value_init)
      : (tensor<2x33x48xf32>, tensor<48x64xf32>, tensor<48x64xf32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>)
      -> (tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>)
  return %r#0, %r#1 : tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>
}

// -----

func.func @key_value_c9(%input: tensor<2x33x48xf32>, %key: tensor<48x64xf32>,
    %value: tensor<48x64xf32>, %position: index, %key_init: tensor<2x33x4x16xf32>,
    %value_init: tensor<2x33x4x16xf32>)
    -> (tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>) {
  // expected-error@below {{'moa.key_value' op has a position, which only rotary reads}}
  %r:2 = moa.key_value %input, %key, %value position(%position) into(%key_init, %value_init)
      : (tensor<2x33x48xf32>, tensor<48x64xf32>, tensor<48x64xf32>, index,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>)
      -> (tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>)
  return %r#0, %r#1 : tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>
}
