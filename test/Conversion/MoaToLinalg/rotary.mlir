// RUN: moa-opt %s --convert-moa-to-linalg --canonicalize --cse \
// RUN:   | FileCheck %s --implicit-check-not='= moa.'

// Angles are computed in f64, once for each position and pair of channels, as
// position * exp(-2 i / dim * log(theta)); the rotation is computed in f32 and
// rounded once. Channels from `dim` on stay as they are.
// CHECK-LABEL: func.func @partial
// CHECK-SAME: %[[X:[a-z0-9]*]]: tensor<2x33x4x16xbf16>, %[[POSITION:[a-z0-9]*]]: index
// CHECK: arith.addi %[[POSITION]]
// CHECK: %[[EXP:.*]] = math.exp %{{.*}} : f64
// CHECK: arith.mulf %{{.*}}, %[[EXP]] : f64
// CHECK: math.cos %{{.*}} : f64
// CHECK: -> tensor<33x3xf32>
// CHECK: math.sin %{{.*}} : f64
// CHECK: -> tensor<33x3xf32>
// CHECK: %[[A:.*]] = tensor.extract_slice %[[X]][0, 0, 0, 0] [2, 33, 4, 3]
// CHECK: %[[B:.*]] = tensor.extract_slice %[[X]][0, 0, 0, 3] [2, 33, 4, 3]
// CHECK: linalg.generic {{.*}} ins(%[[A]], %[[B]],
// CHECK: arith.subf %{{.*}} : f32
// CHECK: arith.truncf %{{.*}} : f32 to bf16
// CHECK: tensor.insert_slice %{{.*}} into %[[X]][0, 0, 0, 0]
// CHECK: linalg.generic {{.*}} ins(%[[B]], %[[A]],
// CHECK: arith.addf %{{.*}} : f32
// CHECK: arith.truncf %{{.*}} : f32 to bf16
// CHECK: tensor.insert_slice %{{.*}}[0, 0, 0, 3]
func.func @partial(%x: tensor<2x33x4x16xbf16>, %p: index) -> tensor<2x33x4x16xbf16> {
  %y = moa.rotary %x position(%p) rotary(<theta = 1.0e4 : f64, dim = 6>)
    : (tensor<2x33x4x16xbf16>, index) -> tensor<2x33x4x16xbf16>
  return %y : tensor<2x33x4x16xbf16>
}
