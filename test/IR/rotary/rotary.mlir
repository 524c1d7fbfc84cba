// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @plain(
// CHECK: %0 = moa.rotary %arg0 rotary(<theta = 1.000000e+04 : f64, dim = 16>) : (tensor<2x33x4x16xf32>) -> tensor<2x33x4x16xf32>
// GENERIC-LABEL: sym_name = "plain"
// GENERIC: "moa.rotary"({{.*}}) <{operandSegmentSizes = array<i32: 1, 0, 0>, rotary = #moa.rotary<theta = 1.000000e+04 : f64, dim = 16>}> : (tensor<2x33x4x16xf32>) -> tensor<2x33x4x16xf32>
func.func @plain(%x: tensor<2x33x4x16xf32>)
    -> tensor<2x33x4x16xf32> {
  %r = moa.rotary %x rotary(<theta = 1.0e4 : f64, dim = 16>)
      : (tensor<2x33x4x16xf32>)
      -> tensor<2x33x4x16xf32>
  return %r : tensor<2x33x4x16xf32>
}

// CHECK-LABEL: func.func @partial_from_position(
// CHECK: %0 = moa.rotary %arg0 position(%arg1) rotary(<theta = 5.000000e+05 : f64, dim = 8>) : (tensor<?x?x4x16xf16>, index) -> tensor<?x?x4x16xf16>
// GENERIC-LABEL: sym_name = "partial_from_position"
// GENERIC: "moa.rotary"({{.*}}) <{operandSegmentSizes = array<i32: 1, 1, 0>, rotary = #moa.rotary<theta = 5.000000e+05 : f64, dim = 8>}> : (tensor<?x?x4x16xf16>, index) -> tensor<?x?x4x16xf16>
func.func @partial_from_position(%x: tensor<?x?x4x16xf16>, %p: index)
    -> tensor<?x?x4x16xf16> {
  %r = moa.rotary %x position(%p) rotary(<theta = 5.0e5 : f64, dim = 8>)
      : (tensor<?x?x4x16xf16>, index)
      -> tensor<?x?x4x16xf16>
  return %r : tensor<?x?x4x16xf16>
}
