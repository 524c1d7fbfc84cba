// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @buffers(
// CHECK: %0 = moa_tile.alloc offset(0) : <4x128x32xbf16, swizzle = 4>
// CHECK: %1 = moa_tile.alloc offset(32768) : <64x64xf32>
// GENERIC-LABEL: sym_name = "buffers"
// GENERIC: "moa_tile.alloc"() <{offset = 0 : i64}> : () -> !moa_tile.buffer<4x128x32xbf16, swizzle = 4>
// GENERIC: "moa_tile.alloc"() <{offset = 32768 : i64}> : () -> !moa_tile.buffer<64x64xf32>
func.func @buffers() {
  %0 = moa_tile.alloc offset(0) : !moa_tile.buffer<4x128x32xbf16, swizzle = 4>
  %1 = moa_tile.alloc offset(32768) : !moa_tile.buffer<64x64xf32>
  return
}
