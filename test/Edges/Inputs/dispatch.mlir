func.func @dispatch(%indices: tensor<?x2xi32>) -> (tensor<5xi32>, tensor<?xi32>) {
  %offsets, %permutation = moa.dispatch %indices experts(4)
    : (tensor<?x2xi32>) -> (tensor<5xi32>, tensor<?xi32>)
  return %offsets, %permutation : tensor<5xi32>, tensor<?xi32>
}
