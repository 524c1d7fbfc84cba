// RUN: moa-opt %s -canonicalize | FileCheck %s

// One slot of gate 1 is its slot; the skip that skips nobody goes first.
// CHECK-LABEL: func.func @folds(
// CHECK-NEXT: return %arg0 : tensor<66x48xf32>
func.func @folds(%slots: tensor<66x48xf32>, %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  %gates = arith.constant dense<1.0> : tensor<66x1xf32>
  %skip = arith.constant dense<false> : tensor<66xi1>
  %y = moa.combine %slots, %gates skip(%skip) into(%init)
      : (tensor<66x48xf32>, tensor<66x1xf32>, tensor<66xi1>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %y : tensor<66x48xf32>
}

// CHECK-LABEL: func.func @keeps_other_gate(
// CHECK: moa.combine
func.func @keeps_other_gate(%slots: tensor<66x48xf32>, %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  %gates = arith.constant dense<0.5> : tensor<66x1xf32>
  %y = moa.combine %slots, %gates into(%init)
      : (tensor<66x48xf32>, tensor<66x1xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %y : tensor<66x48xf32>
}

// CHECK-LABEL: func.func @keeps_bias(
// CHECK: moa.combine
func.func @keeps_bias(%slots: tensor<66x48xf32>, %bias: tensor<48xf32>,
    %init: tensor<66x48xf32>) -> tensor<66x48xf32> {
  %gates = arith.constant dense<1.0> : tensor<66x1xf32>
  %y = moa.combine %slots, %gates bias(%bias) into(%init)
      : (tensor<66x48xf32>, tensor<66x1xf32>, tensor<48xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %y : tensor<66x48xf32>
}

// CHECK-LABEL: func.func @keeps_skip(
// CHECK: moa.combine %arg0, %{{.*}} skip(%arg1)
func.func @keeps_skip(%slots: tensor<66x48xf32>, %skip: tensor<66xi1>,
    %init: tensor<66x48xf32>) -> tensor<66x48xf32> {
  %gates = arith.constant dense<1.0> : tensor<66x1xf32>
  %y = moa.combine %slots, %gates skip(%skip) into(%init)
      : (tensor<66x48xf32>, tensor<66x1xf32>, tensor<66xi1>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %y : tensor<66x48xf32>
}

// The rounding to the result's type stays.
// CHECK-LABEL: func.func @keeps_rounding(
// CHECK: moa.combine
func.func @keeps_rounding(%slots: tensor<66x48xf32>, %init: tensor<66x48xbf16>)
    -> tensor<66x48xbf16> {
  %gates = arith.constant dense<1.0> : tensor<66x1xf32>
  %y = moa.combine %slots, %gates into(%init)
      : (tensor<66x48xf32>, tensor<66x1xf32>, tensor<66x48xbf16>)
      -> tensor<66x48xbf16>
  return %y : tensor<66x48xbf16>
}

// CHECK-LABEL: func.func @keeps_two_slots(
// CHECK: moa.combine
func.func @keeps_two_slots(%slots: tensor<132x48xf32>, %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  %gates = arith.constant dense<1.0> : tensor<66x2xf32>
  %y = moa.combine %slots, %gates into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %y : tensor<66x48xf32>
}

// CHECK-LABEL: func.func @keeps_residual(
// CHECK: moa.combine %arg0, %{{.*}} residual(%arg1)
func.func @keeps_residual(%slots: tensor<66x48xf32>, %residual: tensor<66x48xf32>,
    %init: tensor<66x48xf32>) -> tensor<66x48xf32> {
  %gates = arith.constant dense<1.0> : tensor<66x1xf32>
  %y = moa.combine %slots, %gates residual(%residual) into(%init)
      : (tensor<66x48xf32>, tensor<66x1xf32>, tensor<66x48xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %y : tensor<66x48xf32>
}

// Any number of tokens, where as many slots are known to be needed.
// CHECK-LABEL: func.func @folds_dynamic(
// CHECK-NEXT: return %arg0 : tensor<?x48xf32>
func.func @folds_dynamic(%slots: tensor<?x48xf32>) -> tensor<?x48xf32> {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %n = tensor.dim %slots, %c0 : tensor<?x48xf32>
  %empty = tensor.empty(%n) : tensor<?x1xf32>
  %gates = linalg.fill ins(%one : f32) outs(%empty : tensor<?x1xf32>) -> tensor<?x1xf32>
  %init = tensor.empty(%n) : tensor<?x48xf32>
  %y = moa.combine %slots, %gates into(%init)
      : (tensor<?x48xf32>, tensor<?x1xf32>, tensor<?x48xf32>) -> tensor<?x48xf32>
  return %y : tensor<?x48xf32>
}

// A size that may be another one has a check at run time, which has to stay.
// CHECK-LABEL: func.func @keeps_unknown_size(
// CHECK: moa.combine
func.func @keeps_unknown_size(%slots: tensor<?x48xf32>, %init: tensor<?x48xf32>)
    -> tensor<?x48xf32> {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %n = tensor.dim %slots, %c0 : tensor<?x48xf32>
  %empty = tensor.empty(%n) : tensor<?x1xf32>
  %gates = linalg.fill ins(%one : f32) outs(%empty : tensor<?x1xf32>) -> tensor<?x1xf32>
  %y = moa.combine %slots, %gates into(%init)
      : (tensor<?x48xf32>, tensor<?x1xf32>, tensor<?x48xf32>) -> tensor<?x48xf32>
  return %y : tensor<?x48xf32>
}

// CHECK-LABEL: func.func @keeps_other_fill(
// CHECK: moa.combine
func.func @keeps_other_fill(%slots: tensor<?x48xf32>) -> tensor<?x48xf32> {
  %c0 = arith.constant 0 : index
  %half = arith.constant 0.5 : f32
  %n = tensor.dim %slots, %c0 : tensor<?x48xf32>
  %empty = tensor.empty(%n) : tensor<?x1xf32>
  %gates = linalg.fill ins(%half : f32) outs(%empty : tensor<?x1xf32>) -> tensor<?x1xf32>
  %init = tensor.empty(%n) : tensor<?x48xf32>
  %y = moa.combine %slots, %gates into(%init)
      : (tensor<?x48xf32>, tensor<?x1xf32>, tensor<?x48xf32>) -> tensor<?x48xf32>
  return %y : tensor<?x48xf32>
}
