// The number of experts is that of the weights at run time.
func.func @f(%x: tensor<?x2xf32>, %w: tensor<?x2x3xf32>, %offsets: tensor<?xi32>,
             %permutation: tensor<?xi32>, %gates: tensor<?x2xf32>)
    -> (tensor<?x3xf32>, tensor<?x3xf32>) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %slots = tensor.dim %x, %c0 : tensor<?x2xf32>
  %slotsEmpty = tensor.empty(%slots) : tensor<?x3xf32>
  %slotsInit = linalg.fill ins(%zero : f32) outs(%slotsEmpty : tensor<?x3xf32>)
      -> tensor<?x3xf32>
  %grouped = moa.grouped_matmul grouped(%x), %w groups(%offsets)
      into grouped(%slotsInit)
      : (tensor<?x2xf32>, tensor<?x2x3xf32>, tensor<?xi32>, tensor<?x3xf32>)
      -> tensor<?x3xf32>
  %tokens = tensor.dim %gates, %c0 : tensor<?x2xf32>
  %tokensEmpty = tensor.empty(%tokens) : tensor<?x3xf32>
  %tokensInit = linalg.fill ins(%zero : f32) outs(%tokensEmpty : tensor<?x3xf32>)
      -> tensor<?x3xf32>
  %summed = moa.grouped_matmul slot(%x), %w groups(%offsets, %permutation)
      top_k(2) gates(%gates) into token(%tokensInit)
      : (tensor<?x2xf32>, tensor<?x2x3xf32>, tensor<?xi32>, tensor<?xi32>,
         tensor<?x2xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  return %grouped, %summed : tensor<?x3xf32>, tensor<?x3xf32>
}
