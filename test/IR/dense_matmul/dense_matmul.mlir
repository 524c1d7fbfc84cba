// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @token(
// CHECK: %0 = moa.dense_matmul token(%arg0), %arg1 into(%arg2) : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<396x16xf32>) -> tensor<396x16xf32>
// GENERIC-LABEL: sym_name = "token"
// GENERIC: "moa.dense_matmul"({{.*}}) <{input_rows = 2 : i32, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 0, 0, 1>}> : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<396x16xf32>) -> tensor<396x16xf32>
func.func @token(%input: tensor<66x48xf32>, %weights: tensor<6x48x16xf32>,
    %init: tensor<396x16xf32>)
    -> tensor<396x16xf32> {
  %r = moa.dense_matmul token(%input), %weights into(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<396x16xf32>)
      -> tensor<396x16xf32>
  return %r : tensor<396x16xf32>
}

// CHECK-LABEL: func.func @rotary(
// CHECK: %0 = moa.dense_matmul token(%arg0), %arg1 transposed rotary(<theta = 1.000000e+04 : f64, dim = 8>) heads(2) length(%arg2) position(%arg3) into(%arg4) : (tensor<?x48xbf16>, tensor<6x16x48xbf16>, index, index, tensor<?x16xbf16>) -> tensor<?x16xbf16>
// GENERIC-LABEL: sym_name = "rotary"
// GENERIC: "moa.dense_matmul"({{.*}}) <{heads = 2 : i64, input_rows = 2 : i32, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 1, 1, 1>, rotary = #moa.rotary<theta = 1.000000e+04 : f64, dim = 8>, transposed}> : (tensor<?x48xbf16>, tensor<6x16x48xbf16>, index, index, tensor<?x16xbf16>) -> tensor<?x16xbf16>
func.func @rotary(%input: tensor<?x48xbf16>, %weights: tensor<6x16x48xbf16>,
    %length: index, %position: index, %init: tensor<?x16xbf16>)
    -> tensor<?x16xbf16> {
  %r = moa.dense_matmul token(%input), %weights transposed rotary(<theta = 1.0e4 : f64, dim = 8>)
      heads(2) length(%length) position(%position) into(%init)
      : (tensor<?x48xbf16>, tensor<6x16x48xbf16>, index, index, tensor<?x16xbf16>)
      -> tensor<?x16xbf16>
  return %r : tensor<?x16xbf16>
}

// CHECK-LABEL: func.func @slot(
// CHECK: %0 = moa.dense_matmul slot(%arg0), %arg1 into(%arg2) : (tensor<396x16xf32>, tensor<6x16x48xf32>, tensor<66x48xf32>) -> tensor<66x48xf32>
// GENERIC-LABEL: sym_name = "slot"
// GENERIC: "moa.dense_matmul"({{.*}}) <{input_rows = 1 : i32, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 0, 0, 1>}> : (tensor<396x16xf32>, tensor<6x16x48xf32>, tensor<66x48xf32>) -> tensor<66x48xf32>
func.func @slot(%input: tensor<396x16xf32>, %weights: tensor<6x16x48xf32>,
    %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  %r = moa.dense_matmul slot(%input), %weights into(%init)
      : (tensor<396x16xf32>, tensor<6x16x48xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}

// CHECK-LABEL: func.func @epilogue(
// CHECK: %0 = moa.dense_matmul slot(%arg0), %arg1 gates(%arg2) bias(%arg3) skip(%arg4) residual(%arg5) into(%arg6) : (tensor<?x16xbf16>, tensor<6x16x48xbf16>, tensor<?x6xf32>, tensor<48xf32>, tensor<?xi1>, tensor<?x48xf32>, tensor<?x48xf32>) -> tensor<?x48xf32>
// GENERIC-LABEL: sym_name = "epilogue"
// GENERIC: "moa.dense_matmul"({{.*}}) <{input_rows = 1 : i32, operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 1, 0, 0, 1>}> : (tensor<?x16xbf16>, tensor<6x16x48xbf16>, tensor<?x6xf32>, tensor<48xf32>, tensor<?xi1>, tensor<?x48xf32>, tensor<?x48xf32>) -> tensor<?x48xf32>
func.func @epilogue(%input: tensor<?x16xbf16>, %weights: tensor<6x16x48xbf16>,
    %gates: tensor<?x6xf32>, %bias: tensor<48xf32>, %skip: tensor<?xi1>,
    %residual: tensor<?x48xf32>, %init: tensor<?x48xf32>)
    -> tensor<?x48xf32> {
  %r = moa.dense_matmul slot(%input), %weights gates(%gates) bias(%bias)
      skip(%skip) residual(%residual) into(%init)
      : (tensor<?x16xbf16>, tensor<6x16x48xbf16>, tensor<?x6xf32>, tensor<48xf32>,
         tensor<?xi1>, tensor<?x48xf32>, tensor<?x48xf32>)
      -> tensor<?x48xf32>
  return %r : tensor<?x48xf32>
}
