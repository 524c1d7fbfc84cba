// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @matrix(
// CHECK: %0 = moa_tile.load %arg0[%arg1, %arg2, %arg1] : memref<8x512x512xbf16> -> tensor<32x128xbf16>
// GENERIC-LABEL: sym_name = "matrix"
// GENERIC: "moa_tile.load"({{.*}}) : (memref<8x512x512xbf16>, index, index, index) -> tensor<32x128xbf16>
func.func @matrix(%w: memref<8x512x512xbf16>, %e: index, %k: index) {
  %0 = moa_tile.load %w[%e, %k, %e] : memref<8x512x512xbf16> -> tensor<32x128xbf16>
  return
}

// CHECK-LABEL: func.func @line(
// CHECK: %0 = moa_tile.load %arg0[%arg1] : memref<?xi32> -> tensor<64x1xi32>
// CHECK: %1 = moa_tile.load %arg0[%arg1] : memref<?xi32> -> tensor<1x64xi32>
// GENERIC-LABEL: sym_name = "line"
// GENERIC: "moa_tile.load"({{.*}}) : (memref<?xi32>, index) -> tensor<64x1xi32>
// GENERIC: "moa_tile.load"({{.*}}) : (memref<?xi32>, index) -> tensor<1x64xi32>
func.func @line(%x: memref<?xi32>, %i: index) {
  %0 = moa_tile.load %x[%i] : memref<?xi32> -> tensor<64x1xi32>
  %1 = moa_tile.load %x[%i] : memref<?xi32> -> tensor<1x64xi32>
  return
}
