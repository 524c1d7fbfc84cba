// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @token(
// CHECK: %0 = moa.slot_matmul token(%arg0), %arg1, %arg2 into(%arg3) : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, tensor<2x16xf32>) -> tensor<2x16xf32>
// GENERIC-LABEL: sym_name = "token"
// GENERIC: "moa.slot_matmul"({{.*}}) <{input_rows = 2 : i32}> : (tensor<1x48xf32>, tensor<6x48x16xf32>, tensor<1x2xi32>, tensor<2x16xf32>) -> tensor<2x16xf32>
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
// GENERIC: "moa.slot_matmul"({{.*}}) <{input_rows = 1 : i32, transposed}> : (tensor<?x16xbf16>, tensor<6x48x16xbf16>, tensor<?x2xi32>, tensor<?x48xf32>) -> tensor<?x48xf32>
func.func @slot_transposed(%x: tensor<?x16xbf16>, %w: tensor<6x48x16xbf16>,
    %i: tensor<?x2xi32>, %init: tensor<?x48xf32>)
    -> tensor<?x48xf32> {
  %r = moa.slot_matmul slot(%x), %w transposed, %i into(%init)
      : (tensor<?x16xbf16>, tensor<6x48x16xbf16>, tensor<?x2xi32>, tensor<?x48xf32>)
      -> tensor<?x48xf32>
  return %r : tensor<?x48xf32>
}
