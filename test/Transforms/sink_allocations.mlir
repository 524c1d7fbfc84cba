// RUN: moa-opt %s --pass-pipeline='builtin.module(func.func(moa-sink-allocations))' | FileCheck %s

// The second buffer, with the view of it, is made when the first is free again.

// CHECK-LABEL: func.func @two
// CHECK: %[[A:.*]] = memref.alloc() : memref<8xf32>
// CHECK: linalg.fill ins(%{{.*}}) outs(%[[A]]
// CHECK: linalg.copy
// CHECK: memref.dealloc %[[A]]
// CHECK: %[[B:.*]] = memref.alloc() : memref<8xf32>
// CHECK: %[[VIEW:.*]] = memref.expand_shape %[[B]]
// CHECK: scf.for
// CHECK: memref.store %{{.*}}, %[[VIEW]]
// CHECK: memref.dealloc %[[B]]
func.func @two(%x: f32, %y: memref<8xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.alloc() : memref<8xf32>
  %b = memref.alloc() : memref<8xf32>
  %view = memref.expand_shape %b [[0, 1]] output_shape [2, 4]
      : memref<8xf32> into memref<2x4xf32>
  linalg.fill ins(%x : f32) outs(%a : memref<8xf32>)
  linalg.copy ins(%a : memref<8xf32>) outs(%y : memref<8xf32>)
  memref.dealloc %a : memref<8xf32>
  scf.for %i = %c0 to %n step %c1 {
    memref.store %x, %view[%c0, %i] : memref<2x4xf32>
  }
  memref.dealloc %b : memref<8xf32>
  return
}

// A result's user is the return; what nothing uses stays.

// CHECK-LABEL: func.func @result
// CHECK: memref.alloc() : memref<3xf32>
// CHECK: memref.store
// CHECK: memref.alloc() : memref<4xf32>
// CHECK-NEXT: return
func.func @result(%x: f32, %y: memref<4xf32>) -> memref<4xf32> {
  %c0 = arith.constant 0 : index
  %unused = memref.alloc() : memref<3xf32>
  %a = memref.alloc() : memref<4xf32>
  memref.store %x, %y[%c0] : memref<4xf32>
  return %a : memref<4xf32>
}
