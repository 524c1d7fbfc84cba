// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @forward(
// CHECK: %0 = moa_tile.scan %arg0 along 0 : tensor<64x8xi32>
// GENERIC-LABEL: sym_name = "forward"
// GENERIC: "moa_tile.scan"({{.*}}) <{dim = 0 : i64}> : (tensor<64x8xi32>) -> tensor<64x8xi32>
func.func @forward(%t: tensor<64x8xi32>) {
  %0 = moa_tile.scan %t along 0 : tensor<64x8xi32>
  return
}

// CHECK-LABEL: func.func @backward(
// CHECK: %0 = moa_tile.scan reverse %arg0 along 1 : tensor<64x64xf32>
// GENERIC-LABEL: sym_name = "backward"
// GENERIC: "moa_tile.scan"({{.*}}) <{dim = 1 : i64, reverse}> : (tensor<64x64xf32>) -> tensor<64x64xf32>
func.func @backward(%t: tensor<64x64xf32>) {
  %0 = moa_tile.scan reverse %t along 1 : tensor<64x64xf32>
  return
}

// CHECK-LABEL: func.func @through(
// CHECK: %0 = moa_tile.scan %arg0 along 0 through %arg1 : tensor<64x8xi32>, !moa_tile.buffer<4x8xi32>
// GENERIC-LABEL: sym_name = "through"
// GENERIC: "moa_tile.scan"({{.*}}) <{dim = 0 : i64}> : (tensor<64x8xi32>, !moa_tile.buffer<4x8xi32>) -> tensor<64x8xi32>
func.func @through(%t: tensor<64x8xi32>, %s: !moa_tile.buffer<4x8xi32>) {
  %0 = moa_tile.scan %t along 0 through %s : tensor<64x8xi32>, !moa_tile.buffer<4x8xi32>
  return
}
