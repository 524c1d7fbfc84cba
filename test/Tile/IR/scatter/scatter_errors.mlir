// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @scatter_c1(%t: tensor<4x4xf32>, %y: memref<4x4xf32>, %i: index,
    %r: tensor<4x1xi32>) {
  // expected-error@below {{'moa_tile.scatter' op number of indices into 'memref<4x4xf32>' (2) must be 1 besides the row index}}
  moa_tile.scatter %t, %y[%i, %i] rows %r
      : tensor<4x4xf32>, memref<4x4xf32>, tensor<4x1xi32>
  return
}

// -----

func.func @scatter_c2_scalar(%t: tensor<1x1xf32>, %y: memref<f32>, %r: tensor<1x1xi32>) {
  // expected-error@below {{'moa_tile.scatter' op needs memory of rank 1 or more, got 'memref<f32>'}}
  moa_tile.scatter %t, %y[] rows %r : tensor<1x1xf32>, memref<f32>, tensor<1x1xi32>
  return
}

// -----

func.func @scatter_c2_line(%t: tensor<2x4xf32>, %y: memref<8xf32>, %r: tensor<2x1xi32>) {
  // expected-error@below {{'moa_tile.scatter' op memory of rank 1 has tiles of one column, not 2 x 4}}
  moa_tile.scatter %t, %y[] rows %r : tensor<2x4xf32>, memref<8xf32>, tensor<2x1xi32>
  return
}

// -----

func.func @scatter_c3(%t: tensor<4x4xf32>, %y: memref<4x4xf16>, %i: index,
    %r: tensor<4x1xi32>) {
  // expected-error@below {{'moa_tile.scatter' op moves elements of 'f32' and 'f16', must be the same}}
  moa_tile.scatter %t, %y[%i] rows %r : tensor<4x4xf32>, memref<4x4xf16>, tensor<4x1xi32>
  return
}

// -----

func.func @scatter_c4(%t: tensor<4x4xf32>, %y: memref<4x4xf32>, %i: index,
    %r: tensor<2x1xi32>) {
  // expected-error@below {{'moa_tile.scatter' op row index has shape 2 x 1, a tile of 4 rows needs 4 x 1}}
  moa_tile.scatter %t, %y[%i] rows %r : tensor<4x4xf32>, memref<4x4xf32>, tensor<2x1xi32>
  return
}

// -----

func.func @scatter_c5(%t: tensor<4x4xbf16>, %y: memref<4x4xbf16>, %i: index,
    %r: tensor<4x1xi32>) {
  // expected-error@below {{'moa_tile.scatter' op adds elements of 'bf16', only f32 can be added atomically}}
  moa_tile.scatter add %t, %y[%i] rows %r
      : tensor<4x4xbf16>, memref<4x4xbf16>, tensor<4x1xi32>
  return
}
