// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @tile(
// CHECK: moa_tile.put %arg0 to %arg1 : tensor<64x64xf32>, <64x64xf32, swizzle = 8>
// GENERIC-LABEL: sym_name = "tile"
// GENERIC: "moa_tile.put"({{.*}}) : (tensor<64x64xf32>, !moa_tile.buffer<64x64xf32, swizzle = 8>) -> ()
func.func @tile(%t: tensor<64x64xf32>, %b: !moa_tile.buffer<64x64xf32, swizzle = 8>) {
  moa_tile.put %t to %b : tensor<64x64xf32>, !moa_tile.buffer<64x64xf32, swizzle = 8>
  return
}
