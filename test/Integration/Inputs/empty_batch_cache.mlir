func.func @layer(%x: tensor<0x3x4xf32>, %cache: tensor<0x2x1x2xf32>,
                 %mask: tensor<0x3x5xi1>)
    -> (tensor<0x3x4xf32>, tensor<0x5x1x2xf32>) {
  %router = arith.constant dense<1.0> : tensor<4x3xf32>
  %wq = arith.constant dense<1.0> : tensor<3x4x2xf32>
  %wk = arith.constant dense<1.0> : tensor<4x2xf32>
  %wo = arith.constant dense<1.0> : tensor<3x2x4xf32>
  %y, %keys = moa.layer %x router(%router) query(%wq) key(%wk) value(%wk)
      output(%wo) top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      cache(%cache, %cache) boolean_mask(%mask) also<keys>
      : (tensor<0x3x4xf32>, tensor<4x3xf32>, tensor<3x4x2xf32>, tensor<4x2xf32>,
         tensor<4x2xf32>, tensor<3x2x4xf32>, tensor<0x2x1x2xf32>,
         tensor<0x2x1x2xf32>, tensor<0x3x5xi1>)
      -> (tensor<0x3x4xf32>, tensor<0x5x1x2xf32>)
  return %y, %keys : tensor<0x3x4xf32>, tensor<0x5x1x2xf32>
}
