func.func @combine(%slots: tensor<?x3xf32>, %gates: tensor<?x2xf32>) -> tensor<?x3xf32> {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %gates, %c0 : tensor<?x2xf32>
  %init = tensor.empty(%tokens) : tensor<?x3xf32>
  %sum = moa.combine %slots, %gates into(%init)
    : (tensor<?x3xf32>, tensor<?x2xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  return %sum : tensor<?x3xf32>
}
