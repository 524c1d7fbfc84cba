// RUN: moa-opt %s --split-input-file --verify-diagnostics

func.func @mixed(%slots: tensor<8x4xf32>, %gates: memref<4x2xf32>,
                 %init: memref<4x4xf32>) {
  // expected-error@below {{'moa.combine' op mixes tensors and buffers: operands are all the one or all the other}}
  moa.combine %slots, %gates into(%init)
      : (tensor<8x4xf32>, memref<4x2xf32>, memref<4x4xf32>) -> ()
  return
}

// -----

func.func @results(%slots: memref<8x4xf32>, %gates: memref<4x2xf32>,
                   %init: memref<4x4xf32>) -> tensor<4x4xf32> {
  // expected-error@below {{'moa.combine' op has 1 results: on buffers it has none, and writes to 'into'}}
  %y = moa.combine %slots, %gates into(%init)
      : (memref<8x4xf32>, memref<4x2xf32>, memref<4x4xf32>) -> tensor<4x4xf32>
  return %y : tensor<4x4xf32>
}

// -----

func.func @no_results(%indices: tensor<66x2xi32>) {
  // expected-error@below {{'moa.dispatch' op has no results: on tensors it returns what it computes}}
  moa.dispatch %indices experts(6) : (tensor<66x2xi32>) -> ()
  return
}

// -----

func.func @missing(%indices: memref<66x2xi32>, %offsets: memref<7xi32>) {
  // expected-error@below {{'moa.dispatch' op writes 2 buffers, but 'into' has 1}}
  moa.dispatch %indices experts(6) into(%offsets)
      : (memref<66x2xi32>, memref<7xi32>) -> ()
  return
}

// -----

func.func @wrong_size(%indices: memref<66x2xi32>, %offsets: memref<6xi32>,
                      %permutation: memref<132xi32>) {
  // expected-error@below {{'moa.dispatch' op 'into' operand 0 is 'memref<6xi32>', which cannot hold 'tensor<7xi32>'}}
  moa.dispatch %indices experts(6) into(%offsets, %permutation)
      : (memref<66x2xi32>, memref<6xi32>, memref<132xi32>) -> ()
  return
}

// -----

func.func @wrong_element(%indices: memref<66x2xi32>, %offsets: memref<7xi32>,
                         %permutation: memref<132xi64>) {
  // expected-error@below {{'moa.dispatch' op 'into' operand 1 is 'memref<132xi64>', which cannot hold 'tensor<132xi32>'}}
  moa.dispatch %indices experts(6) into(%offsets, %permutation)
      : (memref<66x2xi32>, memref<7xi32>, memref<132xi64>) -> ()
  return
}

// -----

// Sizes are compared on buffers with the same words.
func.func @sizes(%slots: memref<9x4xf32>, %gates: memref<4x2xf32>,
                 %init: memref<4x4xf32>) {
  // expected-error@below {{'moa.combine' op 'slots' dimension 0 (9) is not a multiple of 2: it is 2 * N}}
  moa.combine %slots, %gates into(%init)
      : (memref<9x4xf32>, memref<4x2xf32>, memref<4x4xf32>) -> ()
  return
}

// -----

func.func @encoding(%indices: tensor<66x2xi32, "blocks">) -> (tensor<7xi32>, tensor<132xi32>) {
  // expected-error@below {{'moa.dispatch' op has an operand of type 'tensor<66x2xi32, "blocks">': tensors of moa ops have no encoding}}
  %offsets, %permutation = moa.dispatch %indices experts(6)
      : (tensor<66x2xi32, "blocks">) -> (tensor<7xi32>, tensor<132xi32>)
  return %offsets, %permutation : tensor<7xi32>, tensor<132xi32>
}
