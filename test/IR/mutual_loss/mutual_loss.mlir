// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @fixed(
// CHECK: %0 = moa.mutual_loss softmax %arg0, %arg1 : (tensor<66x6xf32>, tensor<66x2xi32>) -> tensor<f32>
// GENERIC-LABEL: sym_name = "fixed"
// GENERIC: "moa.mutual_loss"({{.*}}) <{activation = 0 : i32}> : (tensor<66x6xf32>, tensor<66x2xi32>) -> tensor<f32>
func.func @fixed(%l: tensor<66x6xf32>, %i: tensor<66x2xi32>)
    -> tensor<f32> {
  %r = moa.mutual_loss softmax %l, %i : (tensor<66x6xf32>, tensor<66x2xi32>) -> tensor<f32>
  return %r : tensor<f32>
}

// CHECK-LABEL: func.func @dynamic(
// CHECK: %0 = moa.mutual_loss sigmoid %arg0, %arg1 : (tensor<?x6xf32>, tensor<?x2xi32>) -> tensor<f32>
// GENERIC-LABEL: sym_name = "dynamic"
// GENERIC: "moa.mutual_loss"({{.*}}) <{activation = 1 : i32}> : (tensor<?x6xf32>, tensor<?x2xi32>) -> tensor<f32>
func.func @dynamic(%l: tensor<?x6xf32>, %i: tensor<?x2xi32>)
    -> tensor<f32> {
  %r = moa.mutual_loss sigmoid %l, %i : (tensor<?x6xf32>, tensor<?x2xi32>) -> tensor<f32>
  return %r : tensor<f32>
}
