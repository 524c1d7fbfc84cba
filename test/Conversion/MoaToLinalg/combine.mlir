// RUN: moa-opt %s --convert-moa-to-linalg --canonicalize --cse --split-input-file \
// RUN:   | FileCheck %s --implicit-check-not='= moa.'

// The slots of a token are summed in their order, in f32, each times its gate,
// and as zeros where it is skipped and has none; then come the bias, the zero row
// of a skipped token, and one rounding.
// CHECK-LABEL: func.func @combine
// CHECK-SAME: %[[SLOTS:[a-z0-9]*]]: tensor<132x48xf32>, %[[GATES:[a-z0-9]*]]: tensor<66x2xf32>, %[[BIAS:[a-z0-9]*]]: tensor<48xbf16>, %[[SKIP:[a-z0-9]*]]: tensor<66xi1>
// CHECK: %[[ROWS:.*]] = tensor.expand_shape %[[SLOTS]] {{\[}}[0, 1], [2]] output_shape [66, 2, 48]
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "reduction", "parallel"]} ins(%[[GATES]], %[[SKIP]], %[[ROWS]] {{.*}} outs(%{{.*}} : tensor<66x48xf32>)
// CHECK: arith.select
// CHECK: arith.mulf %{{.*}} : f32
// CHECK: arith.addf %{{.*}} : f32
// CHECK-NOT: arith.truncf
// CHECK: linalg.generic {{.*}} ins(%{{.*}}, %[[BIAS]], %[[SKIP]] :
// CHECK: arith.addf %{{.*}} : f32
// CHECK: arith.select
// CHECK: arith.truncf %{{.*}} : f32 to bf16
// CHECK-NOT: arith.truncf
func.func @combine(%slots: tensor<132x48xf32>, %gates: tensor<66x2xf32>, %bias: tensor<48xbf16>, %skip: tensor<66xi1>, %init: tensor<66x48xbf16>) -> tensor<66x48xbf16> {
  %y = moa.combine %slots, %gates bias(%bias) skip(%skip) into(%init)
    : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<48xbf16>, tensor<66xi1>, tensor<66x48xbf16>) -> tensor<66x48xbf16>
  return %y : tensor<66x48xbf16>
}
