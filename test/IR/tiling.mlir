// RUN: moa-opt %s -transform-interpreter -canonicalize -cse -split-input-file | FileCheck %s

// A tile of tokens takes the slots of these tokens.
// CHECK-LABEL: func.func @combine(
// CHECK: scf.for %[[T:.*]] = %c0 to %c64 step %c16
// CHECK: scf.for %[[C:.*]] = %c0 to %c48 step %c24
// CHECK: %[[S0:.*]] = affine.apply #{{.*}}()[%[[T]]]
// CHECK-DAG: %[[SLOTS:.*]] = tensor.extract_slice %arg0[%[[S0]], %[[C]]] [32, 24] [1, 1]
// CHECK-DAG: %[[GATES:.*]] = tensor.extract_slice %arg1[%[[T]], 0] [16, 2] [1, 1]
// CHECK-DAG: %[[BIAS:.*]] = tensor.extract_slice %arg2[%[[C]]] [24] [1]
// CHECK-DAG: %[[SKIP:.*]] = tensor.extract_slice %arg3[%[[T]]] [16] [1]
// CHECK-DAG: %[[INIT:.*]] = tensor.extract_slice %{{.*}}[%[[T]], %[[C]]] [16, 24] [1, 1]
// CHECK: %[[Y:.*]] = moa.combine %[[SLOTS]], %[[GATES]] bias(%[[BIAS]]) skip(%[[SKIP]]) into(%[[INIT]])
// CHECK: tensor.insert_slice %[[Y]] into %{{.*}}[%[[T]], %[[C]]] [16, 24] [1, 1]
func.func @combine(%slots: tensor<128x48xf32>, %gates: tensor<64x2xf32>,
    %bias: tensor<48xf32>, %skip: tensor<64xi1>, %init: tensor<64x48xf32>)
    -> tensor<64x48xf32> {
  %y = moa.combine %slots, %gates bias(%bias) skip(%skip) into(%init)
      : (tensor<128x48xf32>, tensor<64x2xf32>, tensor<48xf32>, tensor<64xi1>,
         tensor<64x48xf32>) -> tensor<64x48xf32>
  return %y : tensor<64x48xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["moa.combine"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loops:2 = transform.structured.tile_using_for %op tile_sizes [16, 24]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// The sum is computed in the loop of its user.
// CHECK-LABEL: func.func @fused_combine(
// CHECK: scf.for
// CHECK: %[[Y:.*]] = moa.combine
// CHECK-SAME: -> tensor<16x48xf32>
// CHECK: linalg.exp ins(%[[Y]] : tensor<16x48xf32>)
func.func @fused_combine(%slots: tensor<128x48xf32>, %gates: tensor<64x2xf32>,
    %init: tensor<64x48xf32>) -> tensor<64x48xf32> {
  %y = moa.combine %slots, %gates into(%init)
      : (tensor<128x48xf32>, tensor<64x2xf32>, tensor<64x48xf32>)
      -> tensor<64x48xf32>
  %e = linalg.exp ins(%y : tensor<64x48xf32>) outs(%init : tensor<64x48xf32>)
      -> tensor<64x48xf32>
  return %e : tensor<64x48xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["linalg.exp"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.fuse %op tile_sizes [16, 0]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Sizes that no tile divides, unknown until run time.
// CHECK-LABEL: func.func @dynamic_combine(
// CHECK: scf.for %[[T:.*]] = %c0 to %{{.*}} step %c16
// CHECK: %[[SIZE:.*]] = affine.min #{{.*}}(%[[T]])
// CHECK: %[[S0:.*]] = affine.apply #{{.*}}()[%[[T]]]
// CHECK: %[[ROWS:.*]] = affine.apply #{{.*}}()[%[[SIZE]]]
// CHECK: tensor.extract_slice %arg0[%[[S0]], 0] [%[[ROWS]], 48] [1, 1]
// CHECK: tensor.extract_slice %arg1[%[[T]], 0] [%[[SIZE]], 2] [1, 1]
// CHECK: moa.combine
func.func @dynamic_combine(%slots: tensor<?x48xf32>, %gates: tensor<?x2xf32>,
    %init: tensor<?x48xf32>) -> tensor<?x48xf32> {
  %y = moa.combine %slots, %gates into(%init)
      : (tensor<?x48xf32>, tensor<?x2xf32>, tensor<?x48xf32>) -> tensor<?x48xf32>
  return %y : tensor<?x48xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["moa.combine"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_for %op tile_sizes [16, 0]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Columns of the weights, of either layout.
// CHECK-LABEL: func.func @grouped_matmul(
// CHECK: scf.forall (%[[I:.*]]) in (3)
// CHECK: %[[C:.*]] = affine.apply #{{.*}}(%[[I]])
// CHECK-DAG: %[[W:.*]] = tensor.extract_slice %arg1[0, %[[C]], 0] [6, 16, 16] [1, 1, 1]
// CHECK-DAG: %[[INIT:.*]] = tensor.extract_slice %{{.*}}[0, %[[C]]] [132, 16] [1, 1]
// CHECK: moa.grouped_matmul slot(%arg0), %[[W]] transposed groups(%arg2, %arg3) into slot(%[[INIT]])
func.func @grouped_matmul(%x: tensor<132x16xf32>, %w: tensor<6x48x16xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>,
    %init: tensor<132x48xf32>) -> tensor<132x48xf32> {
  %r = moa.grouped_matmul slot(%x), %w transposed groups(%offsets, %permutation)
      into slot(%init)
      : (tensor<132x16xf32>, tensor<6x48x16xf32>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x48xf32>) -> tensor<132x48xf32>
  return %r : tensor<132x48xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["moa.grouped_matmul"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_forall %op tile_sizes [16]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Without a position, the first row of the whole stands at 0.
// CHECK-LABEL: func.func @rotary_from_zero(
// CHECK: scf.for %[[L:.*]] = %c0 to %c9 step %c4
// CHECK: %[[X:.*]] = tensor.extract_slice %arg0[0, %[[L]], 0, 0]
// CHECK: moa.rotary %[[X]] position(%[[L]])
func.func @rotary_from_zero(%x: tensor<1x9x3x4xf32>) -> tensor<1x9x3x4xf32> {
  %r = moa.rotary %x rotary(<theta = 1.0e4 : f64, dim = 4>)
      : (tensor<1x9x3x4xf32>) -> tensor<1x9x3x4xf32>
  return %r : tensor<1x9x3x4xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["moa.rotary"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_for %op tile_sizes [0, 4]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// A tile of rows stands at the position of its first row.
// CHECK-LABEL: func.func @rotary(
// CHECK: scf.for %[[L:.*]] = %c0 to %c32 step %c8
// CHECK: %[[X:.*]] = tensor.extract_slice %arg0[0, %[[L]], 0, 0] [2, 8, 4, 16] [1, 1, 1, 1]
// CHECK: %[[P:.*]] = arith.addi %arg1, %[[L]] : index
// CHECK: moa.rotary %[[X]] position(%[[P]])
func.func @rotary(%x: tensor<2x32x4x16xf32>, %position: index)
    -> tensor<2x32x4x16xf32> {
  %r = moa.rotary %x position(%position) rotary(<theta = 1.0e4 : f64, dim = 16>)
      : (tensor<2x32x4x16xf32>, index) -> tensor<2x32x4x16xf32>
  return %r : tensor<2x32x4x16xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["moa.rotary"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_for %op tile_sizes [0, 8, 0]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Batch, queries and slots; keys and values are cut by the batch alone, a mask
// shared by the batch by the queries alone.
// CHECK-LABEL: func.func @attention(
// CHECK: scf.for %[[B:.*]] = %c0 to %c2 step %c1
// CHECK: scf.for %[[T:.*]] = %c0 to %c12 step %c4
// CHECK: scf.for %[[R:.*]] = %c0 to %c2 step %c1
// CHECK: %[[N:.*]] = affine.apply #{{.*}}()[%[[R]]]
// CHECK-DAG: %[[Q:.*]] = tensor.extract_slice %arg0[%[[B]], %[[T]], %[[N]], 0] [1, 4, 4, 16] [1, 1, 1, 1]
// CHECK-DAG: %[[K:.*]] = tensor.extract_slice %arg1[%[[B]], 0, 0, 0] [1, 20, 2, 16] [1, 1, 1, 1]
// CHECK-DAG: %[[V:.*]] = tensor.extract_slice %arg2[%[[B]], 0, 0, 0] [1, 20, 2, 16] [1, 1, 1, 1]
// CHECK-DAG: %[[LEN:.*]] = tensor.extract_slice %arg3[%[[B]]] [1] [1]
// CHECK-DAG: %[[BM:.*]] = tensor.extract_slice %arg4[%[[B]], %[[T]], 0] [1, 4, 20] [1, 1, 1]
// CHECK-DAG: %[[AM:.*]] = tensor.extract_slice %arg5[0, %[[T]], 0] [1, 4, 20] [1, 1, 1]
// CHECK-DAG: %[[INIT:.*]] = tensor.extract_slice %{{.*}}[%[[B]], %[[T]], %[[N]], 0] [1, 4, 4, 16] [1, 1, 1, 1]
// CHECK-DAG: %[[LSE:.*]] = tensor.extract_slice %{{.*}}[%[[B]], %[[T]], %[[N]]] [1, 4, 4] [1, 1, 1]
// CHECK: moa.attention %[[Q]], %[[K]], %[[V]] heads(4) position(%[[T]]) causal lengths(%[[LEN]]) boolean_mask(%[[BM]]) additive_mask(%[[AM]]) into(%[[INIT]], %[[LSE]])
func.func @attention(%q: tensor<2x12x8x16xf32>, %k: tensor<2x20x2x16xf32>,
    %v: tensor<2x20x2x16xf32>, %lengths: tensor<2xi32>,
    %boolean: tensor<2x12x20xi1>, %additive: tensor<1x12x20xf32>,
    %init: tensor<2x12x8x16xf32>, %lse: tensor<2x12x8xf32>)
    -> (tensor<2x12x8x16xf32>, tensor<2x12x8xf32>) {
  %o, %l = moa.attention %q, %k, %v heads(4) causal lengths(%lengths)
      boolean_mask(%boolean) additive_mask(%additive) into(%init, %lse)
      : (tensor<2x12x8x16xf32>, tensor<2x20x2x16xf32>, tensor<2x20x2x16xf32>,
         tensor<2xi32>, tensor<2x12x20xi1>, tensor<1x12x20xf32>,
         tensor<2x12x8x16xf32>, tensor<2x12x8xf32>)
      -> (tensor<2x12x8x16xf32>, tensor<2x12x8xf32>)
  return %o, %l : tensor<2x12x8x16xf32>, tensor<2x12x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["moa.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loops:3 = transform.structured.tile_using_for %op tile_sizes [1, 4, 1]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Rows and columns of a matrix.
// CHECK-LABEL: func.func @matmul(
// CHECK: scf.for %[[N:.*]] = %c0 to %c64 step %c16
// CHECK: scf.for %[[F:.*]] = %c0 to %c48 step %c24
// CHECK-DAG: %[[X:.*]] = tensor.extract_slice %arg0[%[[N]], 0] [16, 32] [1, 1]
// CHECK-DAG: %[[W:.*]] = tensor.extract_slice %arg1[%[[F]], 0] [24, 32] [1, 1]
// CHECK-DAG: %[[INIT:.*]] = tensor.extract_slice %{{.*}}[%[[N]], %[[F]]] [16, 24] [1, 1]
// CHECK: moa.matmul %[[X]], %[[W]] transposed into(%[[INIT]])
func.func @matmul(%x: tensor<64x32xf32>, %w: tensor<48x32xf32>,
    %init: tensor<64x48xf32>) -> tensor<64x48xf32> {
  %r = moa.matmul %x, %w transposed into(%init)
      : (tensor<64x32xf32>, tensor<48x32xf32>, tensor<64x48xf32>)
      -> tensor<64x48xf32>
  return %r : tensor<64x48xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["moa.matmul"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loops:2 = transform.structured.tile_using_for %op tile_sizes [16, 24]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Batch, rows and heads; the rows of a tile keep their positions.
// CHECK-LABEL: func.func @key_value(
// CHECK: scf.for %[[B:.*]] = %c0 to %c2 step %c1
// CHECK: scf.for %[[S:.*]] = %c0 to %c32 step %c8
// CHECK: scf.for %[[G:.*]] = %c0 to %c4 step %c2
// CHECK-DAG: %[[C:.*]] = affine.apply #{{.*}}()[%[[G]]]
// CHECK-DAG: %[[X:.*]] = tensor.extract_slice %arg0[%[[B]], %[[S]], 0] [1, 8, 48] [1, 1, 1]
// CHECK-DAG: %[[K:.*]] = tensor.extract_slice %arg1[0, %[[C]]] [48, 32] [1, 1]
// CHECK-DAG: %[[V:.*]] = tensor.extract_slice %arg2[0, %[[C]]] [48, 32] [1, 1]
// CHECK: %[[P:.*]] = arith.addi %arg3, %[[S]] : index
// CHECK: moa.key_value %[[X]], %[[K]], %[[V]] rotary(<theta = 1.000000e+04 : f64, dim = 16>) position(%[[P]])
// CHECK-SAME: -> (tensor<1x8x2x16xf32>, tensor<1x8x2x16xf32>)
func.func @key_value(%x: tensor<2x32x48xf32>, %wk: tensor<48x64xf32>,
    %wv: tensor<48x64xf32>, %position: index, %k: tensor<2x32x4x16xf32>,
    %v: tensor<2x32x4x16xf32>) -> (tensor<2x32x4x16xf32>, tensor<2x32x4x16xf32>) {
  %r:2 = moa.key_value %x, %wk, %wv rotary(<theta = 1.0e4 : f64, dim = 16>)
      position(%position) into(%k, %v)
      : (tensor<2x32x48xf32>, tensor<48x64xf32>, tensor<48x64xf32>, index,
         tensor<2x32x4x16xf32>, tensor<2x32x4x16xf32>)
      -> (tensor<2x32x4x16xf32>, tensor<2x32x4x16xf32>)
  return %r#0, %r#1 : tensor<2x32x4x16xf32>, tensor<2x32x4x16xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["moa.key_value"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loops:3 = transform.structured.tile_using_for %op tile_sizes [1, 8, 2]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Tokens and columns: a token brings its slots.
// CHECK-LABEL: func.func @dense_matmul(
// CHECK: scf.for %[[T:.*]] = %c0 to %c64 step %c16
// CHECK: scf.for %[[F:.*]] = %c0 to %c48 step %c24
// CHECK-DAG: %[[S0:.*]] = affine.apply #{{.*}}()[%[[T]]]
// CHECK-DAG: %[[O:.*]] = tensor.extract_slice %arg0[%[[S0]], 0] [96, 16] [1, 1]
// CHECK-DAG: %[[W:.*]] = tensor.extract_slice %arg1[0, 0, %[[F]]] [6, 16, 24] [1, 1, 1]
// CHECK-DAG: %[[G:.*]] = tensor.extract_slice %arg2[%[[T]], 0] [16, 6] [1, 1]
// CHECK-DAG: %[[R:.*]] = tensor.extract_slice %arg3[%[[T]], %[[F]]] [16, 24] [1, 1]
// CHECK: moa.dense_matmul slot(%[[O]]), %[[W]] gates(%[[G]]) residual(%[[R]]) into(%{{.*}})
func.func @dense_matmul(%o: tensor<384x16xf32>, %w: tensor<6x16x48xf32>,
    %gates: tensor<64x6xf32>, %residual: tensor<64x48xf32>,
    %init: tensor<64x48xf32>) -> tensor<64x48xf32> {
  %r = moa.dense_matmul slot(%o), %w gates(%gates) residual(%residual)
      into(%init)
      : (tensor<384x16xf32>, tensor<6x16x48xf32>, tensor<64x6xf32>,
         tensor<64x48xf32>, tensor<64x48xf32>) -> tensor<64x48xf32>
  return %r : tensor<64x48xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["moa.dense_matmul"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loops:2 = transform.structured.tile_using_for %op tile_sizes [16, 24]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}
