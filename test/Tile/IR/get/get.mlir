// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @tile(
// CHECK: %0 = moa_tile.get %arg0 : <64x64xf32, swizzle = 8> -> tensor<64x64xf32>
// GENERIC-LABEL: sym_name = "tile"
// GENERIC: "moa_tile.get"({{.*}}) : (!moa_tile.buffer<64x64xf32, swizzle = 8>) -> tensor<64x64xf32>
func.func @tile(%b: !moa_tile.buffer<64x64xf32, swizzle = 8>) {
  %0 = moa_tile.get %b : !moa_tile.buffer<64x64xf32, swizzle = 8> -> tensor<64x64xf32>
  return
}
