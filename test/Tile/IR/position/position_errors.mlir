// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @position_c1() {
  // expected-error@below {{'moa_tile.position' op counts along one dimension, got 4 x 8}}
  %0 = moa_tile.position : tensor<4x8xi32>
  return
}
