// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @matrix(
// CHECK: %0 = moa_tile.gather %arg0[%arg1, %arg2] rows %arg3 : memref<2x?x512xbf16>, tensor<128x1xi32> -> tensor<128x32xbf16>
// GENERIC-LABEL: sym_name = "matrix"
// GENERIC: "moa_tile.gather"({{.*}}) : (memref<2x?x512xbf16>, index, index, tensor<128x1xi32>) -> tensor<128x32xbf16>
func.func @matrix(%x: memref<2x?x512xbf16>, %b: index, %k: index,
    %rows: tensor<128x1xi32>) {
  %0 = moa_tile.gather %x[%b, %k] rows %rows
      : memref<2x?x512xbf16>, tensor<128x1xi32> -> tensor<128x32xbf16>
  return
}

// CHECK-LABEL: func.func @line(
// CHECK: %0 = moa_tile.gather %arg0[] rows %arg1 : memref<?xf32>, tensor<16x1xi32> -> tensor<16x1xf32>
// GENERIC-LABEL: sym_name = "line"
// GENERIC: "moa_tile.gather"({{.*}}) : (memref<?xf32>, tensor<16x1xi32>) -> tensor<16x1xf32>
func.func @line(%x: memref<?xf32>, %rows: tensor<16x1xi32>) {
  %0 = moa_tile.gather %x[] rows %rows
      : memref<?xf32>, tensor<16x1xi32> -> tensor<16x1xf32>
  return
}
