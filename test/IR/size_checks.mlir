// RUN: moa-opt %s -convert-moa-to-linalg | FileCheck %s

// What dynamic sizes leave open is asserted, with the words of the verifier.

// CHECK-LABEL: func.func @grouped_matmul(
// CHECK: cf.assert %{{.*}}, "'moa.grouped_matmul' op 'offsets' dimension 0 (?) does not match 'weights' dimension 0 (?): they are E + 1 and E"
// CHECK: arith.remui
// CHECK: cf.assert %{{.*}}, "'moa.grouped_matmul' op 'input' dimension 0 (?) is not a multiple of 2: it is 2 * N"
// CHECK: cf.assert %{{.*}}, "'moa.grouped_matmul' op 'permutation' dimension 0 (?) does not match 'input' dimension 0 (?): both are 2 * N"
// CHECK: cf.assert %{{.*}}, "'moa.grouped_matmul' op 'init' dimension 0 (?) does not match 'input' dimension 0 (?): they are N and 2 * N"
// CHECK: cf.assert %{{.*}}, "'moa.grouped_matmul' op top_k (2) exceeds 'weights' dimension 0 (?)"
func.func @grouped_matmul(%x: tensor<?x48xf32>, %w: tensor<?x48x16xf32>,
    %o: tensor<?xi32>, %p: tensor<?xi32>, %init: tensor<?x16xf32>)
    -> tensor<?x16xf32> {
  %r = moa.grouped_matmul slot(%x), %w groups(%o, %p) top_k(2) into token(%init)
      : (tensor<?x48xf32>, tensor<?x48x16xf32>, tensor<?xi32>, tensor<?xi32>,
         tensor<?x16xf32>) -> tensor<?x16xf32>
  return %r : tensor<?x16xf32>
}

// CHECK-LABEL: func.func @rotary(
// CHECK: cf.assert %{{.*}}, "'moa.rotary' op rotary dim (16) exceeds 'input' dimension 3 (?)"
func.func @rotary(%x: tensor<2x3x4x?xf32>) -> tensor<2x3x4x?xf32> {
  %r = moa.rotary %x rotary(<theta = 1.0e4 : f64, dim = 16>)
      : (tensor<2x3x4x?xf32>) -> tensor<2x3x4x?xf32>
  return %r : tensor<2x3x4x?xf32>
}

// CHECK-LABEL: func.func @shared_mask(
// CHECK: cf.assert %{{.*}}, "'moa.attention' op 'additive_mask' dimension 0 (?) must be 1 or match 'query' dimension 0 (2)"
func.func @shared_mask(%q: tensor<2x3x1x4xf32>, %k: tensor<2x5x1x4xf32>,
    %mask: tensor<?x3x5xf32>, %init: tensor<2x3x1x4xf32>) -> tensor<2x3x1x4xf32> {
  %r = moa.attention %q, %k, %k additive_mask(%mask) into(%init)
      : (tensor<2x3x1x4xf32>, tensor<2x5x1x4xf32>, tensor<2x5x1x4xf32>, tensor<?x3x5xf32>,
         tensor<2x3x1x4xf32>) -> tensor<2x3x1x4xf32>
  return %r : tensor<2x3x1x4xf32>
}

// CHECK-LABEL: func.func @mask_of_unknown_batch(
// CHECK: cf.assert %{{.*}}, "'moa.attention' op 'additive_mask' dimension 0 (2) must be 1 or match 'query' dimension 0 (?)"
func.func @mask_of_unknown_batch(%q: tensor<?x3x1x4xf32>, %k: tensor<?x5x1x4xf32>,
    %mask: tensor<2x3x5xf32>, %init: tensor<?x3x1x4xf32>) -> tensor<?x3x1x4xf32> {
  %r = moa.attention %q, %k, %k additive_mask(%mask) into(%init)
      : (tensor<?x3x1x4xf32>, tensor<?x5x1x4xf32>, tensor<?x5x1x4xf32>, tensor<2x3x5xf32>,
         tensor<?x3x1x4xf32>) -> tensor<?x3x1x4xf32>
  return %r : tensor<?x3x1x4xf32>
}

// CHECK-LABEL: func.func @mask_for_all(
// CHECK-NOT: additive_mask' dimension 0
// CHECK: return
func.func @mask_for_all(%q: tensor<?x3x1x4xf32>, %k: tensor<?x5x1x4xf32>,
    %mask: tensor<1x3x5xf32>, %init: tensor<?x3x1x4xf32>) -> tensor<?x3x1x4xf32> {
  %r = moa.attention %q, %k, %k additive_mask(%mask) into(%init)
      : (tensor<?x3x1x4xf32>, tensor<?x5x1x4xf32>, tensor<?x5x1x4xf32>, tensor<1x3x5xf32>,
         tensor<?x3x1x4xf32>) -> tensor<?x3x1x4xf32>
  return %r : tensor<?x3x1x4xf32>
}

// Sums and products of sizes, and limits.
// CHECK-LABEL: func.func @no_experts(
// CHECK: cf.assert %{{.*}}, "'moa.grouped_matmul' op 'weights' dimension 0 (?) must be at least 1: it is the number of experts"
func.func @no_experts(%x: tensor<5x4xf32>, %w: tensor<?x4x3xf32>, %o: tensor<?xi32>,
    %init: tensor<5x3xf32>) -> tensor<5x3xf32> {
  %r = moa.grouped_matmul grouped(%x), %w groups(%o) into grouped(%init)
      : (tensor<5x4xf32>, tensor<?x4x3xf32>, tensor<?xi32>, tensor<5x3xf32>)
      -> tensor<5x3xf32>
  return %r : tensor<5x3xf32>
}

// CHECK-LABEL: func.func @no_heads(
// CHECK: cf.assert %{{.*}}, "'moa.attention' op the number of key/value heads (?) must be at least 1"
func.func @no_heads(%q: tensor<2x3x1x4xf32>, %k: tensor<2x5x?x4xf32>,
    %init: tensor<2x3x1x4xf32>) -> tensor<2x3x1x4xf32> {
  %r = moa.attention %q, %k, %k into(%init)
      : (tensor<2x3x1x4xf32>, tensor<2x5x?x4xf32>, tensor<2x5x?x4xf32>,
         tensor<2x3x1x4xf32>) -> tensor<2x3x1x4xf32>
  return %r : tensor<2x3x1x4xf32>
}

// CHECK-LABEL: func.func @many_slots(
// CHECK: %[[MOST:.*]] = arith.constant 1073741823 : index
// CHECK: %[[HOLDS:.*]] = arith.cmpi sle, %{{.*}}, %[[MOST]] : index
// CHECK: cf.assert %[[HOLDS]], "'moa.dispatch' op 'indices' holds too many slots (? * 2): an i32 counts up to 2147483647"
func.func @many_slots(%i: tensor<?x2xi32>) -> (tensor<4xi32>, tensor<?xi32>) {
  %r:2 = moa.dispatch %i experts(3) : (tensor<?x2xi32>) -> (tensor<4xi32>, tensor<?xi32>)
  return %r#0, %r#1 : tensor<4xi32>, tensor<?xi32>
}

// CHECK-LABEL: func.func @tokens(
// CHECK: cf.assert %{{.*}}, "'moa.routed_attention' op 'input' dimension 0 (?) does not match the tokens of 'init' (? * 3)"
func.func @tokens(%x: tensor<?x4xf32>, %w: tensor<3x4x4xf32>, %o: tensor<4xi32>,
    %p: tensor<?xi32>, %k: tensor<?x5x1x4xf32>, %init: tensor<?x3x2x4xf32>)
    -> tensor<?x3x2x4xf32> {
  %r = moa.routed_attention %x, %w groups(%o, %p) top_k(2), %k, %k into(%init)
      : (tensor<?x4xf32>, tensor<3x4x4xf32>, tensor<4xi32>, tensor<?xi32>,
         tensor<?x5x1x4xf32>, tensor<?x5x1x4xf32>, tensor<?x3x2x4xf32>)
      -> tensor<?x3x2x4xf32>
  return %r : tensor<?x3x2x4xf32>
}
