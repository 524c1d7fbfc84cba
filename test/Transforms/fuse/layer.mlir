// RUN: moa-opt %s --canonicalize --moa-decompose --canonicalize --cse --moa-fuse \
// RUN:   --canonicalize --cse --split-input-file --verify-diagnostics \
// RUN:   --remarks-filter-missed=moa-fuse --remark-format=emitRemark \
// RUN:   | FileCheck %s --implicit-check-not='= moa.'
// It needs no other pass in front of it.
// RUN: moa-opt %s --moa-decompose --moa-fuse --canonicalize --cse \
// RUN:   --split-input-file --verify-diagnostics \
// RUN:   --remarks-filter-missed=moa-fuse --remark-format=emitRemark \
// RUN:   | FileCheck %s --implicit-check-not='= moa.'

// A whole layer and its residual: six ops, and no remark of a refusal.
// CHECK-LABEL: func.func @sparse(
// CHECK: = moa.router
// CHECK: = moa.dispatch
// CHECK: = moa.key_value %arg0, {{.*}} rotary(
// CHECK: = moa.grouped_matmul token({{.*}} rotary(
// CHECK: = moa.attention
// CHECK: = moa.grouped_matmul slot(
// CHECK: = moa.combine {{.*}} bias({{.*}} residual(
func.func @sparse(%x: tensor<?x?x48xbf16>, %router: tensor<48x6xbf16>, %wq: tensor<6x48x16xbf16>, %wk: tensor<48x16xbf16>, %wv: tensor<48x16xbf16>, %wo: tensor<6x16x48xbf16>, %bias: tensor<48xbf16>) -> tensor<?x?x48xbf16> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo) bias(%bias) top_k(2) gate(<activation = softmax, order = activation_then_topk>) rotary(<theta = 1.0e4 : f64, dim = 16>) causal
    : (tensor<?x?x48xbf16>, tensor<48x6xbf16>, tensor<6x48x16xbf16>, tensor<48x16xbf16>, tensor<48x16xbf16>, tensor<6x16x48xbf16>, tensor<48xbf16>) -> tensor<?x?x48xbf16>
  %z = arith.addf %y, %x : tensor<?x?x48xbf16>
  return %z : tensor<?x?x48xbf16>
}

// -----

// Skipped tokens, a cache.
// CHECK-LABEL: func.func @decode(
// CHECK: = moa.router {{.*}} skip(
// CHECK: = moa.key_value %arg0, {{.*}} rotary({{.*}} position(
// CHECK: = moa.slot_matmul token({{.*}} rotary({{.*}} position(%arg8)
// CHECK: = moa.attention
// CHECK: = moa.slot_matmul slot(
// CHECK: = moa.combine {{.*}} skip({{.*}} residual(
func.func @decode(%x: tensor<?x1x48xf32>, %router: tensor<48x6xf32>, %wq: tensor<6x48x16xf32>, %wk: tensor<48x16xf32>, %wv: tensor<48x16xf32>, %wo: tensor<6x16x48xf32>, %kc: tensor<?x?x1x16xf32>, %vc: tensor<?x?x1x16xf32>, %position: index, %skip: tensor<?x1xi1>) -> (tensor<?x1x48xf32>, tensor<?x?x1x16xf32>, tensor<?x?x1x16xf32>) {
  %y, %k, %v = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo) top_k(2) gate(<activation = softmax, order = activation_then_topk>) skip(%skip) cache(%kc, %vc) position(%position) rotary(<theta = 1.0e4 : f64, dim = 16>) causal also<keys, values>
    : (tensor<?x1x48xf32>, tensor<48x6xf32>, tensor<6x48x16xf32>, tensor<48x16xf32>, tensor<48x16xf32>, tensor<6x16x48xf32>, tensor<?x1xi1>, tensor<?x?x1x16xf32>, tensor<?x?x1x16xf32>, index) -> (tensor<?x1x48xf32>, tensor<?x?x1x16xf32>, tensor<?x?x1x16xf32>)
  %z = arith.addf %y, %x : tensor<?x1x48xf32>
  return %z, %k, %v : tensor<?x1x48xf32>, tensor<?x?x1x16xf32>, tensor<?x?x1x16xf32>
}

// -----

// k = E. Only the first choice is fused; the second is by rank.
// CHECK-LABEL: func.func @dense(
// CHECK: = moa.router {{.*}} top_k(6) all
// CHECK: = moa.key_value
// CHECK: = moa.dense_matmul token({{.*}} rotary(
// CHECK: = moa.attention
// CHECK: = moa.route %
// CHECK: = moa.dense_matmul slot({{.*}} gates({{.*}} residual(
func.func @dense(%x: tensor<2x33x48xf32>, %router: tensor<48x6xf32>, %wq: tensor<6x48x16xf32>, %wk: tensor<48x16xf32>, %wv: tensor<48x16xf32>, %wo: tensor<6x16x48xf32>) -> (tensor<2x33x48xf32>, tensor<66x6xf32>) {
  // expected-remark@below {{the logits are those of a router already}}
  %y, %g = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo) top_k(6) gate(<activation = softmax, order = activation_then_topk>) rotary(<theta = 1.0e4 : f64, dim = 16>) also<gates>
    : (tensor<2x33x48xf32>, tensor<48x6xf32>, tensor<6x48x16xf32>, tensor<48x16xf32>, tensor<48x16xf32>, tensor<6x16x48xf32>) -> (tensor<2x33x48xf32>, tensor<66x6xf32>)
  %z = arith.addf %x, %y : tensor<2x33x48xf32>
  return %z, %g : tensor<2x33x48xf32>, tensor<66x6xf32>
}
