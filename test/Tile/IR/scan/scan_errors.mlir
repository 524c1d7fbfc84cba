// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @scan_c1(%t: tensor<4x8xf32>) {
  // expected-error@below {{'moa_tile.scan' op runs along dimension 2, a tile has 0 and 1}}
  %0 = moa_tile.scan %t along 2 : tensor<4x8xf32>
  return
}

// -----

func.func @scan_c2(%t: tensor<4x8xf32>, %s: !moa_tile.buffer<2x4xf32>) {
  // expected-error@below {{'moa_tile.scan' op exchanges 8 elements of 'f32' a warp, which '!moa_tile.buffer<2x4xf32>' does not have as rows}}
  %0 = moa_tile.scan %t along 0 through %s : tensor<4x8xf32>, !moa_tile.buffer<2x4xf32>
  return
}
