// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @fixed(
// CHECK: %offsets, %permutation = moa.dispatch %arg0 experts(6) : (tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>)
// GENERIC-LABEL: sym_name = "fixed"
// GENERIC: "moa.dispatch"({{.*}}) <{num_experts = 6 : i64}> : (tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>)
func.func @fixed(%i: tensor<66x2xi32>)
    -> (tensor<7xi32>, tensor<132xi32>) {
  %r:2 = moa.dispatch %i experts(6) : (tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>)
  return %r#0, %r#1 : tensor<7xi32>, tensor<132xi32>
}

// CHECK-LABEL: func.func @dynamic(
// CHECK: %offsets, %permutation = moa.dispatch %arg0 experts(6) : (tensor<?x2xi32>) -> (tensor<7xi32>, tensor<?xi32>)
// GENERIC-LABEL: sym_name = "dynamic"
// GENERIC: "moa.dispatch"({{.*}}) <{num_experts = 6 : i64}> : (tensor<?x2xi32>) -> (tensor<7xi32>, tensor<?xi32>)
func.func @dynamic(%i: tensor<?x2xi32>)
    -> (tensor<7xi32>, tensor<?xi32>) {
  %r:2 = moa.dispatch %i experts(6) : (tensor<?x2xi32>) -> (tensor<7xi32>, tensor<?xi32>)
  return %r#0, %r#1 : tensor<7xi32>, tensor<?xi32>
}
