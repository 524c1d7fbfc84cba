// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @one(
// CHECK: %0 = moa_tile.stage %arg0[%arg1] : <4x128x32xbf16, swizzle = 4>
// CHECK: %1 = moa_tile.get %0 : <128x32xbf16, swizzle = 4> -> tensor<128x32xbf16>
// GENERIC-LABEL: sym_name = "one"
// GENERIC: "moa_tile.stage"({{.*}}) : (!moa_tile.buffer<4x128x32xbf16, swizzle = 4>, index) -> !moa_tile.buffer<128x32xbf16, swizzle = 4>
// GENERIC: "moa_tile.get"({{.*}}) : (!moa_tile.buffer<128x32xbf16, swizzle = 4>) -> tensor<128x32xbf16>
func.func @one(%b: !moa_tile.buffer<4x128x32xbf16, swizzle = 4>, %i: index) {
  %0 = moa_tile.stage %b[%i] : !moa_tile.buffer<4x128x32xbf16, swizzle = 4>
  %1 = moa_tile.get %0 : !moa_tile.buffer<128x32xbf16, swizzle = 4> -> tensor<128x32xbf16>
  return
}
