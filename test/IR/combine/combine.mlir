// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @plain(
// CHECK: %0 = moa.combine %arg0, %arg1 into(%arg2) : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>) -> tensor<66x48xf32>
// GENERIC-LABEL: sym_name = "plain"
// GENERIC: "moa.combine"({{.*}}) <{operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 1>}> : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>) -> tensor<66x48xf32>
func.func @plain(%s: tensor<132x48xf32>, %g: tensor<66x2xf32>,
    %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  %r = moa.combine %s, %g into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}

// CHECK-LABEL: func.func @biased_skipped(
// CHECK: %0 = moa.combine %arg0, %arg1 bias(%arg2) skip(%arg3) into(%arg4) : (tensor<?x48xf32>, tensor<?x2xf32>, tensor<48xbf16>, tensor<?xi1>, tensor<?x48xbf16>) -> tensor<?x48xbf16>
// GENERIC-LABEL: sym_name = "biased_skipped"
// GENERIC: "moa.combine"({{.*}}) <{operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1>}> : (tensor<?x48xf32>, tensor<?x2xf32>, tensor<48xbf16>, tensor<?xi1>, tensor<?x48xbf16>) -> tensor<?x48xbf16>
func.func @biased_skipped(%s: tensor<?x48xf32>, %g: tensor<?x2xf32>,
    %b: tensor<48xbf16>, %skip: tensor<?xi1>, %init: tensor<?x48xbf16>)
    -> tensor<?x48xbf16> {
  %r = moa.combine %s, %g bias(%b) skip(%skip) into(%init)
      : (tensor<?x48xf32>, tensor<?x2xf32>, tensor<48xbf16>, tensor<?xi1>,
         tensor<?x48xbf16>)
      -> tensor<?x48xbf16>
  return %r : tensor<?x48xbf16>
}

// CHECK-LABEL: func.func @residual(
// CHECK: %0 = moa.combine %arg0, %arg1 residual(%arg2) into(%arg3) : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>, tensor<66x48xf32>) -> tensor<66x48xf32>
// GENERIC-LABEL: sym_name = "residual"
// GENERIC: "moa.combine"({{.*}}) <{operandSegmentSizes = array<i32: 1, 1, 0, 0, 1, 1>}> : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>, tensor<66x48xf32>) -> tensor<66x48xf32>
func.func @residual(%slots: tensor<132x48xf32>, %gates: tensor<66x2xf32>,
    %residual: tensor<66x48xf32>, %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  %r = moa.combine %slots, %gates residual(%residual) into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %r : tensor<66x48xf32>
}
