func.func @main(%x: tensor<2x3xf32>, %w: tensor<?x3x2xf32>,
                %indices: tensor<2x2xi32>, %logits: tensor<2x?xf32>,
                %init: tensor<4x2xf32>)
    -> (tensor<4x2xf32>, tensor<f32>, tensor<f32>, tensor<f32>) {
  %y = moa.slot_matmul token(%x), %w, %indices into(%init)
      : (tensor<2x3xf32>, tensor<?x3x2xf32>, tensor<2x2xi32>, tensor<4x2xf32>)
      -> tensor<4x2xf32>
  %b = moa.balance_loss softmax %logits, %indices
      : (tensor<2x?xf32>, tensor<2x2xi32>) -> tensor<f32>
  %z = moa.z_loss %logits, %indices
      : (tensor<2x?xf32>, tensor<2x2xi32>) -> tensor<f32>
  %m = moa.mutual_loss softmax %logits, %indices
      : (tensor<2x?xf32>, tensor<2x2xi32>) -> tensor<f32>
  return %y, %b, %z, %m : tensor<4x2xf32>, tensor<f32>, tensor<f32>, tensor<f32>
}
