// Adds two matrices; one is dynamic in its rows.
func.func @add(%a: tensor<?x3xf32> {moa.name = "a"},
               %b: tensor<2x3xf32> {moa.name = "b"})
    -> (tensor<2x3xf32> {moa.name = "sum"}) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %rows = tensor.dim %a, %c0 : tensor<?x3xf32>
  %fits = arith.cmpi eq, %rows, %c2 : index
  cf.assert %fits, "'a' dimension 0 is not 2"
  %fixed = tensor.cast %a : tensor<?x3xf32> to tensor<2x3xf32>
  %empty = tensor.empty() : tensor<2x3xf32>
  %sum = linalg.add ins(%fixed, %b : tensor<2x3xf32>, tensor<2x3xf32>)
                    outs(%empty : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %sum : tensor<2x3xf32>
}
