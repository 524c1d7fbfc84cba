// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @broadcast_c1(%t: tensor<4x1xf32>) {
  // expected-error@below {{'moa_tile.broadcast' op cannot repeat dimension 0 (4) to 8}}
  %0 = moa_tile.broadcast %t : tensor<4x1xf32> -> tensor<8x8xf32>
  return
}

// -----

func.func @broadcast_c2(%t: tensor<4x1xf32>) {
  // expected-error@below {{'moa_tile.broadcast' op changes elements of 'f32' to 'f16'}}
  %0 = moa_tile.broadcast %t : tensor<4x1xf32> -> tensor<4x8xf16>
  return
}
