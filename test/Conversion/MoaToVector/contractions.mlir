// RUN: moa-opt %s --pass-pipeline="builtin.module(func.func(convert-linalg-to-kernels{target=avx512}))" --split-input-file | FileCheck %s

// CHECK-LABEL: func.func @product
// CHECK-NOT: linalg.matmul
// CHECK: vector.fma
func.func @product(%a: tensor<40x48xf32>, %b: tensor<48x64xf32>,
                   %c: tensor<40x64xf32>) -> tensor<40x64xf32> {
  %r = linalg.matmul ins(%a, %b : tensor<40x48xf32>, tensor<48x64xf32>)
                     outs(%c : tensor<40x64xf32>) -> tensor<40x64xf32>
  return %r : tensor<40x64xf32>
}

// -----

// Integers are left alone, and so is what is part of another kernel.

// CHECK-LABEL: func.func @integers
// CHECK: linalg.matmul
// CHECK-LABEL: func.func @nested
// CHECK: linalg.matmul
func.func @integers(%a: tensor<40x48xi32>, %b: tensor<48x64xi32>,
                    %c: tensor<40x64xi32>) -> tensor<40x64xi32> {
  %r = linalg.matmul ins(%a, %b : tensor<40x48xi32>, tensor<48x64xi32>)
                     outs(%c : tensor<40x64xi32>) -> tensor<40x64xi32>
  return %r : tensor<40x64xi32>
}
func.func @nested(%a: tensor<40x40xf32>, %n: index) -> tensor<40x40xf32> {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %r = scf.for %i = %zero to %n step %one iter_args(%c = %a) -> tensor<40x40xf32> {
    %p = linalg.matmul ins(%a, %c : tensor<40x40xf32>, tensor<40x40xf32>)
                       outs(%a : tensor<40x40xf32>) -> tensor<40x40xf32>
    scf.yield %p : tensor<40x40xf32>
  }
  return %r : tensor<40x40xf32>
}
