// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @plain(
// CHECK: moa_tile.copy %arg0[%arg1, %arg1, %arg1] to %arg2 : memref<8x512x512xbf16>, <128x32xbf16>
// GENERIC-LABEL: sym_name = "plain"
// GENERIC: "moa_tile.copy"({{.*}}) <{operandSegmentSizes = array<i32: 1, 3, 0, 1, 0>}> : (memref<8x512x512xbf16>, index, index, index, !moa_tile.buffer<128x32xbf16>) -> ()
func.func @plain(%x: memref<8x512x512xbf16>, %i: index,
    %b: !moa_tile.buffer<128x32xbf16>) {
  moa_tile.copy %x[%i, %i, %i] to %b
      : memref<8x512x512xbf16>, !moa_tile.buffer<128x32xbf16>
  return
}

// CHECK-LABEL: func.func @rows(
// CHECK: moa_tile.copy %arg0[%arg1] rows %arg2 to %arg3 when %arg4 : memref<?x512xbf16>, <128x32xbf16>, tensor<128x1xi32>
// GENERIC-LABEL: sym_name = "rows"
// GENERIC: "moa_tile.copy"({{.*}}) <{operandSegmentSizes = array<i32: 1, 1, 1, 1, 1>}> : (memref<?x512xbf16>, index, tensor<128x1xi32>, !moa_tile.buffer<128x32xbf16>, i1) -> ()
func.func @rows(%x: memref<?x512xbf16>, %i: index, %rows: tensor<128x1xi32>,
    %b: !moa_tile.buffer<128x32xbf16>, %c: i1) {
  moa_tile.copy %x[%i] rows %rows to %b when %c
      : memref<?x512xbf16>, !moa_tile.buffer<128x32xbf16>, tensor<128x1xi32>
  return
}
