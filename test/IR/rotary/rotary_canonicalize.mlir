// RUN: moa-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: func.func @drops(
// CHECK-NEXT: moa.rotary %arg0 rotary(<
func.func @drops(%x: tensor<2x3x4x16xf32>) -> tensor<2x3x4x16xf32> {
  %position = arith.constant 0 : index
  %r = moa.rotary %x position(%position) rotary(<theta = 1.0e4 : f64, dim = 16>)
      : (tensor<2x3x4x16xf32>, index) -> tensor<2x3x4x16xf32>
  return %r : tensor<2x3x4x16xf32>
}

// CHECK-LABEL: func.func @keeps(
// CHECK: moa.rotary %arg0 position(%{{.*}}) rotary(<
func.func @keeps(%x: tensor<2x3x4x16xf32>) -> tensor<2x3x4x16xf32> {
  %position = arith.constant 3 : index
  %r = moa.rotary %x position(%position) rotary(<theta = 1.0e4 : f64, dim = 16>)
      : (tensor<2x3x4x16xf32>, index) -> tensor<2x3x4x16xf32>
  return %r : tensor<2x3x4x16xf32>
}
