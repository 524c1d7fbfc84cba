func.func @route(%logits: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %skip = arith.constant dense<false> : tensor<2xi1>
  %indices, %gates = moa.route %logits skip(%skip) top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<?x4xf32>, tensor<2xi1>) -> (tensor<?x2xi32>, tensor<?x2xf32>)
  return %indices, %gates : tensor<?x2xi32>, tensor<?x2xf32>
}
