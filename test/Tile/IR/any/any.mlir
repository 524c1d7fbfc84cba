// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @any(
// CHECK: %0 = moa_tile.any %arg0 : tensor<64x1xi1>
// GENERIC-LABEL: sym_name = "any"
// GENERIC: "moa_tile.any"({{.*}}) : (tensor<64x1xi1>) -> i1
func.func @any(%rows: tensor<64x1xi1>) {
  %0 = moa_tile.any %rows : tensor<64x1xi1>
  return
}
