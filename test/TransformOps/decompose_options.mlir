// The parts of one layer alone, without checks; the other layer stays.
// RUN: moa-opt %s --transform-interpreter | FileCheck %s --implicit-check-not=cf.assert
// RUN: moa-opt %s | FileCheck %s --check-prefix=PRINT

// CHECK-LABEL: func.func @first(
// CHECK: moa.dispatch
// CHECK-LABEL: func.func @second(
// CHECK: moa.layer
func.func @first(%x: tensor<?x?x8xf32>, %router: tensor<8x4xf32>,
                 %wq: tensor<4x8x4xf32>, %wk: tensor<8x4xf32>,
                 %wv: tensor<8x4xf32>, %wo: tensor<4x4x?xf32>)
    -> tensor<?x?x8xf32> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<?x?x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x?xf32>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}
func.func @second(%x: tensor<2x5x8xf32>, %router: tensor<8x4xf32>,
                  %wq: tensor<4x8x4xf32>, %wk: tensor<8x4xf32>,
                  %wv: tensor<8x4xf32>, %wo: tensor<4x4x8xf32>)
    -> tensor<2x5x8xf32> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>) -> tensor<2x5x8xf32>
  return %y : tensor<2x5x8xf32>
}

// PRINT: transform.moa.decompose %{{.*}} without_checks : (!transform.any_op) -> !transform.any_op
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %layers = transform.structured.match ops{["moa.layer"]} in %root
        : (!transform.any_op) -> !transform.any_op
    %first, %rest = transform.split_handle %layers
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %primitives = transform.moa.decompose %first without_checks
        : (!transform.any_op) -> !transform.any_op
    // No layer, no primitives.
    %none = transform.structured.match ops{["moa.z_loss"]} in %root
        : (!transform.any_op) -> !transform.any_op
    %still_none = transform.moa.decompose %none
        : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}
