// RUN: moa-opt %s --transform-interpreter=entry-point=annotate | FileCheck %s --implicit-check-not="= moa.layer"

// What the transform op and the pass make of layers is the same.
// RUN: moa-opt %s --transform-interpreter > %t.op
// RUN: moa-opt %s --moa-decompose > %t.pass
// RUN: diff %t.op %t.pass

// CHECK-LABEL: func.func @sparse(
// CHECK: cf.assert
// CHECK: moa.matmul {{.*}} {decomposed}
// CHECK: moa.route {{.*}} {decomposed}
// CHECK: moa.dispatch {{.*}} {decomposed}
// CHECK: moa.combine {{.*}} {decomposed}
func.func @sparse(%x: tensor<?x?x8xf32>, %router: tensor<8x4xf32>,
                  %wq: tensor<4x8x4xf32>, %wk: tensor<8x4xf32>,
                  %wv: tensor<8x4xf32>, %wo: tensor<4x4x?xf32>)
    -> tensor<?x?x8xf32> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) gate(<activation = softmax, order = topk_then_activation>) causal
      : (tensor<?x?x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x?xf32>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// CHECK-LABEL: func.func @dense(
// CHECK: moa.dense_matmul {{.*}} {decomposed}
func.func @dense(%x: tensor<2x5x8xf32>, %router: tensor<8x4xf32>,
                 %wq: tensor<4x8x4xf32>, %wk: tensor<8x4xf32>,
                 %wv: tensor<8x4xf32>, %wo: tensor<4x4x8xf32>)
    -> tensor<2x5x8xf32> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(4) gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>) -> tensor<2x5x8xf32>
  return %y : tensor<2x5x8xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %layers = transform.structured.match ops{["moa.layer"]} in %root
        : (!transform.any_op) -> !transform.op<"moa.layer">
    %primitives = transform.moa.decompose %layers
        : (!transform.op<"moa.layer">) -> !transform.any_op
    transform.yield
  }

  // The primitives are those that were created.
  transform.named_sequence @annotate(%root: !transform.any_op) {
    %layers = transform.structured.match ops{["moa.layer"]} in %root
        : (!transform.any_op) -> !transform.any_op
    %primitives = transform.moa.decompose %layers
        : (!transform.any_op) -> !transform.any_op
    transform.annotate %primitives "decomposed" : !transform.any_op
    transform.yield
  }
}
