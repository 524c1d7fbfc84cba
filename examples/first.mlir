func.func @layer(
    %x: tensor<1x3x4xf32> {moa.name = "x"},
    %router: tensor<4x3xf32> {moa.name = "router"},
    %wq: tensor<3x4x2xf32> {moa.name = "wq"},
    %wk: tensor<4x2xf32> {moa.name = "wk"},
    %wv: tensor<4x2xf32> {moa.name = "wv"},
    %wo: tensor<3x2x4xf32> {moa.name = "wo"})
    -> (tensor<1x3x4xf32> {moa.name = "y"}) {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2)
      gate(<activation = softmax, order = activation_then_topk, normalize = true>)
      causal
      : (tensor<1x3x4xf32>, tensor<4x3xf32>, tensor<3x4x2xf32>,
         tensor<4x2xf32>, tensor<4x2xf32>, tensor<3x2x4xf32>)
      -> tensor<1x3x4xf32>
  return %y : tensor<1x3x4xf32>
}
