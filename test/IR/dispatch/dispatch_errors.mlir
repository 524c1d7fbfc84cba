// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @dispatch_c1_dynamic(%indices: tensor<66x?xi32>)
    -> (tensor<7xi32>, tensor<132xi32>) {
  // expected-error@below {{'moa.dispatch' op 'indices' dimension 1 (?) must be static: it is the number of slots of a token}}
  %r:2 = moa.dispatch %indices experts(6)
      : (tensor<66x?xi32>)
      -> (tensor<7xi32>, tensor<132xi32>)
  return %r#0, %r#1 : tensor<7xi32>, tensor<132xi32>
}

// -----

func.func @dispatch_c1_none(%indices: tensor<66x0xi32>)
    -> (tensor<7xi32>, tensor<132xi32>) {
  // expected-error@below {{'moa.dispatch' op 'indices' dimension 1 (0) must be at least 1: it is the number of slots of a token}}
  %r:2 = moa.dispatch %indices experts(6)
      : (tensor<66x0xi32>)
      -> (tensor<7xi32>, tensor<132xi32>)
  return %r#0, %r#1 : tensor<7xi32>, tensor<132xi32>
}

// -----

func.func @dispatch_c2(%indices: tensor<66x2xi32>)
    -> (tensor<7xi32>, tensor<132xi32>) {
  // expected-error@below {{'moa.dispatch' op experts (0) must be at least 1}}
  %r:2 = moa.dispatch %indices experts(0)
      : (tensor<66x2xi32>)
      -> (tensor<7xi32>, tensor<132xi32>)
  return %r#0, %r#1 : tensor<7xi32>, tensor<132xi32>
}

// -----

func.func @dispatch_c3(%indices: tensor<2147483647x2xi32>)
    -> (tensor<7xi32>, tensor<132xi32>) {
  // expected-error@below {{'moa.dispatch' op 'indices' holds too many slots (2147483647 * 2): an i32 counts up to 2147483647}}
  %r:2 = moa.dispatch %indices experts(6)
      : (tensor<2147483647x2xi32>)
      -> (tensor<7xi32>, tensor<132xi32>)
  return %r#0, %r#1 : tensor<7xi32>, tensor<132xi32>
}

// -----

func.func @dispatch_c4_offsets(%indices: tensor<66x2xi32>)
    -> (tensor<7xi32>, tensor<132xi32>) {
  // expected-error@+2 {{'moa.dispatch' op inferred type(s) 'tensor<8xi32>', 'tensor<132xi32>' are incompatible with return type(s) of operation 'tensor<7xi32>', 'tensor<132xi32>'}}
  // expected-error@below {{'moa.dispatch' op failed to infer returned types}}
  %r:2 = moa.dispatch %indices experts(7)
      : (tensor<66x2xi32>)
      -> (tensor<7xi32>, tensor<132xi32>)
  return %r#0, %r#1 : tensor<7xi32>, tensor<132xi32>
}

// -----

func.func @dispatch_c4_permutation(%indices: tensor<65x2xi32>)
    -> (tensor<7xi32>, tensor<132xi32>) {
  // expected-error@+2 {{'moa.dispatch' op inferred type(s) 'tensor<7xi32>', 'tensor<130xi32>' are incompatible with return type(s) of operation 'tensor<7xi32>', 'tensor<132xi32>'}}
  // expected-error@below {{'moa.dispatch' op failed to infer returned types}}
  %r:2 = moa.dispatch %indices experts(6)
      : (tensor<65x2xi32>)
      -> (tensor<7xi32>, tensor<132xi32>)
  return %r#0, %r#1 : tensor<7xi32>, tensor<132xi32>
}

// -----

func.func @dispatch_c2_fewer_than_slots(%indices: tensor<66x5xi32>)
    -> (tensor<3xi32>, tensor<330xi32>) {
  // expected-error@below {{'moa.dispatch' op top_k (5) exceeds the number of experts (2)}}
  %r:2 = moa.dispatch %indices experts(2)
      : (tensor<66x5xi32>)
      -> (tensor<3xi32>, tensor<330xi32>)
  return %r#0, %r#1 : tensor<3xi32>, tensor<330xi32>
}

// -----

func.func @dispatch_c2_too_many(%indices: tensor<66x2xi32>)
    -> (tensor<?xi32>, tensor<132xi32>) {
  // expected-error@below {{'moa.dispatch' op experts (9223372036854775807) exceeds what an i32 counts (2147483647)}}
  %r:2 = moa.dispatch %indices experts(9223372036854775807)
      : (tensor<66x2xi32>)
      -> (tensor<?xi32>, tensor<132xi32>)
  return %r#0, %r#1 : tensor<?xi32>, tensor<132xi32>
}
