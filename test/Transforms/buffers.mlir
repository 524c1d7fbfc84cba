// RUN: moa-opt %s --pass-pipeline='builtin.module(func.func(moa-legalize-buffers))' | FileCheck %s

// A strided copy is a loop, a contiguous one stays a memcpy.
// CHECK-LABEL: func.func @copies
// CHECK: linalg.copy
// CHECK: memref.copy
// CHECK-NOT: copy
func.func @copies(%a: memref<4x8xf32, strided<[16, 1]>>, %b: memref<4x8xf32>, %c: memref<4x8xf32>) {
  memref.copy %a, %b : memref<4x8xf32, strided<[16, 1]>> to memref<4x8xf32>
  memref.copy %b, %c : memref<4x8xf32> to memref<4x8xf32>
  return
}

// expand-strided-metadata crashes on two dynamic sizes in one group.
// CHECK-LABEL: func.func @two_dynamic_sizes
// CHECK: memref.reinterpret_cast %{{.*}} to offset: [0], sizes: [%{{.*}}, %{{.*}}, 4]
func.func @two_dynamic_sizes(%a: memref<?x4xf32>, %m: index, %n: index) -> memref<?x?x4xf32> {
  %e = memref.expand_shape %a [[0, 1], [2]] output_shape [%m, %n, 4] : memref<?x4xf32> into memref<?x?x4xf32>
  return %e : memref<?x?x4xf32>
}
