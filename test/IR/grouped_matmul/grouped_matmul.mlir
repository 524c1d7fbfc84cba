// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @token_to_slot(
// CHECK: %0 = moa.grouped_matmul token(%arg0), %arg1 groups(%arg2, %arg3) top_k(2) into slot(%arg4) : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>, tensor<132x16xf32>) -> tensor<132x16xf32>
// GENERIC-LABEL: sym_name = "token_to_slot"
// GENERIC: "moa.grouped_matmul"({{.*}}) <{input_rows = 2 : i32, operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0, 0, 1>, result_rows = 1 : i32, top_k = 2 : i64}> : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>, tensor<132x16xf32>) -> tensor<132x16xf32>
func.func @token_to_slot(%x: tensor<66x48xf32>, %w: tensor<6x48x16xf32>,
    %o: tensor<7xi32>, %p: tensor<132xi32>, %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  %r = moa.grouped_matmul token(%x), %w groups(%o, %p) top_k(2) into slot(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// CHECK-LABEL: func.func @slot_to_token_gated(
// CHECK: %0 = moa.grouped_matmul slot(%arg0), %arg1 transposed groups(%arg2, %arg3) top_k(2) gates(%arg4) into token(%arg5) : (tensor<?x16xbf16>, tensor<6x48x16xbf16>, tensor<7xi32>, tensor<?xi32>, tensor<?x2xf32>, tensor<?x48xf32>) -> tensor<?x48xf32>
// GENERIC-LABEL: sym_name = "slot_to_token_gated"
// GENERIC: "moa.grouped_matmul"({{.*}}) <{input_rows = 1 : i32, operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 0, 0, 1>, result_rows = 2 : i32, top_k = 2 : i64, transposed}> : (tensor<?x16xbf16>, tensor<6x48x16xbf16>, tensor<7xi32>, tensor<?xi32>, tensor<?x2xf32>, tensor<?x48xf32>) -> tensor<?x48xf32>
func.func @slot_to_token_gated(%x: tensor<?x16xbf16>, %w: tensor<6x48x16xbf16>,
    %o: tensor<7xi32>, %p: tensor<?xi32>, %g: tensor<?x2xf32>,
    %init: tensor<?x48xf32>)
    -> tensor<?x48xf32> {
  %r = moa.grouped_matmul slot(%x), %w transposed groups(%o, %p) top_k(2) gates(%g)
      into token(%init)
      : (tensor<?x16xbf16>, tensor<6x48x16xbf16>, tensor<7xi32>, tensor<?xi32>,
         tensor<?x2xf32>, tensor<?x48xf32>)
      -> tensor<?x48xf32>
  return %r : tensor<?x48xf32>
}

// CHECK-LABEL: func.func @grouped_alone(
// CHECK: %0 = moa.grouped_matmul grouped(%arg0), %arg1 groups(%arg2) into grouped(%arg3) : (tensor<132x16xf16>, tensor<6x16x48xf16>, tensor<7xi32>, tensor<132x48xf16>) -> tensor<132x48xf16>
// GENERIC-LABEL: sym_name = "grouped_alone"
// GENERIC: "moa.grouped_matmul"({{.*}}) <{input_rows = 0 : i32, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 1>, result_rows = 0 : i32}> : (tensor<132x16xf16>, tensor<6x16x48xf16>, tensor<7xi32>, tensor<132x48xf16>) -> tensor<132x48xf16>
func.func @grouped_alone(%x: tensor<132x16xf16>, %w: tensor<6x16x48xf16>,
    %o: tensor<7xi32>, %init: tensor<132x48xf16>)
    -> tensor<132x48xf16> {
  %r = moa.grouped_matmul grouped(%x), %w groups(%o) into grouped(%init)
      : (tensor<132x16xf16>, tensor<6x16x48xf16>, tensor<7xi32>, tensor<132x48xf16>)
      -> tensor<132x48xf16>
  return %r : tensor<132x48xf16>
}

// CHECK-LABEL: func.func @rotary_at_position(
// CHECK: %0 = moa.grouped_matmul token(%arg0), %arg1 groups(%arg2, %arg3) top_k(2) rotary(<theta = 1.000000e+04 : f64, dim = 8>) heads(2) length(%arg4) position(%arg5) into slot(%arg6) : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>, index, index, tensor<132x16xf32>) -> tensor<132x16xf32>
// GENERIC-LABEL: sym_name = "rotary_at_position"
// GENERIC: "moa.grouped_matmul"({{.*}}) <{heads = 2 : i64, input_rows = 2 : i32, operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1, 1, 1>, result_rows = 1 : i32, rotary = #moa.rotary<theta = 1.000000e+04 : f64, dim = 8>, top_k = 2 : i64}> : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>, index, index, tensor<132x16xf32>) -> tensor<132x16xf32>
func.func @rotary_at_position(%x: tensor<66x48xf32>, %w: tensor<6x48x16xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %length: index,
    %position: index, %init: tensor<132x16xf32>)
    -> tensor<132x16xf32> {
  %r = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2) rotary(<theta = 1.0e4 : f64, dim = 8>)
      heads(2) length(%length) position(%position) into slot(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>, index,
         index, tensor<132x16xf32>)
      -> tensor<132x16xf32>
  return %r : tensor<132x16xf32>
}

// CHECK-LABEL: func.func @unordered(
// CHECK: %0 = moa.grouped_matmul token(%arg0), %arg1 groups(%arg2, %arg3) top_k(2) gates(%arg4) into unordered token(%arg5) : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>, tensor<66x2xf32>, tensor<66x16xf32>) -> tensor<66x16xf32>
// GENERIC-LABEL: sym_name = "unordered"
// GENERIC: "moa.grouped_matmul"({{.*}}) <{input_rows = 2 : i32, operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 0, 0, 1>, result_rows = 2 : i32, top_k = 2 : i64, unordered}> : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>, tensor<66x2xf32>, tensor<66x16xf32>) -> tensor<66x16xf32>
func.func @unordered(%x: tensor<66x48xf32>, %w: tensor<6x48x16xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %gates: tensor<66x2xf32>,
    %sum: tensor<66x16xf32>)
    -> tensor<66x16xf32> {
  %r = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      gates(%gates) into unordered token(%sum)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<66x2xf32>, tensor<66x16xf32>)
      -> tensor<66x16xf32>
  return %r : tensor<66x16xf32>
}
