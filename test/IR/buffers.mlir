// The same ops on buffers: no results, `into` names what takes them.
// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s --mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s --cse --loop-invariant-code-motion --canonicalize \
// RUN:   | FileCheck %s --check-prefix=EFFECTS

// CHECK-LABEL: func.func @route(
// CHECK: moa.route %{{.*}} top_k(2) gate(<activation = softmax, order = topk_then_activation>) into(%{{.*}}, %{{.*}}) : (memref<5x6xf32>, memref<5x2xi32>, memref<5x2xf32>) -> ()
func.func @route(%logits: memref<5x6xf32>, %indices: memref<5x2xi32>,
                 %gates: memref<5x2xf32>) {
  moa.route %logits top_k(2) gate(<activation = softmax, order = topk_then_activation>)
      into(%indices, %gates)
      : (memref<5x6xf32>, memref<5x2xi32>, memref<5x2xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @dispatch(
// CHECK: moa.dispatch %{{.*}} experts(6) into(%{{.*}}, %{{.*}}) : (memref<?x2xi32>, memref<7xi32>, memref<?xi32>) -> ()
func.func @dispatch(%indices: memref<?x2xi32>, %offsets: memref<7xi32>,
                    %permutation: memref<?xi32>) {
  moa.dispatch %indices experts(6) into(%offsets, %permutation)
      : (memref<?x2xi32>, memref<7xi32>, memref<?xi32>) -> ()
  return
}

// CHECK-LABEL: func.func @rotary(
// CHECK: moa.rotary %{{.*}} position(%{{.*}}) rotary(<theta = 1.000000e+04 : f64, dim = 8>) into(%{{.*}})
func.func @rotary(%x: memref<1x3x2x8xf32>, %position: index,
                  %y: memref<1x3x2x8xf32>) {
  moa.rotary %x position(%position) rotary(<theta = 1.0e4, dim = 8>) into(%y)
      : (memref<1x3x2x8xf32>, index, memref<1x3x2x8xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @z_loss(
// CHECK: moa.z_loss %{{.*}}, %{{.*}} into(%{{.*}}) : (memref<5x6xf32>, memref<5x2xi32>, memref<f32>) -> ()
func.func @z_loss(%logits: memref<5x6xf32>, %indices: memref<5x2xi32>,
                  %loss: memref<f32>) {
  moa.z_loss %logits, %indices into(%loss)
      : (memref<5x6xf32>, memref<5x2xi32>, memref<f32>) -> ()
  return
}

// Strided buffers are buffers as well.
// CHECK-LABEL: func.func @combine(
// CHECK: moa.combine %{{.*}}, %{{.*}} into(%{{.*}}) : (memref<8x4xf32, strided<[16, 1], offset: ?>>, memref<4x2xf32>, memref<4x4xf32>) -> ()
func.func @combine(%slots: memref<8x4xf32, strided<[16, 1], offset: ?>>,
                   %gates: memref<4x2xf32>, %y: memref<4x4xf32>) {
  moa.combine %slots, %gates into(%y)
      : (memref<8x4xf32, strided<[16, 1], offset: ?>>, memref<4x2xf32>,
         memref<4x4xf32>) -> ()
  return
}

// An op on buffers has effects: it is neither shared, nor moved, nor removed.
// EFFECTS-LABEL: func.func @effects(
// EFFECTS: scf.for
// EFFECTS-NEXT: moa.dispatch
// EFFECTS-NEXT: moa.dispatch
func.func @effects(%indices: memref<66x2xi32>, %offsets: memref<7xi32>,
                   %permutation: memref<132xi32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    moa.dispatch %indices experts(6) into(%offsets, %permutation)
        : (memref<66x2xi32>, memref<7xi32>, memref<132xi32>) -> ()
    moa.dispatch %indices experts(6) into(%offsets, %permutation)
        : (memref<66x2xi32>, memref<7xi32>, memref<132xi32>) -> ()
  }
  return
}
