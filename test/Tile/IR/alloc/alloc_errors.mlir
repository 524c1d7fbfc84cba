// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @alloc_c1_negative() {
  // expected-error@below {{'moa_tile.alloc' op offset (-128) must be a multiple of 128, 0 or more}}
  %0 = moa_tile.alloc offset(-128) : !moa_tile.buffer<4x4xf32>
  return
}

// -----

func.func @alloc_c1_unaligned() {
  // expected-error@below {{'moa_tile.alloc' op offset (64) must be a multiple of 128, 0 or more}}
  %0 = moa_tile.alloc offset(64) : !moa_tile.buffer<4x4xf32>
  return
}
