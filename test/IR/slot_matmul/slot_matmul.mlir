// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @token(
// CHECK: %0 = moa.slot_matmul token(%arg0), %arg1, %arg2 into(%arg3) : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, tensor<2x16xf32>) -> tensor<2x16xf32>
// GENERIC-LABEL: sym_name = "token"
// GENERIC: "moa.slot_matmul"({{.*}}) <{input_rows = 2 : i32, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1>}> : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, tensor<2x16xf32>) -> tensor<2x16xf32>
func.func @token(%x: tensor<1x48xf32>, %w: tensor<6x48x16xf32>, %i: tensor<1x2xi32>,
    %init: tensor<2x16xf32>)
    -> tensor<2x16xf32> {
  %r = moa.slot_matmul token(%x), %w, %i into(%init)
      : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, tensor<2x16xf32>)
      -> tensor<2x16xf32>
  return %r : tensor<2x16xf32>
}

// CHECK-LABEL: func.func @slot_transposed(
// CHECK: %0 = moa.slot_matmul slot(%arg0), %arg1 transposed, %arg2 into(%arg3) : (tensor<?x16xbf16>, tensor<6x48x16xbf16>, tensor<?x2xi32>, tensor<?x48xf32>) -> tensor<?x48xf32>
// GENERIC-LABEL: sym_name = "slot_transposed"
// GENERIC: "moa.slot_matmul"({{.*}}) <{input_rows = 1 : i32, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1>, transposed}> : (tensor<?x16xbf16>, tensor<6x48x16xbf16>, tensor<?x2xi32>, tensor<?x48xf32>) -> tensor<?x48xf32>
func.func @slot_transposed(%x: tensor<?x16xbf16>, %w: tensor<6x48x16xbf16>,
    %i: tensor<?x2xi32>, %init: tensor<?x48xf32>)
    -> tensor<?x48xf32> {
  %r = moa.slot_matmul slot(%x), %w transposed, %i into(%init)
      : (tensor<?x16xbf16>, tensor<6x48x16xbf16>, tensor<?x2xi32>, tensor<?x48xf32>)
      -> tensor<?x48xf32>
  return %r : tensor<?x48xf32>
}

// CHECK-LABEL: func.func @rotary(
// CHECK: %0 = moa.slot_matmul token(%arg0), %arg1, %arg2 rotary(<theta = 1.000000e+04 : f64, dim = 8>) heads(2) length(%arg3) into(%arg4) : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, index, tensor<2x16xf32>) -> tensor<2x16xf32>
// GENERIC-LABEL: sym_name = "rotary"
// GENERIC: "moa.slot_matmul"({{.*}}) <{heads = 2 : i64, input_rows = 2 : i32, operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1>, rotary = #moa.rotary<theta = 1.000000e+04 : f64, dim = 8>}> : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, index, tensor<2x16xf32>) -> tensor<2x16xf32>
func.func @rotary(%x: tensor<1x48xf32>, %w: tensor<6x48x16xf32>, %i: tensor<1x2xi32>,
    %length: index, %init: tensor<2x16xf32>)
    -> tensor<2x16xf32> {
  %r = moa.slot_matmul token(%x), %w, %i rotary(<theta = 1.0e4 : f64, dim = 8>)
      heads(2) length(%length) into(%init)
      : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, index, tensor<2x16xf32>)
      -> tensor<2x16xf32>
  return %r : tensor<2x16xf32>
}

// CHECK-LABEL: func.func @rotary_at_position(
// CHECK: %0 = moa.slot_matmul token(%arg0), %arg1, %arg2 rotary(<theta = 1.000000e+04 : f64, dim = 8>) heads(2) length(%arg3) position(%arg4) into(%arg5) : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, index, index, tensor<2x16xf32>) -> tensor<2x16xf32>
// GENERIC-LABEL: sym_name = "rotary_at_position"
// GENERIC: "moa.slot_matmul"({{.*}}) <{heads = 2 : i64, input_rows = 2 : i32, operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 1>, rotary = #moa.rotary<theta = 1.000000e+04 : f64, dim = 8>}> : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, index, index, tensor<2x16xf32>) -> tensor<2x16xf32>
func.func @rotary_at_position(%x: tensor<1x48xf32>, %w: tensor<6x48x16xf32>,
    %i: tensor<1x2xi32>, %length: index, %position: index, %init: tensor<2x16xf32>)
    -> tensor<2x16xf32> {
  %r = moa.slot_matmul token(%x), %w, %i rotary(<theta = 1.0e4 : f64, dim = 8>)
      heads(2) length(%length) position(%position)
      into(%init)
      : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, index, index,
         tensor<2x16xf32>)
      -> tensor<2x16xf32>
  return %r : tensor<2x16xf32>
}
