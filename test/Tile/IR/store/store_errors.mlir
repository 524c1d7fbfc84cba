// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @store_c1(%t: tensor<4x4xf32>, %y: memref<2x4x4xf32>, %i: index) {
  // expected-error@below {{'moa_tile.store' op number of indices into 'memref<2x4x4xf32>' (2) must be 3}}
  moa_tile.store %t, %y[%i, %i] : tensor<4x4xf32>, memref<2x4x4xf32>
  return
}

// -----

func.func @store_c2_scalar(%t: tensor<1x1xf32>, %y: memref<f32>) {
  // expected-error@below {{'moa_tile.store' op needs memory of rank 1 or more, got 'memref<f32>'}}
  moa_tile.store %t, %y[] : tensor<1x1xf32>, memref<f32>
  return
}

// -----

func.func @store_c2_line(%t: tensor<2x4xf32>, %y: memref<8xf32>, %i: index) {
  // expected-error@below {{'moa_tile.store' op memory of rank 1 has tiles of one column or one row, not 2 x 4}}
  moa_tile.store %t, %y[%i] : tensor<2x4xf32>, memref<8xf32>
  return
}

// -----

func.func @store_c3(%t: tensor<4x4xf32>, %y: memref<4x4xbf16>, %i: index) {
  // expected-error@below {{'moa_tile.store' op moves elements of 'f32' and 'bf16', must be the same}}
  moa_tile.store %t, %y[%i, %i] : tensor<4x4xf32>, memref<4x4xbf16>
  return
}
