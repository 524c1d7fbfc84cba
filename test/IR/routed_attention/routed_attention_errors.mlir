// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @routed_attention_c1_heads(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x64xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op heads (0) must be at least 1}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(0) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c1_top_k(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x64xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op top_k (0) must be at least 1}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(0),
      %key, %value heads(4) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c2(%input: tensor<66x48xf32>, %weights: tensor<6x48x64xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x33x4x16xf32>, %init: tensor<2x33x7x16xf32>)
    -> tensor<2x33x7x16xf32> {
  // expected-error@below {{'moa.routed_attention' op 'init' dimension 2 (7) is not a multiple of 4: it is 4 * k}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x7x16xf32>)
      -> tensor<2x33x7x16xf32>
  return %r : tensor<2x33x7x16xf32>
}

// -----

func.func @routed_attention_c2_lse(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x64xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>,
    %lse: tensor<2x33x4xf32>)
    -> (tensor<2x33x8x16xf32>, tensor<2x33x4xf32>) {
  // expected-error@below {{'moa.routed_attention' op 'lse_init' dimension 2 (4) does not match top_k (2): they are 4 * k and k}}
  %r:2 = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4) into(%init, %lse)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>,
         tensor<2x33x4xf32>)
      -> (tensor<2x33x8x16xf32>, tensor<2x33x4xf32>)
  return %r#0, %r#1 : tensor<2x33x8x16xf32>, tensor<2x33x4xf32>
}

// -----

func.func @routed_attention_c3_dynamic(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x64xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<132xi32>, %key: tensor<2x33x?x16xf32>,
    %value: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op 'key' dimension 2 (?) must be static: it is the number of key/value heads, which head_map group divides by}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4) head_map(group) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x?x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c3_none(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x64xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<132xi32>, %key: tensor<2x33x0x16xf32>,
    %value: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op the number of key/value heads (0) must be at least 1}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x0x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c3_group(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x64xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<132xi32>, %key: tensor<2x33x3x16xf32>,
    %value: tensor<2x33x3x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op the number of key/value heads (3) does not divide heads (4), as head_map group needs}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4) head_map(group) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x3x16xf32>, tensor<2x33x3x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c4(%input: tensor<66x48xf32>, %weights: tensor<6x48x64xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op window (0) must be at least 1}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4) window(0) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c5(%input: tensor<66x48xf32>, %weights: tensor<6x48x64xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>,
    %lse: tensor<2x33x8xf32>)
    -> (tensor<2x33x8x16xf32>, tensor<2x33x8xf32>) {
  // expected-error@below {{'moa.routed_attention' op has no lse with score stick_breaking: only softmax has one}}
  %r:2 = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4) score(stick_breaking) into(%init, %lse)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>,
         tensor<2x33x8xf32>)
      -> (tensor<2x33x8x16xf32>, tensor<2x33x8xf32>)
  return %r#0, %r#1 : tensor<2x33x8x16xf32>, tensor<2x33x8xf32>
}

// -----

func.func @routed_attention_c6(%input: tensor<66x48xf32>, %weights: tensor<6x48x64xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf16>,
    %value: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op 'key' has element type 'f16', 'input' has 'f32': they must be the same}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf16>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c7(%input: tensor<66x48xf32>, %weights: tensor<6x48x64xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<3x33x4x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op 'value' dimension 0 (3) does not match 'key' dimension 0 (2): both are B}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf32>, tensor<3x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c7_lengths(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x64xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x33x4x16xf32>, %lengths: tensor<3xi32>, %boolean: tensor<2x33x33xi1>,
    %additive: tensor<1x33x33xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op 'lengths' dimension 0 (3) does not match 'key' dimension 0 (2): both are B}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4)
      lengths(%lengths) boolean_mask(%boolean) additive_mask(%additive) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<3xi32>, tensor<2x33x33xi1>,
         tensor<1x33x33xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c8(%input: tensor<66x48xf32>, %weights: tensor<6x48x64xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x33x4x16xf32>, %lengths: tensor<2xi32>, %boolean: tensor<2x32x33xi1>,
    %additive: tensor<1x33x33xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op 'additive_mask' dimension 1 (33) does not match 'boolean_mask' dimension 1 (32): both are T}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4)
      lengths(%lengths) boolean_mask(%boolean) additive_mask(%additive) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2xi32>, tensor<2x32x33xi1>,
         tensor<1x33x33xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c9(%input: tensor<66x48xf32>, %weights: tensor<6x48x64xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x32x4x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op 'value' dimension 1 (32) does not match 'key' dimension 1 (33): both are S}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf32>, tensor<2x32x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c9_mask(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x64xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x33x4x16xf32>, %lengths: tensor<2xi32>, %boolean: tensor<2x33x33xi1>,
    %additive: tensor<1x33x32xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op 'additive_mask' dimension 2 (32) does not match 'key' dimension 1 (33): both are S}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4)
      lengths(%lengths) boolean_mask(%boolean) additive_mask(%additive) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2xi32>, tensor<2x33x33xi1>,
         tensor<1x33x32xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c10(%input: tensor<66x48xf32>, %weights: tensor<6x48x64xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x33x2x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op 'value' dimension 2 (2) does not match 'key' dimension 2 (4): both are Hkv}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf32>, tensor<2x33x2x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c11(%input: tensor<66x48xf32>, %weights: tensor<6x48x60xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op 'key' dimension 3 (16) does not match 'weights' dimension 2 (60): they are d and 4 * d}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x60xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c11_multiple(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x63xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op 'weights' dimension 2 (63) is not a multiple of 4: it is 4 * d}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x63xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c11_key(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x64xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<132xi32>, %key: tensor<2x33x4x15xf32>,
    %value: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op 'key' dimension 3 (15) does not match 'weights' dimension 2 (64): they are d and 4 * d}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x15xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c11_no_width(%input: tensor<66x48xf32>, %weights: tensor<6x48x0xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %key: tensor<2x33x4x0xf32>,
    %init: tensor<2x33x8x0xf32>) -> tensor<2x33x8x0xf32> {
  // expected-error@below {{'moa.routed_attention' op the width of a head (0) must be at least 1}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %key heads(4) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x0xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x0xf32>, tensor<2x33x4x0xf32>, tensor<2x33x8x0xf32>)
      -> tensor<2x33x8x0xf32>
  return %r : tensor<2x33x8x0xf32>
}

// -----

func.func @routed_attention_c12(%input: tensor<66x48xf32>, %weights: tensor<6x48x64xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x33x4x16xf32>, %lengths: tensor<2xi32>, %boolean: tensor<2x33x33xi1>,
    %additive: tensor<3x33x33xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op 'additive_mask' dimension 0 (3) must be 1 or match 'key' dimension 0 (2)}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4)
      lengths(%lengths) boolean_mask(%boolean) additive_mask(%additive) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2xi32>, tensor<2x33x33xi1>,
         tensor<3x33x33xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c13(%input: tensor<66x48xf32>, %weights: tensor<6x47x64xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op 'weights' dimension 1 (47) does not match 'input' dimension 1 (48): both are D}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4) into(%init)
      : (tensor<66x48xf32>, tensor<6x47x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c13_transposed(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x64xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op 'weights' dimension 2 (64) does not match 'input' dimension 1 (48): both are D}}
  %r = moa.routed_attention %input, %weights transposed groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c14(%input: tensor<66x48xf32>, %weights: tensor<6x48x64xf32>,
    %offsets: tensor<6xi32>, %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op 'offsets' dimension 0 (6) does not match 'weights' dimension 0 (6): they are E + 1 and E}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<6xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c15(%input: tensor<65x48xf32>, %weights: tensor<6x48x64xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op 'input' dimension 0 (65) does not match the tokens of 'init' (2 * 33 = 66)}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4) into(%init)
      : (tensor<65x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c15_permutation(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x64xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<131xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op 'permutation' dimension 0 (131) is not a multiple of 2: it is 2 * B*T}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<131xi32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c15_slots(%input: tensor<66x48xf32>,
    %weights: tensor<6x48x64xf32>, %offsets: tensor<7xi32>,
    %permutation: tensor<130xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op 'permutation' dimension 0 (130) does not match 'input' dimension 0 (66): they are 2 * B*T and B*T}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<130xi32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// -----

func.func @routed_attention_c16(%input: tensor<66x48xf32>, %weights: tensor<6x48x64xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  // expected-error@below {{'moa.routed_attention' op rotary dim (18) exceeds 'init' dimension 3 (16)}}
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2)
      rotary(<theta = 1.0e4 : f64, dim = 18>),
      %key, %value heads(4) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}
