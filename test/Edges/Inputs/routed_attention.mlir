// Rotates a part of each head, which is left to a kernel of its own.
func.func @f(%x: tensor<?x6xf32>, %w: tensor<2x6x8xf32>, %offsets: tensor<3xi32>,
             %permutation: tensor<?xi32>, %key: tensor<?x?x2x4xf32>,
             %value: tensor<?x?x2x4xf32>, %init: tensor<?x?x4x4xf32>)
    -> tensor<?x?x4x4xf32> {
  %o = moa.routed_attention %x, %w groups(%offsets, %permutation) top_k(2)
      rotary(<theta = 1.0e4, dim = 4>), %key, %value heads(2) into(%init)
      : (tensor<?x6xf32>, tensor<2x6x8xf32>, tensor<3xi32>, tensor<?xi32>,
         tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x4x4xf32>)
      -> tensor<?x?x4x4xf32>
  return %o : tensor<?x?x4x4xf32>
}
