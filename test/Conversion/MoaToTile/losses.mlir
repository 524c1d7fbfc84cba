// Losses of a router are part of its kernel, and one more block adds them up;
// others have a kernel in its place.
// RUN: moa-opt %s --convert-moa-to-tile --canonicalize --cse --split-input-file | FileCheck %s

// Logits are read again; what blocks of 64 tokens leave.
// CHECK-LABEL: func.func @of_router
// CHECK:       %[[ROUTER:.*]]:8 = moa_tile.launch @kernels::@router blocks(%c2, %c1, %c1)
// CHECK-SAME:    outs({{.*}} : tensor<70x6xf32>, tensor<70x2xi32>, tensor<70x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2x6xf32>, tensor<2x6xi32>)
// CHECK:       %[[LOSSES:.*]]:3 = moa_tile.launch @kernels::@balance_z_mutual_losses blocks(%c1, %c1, %c1)
// CHECK-SAME:    ins(%[[ROUTER]]#3, %[[ROUTER]]#4, %[[ROUTER]]#5, %[[ROUTER]]#6, %[[ROUTER]]#7, %c6
// CHECK-NOT:   moa_tile.launch
func.func @of_router(%x: tensor<70x16xf32>, %w: tensor<16x6xf32>)
    -> (tensor<70x2xf32>, tensor<f32>, tensor<f32>, tensor<f32>) {
  %r:6 = moa.router %x, %w top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      losses<balance, z, mutual>
      : (tensor<70x16xf32>, tensor<16x6xf32>)
      -> (tensor<70x6xf32>, tensor<70x2xi32>, tensor<70x2xf32>, tensor<f32>,
          tensor<f32>, tensor<f32>)
  return %r#2, %r#3, %r#4, %r#5
      : tensor<70x2xf32>, tensor<f32>, tensor<f32>, tensor<f32>
}

// -----

// The statistics of a softmax are enough: no logits.
// CHECK-LABEL: func.func @z_of_router
// CHECK:       moa_tile.launch @kernels::@router
// CHECK-SAME:    outs({{.*}} : tensor<70x2xi32>, tensor<70x2xf32>, tensor<2xf32>, tensor<2xf32>)
// CHECK:       moa_tile.launch @kernels::@z_loss
func.func @z_of_router(%x: tensor<70x16xf32>, %w: tensor<16x6xf32>)
    -> (tensor<70x2xf32>, tensor<f32>) {
  %r:4 = moa.router %x, %w top_k(2)
      gate(<activation = softmax, order = topk_then_activation>) losses<z>
      : (tensor<70x16xf32>, tensor<16x6xf32>)
      -> (tensor<70x6xf32>, tensor<70x2xi32>, tensor<70x2xf32>, tensor<f32>)
  return %r#2, %r#3 : tensor<70x2xf32>, tensor<f32>
}

// -----

// CHECK-LABEL: func.func @alone
// CHECK:       %[[PARTS:.*]]:3 = moa_tile.launch @kernels::@balance_loss_parts blocks(%c2, %c1, %c1)
// CHECK-SAME:    ins(%arg0, %arg1, %c6
// CHECK-SAME:    outs({{.*}} : tensor<2xf32>, tensor<2x6xf32>, tensor<2x6xi32>)
// CHECK:       moa_tile.launch @kernels::@balance_loss blocks(%c1, %c1, %c1)
// CHECK-SAME:    ins(%[[PARTS]]#0, %[[PARTS]]#1, %[[PARTS]]#2, %c6
func.func @alone(%logits: tensor<70x6xf32>, %indices: tensor<70x2xi32>)
    -> tensor<f32> {
  %b = moa.balance_loss softmax %logits, %indices
      : (tensor<70x6xf32>, tensor<70x2xi32>) -> tensor<f32>
  return %b : tensor<f32>
}
