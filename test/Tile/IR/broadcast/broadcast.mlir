// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @dimensions(
// CHECK: %0 = moa_tile.broadcast %arg0 : tensor<64x1xf32> -> tensor<64x128xf32>
// CHECK: %1 = moa_tile.broadcast %arg1 : tensor<1x128xf32> -> tensor<64x128xf32>
// CHECK: %2 = moa_tile.broadcast %arg2 : tensor<1x1xf32> -> tensor<64x128xf32>
// GENERIC-LABEL: sym_name = "dimensions"
// GENERIC: "moa_tile.broadcast"({{.*}}) : (tensor<64x1xf32>) -> tensor<64x128xf32>
// GENERIC: "moa_tile.broadcast"({{.*}}) : (tensor<1x128xf32>) -> tensor<64x128xf32>
// GENERIC: "moa_tile.broadcast"({{.*}}) : (tensor<1x1xf32>) -> tensor<64x128xf32>
func.func @dimensions(%c: tensor<64x1xf32>, %r: tensor<1x128xf32>, %e: tensor<1x1xf32>) {
  %0 = moa_tile.broadcast %c : tensor<64x1xf32> -> tensor<64x128xf32>
  %1 = moa_tile.broadcast %r : tensor<1x128xf32> -> tensor<64x128xf32>
  %2 = moa_tile.broadcast %e : tensor<1x1xf32> -> tensor<64x128xf32>
  return
}
