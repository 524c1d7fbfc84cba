// RUN: moa-opt %s -resolve-ranked-shaped-type-result-dims -canonicalize -cse | FileCheck %s

// The size of a result is told by the operands: no op is computed for it.

// CHECK-LABEL: func.func @dispatch(
// CHECK-DAG: %[[N:.*]] = tensor.dim %arg0, %{{.*}}
// CHECK: %[[SLOTS:.*]] = affine.apply #{{.*}}()[%[[N]]]
// CHECK-NEXT: return %[[SLOTS]]
func.func @dispatch(%indices: tensor<?x2xi32>) -> index {
  %c0 = arith.constant 0 : index
  %o, %p = moa.dispatch %indices experts(6)
      : (tensor<?x2xi32>) -> (tensor<7xi32>, tensor<?xi32>)
  %size = tensor.dim %p, %c0 : tensor<?xi32>
  return %size : index
}

// CHECK-LABEL: func.func @route(
// CHECK: %[[N:.*]] = tensor.dim %arg0, %{{.*}}
// CHECK-NEXT: return %[[N]], %[[N]]
func.func @route(%logits: tensor<?x6xf32>) -> (index, index) {
  %c0 = arith.constant 0 : index
  %i, %g = moa.route %logits top_k(2)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<?x6xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>)
  %rows = tensor.dim %i, %c0 : tensor<?x2xi32>
  %gate_rows = tensor.dim %g, %c0 : tensor<?x2xf32>
  return %rows, %gate_rows : index, index
}

// CHECK-LABEL: func.func @rotary(
// CHECK: %[[L:.*]] = tensor.dim %arg0, %c1
// CHECK-NEXT: return %[[L]]
func.func @rotary(%x: tensor<2x?x4x16xf32>) -> index {
  %c1 = arith.constant 1 : index
  %r = moa.rotary %x rotary(<theta = 1.0e4 : f64, dim = 16>)
      : (tensor<2x?x4x16xf32>) -> tensor<2x?x4x16xf32>
  %size = tensor.dim %r, %c1 : tensor<2x?x4x16xf32>
  return %size : index
}

// Ops with destinations have their sizes.
// CHECK-LABEL: func.func @destinations(
// CHECK-DAG: %[[A:.*]] = tensor.dim %arg5, %c0
// CHECK-DAG: %[[B:.*]] = tensor.dim %arg6, %c0
// CHECK: return %[[A]], %[[B]]
func.func @destinations(%x: tensor<?x48xf32>, %w: tensor<6x48x16xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<?xi32>, %gates: tensor<?x2xf32>,
    %init: tensor<?x16xf32>, %sum: tensor<?x16xf32>) -> (index, index) {
  %c0 = arith.constant 0 : index
  %r = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      into slot(%init)
      : (tensor<?x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<?xi32>,
         tensor<?x16xf32>) -> tensor<?x16xf32>
  %y = moa.combine %r, %gates into(%sum)
      : (tensor<?x16xf32>, tensor<?x2xf32>, tensor<?x16xf32>) -> tensor<?x16xf32>
  %rows = tensor.dim %r, %c0 : tensor<?x16xf32>
  %tokens = tensor.dim %y, %c0 : tensor<?x16xf32>
  return %rows, %tokens : index, index
}

// Logits have B * T rows, keys P + T, of width (columns of key) / Hkv.
// CHECK-LABEL: func.func @layer(
// CHECK-DAG: %[[B:.*]] = tensor.dim %arg0, %c0
// CHECK-DAG: %[[T:.*]] = tensor.dim %arg0, %c1
// CHECK-DAG: %[[P:.*]] = tensor.dim %arg6, %c1
// CHECK-DAG: %[[KD:.*]] = tensor.dim %arg3, %c1
// CHECK-DAG: %[[ROWS:.*]] = affine.apply #{{.*}}()[%[[B]], %[[T]]]
// CHECK-DAG: %[[S:.*]] = affine.apply #{{.*}}()[%[[P]], %[[T]]]
// CHECK-DAG: %[[D:.*]] = affine.apply #{{.*}}()[%[[KD]]]
// CHECK-NOT: moa.layer
// CHECK: return %[[T]], %[[ROWS]], %[[S]], %[[D]]
func.func @layer(%x: tensor<?x?x8xf32>, %router: tensor<8x4xf32>,
    %wq: tensor<4x8x?xf32>, %wk: tensor<8x?xf32>, %wv: tensor<8x?xf32>,
    %wo: tensor<4x?x8xf32>, %kc: tensor<?x?x2x?xf32>, %vc: tensor<?x?x2x?xf32>)
    -> (index, index, index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %r:3 = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) kv_heads(2)
      gate(<activation = softmax, order = activation_then_topk>)
      cache(%kc, %vc) also<logits, keys>
      : (tensor<?x?x8xf32>, tensor<8x4xf32>, tensor<4x8x?xf32>, tensor<8x?xf32>,
         tensor<8x?xf32>, tensor<4x?x8xf32>, tensor<?x?x2x?xf32>,
         tensor<?x?x2x?xf32>)
      -> (tensor<?x?x8xf32>, tensor<?x4xf32>, tensor<?x?x2x?xf32>)
  %length = tensor.dim %r#0, %c1 : tensor<?x?x8xf32>
  %rows = tensor.dim %r#1, %c0 : tensor<?x4xf32>
  %keys = tensor.dim %r#2, %c1 : tensor<?x?x2x?xf32>
  %width = tensor.dim %r#2, %c3 : tensor<?x?x2x?xf32>
  return %length, %rows, %keys, %width : index, index, index, index
}

// A router has the rows of its input and the experts of its weights.
// CHECK-LABEL: func.func @router(
// CHECK: %[[N:.*]] = tensor.dim %arg0, %{{.*}}
// CHECK-NEXT: return %[[N]], %[[N]], %[[N]]
func.func @router(%x: tensor<?x48xf32>, %w: tensor<6x48xf32>)
    -> (index, index, index) {
  %c0 = arith.constant 0 : index
  %l, %i, %g = moa.router %x, %w transposed top_k(2)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<?x48xf32>, tensor<6x48xf32>)
      -> (tensor<?x6xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
  %rows = tensor.dim %l, %c0 : tensor<?x6xf32>
  %index_rows = tensor.dim %i, %c0 : tensor<?x2xi32>
  %gate_rows = tensor.dim %g, %c0 : tensor<?x2xf32>
  return %rows, %index_rows, %gate_rows : index, index, index
}

// CHECK-LABEL: func.func @dense_destinations(
// CHECK-DAG: %[[N:.*]] = tensor.dim %arg2, %c0
// CHECK-DAG: %[[M:.*]] = tensor.dim %arg4, %c0
// CHECK-DAG: %[[S:.*]] = tensor.dim %arg7, %c1
// CHECK: return %[[N]], %[[M]], %[[S]], %[[S]]
func.func @dense_destinations(%x: tensor<?x48xf32>, %w: tensor<48x16xf32>,
    %init: tensor<?x16xf32>, %experts: tensor<6x48x16xf32>,
    %slots: tensor<?x16xf32>, %s: tensor<2x?x48xf32>, %wkv: tensor<48x64xf32>,
    %kv: tensor<2x?x4x16xf32>) -> (index, index, index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = moa.matmul %x, %w into(%init)
      : (tensor<?x48xf32>, tensor<48x16xf32>, tensor<?x16xf32>)
      -> tensor<?x16xf32>
  %q = moa.dense_matmul token(%x), %experts into(%slots)
      : (tensor<?x48xf32>, tensor<6x48x16xf32>, tensor<?x16xf32>)
      -> tensor<?x16xf32>
  %k, %v = moa.key_value %s, %wkv, %wkv into(%kv, %kv)
      : (tensor<2x?x48xf32>, tensor<48x64xf32>, tensor<48x64xf32>,
         tensor<2x?x4x16xf32>, tensor<2x?x4x16xf32>)
      -> (tensor<2x?x4x16xf32>, tensor<2x?x4x16xf32>)
  %rows = tensor.dim %r, %c0 : tensor<?x16xf32>
  %slot_rows = tensor.dim %q, %c0 : tensor<?x16xf32>
  %keys = tensor.dim %k, %c1 : tensor<2x?x4x16xf32>
  %values = tensor.dim %v, %c1 : tensor<2x?x4x16xf32>
  return %rows, %slot_rows, %keys, %values : index, index, index, index
}
