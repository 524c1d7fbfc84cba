// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @rows(
// CHECK: %0 = moa_tile.reduce max %arg0 along 1 : tensor<64x128xf32> -> tensor<64x1xf32>
// CHECK: %1 = moa_tile.reduce add %arg0 along 1 : tensor<64x128xf32> -> tensor<64x1xf32>
// GENERIC-LABEL: sym_name = "rows"
// GENERIC: "moa_tile.reduce"({{.*}}) <{dim = 1 : i64, kind = 1 : i32}> : (tensor<64x128xf32>) -> tensor<64x1xf32>
// GENERIC: "moa_tile.reduce"({{.*}}) <{dim = 1 : i64, kind = 0 : i32}> : (tensor<64x128xf32>) -> tensor<64x1xf32>
func.func @rows(%t: tensor<64x128xf32>) {
  %0 = moa_tile.reduce max %t along 1 : tensor<64x128xf32> -> tensor<64x1xf32>
  %1 = moa_tile.reduce add %t along 1 : tensor<64x128xf32> -> tensor<64x1xf32>
  return
}

// CHECK-LABEL: func.func @columns(
// CHECK: %0 = moa_tile.reduce min %arg0 along 0 : tensor<64x128xi32> -> tensor<1x128xi32>
// GENERIC-LABEL: sym_name = "columns"
// GENERIC: "moa_tile.reduce"({{.*}}) <{dim = 0 : i64, kind = 2 : i32}> : (tensor<64x128xi32>) -> tensor<1x128xi32>
func.func @columns(%t: tensor<64x128xi32>) {
  %0 = moa_tile.reduce min %t along 0 : tensor<64x128xi32> -> tensor<1x128xi32>
  return
}

// CHECK-LABEL: func.func @through(
// CHECK: %0 = moa_tile.reduce max %arg0 along 1 through %arg1 : tensor<64x128xf32>, !moa_tile.buffer<2x64xf32> -> tensor<64x1xf32>
// GENERIC-LABEL: sym_name = "through"
// GENERIC: "moa_tile.reduce"({{.*}}) <{dim = 1 : i64, kind = 1 : i32}> : (tensor<64x128xf32>, !moa_tile.buffer<2x64xf32>) -> tensor<64x1xf32>
func.func @through(%t: tensor<64x128xf32>, %s: !moa_tile.buffer<2x64xf32>) {
  %0 = moa_tile.reduce max %t along 1 through %s
      : tensor<64x128xf32>, !moa_tile.buffer<2x64xf32> -> tensor<64x1xf32>
  return
}
