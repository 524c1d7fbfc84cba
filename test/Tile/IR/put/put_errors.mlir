// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @put_c1_shape(%t: tensor<4x8xf32>, %b: !moa_tile.buffer<8x4xf32>) {
  // expected-error@below {{'moa_tile.put' op moves 'tensor<4x8xf32>' and '!moa_tile.buffer<8x4xf32>', must be of one shape and element type}}
  moa_tile.put %t to %b : tensor<4x8xf32>, !moa_tile.buffer<8x4xf32>
  return
}

// -----

func.func @put_c1_element(%t: tensor<4x4xf32>, %b: !moa_tile.buffer<4x4xi32>) {
  // expected-error@below {{'moa_tile.put' op moves 'tensor<4x4xf32>' and '!moa_tile.buffer<4x4xi32>', must be of one shape and element type}}
  moa_tile.put %t to %b : tensor<4x4xf32>, !moa_tile.buffer<4x4xi32>
  return
}
