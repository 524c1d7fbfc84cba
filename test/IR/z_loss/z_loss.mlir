// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @fixed(
// CHECK: %0 = moa.z_loss %arg0, %arg1 : (tensor<66x6xf32>, tensor<66x2xi32>) -> tensor<f32>
// GENERIC-LABEL: sym_name = "fixed"
// GENERIC: "moa.z_loss"({{.*}}) : (tensor<66x6xf32>, tensor<66x2xi32>) -> tensor<f32>
func.func @fixed(%l: tensor<66x6xf32>, %i: tensor<66x2xi32>)
    -> tensor<f32> {
  %r = moa.z_loss %l, %i : (tensor<66x6xf32>, tensor<66x2xi32>) -> tensor<f32>
  return %r : tensor<f32>
}

// CHECK-LABEL: func.func @dynamic(
// CHECK: %0 = moa.z_loss %arg0, %arg1 : (tensor<?x6xf32>, tensor<?x2xi32>) -> tensor<f32>
// GENERIC-LABEL: sym_name = "dynamic"
// GENERIC: "moa.z_loss"({{.*}}) : (tensor<?x6xf32>, tensor<?x2xi32>) -> tensor<f32>
func.func @dynamic(%l: tensor<?x6xf32>, %i: tensor<?x2xi32>)
    -> tensor<f32> {
  %r = moa.z_loss %l, %i : (tensor<?x6xf32>, tensor<?x2xi32>) -> tensor<f32>
  return %r : tensor<f32>
}
