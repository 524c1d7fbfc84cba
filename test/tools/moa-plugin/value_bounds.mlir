// The analysis of value bounds sees through moa ops. What asks for bounds here is
// a test op of the stock mlir-opt.
// RUN: %stock %load %s --pass-pipeline='builtin.module(func.func(test-affine-reify-value-bounds))' | FileCheck %s

// CHECK-DAG: #[[TWICE:.*]] = affine_map<()[s0] -> (s0 * 2)>

// CHECK-LABEL: func.func @dispatch(
// CHECK-SAME: %[[LOGITS:.*]]: tensor<?x6xf32>
// CHECK: %[[N:.*]] = tensor.dim %[[LOGITS]]
// CHECK: %[[SLOTS:.*]] = affine.apply #[[TWICE]]()[%[[N]]]
// CHECK: return %[[SLOTS]]
func.func @dispatch(%logits: tensor<?x6xf32>) -> index {
  %indices, %gates = moa.route %logits top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<?x6xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>)
  %offsets, %permutation = moa.dispatch %indices experts(6)
      : (tensor<?x2xi32>) -> (tensor<7xi32>, tensor<?xi32>)
  %bound = "test.reify_bound"(%permutation) {dim = 0} : (tensor<?xi32>) -> index
  return %bound : index
}

// Destination style: the size of the init.
// CHECK-LABEL: func.func @combine(
// CHECK-SAME: %[[INIT:[a-z0-9]*]]: tensor<?x4xf32>)
// CHECK: %[[N:.*]] = tensor.dim %[[INIT]]
// CHECK: return %[[N]]
func.func @combine(%slots: tensor<?x4xf32>, %gates: tensor<?x2xf32>,
                   %init: tensor<?x4xf32>) -> index {
  %y = moa.combine %slots, %gates into(%init)
      : (tensor<?x4xf32>, tensor<?x2xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %bound = "test.reify_bound"(%y) {dim = 0} : (tensor<?x4xf32>) -> index
  return %bound : index
}

// CHECK-LABEL: func.func @rotary(
// CHECK-SAME: %[[X:[a-z0-9]*]]: tensor<1x?x2x8xf32>
// CHECK: %[[L:.*]] = tensor.dim %[[X]]
// CHECK: return %[[L]]
func.func @rotary(%x: tensor<1x?x2x8xf32>) -> index {
  %y = moa.rotary %x rotary(<theta = 1.0e4, dim = 8>)
      : (tensor<1x?x2x8xf32>) -> tensor<1x?x2x8xf32>
  %bound = "test.reify_bound"(%y) {dim = 1} : (tensor<1x?x2x8xf32>) -> index
  return %bound : index
}

// CHECK-LABEL: func.func @layer(
// CHECK-SAME: %[[X:[a-z0-9]*]]: tensor<2x?x8xf32>
// CHECK: %[[T:.*]] = tensor.dim %[[X]]
// CHECK: return %[[T]]
func.func @layer(%x: tensor<2x?x8xf32>, %router: tensor<8x4xf32>,
                 %wq: tensor<4x8x4xf32>, %wk: tensor<8x4xf32>,
                 %wv: tensor<8x4xf32>, %wo: tensor<4x4x8xf32>) -> index {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) gate(<activation = softmax, order = topk_then_activation>) causal
      : (tensor<2x?x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>) -> tensor<2x?x8xf32>
  %bound = "test.reify_bound"(%y) {dim = 1} : (tensor<2x?x8xf32>) -> index
  return %bound : index
}
