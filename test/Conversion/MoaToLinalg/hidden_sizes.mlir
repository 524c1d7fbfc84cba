// RUN: moa-opt %s --convert-moa-to-linalg --canonicalize --cse | FileCheck %s --implicit-check-not='= moa.'

// A size that one operand tells is known of all, once it has been checked.
// CHECK-LABEL: func.func @open_slots
// CHECK: cf.assert %{{.*}}, "'moa.combine' op 'slots' dimension 1 (?) does not match 'init' dimension 1 (48): both are D"
// CHECK: %[[SLOTS:.*]] = tensor.cast %arg0 : tensor<?x?xf32> to tensor<132x48xf32>
// CHECK: tensor.expand_shape %[[SLOTS]] {{.*}} : tensor<132x48xf32> into tensor<66x2x48xf32>
func.func @open_slots(%slots: tensor<?x?xf32>, %gates: tensor<66x2xf32>, %init: tensor<66x48xf32>) -> tensor<66x48xf32> {
  %y = moa.combine %slots, %gates into(%init)
    : (tensor<?x?xf32>, tensor<66x2xf32>, tensor<66x48xf32>) -> tensor<66x48xf32>
  return %y : tensor<66x48xf32>
}

// The result's type is what its users saw before.
// CHECK-LABEL: func.func @open_result
// CHECK: %[[Y:.*]] = tensor.cast %{{.*}} : tensor<66x48xf32> to tensor<?x48xf32>
// CHECK: return %[[Y]]
func.func @open_result(%slots: tensor<132x48xf32>, %gates: tensor<66x2xf32>, %init: tensor<?x48xf32>) -> tensor<?x48xf32> {
  %y = moa.combine %slots, %gates into(%init)
    : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<?x48xf32>) -> tensor<?x48xf32>
  return %y : tensor<?x48xf32>
}

// As many slots as the permutation has.
// CHECK-LABEL: func.func @open_tokens
// CHECK: tensor.expand_shape {{.*}} into tensor<66x2x48xf32>
func.func @open_tokens(%x: tensor<?x16xbf16>, %w: tensor<6x48x16xbf16>, %offsets: tensor<7xi32>,
    %permutation: tensor<132xi32>, %gates: tensor<?x2xf32>, %init: tensor<?x48xf32>) -> tensor<?x48xf32> {
  %y = moa.grouped_matmul slot(%x), %w transposed groups(%offsets, %permutation) top_k(2)
      gates(%gates) into token(%init)
    : (tensor<?x16xbf16>, tensor<6x48x16xbf16>, tensor<7xi32>, tensor<132xi32>, tensor<?x2xf32>,
       tensor<?x48xf32>) -> tensor<?x48xf32>
  return %y : tensor<?x48xf32>
}
