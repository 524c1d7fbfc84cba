// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @dimensions(
// CHECK: %0 = moa_tile.position : tensor<64x1xi32>
// CHECK: %1 = moa_tile.position : tensor<1x64xi32>
// GENERIC-LABEL: sym_name = "dimensions"
// GENERIC: "moa_tile.position"() : () -> tensor<64x1xi32>
// GENERIC: "moa_tile.position"() : () -> tensor<1x64xi32>
func.func @dimensions() {
  %0 = moa_tile.position : tensor<64x1xi32>
  %1 = moa_tile.position : tensor<1x64xi32>
  return
}
