// RUN: moa-opt %s --allow-unregistered-dialect --moa-results-to-arguments --canonicalize --cse | FileCheck %s

// A buffer that the function allocates and returns, reshaped, is computed where
// the caller wants it; the sizes of the result are known before.
// CHECK-LABEL: func.func @reshaped(
// CHECK-SAME: %[[X:.*]]: memref<?x4xf32>, %[[Y:.*]]: memref<?x2x2xf32> {moa.result})
// CHECK-SAME: moa.signature = (memref<?x4xf32>) -> memref<?x2x2xf32>
// CHECK: %[[N:.*]] = memref.dim %[[X]]
// CHECK: memref.reinterpret_cast %[[Y]] to offset: [0], sizes: [%[[N]], 4], strides: [4, 1]
// CHECK-NOT: memref.copy
// CHECK-NOT: memref.alloc
// CHECK: return
// CHECK-NEXT: }
// CHECK: func.func private @reshaped.result_sizes(%[[A:.*]]: memref<?x4xf32>) -> index
// CHECK: %[[D:.*]] = memref.dim %[[A]]
// CHECK: cf.assert %{{.*}}, "no rows"
// CHECK: return %[[D]]
func.func @reshaped(%x: memref<?x4xf32>) -> memref<?x2x2xf32> {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?x4xf32>
  %some = arith.cmpi sgt, %n, %c0 : index
  cf.assert %some, "no rows"
  %a = memref.alloc(%n) : memref<?x4xf32>
  "test.write"(%x, %a) : (memref<?x4xf32>, memref<?x4xf32>) -> ()
  %r = memref.expand_shape %a [[0], [1, 2]] output_shape [%n, 2, 2] : memref<?x4xf32> into memref<?x2x2xf32>
  return %r : memref<?x2x2xf32>
}

// A buffer that is returned twice is computed in one place and copied; so is an
// argument. Static sizes need no function.
// CHECK-LABEL: func.func @copies(
// CHECK-SAME: %[[X:.*]]: memref<3xf32>, %[[Y:.*]]: memref<3xf32> {moa.result}, %[[Z:.*]]: memref<3xf32> {moa.result}, %[[W:.*]]: memref<3xf32> {moa.result})
// CHECK: "test.write"(%[[X]], %[[Y]])
// CHECK: memref.copy %[[Y]], %[[Z]]
// CHECK: memref.copy %[[X]], %[[W]]
// CHECK-NOT: @copies.result_sizes
func.func @copies(%x: memref<3xf32>) -> (memref<3xf32>, memref<3xf32>, memref<3xf32>) {
  %a = memref.alloc() : memref<3xf32>
  "test.write"(%x, %a) : (memref<3xf32>, memref<3xf32>) -> ()
  return %a, %a, %x : memref<3xf32>, memref<3xf32>, memref<3xf32>
}

// Functions without results, private ones and declarations stay.
// CHECK-LABEL: func.func @nothing(%{{.*}}: memref<3xf32>)
func.func @nothing(%x: memref<3xf32>) {
  return
}
// CHECK-LABEL: func.func private @private(%{{.*}}: memref<3xf32>) -> memref<3xf32>
func.func private @private(%x: memref<3xf32>) -> memref<3xf32> {
  return %x : memref<3xf32>
}
