// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @matrix(
// CHECK: moa_tile.store %arg0, %arg1[%arg2, %arg2] : tensor<128x64xbf16>, memref<?x512xbf16>
// GENERIC-LABEL: sym_name = "matrix"
// GENERIC: "moa_tile.store"({{.*}}) : (tensor<128x64xbf16>, memref<?x512xbf16>, index, index) -> ()
func.func @matrix(%t: tensor<128x64xbf16>, %y: memref<?x512xbf16>, %i: index) {
  moa_tile.store %t, %y[%i, %i] : tensor<128x64xbf16>, memref<?x512xbf16>
  return
}

// CHECK-LABEL: func.func @line(
// CHECK: moa_tile.store %arg0, %arg1[%arg2] : tensor<1x64xi32>, memref<?xi32>
// GENERIC-LABEL: sym_name = "line"
// GENERIC: "moa_tile.store"({{.*}}) : (tensor<1x64xi32>, memref<?xi32>, index) -> ()
func.func @line(%t: tensor<1x64xi32>, %y: memref<?xi32>, %i: index) {
  moa_tile.store %t, %y[%i] : tensor<1x64xi32>, memref<?xi32>
  return
}
