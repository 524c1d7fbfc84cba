// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @attention_c1(%query: tensor<2x3x8x16xf32>, %key: tensor<2x5x4x16xf32>,
    %value: tensor<2x5x4x16xf32>, %init: tensor<2x3x8x16xf32>)
    -> tensor<2x3x8x16xf32> {
  // expected-error@below {{'moa.attention' op heads (0) must be at least 1}}
  %r = moa.attention %query, %key, %value heads(0) into(%init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x4x16xf32>, tensor<2x5x4x16xf32>,
         tensor<2x3x8x16xf32>)
      -> tensor<2x3x8x16xf32>
  return %r : tensor<2x3x8x16xf32>
}

// -----

func.func @attention_c2_multiple(%query: tensor<2x3x8x16xf32>,
    %key: tensor<2x5x4x16xf32>, %value: tensor<2x5x4x16xf32>,
    %init: tensor<2x3x8x16xf32>)
    -> tensor<2x3x8x16xf32> {
  // expected-error@below {{'moa.attention' op 'query' dimension 2 (8) is not a multiple of 3: it is 3 * k}}
  %r = moa.attention %query, %key, %value heads(3) into(%init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x4x16xf32>, tensor<2x5x4x16xf32>,
         tensor<2x3x8x16xf32>)
      -> tensor<2x3x8x16xf32>
  return %r : tensor<2x3x8x16xf32>
}

// -----

func.func @attention_c2_init(%query: tensor<2x3x8x16xf32>, %key: tensor<2x5x4x16xf32>,
    %value: tensor<2x5x4x16xf32>, %init: tensor<2x3x4x16xf32>)
    -> tensor<2x3x4x16xf32> {
  // expected-error@below {{'moa.attention' op 'init' dimension 2 (4) does not match 'query' dimension 2 (8): both are 4 * k}}
  %r = moa.attention %query, %key, %value heads(4) into(%init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x4x16xf32>, tensor<2x5x4x16xf32>,
         tensor<2x3x4x16xf32>)
      -> tensor<2x3x4x16xf32>
  return %r : tensor<2x3x4x16xf32>
}

// -----

func.func @attention_c2_lse(%query: tensor<2x3x8x16xf32>, %key: tensor<2x5x4x16xf32>,
    %value: tensor<2x5x4x16xf32>, %init: tensor<2x3x8x16xf32>,
    %lse_init: tensor<2x3x4xf32>)
    -> (tensor<2x3x8x16xf32>, tensor<2x3x4xf32>) {
  // expected-error@below {{'moa.attention' op 'lse_init' dimension 2 (4) does not match 'query' dimension 2 (8): both are 4 * k}}
  %r:2 = moa.attention %query, %key, %value heads(4) into(%init, %lse_init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x4x16xf32>, tensor<2x5x4x16xf32>,
         tensor<2x3x8x16xf32>, tensor<2x3x4xf32>)
      -> (tensor<2x3x8x16xf32>, tensor<2x3x4xf32>)
  return %r#0, %r#1 : tensor<2x3x8x16xf32>, tensor<2x3x4xf32>
}

// -----

func.func @attention_c3_dynamic(%query: tensor<2x3x8x16xf32>,
    %key: tensor<2x5x?x16xf32>, %value: tensor<2x5x4x16xf32>,
    %init: tensor<2x3x8x16xf32>)
    -> tensor<2x3x8x16xf32> {
  // expected-error@below {{'moa.attention' op 'key' dimension 2 (?) must be static: it is the number of key/value heads, which head_map group divides by}}
  %r = moa.attention %query, %key, %value heads(4) head_map(group) into(%init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x?x16xf32>, tensor<2x5x4x16xf32>,
         tensor<2x3x8x16xf32>)
      -> tensor<2x3x8x16xf32>
  return %r : tensor<2x3x8x16xf32>
}

// -----

func.func @attention_c3_none(%query: tensor<2x3x8x16xf32>, %key: tensor<2x5x0x16xf32>,
    %value: tensor<2x5x0x16xf32>, %init: tensor<2x3x8x16xf32>)
    -> tensor<2x3x8x16xf32> {
  // expected-error@below {{'moa.attention' op the number of key/value heads (0) must be at least 1}}
  %r = moa.attention %query, %key, %value heads(4) into(%init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x0x16xf32>, tensor<2x5x0x16xf32>,
         tensor<2x3x8x16xf32>)
      -> tensor<2x3x8x16xf32>
  return %r : tensor<2x3x8x16xf32>
}

// -----

func.func @attention_c3_divisor(%query: tensor<2x3x8x16xf32>,
    %key: tensor<2x5x3x16xf32>, %value: tensor<2x5x3x16xf32>,
    %init: tensor<2x3x8x16xf32>)
    -> tensor<2x3x8x16xf32> {
  // expected-error@below {{'moa.attention' op the number of key/value heads (3) does not divide heads (4), as head_map group needs}}
  %r = moa.attention %query, %key, %value heads(4) head_map(group) into(%init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x3x16xf32>, tensor<2x5x3x16xf32>,
         tensor<2x3x8x16xf32>)
      -> tensor<2x3x8x16xf32>
  return %r : tensor<2x3x8x16xf32>
}

// -----

func.func @attention_c4(%query: tensor<2x3x8x16xf32>, %key: tensor<2x5x4x16xf32>,
    %value: tensor<2x5x4x16xf32>, %init: tensor<2x3x8x16xf32>)
    -> tensor<2x3x8x16xf32> {
  // expected-error@below {{'moa.attention' op window (0) must be at least 1}}
  %r = moa.attention %query, %key, %value heads(4) window(0) into(%init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x4x16xf32>, tensor<2x5x4x16xf32>,
         tensor<2x3x8x16xf32>)
      -> tensor<2x3x8x16xf32>
  return %r : tensor<2x3x8x16xf32>
}

// -----

func.func @attention_c5(%query: tensor<2x3x8x16xf32>, %key: tensor<2x5x4x16xf32>,
    %value: tensor<2x5x4x16xf32>, %init: tensor<2x3x8x16xf32>,
    %lse_init: tensor<2x3x8xf32>)
    -> (tensor<2x3x8x16xf32>, tensor<2x3x8xf32>) {
  // expected-error@below {{'moa.attention' op has no lse with score stick_breaking: only softmax has one}}
  %r:2 = moa.attention %query, %key, %value heads(4) score(stick_breaking) into(%init,
      %lse_init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x4x16xf32>, tensor<2x5x4x16xf32>,
         tensor<2x3x8x16xf32>, tensor<2x3x8xf32>)
      -> (tensor<2x3x8x16xf32>, tensor<2x3x8xf32>)
  return %r#0, %r#1 : tensor<2x3x8x16xf32>, tensor<2x3x8xf32>
}

// -----

func.func @attention_c6(%query: tensor<2x3x8x16xf32>, %key: tensor<2x5x4x16xbf16>,
    %value: tensor<2x5x4x16xf32>, %init: tensor<2x3x8x16xf32>)
    -> tensor<2x3x8x16xf32> {
  // expected-error@below {{'moa.attention' op 'key' has element type 'bf16', 'query' has 'f32': they must be the same}}
  %r = moa.attention %query, %key, %value heads(4) into(%init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x4x16xbf16>, tensor<2x5x4x16xf32>,
         tensor<2x3x8x16xf32>)
      -> tensor<2x3x8x16xf32>
  return %r : tensor<2x3x8x16xf32>
}

// -----

func.func @attention_c6_init(%query: tensor<2x3x8x16xf32>, %key: tensor<2x5x4x16xf32>,
    %value: tensor<2x5x4x16xf32>, %init: tensor<2x3x8x16xf16>)
    -> tensor<2x3x8x16xf16> {
  // expected-error@below {{'moa.attention' op 'init' has element type 'f16', 'query' has 'f32': they must be the same}}
  %r = moa.attention %query, %key, %value heads(4) into(%init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x4x16xf32>, tensor<2x5x4x16xf32>,
         tensor<2x3x8x16xf16>)
      -> tensor<2x3x8x16xf16>
  return %r : tensor<2x3x8x16xf16>
}

// -----

func.func @attention_c7_key(%query: tensor<2x3x8x16xf32>, %key: tensor<1x5x4x16xf32>,
    %value: tensor<2x5x4x16xf32>, %init: tensor<2x3x8x16xf32>)
    -> tensor<2x3x8x16xf32> {
  // expected-error@below {{'moa.attention' op 'key' dimension 0 (1) does not match 'query' dimension 0 (2): both are B}}
  %r = moa.attention %query, %key, %value heads(4) into(%init)
      : (tensor<2x3x8x16xf32>, tensor<1x5x4x16xf32>, tensor<2x5x4x16xf32>,
         tensor<2x3x8x16xf32>)
      -> tensor<2x3x8x16xf32>
  return %r : tensor<2x3x8x16xf32>
}

// -----

func.func @attention_c7_lengths(%query: tensor<2x3x8x16xf32>,
    %key: tensor<2x5x4x16xf32>, %value: tensor<2x5x4x16xf32>, %lengths: tensor<3xi32>,
    %init: tensor<2x3x8x16xf32>)
    -> tensor<2x3x8x16xf32> {
  // expected-error@below {{'moa.attention' op 'lengths' dimension 0 (3) does not match 'query' dimension 0 (2): both are B}}
  %r = moa.attention %query, %key, %value heads(4) lengths(%lengths) into(%init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x4x16xf32>, tensor<2x5x4x16xf32>,
         tensor<3xi32>, tensor<2x3x8x16xf32>)
      -> tensor<2x3x8x16xf32>
  return %r : tensor<2x3x8x16xf32>
}

// -----

func.func @attention_c8_mask(%query: tensor<2x3x8x16xf32>, %key: tensor<2x5x4x16xf32>,
    %value: tensor<2x5x4x16xf32>, %boolean_mask: tensor<2x4x5xi1>,
    %init: tensor<2x3x8x16xf32>)
    -> tensor<2x3x8x16xf32> {
  // expected-error@below {{'moa.attention' op 'boolean_mask' dimension 1 (4) does not match 'query' dimension 1 (3): both are T}}
  %r = moa.attention %query, %key, %value heads(4) boolean_mask(%boolean_mask)
      into(%init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x4x16xf32>, tensor<2x5x4x16xf32>,
         tensor<2x4x5xi1>, tensor<2x3x8x16xf32>)
      -> tensor<2x3x8x16xf32>
  return %r : tensor<2x3x8x16xf32>
}

// -----

func.func @attention_c8_init(%query: tensor<2x3x8x16xf32>, %key: tensor<2x5x4x16xf32>,
    %value: tensor<2x5x4x16xf32>, %init: tensor<2x4x8x16xf32>)
    -> tensor<2x4x8x16xf32> {
  // expected-error@below {{'moa.attention' op 'init' dimension 1 (4) does not match 'query' dimension 1 (3): both are T}}
  %r = moa.attention %query, %key, %value heads(4) into(%init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x4x16xf32>, tensor<2x5x4x16xf32>,
         tensor<2x4x8x16xf32>)
      -> tensor<2x4x8x16xf32>
  return %r : tensor<2x4x8x16xf32>
}

// -----

func.func @attention_c9_value(%query: tensor<2x3x8x16xf32>,
    %key: tensor<2x5x4x16xf32>, %value: tensor<2x6x4x16xf32>,
    %init: tensor<2x3x8x16xf32>)
    -> tensor<2x3x8x16xf32> {
  // expected-error@below {{'moa.attention' op 'value' dimension 1 (6) does not match 'key' dimension 1 (5): both are S}}
  %r = moa.attention %query, %key, %value heads(4) into(%init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x4x16xf32>, tensor<2x6x4x16xf32>,
         tensor<2x3x8x16xf32>)
      -> tensor<2x3x8x16xf32>
  return %r : tensor<2x3x8x16xf32>
}

// -----

func.func @attention_c9_mask(%query: tensor<2x3x8x16xf32>, %key: tensor<2x5x4x16xf32>,
    %value: tensor<2x5x4x16xf32>, %additive_mask: tensor<1x3x3xf32>,
    %init: tensor<2x3x8x16xf32>)
    -> tensor<2x3x8x16xf32> {
  // expected-error@below {{'moa.attention' op 'additive_mask' dimension 2 (3) does not match 'key' dimension 1 (5): both are S}}
  %r = moa.attention %query, %key, %value heads(4) additive_mask(%additive_mask)
      into(%init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x4x16xf32>, tensor<2x5x4x16xf32>,
         tensor<1x3x3xf32>, tensor<2x3x8x16xf32>)
      -> tensor<2x3x8x16xf32>
  return %r : tensor<2x3x8x16xf32>
}

// -----

func.func @attention_c10(%query: tensor<2x3x8x16xf32>, %key: tensor<2x5x4x16xf32>,
    %value: tensor<2x5x2x16xf32>, %init: tensor<2x3x8x16xf32>)
    -> tensor<2x3x8x16xf32> {
  // expected-error@below {{'moa.attention' op 'value' dimension 2 (2) does not match 'key' dimension 2 (4): both are Hkv}}
  %r = moa.attention %query, %key, %value heads(4) into(%init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x4x16xf32>, tensor<2x5x2x16xf32>,
         tensor<2x3x8x16xf32>)
      -> tensor<2x3x8x16xf32>
  return %r : tensor<2x3x8x16xf32>
}

// -----

func.func @attention_c11(%query: tensor<2x3x8x16xf32>, %key: tensor<2x5x4x15xf32>,
    %value: tensor<2x5x4x16xf32>, %init: tensor<2x3x8x16xf32>)
    -> tensor<2x3x8x16xf32> {
  // expected-error@below {{'moa.attention' op 'key' dimension 3 (15) does not match 'query' dimension 3 (16): both are d}}
  %r = moa.attention %query, %key, %value heads(4) into(%init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x4x15xf32>, tensor<2x5x4x16xf32>,
         tensor<2x3x8x16xf32>)
      -> tensor<2x3x8x16xf32>
  return %r : tensor<2x3x8x16xf32>
}

// -----

func.func @attention_c11_no_width(%query: tensor<2x3x8x0xf32>, %key: tensor<2x5x4x0xf32>,
    %init: tensor<2x3x8x0xf32>) -> tensor<2x3x8x0xf32> {
  // expected-error@below {{'moa.attention' op the width of a head (0) must be at least 1}}
  %r = moa.attention %query, %key, %key heads(4) into(%init)
      : (tensor<2x3x8x0xf32>, tensor<2x5x4x0xf32>, tensor<2x5x4x0xf32>,
         tensor<2x3x8x0xf32>)
      -> tensor<2x3x8x0xf32>
  return %r : tensor<2x3x8x0xf32>
}

// -----

func.func @attention_c12(%query: tensor<2x3x8x16xf32>, %key: tensor<2x5x4x16xf32>,
    %value: tensor<2x5x4x16xf32>, %additive_mask: tensor<3x3x5xf32>,
    %init: tensor<2x3x8x16xf32>)
    -> tensor<2x3x8x16xf32> {
  // expected-error@below {{'moa.attention' op 'additive_mask' dimension 0 (3) must be 1 or match 'query' dimension 0 (2)}}
  %r = moa.attention %query, %key, %value heads(4) additive_mask(%additive_mask)
      into(%init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x4x16xf32>, tensor<2x5x4x16xf32>,
         tensor<3x3x5xf32>, tensor<2x3x8x16xf32>)
      -> tensor<2x3x8x16xf32>
  return %r : tensor<2x3x8x16xf32>
}

// -----

func.func @attention_c4_scale(%query: tensor<2x3x8x16xf32>,
    %key: tensor<2x5x4x16xf32>, %value: tensor<2x5x4x16xf32>,
    %init: tensor<2x3x8x16xf32>) -> tensor<2x3x8x16xf32> {
  // expected-error@below {{'moa.attention' op scale (nan) must be finite}}
  %r = moa.attention %query, %key, %value heads(8) scale(0x7FF8000000000000) into(%init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x4x16xf32>, tensor<2x5x4x16xf32>,
         tensor<2x3x8x16xf32>)
      -> tensor<2x3x8x16xf32>
  return %r : tensor<2x3x8x16xf32>
}
