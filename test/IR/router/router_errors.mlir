// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @router_c1(%input: tensor<66x48xf32>, %weights: tensor<48x?xf32>)
    -> (tensor<66x?xf32>, tensor<66x2xi32>, tensor<66x2xf32>) {
  // expected-error@below {{'moa.router' op 'weights' dimension 1 (?) must be static: it is the number of experts}}
  %r:3 = moa.router %input, %weights top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<66x48xf32>, tensor<48x?xf32>)
      -> (tensor<66x?xf32>, tensor<66x2xi32>, tensor<66x2xf32>)
  return %r#0, %r#1, %r#2 : tensor<66x?xf32>, tensor<66x2xi32>, tensor<66x2xf32>
}

// -----

func.func @router_c2(%input: tensor<66x48xf32>, %weights: tensor<48x6xf32>)
    -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>) {
  // expected-error@below {{'moa.router' op top_k (7) exceeds the number of experts (6)}}
  %r:3 = moa.router %input, %weights top_k(7)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<66x48xf32>, tensor<48x6xf32>)
      -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>)
  return %r#0, %r#1, %r#2 : tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>
}

// -----

func.func @router_c2_none(%input: tensor<66x48xf32>, %weights: tensor<48x6xf32>)
    -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>) {
  // expected-error@below {{'moa.router' op top_k (0) must be at least 1}}
  %r:3 = moa.router %input, %weights top_k(0)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<66x48xf32>, tensor<48x6xf32>)
      -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>)
  return %r#0, %r#1, %r#2 : tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>
}

// -----

func.func @router_c3(%input: tensor<66x48xf32>, %weights: tensor<48x6xf32>)
    -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>) {
  // expected-error@below {{'moa.router' op all needs top_k (2) to be the number of experts (6)}}
  %r:3 = moa.router %input, %weights top_k(2) all
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<66x48xf32>, tensor<48x6xf32>)
      -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>)
  return %r#0, %r#1, %r#2 : tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>
}

// -----

func.func @router_c4(%input: tensor<66x48xf32>, %weights: tensor<47x6xf32>)
    -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>) {
  // expected-error@below {{'moa.router' op 'weights' dimension 0 (47) does not match 'input' dimension 1 (48): both are D}}
  %r:3 = moa.router %input, %weights top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<66x48xf32>, tensor<47x6xf32>)
      -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>)
  return %r#0, %r#1, %r#2 : tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>
}

// -----

func.func @router_c4_transposed(%input: tensor<66x48xf32>, %weights: tensor<48x6xf32>)
    -> (tensor<66x48xf32>, tensor<66x2xi32>, tensor<66x2xf32>) {
  // expected-error@below {{'moa.router' op 'weights' dimension 1 (6) does not match 'input' dimension 1 (48): both are D}}
  %r:3 = moa.router %input, %weights transposed top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<66x48xf32>, tensor<48x6xf32>)
      -> (tensor<66x48xf32>, tensor<66x2xi32>, tensor<66x2xf32>)
  return %r#0, %r#1, %r#2 : tensor<66x48xf32>, tensor<66x2xi32>, tensor<66x2xf32>
}

// -----

func.func @router_c5(%input: tensor<66x48xf32>, %weights: tensor<48x6xf32>,
    %selection_bias: tensor<5xf32>, %skip: tensor<66xi1>)
    -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>) {
  // expected-error@below {{'moa.router' op 'selection_bias' dimension 0 (5) does not match 'weights' dimension 1 (6): both are E}}
  %r:3 = moa.router %input, %weights selection_bias(%selection_bias) skip(%skip)
      top_k(2) gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<66x48xf32>, tensor<48x6xf32>, tensor<5xf32>, tensor<66xi1>)
      -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>)
  return %r#0, %r#1, %r#2 : tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>
}

// -----

func.func @router_c6(%input: tensor<66x48xf32>, %weights: tensor<48x6xf32>,
    %selection_bias: tensor<6xf32>, %skip: tensor<65xi1>)
    -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>) {
  // expected-error@below {{'moa.router' op 'skip' dimension 0 (65) does not match 'input' dimension 0 (66): both are N}}
  %r:3 = moa.router %input, %weights selection_bias(%selection_bias) skip(%skip)
      top_k(2) gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<66x48xf32>, tensor<48x6xf32>, tensor<6xf32>, tensor<65xi1>)
      -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>)
  return %r#0, %r#1, %r#2 : tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>
}

// -----

func.func @router_c7(%input: tensor<66x48xf32>, %weights: tensor<48x6xf16>)
    -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>) {
  // expected-error@below {{'moa.router' op 'weights' has element type 'f16', 'input' has 'f32': they must be the same}}
  %r:3 = moa.router %input, %weights top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<66x48xf32>, tensor<48x6xf16>)
      -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>)
  return %r#0, %r#1, %r#2 : tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>
}

// -----

func.func @router_c8(%input: tensor<66x48xf32>, %weights: tensor<48x6xf32>)
    -> (tensor<66x5xf32>, tensor<66x2xi32>, tensor<66x2xf32>) {
  // expected-error@+2 {{'moa.router' op failed to infer returned types}}
  // expected-error@+1 {{'moa.router' op inferred type(s) 'tensor<66x6xf32>', 'tensor<66x2xi32>', 'tensor<66x2xf32>' are incompatible with return type(s) of operation 'tensor<66x5xf32>', 'tensor<66x2xi32>', 'tensor<66x2xf32>'}}
  %r:3 = moa.router %input, %weights top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<66x48xf32>, tensor<48x6xf32>)
      -> (tensor<66x5xf32>, tensor<66x2xi32>, tensor<66x2xf32>)
  return %r#0, %r#1, %r#2 : tensor<66x5xf32>, tensor<66x2xi32>, tensor<66x2xf32>
}

// -----

func.func @router_c8_losses(%input: tensor<66x48xf32>, %weights: tensor<48x6xf32>)
    -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>) {
  // expected-error@+2 {{'moa.router' op failed to infer returned types}}
  // expected-error@+1 {{'moa.router' op inferred type(s) 'tensor<66x6xf32>', 'tensor<66x2xi32>', 'tensor<66x2xf32>', 'tensor<f32>' are incompatible with return type(s) of operation 'tensor<66x6xf32>', 'tensor<66x2xi32>', 'tensor<66x2xf32>'}}
  %r:3 = moa.router %input, %weights top_k(2)
      gate(<activation = softmax, order = topk_then_activation>) losses<z>
      : (tensor<66x48xf32>, tensor<48x6xf32>)
      -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>)
  return %r#0, %r#1, %r#2 : tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>
}
