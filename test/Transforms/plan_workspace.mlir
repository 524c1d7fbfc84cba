// RUN: moa-opt %s --allow-unregistered-dialect --moa-plan-workspace --canonicalize --cse | FileCheck %s

// Three buffers in a chain take two regions: the third lies where the first
// was. Each begins at a multiple of 256 bytes.
// CHECK-DAG: #[[ROUND:.*]] = affine_map<()[s0] -> ((s0 ceildiv 64) * 256)>
// CHECK-LABEL: func.func @chain(
// CHECK-SAME: %[[X:.*]]: memref<?xf32>, %[[W:.*]]: memref<?xi8> {moa.workspace})
// CHECK: %[[N:.*]] = memref.dim %[[X]]
// CHECK: %[[SECOND:.*]] = affine.apply #[[ROUND]]()[%[[N]]]
// CHECK: %[[A:.*]] = memref.view %[[W]][%c0][%[[N]]]
// CHECK: %[[B:.*]] = memref.view %[[W]][%[[SECOND]]][%[[N]]]
// CHECK: "test.write"(%[[X]], %[[A]])
// CHECK: "test.write"(%[[A]], %[[B]])
// CHECK: "test.write"(%[[B]], %[[A]])
// CHECK-NOT: memref.dealloc
// CHECK: func.func private @chain.workspace_size(%{{.*}}: memref<?xf32>) -> index
func.func @chain(%x: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %a = memref.alloc(%n) : memref<?xf32>
  %b = memref.alloc(%n) : memref<?xf32>
  %c = memref.alloc(%n) : memref<?xf32>
  "test.write"(%x, %a) : (memref<?xf32>, memref<?xf32>) -> ()
  "test.write"(%a, %b) : (memref<?xf32>, memref<?xf32>) -> ()
  memref.dealloc %a : memref<?xf32>
  "test.write"(%b, %c) : (memref<?xf32>, memref<?xf32>) -> ()
  "test.read"(%c) : (memref<?xf32>) -> ()
  return
}

// A use through a view keeps a buffer alive: @viewed needs 256 + 256 bytes,
// @dead in between 256.
// CHECK-LABEL: func.func private @viewed.workspace_size() -> index
// CHECK: %[[BYTES:.*]] = arith.constant 512 : index
// CHECK: return %[[BYTES]]
func.func @viewed() {
  %a = memref.alloc() : memref<64xf32>
  %v = memref.expand_shape %a [[0, 1]] output_shape [8, 8] : memref<64xf32> into memref<8x8xf32>
  %b = memref.alloc() : memref<3xi8>
  "test.write"(%a) : (memref<64xf32>) -> ()
  "test.write"(%b) : (memref<3xi8>) -> ()
  "test.read"(%v) : (memref<8x8xf32>) -> ()
  return
}

// CHECK-LABEL: func.func private @apart.workspace_size() -> index
// CHECK: %[[BYTES:.*]] = arith.constant 512 : index
// CHECK: return %[[BYTES]]
func.func @apart() {
  %a = memref.alloc() : memref<64xf32>
  %b = memref.alloc() : memref<65xf32>
  %unused = memref.alloc() : memref<999xf32>
  "test.write"(%a) : (memref<64xf32>) -> ()
  "test.write"(%b) : (memref<65xf32>) -> ()
  return
}

// A buffer in a loop is one for all iterations; the buffer outside is used
// through the whole loop.
// CHECK-LABEL: func.func @loop(
// CHECK-DAG: %[[OUTER:.*]] = memref.view %{{.*}}[%c0][]
// CHECK-DAG: %[[INNER:.*]] = memref.view %{{.*}}[%c256][]
// CHECK: scf.for
// CHECK-NEXT: "test.write"(%[[OUTER]], %[[INNER]])
func.func @loop(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.alloc() : memref<4xf32>
  scf.for %i = %c0 to %n step %c1 {
    %b = memref.alloc() : memref<4xf32>
    "test.write"(%a, %b) : (memref<4xf32>, memref<4xf32>) -> ()
    memref.dealloc %b : memref<4xf32>
  }
  return
}

// A size that is computed late is computed first, with the check before it.
// CHECK-LABEL: func.func @late(
// CHECK: cf.assert
// CHECK: arith.divsi
// CHECK: "test.write"
// CHECK-LABEL: func.func private @late.workspace_size(
// CHECK: cf.assert %{{.*}}, "n is zero"
// CHECK: arith.divsi
func.func @late(%n: index) {
  %c0 = arith.constant 0 : index
  %c100 = arith.constant 100 : index
  %a = memref.alloc() : memref<4xf32>
  "test.write"(%a) : (memref<4xf32>) -> ()
  %some = arith.cmpi ne, %n, %c0 : index
  cf.assert %some, "n is zero"
  %m = arith.divsi %c100, %n : index
  %b = memref.alloc(%m) : memref<?xf32>
  "test.write"(%a, %b) : (memref<4xf32>, memref<?xf32>) -> ()
  return
}

// Results are not part of what the size is asked for with.
// CHECK-LABEL: func.func @result(
// CHECK-SAME: memref<4xf32> {moa.result}, %{{.*}}: memref<?xi8> {moa.workspace})
// CHECK: func.func private @result.workspace_size(%{{[^,]*}}: index) -> index
func.func @result(%n: index, %y: memref<4xf32> {moa.result}) {
  return
}
