// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @z_loss_c1(%logits: tensor<65x6xf32>, %indices: tensor<66x2xi32>)
    -> tensor<f32> {
  // expected-error@below {{'moa.z_loss' op 'indices' dimension 0 (66) does not match 'logits' dimension 0 (65): both are N}}
  %r = moa.z_loss %logits, %indices : (tensor<65x6xf32>, tensor<66x2xi32>) -> tensor<f32>
  return %r : tensor<f32>
}

// -----

func.func @z_loss_c2_dynamic(%logits: tensor<66x6xf32>, %indices: tensor<66x?xi32>)
    -> tensor<f32> {
  // expected-error@below {{'moa.z_loss' op 'indices' dimension 1 (?) must be static: it is the number of slots of a token}}
  %r = moa.z_loss %logits, %indices : (tensor<66x6xf32>, tensor<66x?xi32>) -> tensor<f32>
  return %r : tensor<f32>
}

// -----

func.func @z_loss_c2_none(%logits: tensor<66x6xf32>, %indices: tensor<66x0xi32>)
    -> tensor<f32> {
  // expected-error@below {{'moa.z_loss' op 'indices' dimension 1 (0) must be at least 1: it is the number of slots of a token}}
  %r = moa.z_loss %logits, %indices : (tensor<66x6xf32>, tensor<66x0xi32>) -> tensor<f32>
  return %r : tensor<f32>
}

// -----

func.func @z_loss_c3(%logits: tensor<66x6xf32>, %indices: tensor<66x2xi32>)
    -> tensor<f64> {
  // expected-error@below {{'moa.z_loss' op result #0 must be 0D tensor of 32-bit float values, but got 'tensor<f64>'}}
  %r = moa.z_loss %logits, %indices : (tensor<66x6xf32>, tensor<66x2xi32>) -> tensor<f64>
  return %r : tensor<f64>
}

// -----

func.func @z_loss_c2_fewer_than_slots(%logits: tensor<66x6xf32>,
    %indices: tensor<66x7xi32>) -> tensor<f32> {
  // expected-error@below {{'moa.z_loss' op top_k (7) exceeds 'logits' dimension 1 (6)}}
  %r = moa.z_loss %logits, %indices
      : (tensor<66x6xf32>, tensor<66x7xi32>) -> tensor<f32>
  return %r : tensor<f32>
}
