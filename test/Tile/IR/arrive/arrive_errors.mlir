// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @arrive_c1(%counters: memref<2x4xi32>, %i: index, %n: index) {
  // expected-error@below {{'moa_tile.arrive' op number of indices into 'memref<2x4xi32>' (1) must be 2}}
  moa_tile.arrive %counters[%i] of %n : memref<2x4xi32>
  return
}

// -----

func.func @arrive_c2(%counters: memref<4xi32>, %i: index) {
  %n = arith.constant 0 : index
  // expected-error@below {{'moa_tile.arrive' op is the arrival of one of 0 blocks, must be 1 or more}}
  moa_tile.arrive %counters[%i] of %n : memref<4xi32>
  return
}

// -----

func.func @arrive_type(%counters: memref<4xi64>, %i: index, %n: index) {
  // expected-error@below {{'moa_tile.arrive' op operand #0 must be memref of 32-bit signless integer values, but got 'memref<4xi64>'}}
  moa_tile.arrive %counters[%i] of %n : memref<4xi64>
  return
}
