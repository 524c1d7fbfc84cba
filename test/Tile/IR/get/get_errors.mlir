// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @get_c1(%b: !moa_tile.buffer<2x4x4xf32>) {
  // expected-error@below {{'moa_tile.get' op moves 'tensor<4x4xf32>' and '!moa_tile.buffer<2x4x4xf32>', must be of one shape and element type}}
  %0 = moa_tile.get %b : !moa_tile.buffer<2x4x4xf32> -> tensor<4x4xf32>
  return
}
