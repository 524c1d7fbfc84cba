// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @layer_c1_both(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %logits: tensor<6x4xf32>, %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>,
    %value: tensor<8x4xf32>, %output: tensor<4x4x8xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op has both 'router' and 'logits': give one of them}}
  %r = moa.layer %x router(%router) logits(%logits) query(%query) key(%key)
      value(%value) output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<6x4xf32>, tensor<4x8x4xf32>,
         tensor<8x4xf32>, tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c1_neither(%x: tensor<2x3x8xf32>, %query: tensor<4x8x4xf32>,
    %key: tensor<8x4xf32>, %value: tensor<8x4xf32>, %output: tensor<4x4x8xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op has neither 'router' nor 'logits': give one of them}}
  %r = moa.layer %x query(%query) key(%key) value(%value) output(%output) top_k(2)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>, tensor<8x4xf32>,
         tensor<4x4x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c2_above(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op top_k (5) exceeds the number of experts (4)}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(5) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c2_below(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op top_k (0) must be at least 1}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(0) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c3_query(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<?x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'query' dimension 0 (?) must be static: it is the number of experts}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<?x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c3_router(%x: tensor<2x3x8xf32>, %router: tensor<8x?xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'router' dimension 1 (?) must be static: it is the number of experts}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<8x?xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c4_heads(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op heads (0) must be at least 1}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) heads(0) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c4_kv_heads(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op kv_heads (-1) must be at least 1}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) kv_heads(-1) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c5(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x3xf32>, %value: tensor<8x3xf32>,
    %output: tensor<4x4x8xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op the number of key/value heads (3) does not divide heads (4), as head_map group needs}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) heads(4) kv_heads(3) head_map(group)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x3xf32>,
         tensor<8x3xf32>, tensor<4x4x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c6(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op window (0) must be at least 1}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>) window(0)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c7(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op rotary dim (6) exceeds the width of a head (4)}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>) rotary(<theta = 1.0e4 : f64, dim = 6>)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c8(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>)
    -> (tensor<2x3x8xf32>, tensor<2x3x2xf32>) {
  // expected-error@below {{'moa.layer' op has no lse with score stick_breaking: only softmax has one}}
  %r:2 = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>) score(stick_breaking) also<lse>
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> (tensor<2x3x8xf32>, tensor<2x3x2xf32>)
  return %r#0, %r#1 : tensor<2x3x8xf32>, tensor<2x3x2xf32>
}

// -----

func.func @layer_c9(%x: tensor<2x3x8xf32>, %memory: tensor<2x7x8xf32>,
    %router: tensor<8x4xf32>, %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>,
    %value: tensor<8x4xf32>, %output: tensor<4x4x8xf32>,
    %key_cache: tensor<2x5x1x4xf32>, %value_cache: tensor<2x5x1x4xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op has both 'memory' and a cache: the keys of a memory are complete}}
  %r = moa.layer %x memory(%memory) router(%router) query(%query) key(%key)
      value(%value) output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>) cache(%key_cache, %value_cache)
      : (tensor<2x3x8xf32>, tensor<2x7x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>,
         tensor<8x4xf32>, tensor<8x4xf32>, tensor<4x4x8xf32>, tensor<2x5x1x4xf32>,
         tensor<2x5x1x4xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c10(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>, %key_cache: tensor<2x5x1x4xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op needs both 'key_cache' and 'value_cache', or neither}}
  %y = "moa.layer"(%x, %router, %query, %key, %value, %output, %key_cache) <{
      gate = #moa.gate<activation = softmax, order = activation_then_topk>,
      operandSegmentSizes = array<i32: 1, 0, 1, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0>,
      top_k = 2 : i64}>
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>, tensor<2x5x1x4xf32>)
      -> tensor<2x3x8xf32>
  return %y : tensor<2x3x8xf32>
}

// -----

func.func @layer_c11(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf16>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'query' has element type 'f16', 'x' has 'f32': they must be the same}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf16>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c11_bias(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>, %bias: tensor<8xbf16>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'bias' has element type 'bf16', 'x' has 'f32': they must be the same}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) bias(%bias) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>, tensor<8xbf16>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c12_router(%x: tensor<2x3x8xf32>, %router: tensor<8x5xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'query' dimension 0 (4) does not match 'router' dimension 1 (5): both are E}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<8x5xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c12_selection_bias(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>, %selection_bias: tensor<3xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'selection_bias' dimension 0 (3) does not match 'router' dimension 1 (4): both are E}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>) selection_bias(%selection_bias)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>, tensor<3xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c13_memory(%x: tensor<2x3x8xf32>, %memory: tensor<1x7x8xf32>,
    %router: tensor<8x4xf32>, %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>,
    %value: tensor<8x4xf32>, %output: tensor<4x4x8xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'memory' dimension 0 (1) does not match 'x' dimension 0 (2): both are B}}
  %r = moa.layer %x memory(%memory) router(%router) query(%query) key(%key)
      value(%value) output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<1x7x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>,
         tensor<8x4xf32>, tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c13_lengths(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>, %lengths: tensor<3xi32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'lengths' dimension 0 (3) does not match 'x' dimension 0 (2): both are B}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>) lengths(%lengths)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>, tensor<3xi32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c14_skip(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>, %skip: tensor<2x4xi1>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'skip' dimension 1 (4) does not match 'x' dimension 1 (3): both are T}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>) skip(%skip)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>, tensor<2x4xi1>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c14_boolean_mask(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>, %boolean_mask: tensor<2x4x3xi1>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'boolean_mask' dimension 1 (4) does not match 'x' dimension 1 (3): both are T}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>) boolean_mask(%boolean_mask)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>, tensor<2x4x3xi1>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c15_query(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x7x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'query' dimension 1 (7) does not match 'x' dimension 2 (8): both are D}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x7x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c15_transposed_output(%x: tensor<2x3x8xf32>,
    %router: tensor<4x8xf32>, %query: tensor<4x4x8xf32>, %key: tensor<4x8xf32>,
    %value: tensor<4x8xf32>, %output: tensor<4x7x4xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'output' dimension 1 (7) does not match 'x' dimension 2 (8): both are D}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) transposed top_k(2) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<4x8xf32>, tensor<4x4x8xf32>, tensor<4x8xf32>,
         tensor<4x8xf32>, tensor<4x7x4xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c15_bias(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>, %bias: tensor<9xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'bias' dimension 0 (9) does not match 'x' dimension 2 (8): both are D}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) bias(%bias) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>, tensor<9xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c16_value(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x5xf32>,
    %output: tensor<4x4x8xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'value' dimension 1 (5) does not match 'key' dimension 1 (4): both are d}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x5xf32>, tensor<4x4x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c16_query(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x9xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x12x8xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'query' dimension 2 (9) does not match 'key' dimension 1 (4): they are 3 * d and d}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) heads(3) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x9xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x12x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c16_multiple(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'key' dimension 1 (4) is not a multiple of 3: it is 3 * d}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) kv_heads(3) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c17_heads(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>, %key_cache: tensor<2x5x2x4xf32>,
    %value_cache: tensor<2x5x2x4xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'key_cache' dimension 2 (2) does not match kv_heads (1): both are Hkv}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>) cache(%key_cache, %value_cache)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>, tensor<2x5x2x4xf32>, tensor<2x5x2x4xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c17_length(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>, %key_cache: tensor<2x5x1x4xf32>,
    %value_cache: tensor<2x6x1x4xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'value_cache' dimension 1 (6) does not match 'key_cache' dimension 1 (5): both are P}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>) cache(%key_cache, %value_cache)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>, tensor<2x5x1x4xf32>, tensor<2x6x1x4xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c18_self(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>, %boolean_mask: tensor<2x3x4xi1>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'boolean_mask' dimension 2 (4) does not match 'x' dimension 1 (3): both are S}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>) boolean_mask(%boolean_mask)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>, tensor<2x3x4xi1>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c18_memory(%x: tensor<2x3x8xf32>, %memory: tensor<2x7x8xf32>,
    %router: tensor<8x4xf32>, %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>,
    %value: tensor<8x4xf32>, %output: tensor<4x4x8xf32>,
    %additive_mask: tensor<1x3x3xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'additive_mask' dimension 2 (3) does not match 'memory' dimension 1 (7): both are S}}
  %r = moa.layer %x memory(%memory) router(%router) query(%query) key(%key)
      value(%value) output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>) additive_mask(%additive_mask)
      : (tensor<2x3x8xf32>, tensor<2x7x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>,
         tensor<8x4xf32>, tensor<8x4xf32>, tensor<4x4x8xf32>, tensor<1x3x3xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c18_cache(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>, %key_cache: tensor<2x5x1x4xf32>,
    %value_cache: tensor<2x5x1x4xf32>, %boolean_mask: tensor<2x3x5xi1>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'boolean_mask' dimension 2 (5) does not match the keys of the cache and of 'x' (5 + 3 = 8)}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>) cache(%key_cache, %value_cache)
      boolean_mask(%boolean_mask)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>, tensor<2x5x1x4xf32>, tensor<2x5x1x4xf32>,
         tensor<2x3x5xi1>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c19(%x: tensor<2x3x8xf32>, %logits: tensor<7x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'logits' dimension 0 (7) does not match the tokens of 'x' (2 * 3 = 6)}}
  %r = moa.layer %x logits(%logits) query(%query) key(%key) value(%value)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<7x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c20(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>, %additive_mask: tensor<3x3x3xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op 'additive_mask' dimension 0 (3) must be 1 or match 'x' dimension 0 (2)}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>) additive_mask(%additive_mask)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>, tensor<3x3x3xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c21(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>)
    -> tensor<2x3x9xf32> {
  // expected-error@+2 {{'moa.layer' op inferred type(s) 'tensor<2x3x8xf32>' are incompatible with return type(s) of operation 'tensor<2x3x9xf32>'}}
  // expected-error@below {{'moa.layer' op failed to infer returned types}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> tensor<2x3x9xf32>
  return %r : tensor<2x3x9xf32>
}

// -----

func.func @layer_c21_extra(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>)
    -> (tensor<2x3x8xf32>, tensor<6x3xf32>) {
  // expected-error@+2 {{'moa.layer' op inferred type(s) 'tensor<2x3x8xf32>', 'tensor<6x2xf32>' are incompatible with return type(s) of operation 'tensor<2x3x8xf32>', 'tensor<6x3xf32>'}}
  // expected-error@below {{'moa.layer' op failed to infer returned types}}
  %r:2 = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>) also<gates>
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> (tensor<2x3x8xf32>, tensor<6x3xf32>)
  return %r#0, %r#1 : tensor<2x3x8xf32>, tensor<6x3xf32>
}

// -----

func.func @layer_c21_missing(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %value: tensor<8x4xf32>,
    %output: tensor<4x4x8xf32>)
    -> tensor<2x3x8xf32> {
  // expected-error@+2 {{'moa.layer' op inferred type(s) 'tensor<2x3x8xf32>', 'tensor<6x2xi32>' are incompatible with return type(s) of operation 'tensor<2x3x8xf32>'}}
  // expected-error@below {{'moa.layer' op failed to infer returned types}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%value)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>) also<indices>
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c22(%x: tensor<2x3x0xf32>, %router: tensor<0x4xf32>, %query: tensor<4x0x4xf32>, %key: tensor<0x4xf32>,
    %output: tensor<4x4x0xf32>) -> tensor<2x3x0xf32> {
  // expected-error@below {{'moa.layer' op the width of the model (0) must be at least 1}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%key)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<2x3x0xf32>, tensor<0x4xf32>, tensor<4x0x4xf32>, tensor<0x4xf32>, tensor<0x4xf32>,
         tensor<4x4x0xf32>) -> tensor<2x3x0xf32>
  return %r : tensor<2x3x0xf32>
}

// -----

func.func @layer_c22_head(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>, %query: tensor<4x8x?xf32>, %key: tensor<8x?xf32>,
    %output: tensor<4x0x8xf32>) -> tensor<2x3x8xf32> {
  // expected-error@below {{'moa.layer' op the width of a head (0) must be at least 1}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%key)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x?xf32>, tensor<8x?xf32>, tensor<8x?xf32>,
         tensor<4x0x8xf32>) -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

func.func @layer_c23(%x: tensor<1x4294967296x4xf32>, %router: tensor<4x3xf32>, %query: tensor<3x4x4xf32>,
    %key: tensor<4x4xf32>) -> tensor<1x4294967296x4xf32> {
  // expected-error@below {{'moa.layer' op 'x' has too many tokens for 2 slots of each (1 * 4294967296 * 2): an i32 counts up to 2147483647}}
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%key)
      output(%query) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<1x4294967296x4xf32>, tensor<4x3xf32>, tensor<3x4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>,
         tensor<3x4x4xf32>) -> tensor<1x4294967296x4xf32>
  return %r : tensor<1x4294967296x4xf32>
}
