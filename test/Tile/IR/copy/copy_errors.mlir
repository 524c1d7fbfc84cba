// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @copy_c1(%x: memref<4x4xf32>, %i: index, %b: !moa_tile.buffer<4x4xf32>) {
  // expected-error@below {{'moa_tile.copy' op number of indices into 'memref<4x4xf32>' (1) must be 2}}
  moa_tile.copy %x[%i] to %b : memref<4x4xf32>, !moa_tile.buffer<4x4xf32>
  return
}

// -----

func.func @copy_c1_rows(%x: memref<4x4xf32>, %i: index, %b: !moa_tile.buffer<4x4xf32>,
    %r: tensor<4x1xi32>) {
  // expected-error@below {{'moa_tile.copy' op number of indices into 'memref<4x4xf32>' (2) must be 1 besides the row index}}
  moa_tile.copy %x[%i, %i] rows %r to %b
      : memref<4x4xf32>, !moa_tile.buffer<4x4xf32>, tensor<4x1xi32>
  return
}

// -----

func.func @copy_c2_rank(%x: memref<4xf32>, %i: index, %b: !moa_tile.buffer<4x1xf32>) {
  // expected-error@below {{'moa_tile.copy' op needs memory of rank 2 or more, got 'memref<4xf32>'}}
  moa_tile.copy %x[%i] to %b : memref<4xf32>, !moa_tile.buffer<4x1xf32>
  return
}

// -----

func.func @copy_c2_stages(%x: memref<4x4xf32>, %i: index,
    %b: !moa_tile.buffer<2x4x4xf32>) {
  // expected-error@below {{'moa_tile.copy' op fills one stage, got '!moa_tile.buffer<2x4x4xf32>'}}
  moa_tile.copy %x[%i, %i] to %b : memref<4x4xf32>, !moa_tile.buffer<2x4x4xf32>
  return
}

// -----

func.func @copy_c3(%x: memref<4x4xf32>, %i: index, %b: !moa_tile.buffer<4x4xi32>) {
  // expected-error@below {{'moa_tile.copy' op moves elements of 'i32' and 'f32', must be the same}}
  moa_tile.copy %x[%i, %i] to %b : memref<4x4xf32>, !moa_tile.buffer<4x4xi32>
  return
}

// -----

func.func @copy_c4(%x: memref<4x4xf32>, %i: index, %b: !moa_tile.buffer<4x4xf32>,
    %r: tensor<8x1xi32>) {
  // expected-error@below {{'moa_tile.copy' op row index has shape 8 x 1, a tile of 4 rows needs 4 x 1}}
  moa_tile.copy %x[%i] rows %r to %b
      : memref<4x4xf32>, !moa_tile.buffer<4x4xf32>, tensor<8x1xi32>
  return
}
