// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @route_c1(%logits: tensor<5x?xf32>)
    -> (tensor<5x2xi32>, tensor<5x2xf32>) {
  // expected-error@below {{'moa.route' op 'logits' dimension 1 (?) must be static: it is the number of experts}}
  %r:2 = moa.route %logits top_k(2) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<5x?xf32>)
      -> (tensor<5x2xi32>, tensor<5x2xf32>)
  return %r#0, %r#1 : tensor<5x2xi32>, tensor<5x2xf32>
}

// -----

func.func @route_c2_above(%logits: tensor<5x6xf32>)
    -> (tensor<5x2xi32>, tensor<5x2xf32>) {
  // expected-error@below {{'moa.route' op top_k (7) exceeds the number of experts (6)}}
  %r:2 = moa.route %logits top_k(7) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<5x6xf32>)
      -> (tensor<5x2xi32>, tensor<5x2xf32>)
  return %r#0, %r#1 : tensor<5x2xi32>, tensor<5x2xf32>
}

// -----

func.func @route_c2_below(%logits: tensor<5x6xf32>)
    -> (tensor<5x2xi32>, tensor<5x2xf32>) {
  // expected-error@below {{'moa.route' op top_k (0) must be at least 1}}
  %r:2 = moa.route %logits top_k(0) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<5x6xf32>)
      -> (tensor<5x2xi32>, tensor<5x2xf32>)
  return %r#0, %r#1 : tensor<5x2xi32>, tensor<5x2xf32>
}

// -----

func.func @route_c3(%logits: tensor<5x6xf32>)
    -> (tensor<5x2xi32>, tensor<5x2xf32>) {
  // expected-error@below {{'moa.route' op all needs top_k (2) to be the number of experts (6)}}
  %r:2 = moa.route %logits top_k(2) all gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<5x6xf32>)
      -> (tensor<5x2xi32>, tensor<5x2xf32>)
  return %r#0, %r#1 : tensor<5x2xi32>, tensor<5x2xf32>
}

// -----

func.func @route_c4(%logits: tensor<5x6xf32>, %selection_bias: tensor<5xf32>)
    -> (tensor<5x2xi32>, tensor<5x2xf32>) {
  // expected-error@below {{'moa.route' op 'selection_bias' dimension 0 (5) does not match 'logits' dimension 1 (6): both are E}}
  %r:2 = moa.route %logits selection_bias(%selection_bias) top_k(2)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<5x6xf32>, tensor<5xf32>)
      -> (tensor<5x2xi32>, tensor<5x2xf32>)
  return %r#0, %r#1 : tensor<5x2xi32>, tensor<5x2xf32>
}

// -----

func.func @route_c5(%logits: tensor<5x6xf32>, %skip: tensor<6xi1>)
    -> (tensor<5x2xi32>, tensor<5x2xf32>) {
  // expected-error@below {{'moa.route' op 'skip' dimension 0 (6) does not match 'logits' dimension 0 (5): both are N}}
  %r:2 = moa.route %logits skip(%skip) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<5x6xf32>, tensor<6xi1>)
      -> (tensor<5x2xi32>, tensor<5x2xf32>)
  return %r#0, %r#1 : tensor<5x2xi32>, tensor<5x2xf32>
}

// -----

func.func @route_c6(%logits: tensor<5x6xf32>)
    -> (tensor<5x2xi32>, tensor<5x2xf32>) {
  // expected-error@+2 {{'moa.route' op inferred type(s) 'tensor<5x3xi32>', 'tensor<5x3xf32>' are incompatible with return type(s) of operation 'tensor<5x2xi32>', 'tensor<5x2xf32>'}}
  // expected-error@below {{'moa.route' op failed to infer returned types}}
  %r:2 = moa.route %logits top_k(3) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<5x6xf32>)
      -> (tensor<5x2xi32>, tensor<5x2xf32>)
  return %r#0, %r#1 : tensor<5x2xi32>, tensor<5x2xf32>
}

// -----

func.func @route_c6_rows(%logits: tensor<?x6xf32>)
    -> (tensor<5x2xi32>, tensor<5x2xf32>) {
  // expected-error@+2 {{'moa.route' op inferred type(s) 'tensor<?x2xi32>', 'tensor<?x2xf32>' are incompatible with return type(s) of operation 'tensor<5x2xi32>', 'tensor<5x2xf32>'}}
  // expected-error@below {{'moa.route' op failed to infer returned types}}
  %r:2 = moa.route %logits top_k(2) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<?x6xf32>)
      -> (tensor<5x2xi32>, tensor<5x2xf32>)
  return %r#0, %r#1 : tensor<5x2xi32>, tensor<5x2xf32>
}
