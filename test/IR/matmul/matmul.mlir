// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @plain(
// CHECK: %0 = moa.matmul %arg0, %arg1 into(%arg2) : (tensor<66x48xf32>, tensor<48x6xf32>, tensor<66x6xf32>) -> tensor<66x6xf32>
// GENERIC-LABEL: sym_name = "plain"
// GENERIC: "moa.matmul"({{.*}}) : (tensor<66x48xf32>, tensor<48x6xf32>, tensor<66x6xf32>) -> tensor<66x6xf32>
func.func @plain(%input: tensor<66x48xf32>, %weights: tensor<48x6xf32>,
    %init: tensor<66x6xf32>)
    -> tensor<66x6xf32> {
  %r = moa.matmul %input, %weights into(%init)
      : (tensor<66x48xf32>, tensor<48x6xf32>, tensor<66x6xf32>)
      -> tensor<66x6xf32>
  return %r : tensor<66x6xf32>
}

// CHECK-LABEL: func.func @transposed(
// CHECK: %0 = moa.matmul %arg0, %arg1 transposed into(%arg2) : (tensor<?x48xbf16>, tensor<?x48xbf16>, tensor<?x?xf32>) -> tensor<?x?xf32>
// GENERIC-LABEL: sym_name = "transposed"
// GENERIC: "moa.matmul"({{.*}}) <{transposed}> : (tensor<?x48xbf16>, tensor<?x48xbf16>, tensor<?x?xf32>) -> tensor<?x?xf32>
func.func @transposed(%input: tensor<?x48xbf16>, %weights: tensor<?x48xbf16>,
    %init: tensor<?x?xf32>)
    -> tensor<?x?xf32> {
  %r = moa.matmul %input, %weights transposed into(%init)
      : (tensor<?x48xbf16>, tensor<?x48xbf16>, tensor<?x?xf32>)
      -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}
