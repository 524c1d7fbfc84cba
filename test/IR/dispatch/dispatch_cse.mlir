// RUN: moa-opt %s -cse | FileCheck %s

// One routing, one sort: two dispatches of the same indices are one.
// CHECK-LABEL: func.func @shared(
// CHECK-NEXT: %offsets, %permutation = moa.dispatch %arg0 experts(6)
// CHECK-NEXT: return %offsets, %permutation, %offsets, %permutation
func.func @shared(%indices: tensor<66x2xi32>)
    -> (tensor<7xi32>, tensor<132xi32>, tensor<7xi32>, tensor<132xi32>) {
  %o0, %p0 = moa.dispatch %indices experts(6)
      : (tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>)
  %o1, %p1 = moa.dispatch %indices experts(6)
      : (tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>)
  return %o0, %p0, %o1, %p1
      : tensor<7xi32>, tensor<132xi32>, tensor<7xi32>, tensor<132xi32>
}

// CHECK-LABEL: func.func @other_experts(
// CHECK: moa.dispatch %arg0 experts(6)
// CHECK: moa.dispatch %arg0 experts(7)
func.func @other_experts(%indices: tensor<66x2xi32>)
    -> (tensor<7xi32>, tensor<8xi32>) {
  %o0, %p0 = moa.dispatch %indices experts(6)
      : (tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>)
  %o1, %p1 = moa.dispatch %indices experts(7)
      : (tensor<66x2xi32>) -> (tensor<8xi32>, tensor<132xi32>)
  return %o0, %o1 : tensor<7xi32>, tensor<8xi32>
}

// An unused one goes: the op has no effects.
// CHECK-LABEL: func.func @unused(
// CHECK-NEXT: return
func.func @unused(%indices: tensor<66x2xi32>) {
  %o0, %p0 = moa.dispatch %indices experts(6)
      : (tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>)
  return
}
