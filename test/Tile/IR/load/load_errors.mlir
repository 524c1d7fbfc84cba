// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @load_c1(%x: memref<4x4xf32>, %i: index) {
  // expected-error@below {{'moa_tile.load' op number of indices into 'memref<4x4xf32>' (1) must be 2}}
  %0 = moa_tile.load %x[%i] : memref<4x4xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @load_c2_scalar(%x: memref<f32>) {
  // expected-error@below {{'moa_tile.load' op needs memory of rank 1 or more, got 'memref<f32>'}}
  %0 = moa_tile.load %x[] : memref<f32> -> tensor<1x1xf32>
  return
}

// -----

func.func @load_c2_line(%x: memref<4xf32>, %i: index) {
  // expected-error@below {{'moa_tile.load' op memory of rank 1 has tiles of one column or one row, not 4 x 2}}
  %0 = moa_tile.load %x[%i] : memref<4xf32> -> tensor<4x2xf32>
  return
}

// -----

func.func @load_c3(%x: memref<4x4xf32>, %i: index) {
  // expected-error@below {{'moa_tile.load' op moves elements of 'f16' and 'f32', must be the same}}
  %0 = moa_tile.load %x[%i, %i] : memref<4x4xf32> -> tensor<4x4xf16>
  return
}
