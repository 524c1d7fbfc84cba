// What is loaded behind an arrival is not what was loaded or stored before it, and
// nobody needs its answer for a block to be counted.
// RUN: moa-opt %s --canonicalize --cse --loop-invariant-code-motion | FileCheck %s

// CHECK-LABEL: func.func @order(
// CHECK: moa_tile.load
// CHECK: moa_tile.store
// CHECK: moa_tile.arrive
// CHECK: moa_tile.load
// CHECK: moa_tile.store
func.func @order(%x: memref<16xf32>, %y: memref<16xf32>, %z: memref<16xf32>,
                 %counters: memref<1xi32>) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %before = moa_tile.load %x[%c0] : memref<16xf32> -> tensor<16x1xf32>
  moa_tile.store %before, %y[%c0] : tensor<16x1xf32>, memref<16xf32>
  moa_tile.arrive %counters[%c0] of %c8 : memref<1xi32>
  %behind = moa_tile.load %x[%c0] : memref<16xf32> -> tensor<16x1xf32>
  moa_tile.store %behind, %z[%c0] : tensor<16x1xf32>, memref<16xf32>
  return
}

// CHECK-LABEL: func.func @loop(
// CHECK: scf.for
// CHECK-NEXT: moa_tile.arrive
// CHECK-NEXT: moa_tile.load
func.func @loop(%x: memref<16xf32>, %y: memref<?xf32>, %counters: memref<?xi32>,
                %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    moa_tile.arrive %counters[%i] of %n : memref<?xi32>
    %behind = moa_tile.load %x[%c0] : memref<16xf32> -> tensor<16x1xf32>
    moa_tile.store %behind, %y[%i] : tensor<16x1xf32>, memref<?xf32>
  }
  return
}
