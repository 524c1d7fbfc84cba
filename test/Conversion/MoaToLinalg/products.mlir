// RUN: moa-opt %s --convert-moa-to-linalg --canonicalize --cse --split-input-file \
// RUN:   | FileCheck %s --implicit-check-not='= moa.'
// RUN: moa-opt %s --convert-moa-to-linalg=runtime-checks=false --split-input-file \
// RUN:   | FileCheck %s --check-prefix=UNCHECKED --implicit-check-not=cf.assert

// Rows are gathered for the routed slots only, multiplied by tile and group,
// and scattered: one loop over experts, whatever their number.
// CHECK-LABEL: func.func @grouped_matmul
// CHECK-SAME: %[[X:[a-z0-9]*]]: tensor<66x48xf32>
// CHECK: %[[ROUTED:.*]] = arith.index_cast
// CHECK: cf.assert %{{.*}}, "'moa.grouped_matmul' op the last offset exceeds the number of slots"
// CHECK: scf.forall (%{{.*}}) in (%[[ROUTED]]) {{.*}} -> (tensor<132x48xf32>)
// CHECK: tensor.extract_slice %[[X]]
// CHECK: scf.forall (%{{.*}}) in (5)
// CHECK: scf.for %{{.*}} = %c0 to %c6
// CHECK: linalg.matmul {{.*}} -> tensor<?x16xf32>
// CHECK: scf.forall (%{{.*}}) in (%[[ROUTED]]) {{.*}} -> (tensor<132x16xf32>)
// UNCHECKED-LABEL: func.func @grouped_matmul
func.func @grouped_matmul(%x: tensor<66x48xf32>, %w: tensor<6x48x16xf32>, %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %init: tensor<132x16xf32>) -> tensor<132x16xf32> {
  %q = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2) into slot(%init)
    : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>, tensor<132x16xf32>) -> tensor<132x16xf32>
  return %q : tensor<132x16xf32>
}

// -----

// A slot reads the weights of its expert; a skipped one keeps init.
// CHECK-LABEL: func.func @slot_matmul
// CHECK: scf.forall (%{{.*}}) in (2)
// CHECK: scf.if
// CHECK: linalg.matmul {{.*}} -> tensor<1x16xf32>
// CHECK: } else {
// UNCHECKED-LABEL: func.func @slot_matmul
func.func @slot_matmul(%x: tensor<1x48xf32>, %w: tensor<6x48x16xf32>, %indices: tensor<1x2xi32>, %init: tensor<2x16xf32>) -> tensor<2x16xf32> {
  %q = moa.slot_matmul token(%x), %w, %indices into(%init)
    : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, tensor<2x16xf32>) -> tensor<2x16xf32>
  return %q : tensor<2x16xf32>
}

// -----

// bf16 is accumulated in f32 and rounded once, when a row is stored.
// CHECK-LABEL: func.func @bf16
// CHECK: linalg.matmul {{.*}} outs(%{{.*}} : tensor<?x16xf32>)
// CHECK: arith.truncf %{{.*}} : f32 to bf16
// CHECK-NOT: arith.truncf
// UNCHECKED-LABEL: func.func @bf16
func.func @bf16(%x: tensor<8x48xbf16>, %w: tensor<6x48x16xbf16>, %offsets: tensor<7xi32>, %init: tensor<8x16xbf16>) -> tensor<8x16xbf16> {
  %q = moa.grouped_matmul grouped(%x), %w groups(%offsets) into grouped(%init)
    : (tensor<8x48xbf16>, tensor<6x48x16xbf16>, tensor<7xi32>, tensor<8x16xbf16>) -> tensor<8x16xbf16>
  return %q : tensor<8x16xbf16>
}
