// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @reduce_c1(%t: tensor<4x8xf32>) {
  // expected-error@below {{'moa_tile.reduce' op runs along dimension 2, a tile has 0 and 1}}
  %0 = moa_tile.reduce add %t along 2 : tensor<4x8xf32> -> tensor<4x1xf32>
  return
}

// -----

func.func @reduce_c2_shape(%t: tensor<4x8xf32>) {
  // expected-error@below {{'moa_tile.reduce' op gives 'tensor<1x8xf32>', not 'tensor<4x1xf32>'}}
  %0 = moa_tile.reduce add %t along 0 : tensor<4x8xf32> -> tensor<4x1xf32>
  return
}

// -----

func.func @reduce_c2_element(%t: tensor<4x8xbf16>) {
  // expected-error@below {{'moa_tile.reduce' op gives 'tensor<4x1xbf16>', not 'tensor<4x1xf32>'}}
  %0 = moa_tile.reduce add %t along 1 : tensor<4x8xbf16> -> tensor<4x1xf32>
  return
}

// -----

func.func @reduce_c3_columns(%t: tensor<4x8xf32>, %s: !moa_tile.buffer<2x8xf32>) {
  // expected-error@below {{'moa_tile.reduce' op exchanges 4 elements of 'f32' a warp, which '!moa_tile.buffer<2x8xf32>' does not have as rows}}
  %0 = moa_tile.reduce add %t along 1 through %s
      : tensor<4x8xf32>, !moa_tile.buffer<2x8xf32> -> tensor<4x1xf32>
  return
}

// -----

func.func @reduce_c3_element(%t: tensor<4x8xf32>, %s: !moa_tile.buffer<2x4xi32>) {
  // expected-error@below {{'moa_tile.reduce' op exchanges 4 elements of 'f32' a warp, which '!moa_tile.buffer<2x4xi32>' does not have as rows}}
  %0 = moa_tile.reduce add %t along 1 through %s
      : tensor<4x8xf32>, !moa_tile.buffer<2x4xi32> -> tensor<4x1xf32>
  return
}

// -----

func.func @reduce_c3_stages(%t: tensor<4x8xf32>, %s: !moa_tile.buffer<3x2x4xf32>) {
  // expected-error@below {{'moa_tile.reduce' op exchanges 4 elements of 'f32' a warp, which '!moa_tile.buffer<3x2x4xf32>' does not have as rows}}
  %0 = moa_tile.reduce add %t along 1 through %s
      : tensor<4x8xf32>, !moa_tile.buffer<3x2x4xf32> -> tensor<4x1xf32>
  return
}
