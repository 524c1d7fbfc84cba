// RUN: moa-opt %s --verify-diagnostics \
// RUN:   --one-shot-bufferize='bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map'
// Whoever allows ops that have no buffers gets the layer as it is.
// RUN: moa-opt %s --one-shot-bufferize=allow-unknown-ops | FileCheck %s
// CHECK: moa.layer {{.*}} -> tensor<1x4x8xf32>

func.func @layer(%x: tensor<1x4x8xf32>, %router: tensor<8x4xf32>,
    %wq: tensor<4x8x4xf32>, %wk: tensor<8x4xf32>, %wv: tensor<8x4xf32>,
    %wo: tensor<4x4x8xf32>) -> tensor<1x4x8xf32> {
  // expected-error@below {{'moa.layer' op is on tensors only: run moa-decompose before bufferization}}
  // expected-error@below {{failed to bufferize op}}
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) gate(<activation = softmax, order = topk_then_activation>) causal
      : (tensor<1x4x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>) -> tensor<1x4x8xf32>
  return %y : tensor<1x4x8xf32>
}
