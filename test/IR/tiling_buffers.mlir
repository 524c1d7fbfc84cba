// Tiles of ops on buffers: the same op on views, with no results.
// RUN: moa-opt %s --transform-interpreter --canonicalize --cse --split-input-file | FileCheck %s --implicit-check-not=tensor

// CHECK-LABEL: func.func @combine(
// CHECK: scf.for %[[T:.*]] = %c0 to %{{.*}} step %c4
// CHECK-DAG: %[[SLOTS:.*]] = memref.subview %arg0[%{{.*}}, 0] [%{{.*}}, 8] [1, 1]
// CHECK-DAG: %[[GATES:.*]] = memref.subview %arg1[%[[T]], 0] [%{{.*}}, 2] [1, 1]
// CHECK-DAG: %[[INIT:.*]] = memref.subview %arg2[%[[T]], 0] [%{{.*}}, 8] [1, 1]
// CHECK: moa.combine %[[SLOTS]], %[[GATES]] into(%[[INIT]])
// CHECK-NEXT: }
func.func @combine(%slots: memref<?x8xf32>, %gates: memref<?x2xf32>,
                   %init: memref<?x8xf32>) {
  moa.combine %slots, %gates into(%init)
      : (memref<?x8xf32>, memref<?x2xf32>, memref<?x8xf32>) -> ()
  return
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["moa.combine"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_for %op tile_sizes [4]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// CHECK-LABEL: func.func @products(
// CHECK: scf.forall (%[[I:.*]]) in (2)
// CHECK: %[[C:.*]] = affine.apply #{{.*}}(%[[I]])
// CHECK: %[[W:.*]] = memref.subview %arg1[0, 0, %[[C]]] [4, 8, 8] [1, 1, 1]
// CHECK: %[[INIT:.*]] = memref.subview %arg4[0, %[[C]]] [20, 8] [1, 1]
// CHECK: moa.grouped_matmul token(%arg0), %[[W]] groups(%arg2, %arg3) top_k(2) into slot(%[[INIT]])
// CHECK: scf.forall
// CHECK: moa.matmul
// CHECK: scf.forall
// CHECK: moa.dense_matmul
func.func @products(%x: memref<10x8xf32>, %weights: memref<4x8x16xf32>,
    %offsets: memref<5xi32>, %permutation: memref<20xi32>,
    %slots: memref<20x16xf32>, %w: memref<8x16xf32>, %rows: memref<10x16xf32>,
    %all: memref<40x16xf32>) {
  moa.grouped_matmul token(%x), %weights groups(%offsets, %permutation) top_k(2)
      into slot(%slots)
      : (memref<10x8xf32>, memref<4x8x16xf32>, memref<5xi32>, memref<20xi32>,
         memref<20x16xf32>) -> ()
  moa.matmul %x, %w into(%rows)
      : (memref<10x8xf32>, memref<8x16xf32>, memref<10x16xf32>) -> ()
  moa.dense_matmul token(%x), %weights into(%all)
      : (memref<10x8xf32>, memref<4x8x16xf32>, memref<40x16xf32>) -> ()
  return
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %grouped = transform.structured.match ops{["moa.grouped_matmul"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_forall %grouped tile_sizes [8]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %others = transform.structured.match ops{["moa.matmul", "moa.dense_matmul"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_forall %others tile_sizes [5, 8]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// CHECK-LABEL: func.func @attention(
// CHECK: scf.for %[[P:.*]] = %c0 to %c12 step %c4
// CHECK: memref.subview %arg0[0, %[[P]], 0, 0] [2, 4, 3, 4]
// CHECK: memref.subview %arg3[0, %[[P]], 0, 0] [2, 4, 3, 4]
// CHECK: moa.rotary %{{.*}} position(%[[P]]) rotary({{.*}}) into(%{{.*}}) : ({{.*}}) -> ()
// CHECK: scf.for %[[P:.*]] = %c0 to %c12 step %c4
// CHECK: moa.attention {{.*}} position(%[[P]]) {{.*}} -> ()
// CHECK: scf.for %[[P:.*]] = %c0 to %c12 step %c4
// CHECK: moa.key_value {{.*}} position(%[[P]]) {{.*}} -> ()
func.func @attention(%q: memref<2x12x3x4xf32>, %k: memref<2x12x3x4xf32>,
    %v: memref<2x12x3x4xf32>, %r: memref<2x12x3x4xf32>, %o: memref<2x12x3x4xf32>,
    %x: memref<2x12x8xf32>, %w: memref<8x12xf32>) {
  moa.rotary %q rotary(<theta = 1.0e4, dim = 4>) into(%r)
      : (memref<2x12x3x4xf32>, memref<2x12x3x4xf32>) -> ()
  moa.attention %r, %k, %v causal into(%o)
      : (memref<2x12x3x4xf32>, memref<2x12x3x4xf32>, memref<2x12x3x4xf32>,
         memref<2x12x3x4xf32>) -> ()
  moa.key_value %x, %w, %w rotary(<theta = 1.0e4, dim = 4>) into(%k, %v)
      : (memref<2x12x8xf32>, memref<8x12xf32>, memref<8x12xf32>,
         memref<2x12x3x4xf32>, memref<2x12x3x4xf32>) -> ()
  return
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %ops = transform.structured.match ops{["moa.rotary", "moa.attention", "moa.key_value"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %ops tile_sizes [0, 4]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
