module {
  func.func @layer(%x: tensor<?x?x48xf32> {moa.name = "x"}, %router: tensor<48x6xf32> {moa.name = "router"}, %wq: tensor<6x48x16xf32> {moa.name = "wq"}, %wk: tensor<48x16xf32> {moa.name = "wk"}, %wv: tensor<48x16xf32> {moa.name = "wv"}, %wo: tensor<6x16x48xf32> {moa.name = "wo"}) -> (tensor<?x?x48xf32> {moa.name = "y"}) {
    %0 = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo) top_k(2) gate(<activation = softmax, order = activation_then_topk, normalize = true, detach_divisor = true>) causal : (tensor<?x?x48xf32>, tensor<48x6xf32>, tensor<6x48x16xf32>, tensor<48x16xf32>, tensor<48x16xf32>, tensor<6x16x48xf32>) -> tensor<?x?x48xf32>
    return %0 : tensor<?x?x48xf32>
  }
}
