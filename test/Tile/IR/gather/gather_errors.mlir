// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @gather_c1(%x: memref<4x4xf32>, %r: tensor<4x1xi32>) {
  // expected-error@below {{'moa_tile.gather' op number of indices into 'memref<4x4xf32>' (0) must be 1 besides the row index}}
  %0 = moa_tile.gather %x[] rows %r : memref<4x4xf32>, tensor<4x1xi32> -> tensor<4x4xf32>
  return
}

// -----

func.func @gather_c2_scalar(%x: memref<f32>, %r: tensor<1x1xi32>) {
  // expected-error@below {{'moa_tile.gather' op needs memory of rank 1 or more, got 'memref<f32>'}}
  %0 = moa_tile.gather %x[] rows %r : memref<f32>, tensor<1x1xi32> -> tensor<1x1xf32>
  return
}

// -----

func.func @gather_c2_line(%x: memref<4xf32>, %r: tensor<1x1xi32>) {
  // expected-error@below {{'moa_tile.gather' op memory of rank 1 has tiles of one column, not 1 x 4}}
  %0 = moa_tile.gather %x[] rows %r : memref<4xf32>, tensor<1x1xi32> -> tensor<1x4xf32>
  return
}

// -----

func.func @gather_c3(%x: memref<4x4xf32>, %r: tensor<4x1xi32>, %i: index) {
  // expected-error@below {{'moa_tile.gather' op moves elements of 'i32' and 'f32', must be the same}}
  %0 = moa_tile.gather %x[%i] rows %r
      : memref<4x4xf32>, tensor<4x1xi32> -> tensor<4x4xi32>
  return
}

// -----

func.func @gather_c4_count(%x: memref<4x4xf32>, %r: tensor<8x1xi32>, %i: index) {
  // expected-error@below {{'moa_tile.gather' op row index has shape 8 x 1, a tile of 4 rows needs 4 x 1}}
  %0 = moa_tile.gather %x[%i] rows %r
      : memref<4x4xf32>, tensor<8x1xi32> -> tensor<4x4xf32>
  return
}

// -----

func.func @gather_c4_row(%x: memref<4x4xf32>, %r: tensor<1x4xi32>, %i: index) {
  // expected-error@below {{'moa_tile.gather' op row index has shape 1 x 4, a tile of 4 rows needs 4 x 1}}
  %0 = moa_tile.gather %x[%i] rows %r
      : memref<4x4xf32>, tensor<1x4xi32> -> tensor<4x4xf32>
  return
}
