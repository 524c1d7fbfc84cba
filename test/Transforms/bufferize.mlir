// one-shot-bufferize on functions that still hold moa ops.
// RUN: moa-opt %s --one-shot-bufferize='bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map' \
// RUN:   --canonicalize --cse | FileCheck %s

// Results are where inits were, and each result without an init is one new
// buffer: nothing is copied.
// CHECK-LABEL: func.func @primitives(
// CHECK-NOT: memref.copy
// CHECK: %[[LOGITS:.*]] = memref.alloc() {{.*}} : memref<10x4xf32>
// CHECK: moa.router %{{.*}}, %{{.*}} top_k(2) {{.*}} into(%[[LOGITS]], %[[INDICES:.*]], %[[GATES:.*]]) :
// CHECK: moa.dispatch %[[INDICES]] experts(4) into(%[[OFFSETS:.*]], %[[PERMUTATION:.*]]) :
// CHECK: moa.grouped_matmul token(%arg0), %arg2 groups(%[[OFFSETS]], %[[PERMUTATION]]) top_k(2) into slot(%[[SLOTS:[a-z0-9_]*]])
// CHECK: moa.combine %[[SLOTS]], %[[GATES]] into(%[[Y:[a-z0-9_]*]])
// CHECK-NOT: memref.copy
// CHECK: return %[[Y]]
func.func @primitives(
    %x: tensor<10x8xf32> {bufferization.writable = false},
    %router: tensor<8x4xf32> {bufferization.writable = false},
    %weights: tensor<4x8x8xf32> {bufferization.writable = false})
    -> tensor<10x8xf32> {
  %logits, %indices, %gates = moa.router %x, %router top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<10x8xf32>, tensor<8x4xf32>)
      -> (tensor<10x4xf32>, tensor<10x2xi32>, tensor<10x2xf32>)
  %offsets, %permutation = moa.dispatch %indices experts(4)
      : (tensor<10x2xi32>) -> (tensor<5xi32>, tensor<20xi32>)
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<20x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<20x8xf32>)
      -> tensor<20x8xf32>
  %slots = moa.grouped_matmul token(%x), %weights
      groups(%offsets, %permutation) top_k(2) into slot(%init)
      : (tensor<10x8xf32>, tensor<4x8x8xf32>, tensor<5xi32>, tensor<20xi32>,
         tensor<20x8xf32>) -> tensor<20x8xf32>
  %into = tensor.empty() : tensor<10x8xf32>
  %y = moa.combine %slots, %gates into(%into)
      : (tensor<20x8xf32>, tensor<10x2xf32>, tensor<10x8xf32>)
      -> tensor<10x8xf32>
  return %y : tensor<10x8xf32>
}

// An argument that may be written takes the result in place.
// CHECK-LABEL: func.func @in_place(
// CHECK-NOT: memref.alloc
// CHECK-NOT: memref.copy
// CHECK: moa.slot_matmul token(%arg0), %arg1, %arg2 into(%arg3)
// CHECK-NEXT: return %arg3
func.func @in_place(%x: tensor<1x8xf32>, %weights: tensor<4x8x8xf32>,
                    %indices: tensor<1x2xi32>, %init: tensor<2x8xf32>)
    -> tensor<2x8xf32> {
  %y = moa.slot_matmul token(%x), %weights, %indices into(%init)
      : (tensor<1x8xf32>, tensor<4x8x8xf32>, tensor<1x2xi32>, tensor<2x8xf32>)
      -> tensor<2x8xf32>
  return %y : tensor<2x8xf32>
}

// What is read again is not overwritten: one copy, of what the product keeps.
// CHECK-LABEL: func.func @read_again(
// CHECK: %[[COPY:.*]] = memref.alloc()
// CHECK: memref.copy %arg3, %[[COPY]]
// CHECK: moa.slot_matmul {{.*}} into(%[[COPY]])
// CHECK-NOT: memref.copy
// CHECK: return
func.func @read_again(%x: tensor<1x8xf32>, %weights: tensor<4x8x8xf32>,
                      %indices: tensor<1x2xi32>, %init: tensor<2x8xf32>)
    -> (tensor<2x8xf32>, tensor<2x8xf32>) {
  %y = moa.slot_matmul token(%x), %weights, %indices into(%init)
      : (tensor<1x8xf32>, tensor<4x8x8xf32>, tensor<1x2xi32>, tensor<2x8xf32>)
      -> tensor<2x8xf32>
  return %y, %init : tensor<2x8xf32>, tensor<2x8xf32>
}

// combine does not read its init: a new buffer, no copy.
// CHECK-LABEL: func.func @overwritten(
// CHECK: %[[NEW:.*]] = memref.alloc()
// CHECK-NOT: memref.copy
// CHECK: moa.combine {{.*}} into(%[[NEW]])
// CHECK-NOT: memref.copy
// CHECK: return
func.func @overwritten(%slots: tensor<8x4xf32>, %gates: tensor<4x2xf32>,
                       %init: tensor<4x4xf32>)
    -> (tensor<4x4xf32>, tensor<4x4xf32>) {
  %y = moa.combine %slots, %gates into(%init)
      : (tensor<8x4xf32>, tensor<4x2xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %y, %init : tensor<4x4xf32>, tensor<4x4xf32>
}
