// RUN: moa-opt %s --convert-moa-to-linalg --canonicalize --cse | FileCheck %s --implicit-check-not='= moa.'

// One iteration is a tile of queries of one head; the keys are cut to those
// that the causal mask and the lengths leave to it.
// CHECK-LABEL: func.func @causal_lengths
// CHECK: scf.forall (%[[B:.*]], %{{.*}}, %[[TILE:.*]]) in (2, 8, 2)
// CHECK: arith.minsi
// CHECK: tensor.extract %{{.*}}[%[[B]]] : tensor<2xi32>
// CHECK: arith.minsi
// CHECK: linalg.matmul indexing_maps
// CHECK: math.exp
// CHECK: linalg.matmul
// CHECK: arith.divf
func.func @causal_lengths(%q: tensor<2x33x8x16xf32>, %k: tensor<2x33x4x16xf32>, %v: tensor<2x33x4x16xf32>, %lengths: tensor<2xi32>, %init: tensor<2x33x8x16xf32>) -> tensor<2x33x8x16xf32> {
  %o = moa.attention %q, %k, %v heads(4) causal lengths(%lengths) into(%init)
    : (tensor<2x33x8x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2xi32>, tensor<2x33x8x16xf32>) -> tensor<2x33x8x16xf32>
  return %o : tensor<2x33x8x16xf32>
}

// No key at all: zeros and -inf, without a loop.
// CHECK-LABEL: func.func @no_keys
// CHECK-NOT: scf.forall
// CHECK-DAG: arith.constant 0.000000e+00
// CHECK-DAG: arith.constant 0xFF800000
// CHECK: return
func.func @no_keys(%q: tensor<2x3x8x16xf32>, %k: tensor<2x0x4x16xf32>, %init: tensor<2x3x8x16xf32>, %lse: tensor<2x3x8xf32>) -> (tensor<2x3x8x16xf32>, tensor<2x3x8xf32>) {
  %o, %l = moa.attention %q, %k, %k heads(4) into(%init, %lse)
    : (tensor<2x3x8x16xf32>, tensor<2x0x4x16xf32>, tensor<2x0x4x16xf32>, tensor<2x3x8x16xf32>, tensor<2x3x8xf32>) -> (tensor<2x3x8x16xf32>, tensor<2x3x8xf32>)
  return %o, %l : tensor<2x3x8x16xf32>, tensor<2x3x8xf32>
}
