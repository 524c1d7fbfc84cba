// The analysis of value bounds knows the sizes of results: what upstream's pass
// proves to be the smaller number takes the place of a minimum.
// RUN: moa-opt %s --pass-pipeline='builtin.module(func.func(affine-simplify-min-max,canonicalize))' \
// RUN:   | FileCheck %s --implicit-check-not=affine.min

// CHECK-DAG: #[[TWICE:.*]] = affine_map<()[s0] -> (s0 * 2)>
// CHECK-DAG: #[[SUM:.*]] = affine_map<()[s0, s1] -> (s0 + s1)>
#min = affine_map<()[s0, s1] -> (s0, s1 + 1)>

// CHECK-LABEL: func.func @route(
// CHECK: %[[N:.*]] = tensor.dim %arg0, %c0
// CHECK: return %[[N]]
func.func @route(%logits: tensor<?x6xf32>) -> index {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %logits, %c0 : tensor<?x6xf32>
  %indices, %gates = moa.route %logits top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<?x6xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>)
  %rows = tensor.dim %gates, %c0 : tensor<?x2xf32>
  %min = affine.min #min()[%n, %rows]
  return %min : index
}

// CHECK-LABEL: func.func @router(
// CHECK: %[[N:.*]] = tensor.dim %arg0, %c0
// CHECK: return %[[N]]
func.func @router(%x: tensor<?x8xf32>, %weights: tensor<8x6xf32>) -> index {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %logits, %indices, %gates = moa.router %x, %weights top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<?x8xf32>, tensor<8x6xf32>)
      -> (tensor<?x6xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
  %rows = tensor.dim %logits, %c0 : tensor<?x6xf32>
  %min = affine.min #min()[%n, %rows]
  return %min : index
}

// A slot for each of a token's k experts.
// CHECK-LABEL: func.func @dispatch(
// CHECK: %[[N:.*]] = tensor.dim %arg0, %c0
// CHECK: %[[SLOTS:.*]] = affine.apply #[[TWICE]]()[%[[N]]]
// CHECK: return %[[SLOTS]]
func.func @dispatch(%indices: tensor<?x2xi32>) -> index {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %indices, %c0 : tensor<?x2xi32>
  %offsets, %permutation = moa.dispatch %indices experts(6)
      : (tensor<?x2xi32>) -> (tensor<7xi32>, tensor<?xi32>)
  %slots = tensor.dim %permutation, %c0 : tensor<?xi32>
  %min = affine.min affine_map<()[s0, s1] -> (s0 * 2, s1 + 1)>()[%n, %slots]
  return %min : index
}

// CHECK-LABEL: func.func @rotary(
// CHECK: %[[LENGTH:.*]] = tensor.dim %arg0, %c1
// CHECK: return %[[LENGTH]]
func.func @rotary(%x: tensor<1x?x2x8xf32>) -> index {
  %c1 = arith.constant 1 : index
  %length = tensor.dim %x, %c1 : tensor<1x?x2x8xf32>
  %y = moa.rotary %x rotary(<theta = 1.0e4, dim = 8>)
      : (tensor<1x?x2x8xf32>) -> tensor<1x?x2x8xf32>
  %size = tensor.dim %y, %c1 : tensor<1x?x2x8xf32>
  %min = affine.min #min()[%length, %size]
  return %min : index
}

// Destination style: the sizes of the init.
// CHECK-LABEL: func.func @combine(
// CHECK: %[[N:.*]] = tensor.dim %arg2, %c0
// CHECK: return %[[N]]
func.func @combine(%slots: tensor<?x4xf32>, %gates: tensor<?x2xf32>,
                   %init: tensor<?x4xf32>) -> index {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %init, %c0 : tensor<?x4xf32>
  %y = moa.combine %slots, %gates into(%init)
      : (tensor<?x4xf32>, tensor<?x2xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %rows = tensor.dim %y, %c0 : tensor<?x4xf32>
  %min = affine.min #min()[%n, %rows]
  return %min : index
}

// The output is like x, logits have a row for each token, keys are those of the
// cache and of x.
// CHECK-LABEL: func.func @layer(
// CHECK: %[[T:.*]] = tensor.dim %arg0, %c1
// CHECK: %[[P:.*]] = tensor.dim %arg6, %c1
// CHECK: %[[TOKENS:.*]] = affine.apply #[[TWICE]]()[%[[T]]]
// CHECK: %[[KEYS:.*]] = affine.apply #[[SUM]]()[%[[P]], %[[T]]]
// CHECK: return %[[T]], %[[TOKENS]], %[[KEYS]]
func.func @layer(%x: tensor<2x?x8xf32>, %router: tensor<8x4xf32>,
                 %wq: tensor<4x8x4xf32>, %wk: tensor<8x4xf32>,
                 %wv: tensor<8x4xf32>, %wo: tensor<4x4x8xf32>,
                 %kc: tensor<2x?x1x4xf32>, %vc: tensor<2x?x1x4xf32>)
    -> (index, index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %t = tensor.dim %x, %c1 : tensor<2x?x8xf32>
  %p = tensor.dim %kc, %c1 : tensor<2x?x1x4xf32>
  %y, %logits, %keys = moa.layer %x router(%router) query(%wq) key(%wk)
      value(%wv) output(%wo) top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      cache(%kc, %vc) also<logits, keys>
      : (tensor<2x?x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>, tensor<2x?x1x4xf32>,
         tensor<2x?x1x4xf32>)
      -> (tensor<2x?x8xf32>, tensor<?x4xf32>, tensor<2x?x1x4xf32>)
  %length = tensor.dim %y, %c1 : tensor<2x?x8xf32>
  %rows = tensor.dim %logits, %c0 : tensor<?x4xf32>
  %cached = tensor.dim %keys, %c1 : tensor<2x?x1x4xf32>
  %0 = affine.min #min()[%t, %length]
  %1 = affine.min affine_map<()[s0, s1] -> (s0 * 2, s1 + 1)>()[%t, %rows]
  %2 = affine.min affine_map<()[s0, s1, s2] -> (s0 + s1, s2 + 1)>()[%p, %t, %cached]
  return %0, %1, %2 : index, index, index
}
