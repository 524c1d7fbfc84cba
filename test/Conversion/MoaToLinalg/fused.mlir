// RUN: moa-opt %s --convert-moa-to-linalg --canonicalize --cse --split-input-file \
// RUN:   | FileCheck %s --implicit-check-not='= moa.'
// RUN: moa-opt %s --convert-moa-to-linalg=runtime-checks=false --split-input-file \
// RUN:   | FileCheck %s --check-prefix=UNCHECKED --implicit-check-not=cf.assert

// One product, of which logits are a result.
// CHECK-LABEL: func.func @router
// CHECK: %[[LOGITS:.*]] = linalg.matmul ins(%arg0, %arg1
// CHECK-NOT: linalg.matmul
// CHECK: return %[[LOGITS]], %
// UNCHECKED-LABEL: func.func @router
func.func @router(%x: tensor<66x48xbf16>, %w: tensor<48x6xbf16>) -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>) {
  %l, %i, %g = moa.router %x, %w top_k(2) gate(<activation = softmax, order = topk_then_activation>)
    : (tensor<66x48xbf16>, tensor<48x6xbf16>) -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>)
  return %l, %i, %g : tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>
}

// -----

// A product that is rounded once.
// CHECK-LABEL: func.func @matmul
// CHECK: linalg.fill {{.*}} -> tensor<66x6xf32>
// CHECK: linalg.matmul {{.*}} -> tensor<66x6xf32>
// CHECK: arith.truncf %{{.*}} : f32 to bf16
// CHECK-NOT: arith.truncf
// UNCHECKED-LABEL: func.func @matmul
func.func @matmul(%x: tensor<66x48xbf16>, %w: tensor<6x48xbf16>, %init: tensor<66x6xbf16>) -> tensor<66x6xbf16> {
  %r = moa.matmul %x, %w transposed into(%init)
    : (tensor<66x48xbf16>, tensor<6x48xbf16>, tensor<66x6xbf16>) -> tensor<66x6xbf16>
  return %r : tensor<66x6xbf16>
}

// -----

// Keys are rotated before they are rounded: one rounding each.
// CHECK-LABEL: func.func @key_value
// CHECK: linalg.matmul {{.*}} -> tensor<66x64xf32>
// CHECK: math.cos
// CHECK: arith.truncf %{{.*}} : f32 to bf16
// CHECK: linalg.matmul {{.*}} -> tensor<66x64xf32>
// CHECK: arith.truncf %{{.*}} : f32 to bf16
// CHECK-NOT: : f32 to bf16
// UNCHECKED-LABEL: func.func @key_value
func.func @key_value(%x: tensor<2x33x48xbf16>, %wk: tensor<48x64xbf16>, %wv: tensor<48x64xbf16>, %init: tensor<2x33x4x16xbf16>) -> (tensor<2x33x4x16xbf16>, tensor<2x33x4x16xbf16>) {
  %k, %v = moa.key_value %x, %wk, %wv rotary(<theta = 1.0e4 : f64, dim = 16>) into(%init, %init)
    : (tensor<2x33x48xbf16>, tensor<48x64xbf16>, tensor<48x64xbf16>, tensor<2x33x4x16xbf16>, tensor<2x33x4x16xbf16>) -> (tensor<2x33x4x16xbf16>, tensor<2x33x4x16xbf16>)
  return %k, %v : tensor<2x33x4x16xbf16>, tensor<2x33x4x16xbf16>
}

// -----

// All experts in one contraction; a length of sequences is checked.
// CHECK-LABEL: func.func @dense
// CHECK: cf.assert %{{.*}}, "'moa.dense_matmul' op length must be at least 1"
// CHECK: linalg.contract {{.*}} -> tensor<66x6x16xf32>
// CHECK: math.cos
// CHECK: linalg.contract {{.*}} -> tensor<66x48xf32>
// UNCHECKED-LABEL: func.func @dense
func.func @dense(%x: tensor<66x48xbf16>, %wq: tensor<6x48x16xbf16>, %length: index, %q_init: tensor<396x16xbf16>, %wo: tensor<6x16x48xbf16>, %gates: tensor<66x6xf32>, %residual: tensor<66x48xbf16>, %init: tensor<66x48xbf16>) -> tensor<66x48xbf16> {
  %q = moa.dense_matmul token(%x), %wq rotary(<theta = 1.0e4 : f64, dim = 16>) heads(1) length(%length) into(%q_init)
    : (tensor<66x48xbf16>, tensor<6x48x16xbf16>, index, tensor<396x16xbf16>) -> tensor<396x16xbf16>
  %y = moa.dense_matmul slot(%q), %wo gates(%gates) residual(%residual) into(%init)
    : (tensor<396x16xbf16>, tensor<6x16x48xbf16>, tensor<66x6xf32>, tensor<66x48xbf16>, tensor<66x48xbf16>) -> tensor<66x48xbf16>
  return %y : tensor<66x48xbf16>
}

// -----

// Rows are rotated in grouped order, at the positions of their slots.
// CHECK-LABEL: func.func @grouped
// CHECK-SAME: %[[PERMUTATION:[a-z0-9]*]]: tensor<132xi32>, %[[T:[a-z0-9]*]]: index
// CHECK: cf.assert %{{.*}}, "'moa.grouped_matmul' op length must be at least 1"
// CHECK: tensor.extract %[[PERMUTATION]]
// CHECK: arith.remui %{{.*}}, %[[T]]
// CHECK: math.cos
// UNCHECKED-LABEL: func.func @grouped
func.func @grouped(%x: tensor<66x48xbf16>, %w: tensor<6x48x16xbf16>, %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %length: index, %init: tensor<132x16xbf16>) -> tensor<132x16xbf16> {
  %q = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2) rotary(<theta = 1.0e4 : f64, dim = 16>) heads(1) length(%length) into slot(%init)
    : (tensor<66x48xbf16>, tensor<6x48x16xbf16>, tensor<7xi32>, tensor<132xi32>, index, tensor<132x16xbf16>) -> tensor<132x16xbf16>
  return %q : tensor<132x16xbf16>
}

// -----

// A slot is one tile of whole heads.
// CHECK-LABEL: func.func @slot
// CHECK: cf.assert %{{.*}}, "'moa.slot_matmul' op length must be at least 1"
// CHECK: scf.forall (%{{.*}}) in (2)
// CHECK: math.cos
// UNCHECKED-LABEL: func.func @slot
func.func @slot(%x: tensor<1x48xf32>, %w: tensor<6x48x512xf32>, %indices: tensor<1x2xi32>, %length: index, %init: tensor<2x512xf32>) -> tensor<2x512xf32> {
  %q = moa.slot_matmul token(%x), %w, %indices rotary(<theta = 1.0e4 : f64, dim = 16>) heads(4) length(%length) into(%init)
    : (tensor<1x48xf32>, tensor<6x48x512xf32>, tensor<1x2xi32>, index, tensor<2x512xf32>) -> tensor<2x512xf32>
  return %q : tensor<2x512xf32>
}

// -----

// Projected as moa.grouped_matmul does, attended as moa.attention does.
// CHECK-LABEL: func.func @routed_attention
// CHECK: cf.assert %{{.*}}, "'moa.grouped_matmul' op an entry of the permutation is not a slot"
// CHECK: linalg.matmul
// CHECK: math.exp
// UNCHECKED-LABEL: func.func @routed_attention
func.func @routed_attention(%x: tensor<66x48xf32>, %w: tensor<6x48x64xf32>, %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %k: tensor<2x33x4x16xf32>, %v: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>) -> tensor<2x33x8x16xf32> {
  %o = moa.routed_attention %x, %w groups(%offsets, %permutation) top_k(2), %k, %v heads(4) causal into(%init)
    : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>, tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>) -> tensor<2x33x8x16xf32>
  return %o : tensor<2x33x8x16xf32>
}
