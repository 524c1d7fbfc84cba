// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @tiles(
// CHECK: %0 = moa_tile.mma %arg0, %arg1, %arg2 : tensor<64x128xbf16>, tensor<128x32xbf16>, tensor<64x32xf32>
// GENERIC-LABEL: sym_name = "tiles"
// GENERIC: "moa_tile.mma"({{.*}}) : (tensor<64x128xbf16>, tensor<128x32xbf16>, tensor<64x32xf32>) -> tensor<64x32xf32>
func.func @tiles(%a: tensor<64x128xbf16>, %b: tensor<128x32xbf16>,
    %s: tensor<64x32xf32>) {
  %0 = moa_tile.mma %a, %b, %s
      : tensor<64x128xbf16>, tensor<128x32xbf16>, tensor<64x32xf32>
  return
}

// CHECK-LABEL: func.func @transposed(
// CHECK: %0 = moa_tile.mma %arg0, transposed %arg1, %arg2 : tensor<64x128xf16>, tensor<32x128xf16>, tensor<64x32xf32>
// GENERIC-LABEL: sym_name = "transposed"
// GENERIC: "moa_tile.mma"({{.*}}) <{transposed}> : (tensor<64x128xf16>, tensor<32x128xf16>, tensor<64x32xf32>) -> tensor<64x32xf32>
func.func @transposed(%a: tensor<64x128xf16>, %b: tensor<32x128xf16>,
    %s: tensor<64x32xf32>) {
  %0 = moa_tile.mma %a, transposed %b, %s
      : tensor<64x128xf16>, tensor<32x128xf16>, tensor<64x32xf32>
  return
}

// CHECK-LABEL: func.func @terms(
// CHECK: %0 = moa_tile.mma %arg0, %arg1, %arg2 terms %arg3 : tensor<64x128xf16>, tensor<128x32xf16>, tensor<64x32xf32>, tensor<64x1xi32>
// GENERIC-LABEL: sym_name = "terms"
// GENERIC: "moa_tile.mma"({{.*}}) : (tensor<64x128xf16>, tensor<128x32xf16>, tensor<64x32xf32>, tensor<64x1xi32>) -> tensor<64x32xf32>
func.func @terms(%a: tensor<64x128xf16>, %b: tensor<128x32xf16>,
    %s: tensor<64x32xf32>, %t: tensor<64x1xi32>) {
  %0 = moa_tile.mma %a, %b, %s terms %t
      : tensor<64x128xf16>, tensor<128x32xf16>, tensor<64x32xf32>, tensor<64x1xi32>
  return
}

// CHECK-LABEL: func.func @tf32(
// CHECK: %0 = moa_tile.mma %arg0, %arg1, %arg2 tf32 : tensor<64x128xf32>, tensor<128x32xf32>, tensor<64x32xf32>
// GENERIC-LABEL: sym_name = "tf32"
// GENERIC: "moa_tile.mma"({{.*}}) <{tf32}> : (tensor<64x128xf32>, tensor<128x32xf32>, tensor<64x32xf32>) -> tensor<64x32xf32>
func.func @tf32(%a: tensor<64x128xf32>, %b: tensor<128x32xf32>, %s: tensor<64x32xf32>) {
  %0 = moa_tile.mma %a, %b, %s tf32
      : tensor<64x128xf32>, tensor<128x32xf32>, tensor<64x32xf32>
  return
}

// CHECK-LABEL: func.func @buffers(
// CHECK: %0 = moa_tile.mma %arg0, %arg1, %arg2 : !moa_tile.buffer<64x128xbf16, swizzle = 8>, !moa_tile.buffer<128x32xbf16>, tensor<64x32xf32>
// GENERIC-LABEL: sym_name = "buffers"
// GENERIC: "moa_tile.mma"({{.*}}) : (!moa_tile.buffer<64x128xbf16, swizzle = 8>, !moa_tile.buffer<128x32xbf16>, tensor<64x32xf32>) -> tensor<64x32xf32>
func.func @buffers(%a: !moa_tile.buffer<64x128xbf16, swizzle = 8>,
    %b: !moa_tile.buffer<128x32xbf16>, %s: tensor<64x32xf32>) {
  %0 = moa_tile.mma %a, %b, %s
      : !moa_tile.buffer<64x128xbf16, swizzle = 8>, !moa_tile.buffer<128x32xbf16>, tensor<64x32xf32>
  return
}
