// RUN: moa-opt %s --convert-moa-to-linalg --verify-diagnostics

func.func @layer(%x: tensor<2x33x48xf32>, %router: tensor<48x6xf32>, %wq: tensor<6x48x16xf32>, %wk: tensor<48x16xf32>, %wv: tensor<48x16xf32>, %wo: tensor<6x16x48xf32>) -> tensor<2x33x48xf32> {
  // expected-error @+1 {{'moa.layer' op is not a primitive: run moa-decompose first}}
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo) top_k(2) gate(<activation = softmax, order = activation_then_topk>)
    : (tensor<2x33x48xf32>, tensor<48x6xf32>, tensor<6x48x16xf32>, tensor<48x16xf32>, tensor<48x16xf32>, tensor<6x16x48xf32>) -> tensor<2x33x48xf32>
  return %y : tensor<2x33x48xf32>
}
