// Widths of heads that types leave open, and heads of one channel: buffers keep
// the stride of 1 that vectors need.

// RUN: moa-opt %s --moa-cpu-pipeline | FileCheck %s
// RUN: moa-opt %s --moa-cpu-pipeline='target=avx2 parallel=false' | FileCheck %s

// CHECK-LABEL: llvm.func @open
// CHECK: llvm.return
func.func @open(%x: tensor<?x?x8xf32>, %router: tensor<8x4xf32>, %wq: tensor<4x8x?xf32>,
    %wk: tensor<8x?xf32>, %wo: tensor<4x?x8xf32>) -> tensor<?x?x8xf32> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wk) output(%wo)
      top_k(2) gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<?x?x8xf32>, tensor<8x4xf32>, tensor<4x8x?xf32>, tensor<8x?xf32>,
         tensor<8x?xf32>, tensor<4x?x8xf32>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// CHECK-LABEL: llvm.func @one_channel
// CHECK: llvm.return
func.func @one_channel(%x: tensor<?x?x48xf16>, %router: tensor<8x48xf16>,
    %wq: tensor<8x1x48xf16>, %wk: tensor<1x48xf16>, %wo: tensor<8x48x1xf16>)
    -> tensor<?x?x48xf16> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wk) output(%wo)
      transposed top_k(8) gate(<activation = sigmoid, order = activation_then_topk>)
      : (tensor<?x?x48xf16>, tensor<8x48xf16>, tensor<8x1x48xf16>, tensor<1x48xf16>,
         tensor<1x48xf16>, tensor<8x48x1xf16>) -> tensor<?x?x48xf16>
  return %y : tensor<?x?x48xf16>
}
