// A layer with all losses takes as many launches as one without: their sums are in
// the launch of the dispatch.
// RUN: moa-opt %s --moa-tile-pipeline | FileCheck %s --implicit-check-not=moa_tile.launch

// CHECK: moa_tile.launch @kernels::@router_and_key_value_bf16
// CHECK: moa_tile.launch @kernels::@balance_z_mutual_losses_and_dispatch
// CHECK: moa_tile.launch @kernels::@grouped_matmul
// CHECK: moa_tile.launch @kernels::@attention
// CHECK: moa_tile.launch @kernels::@grouped_matmul
// CHECK: moa_tile.launch @kernels::@combine
func.func @layer(%x: tensor<1x512x512xbf16>, %router: tensor<512x8xbf16>,
                 %wq: tensor<8x512x512xbf16>, %wk: tensor<512x512xbf16>,
                 %wv: tensor<512x512xbf16>, %wo: tensor<8x512x512xbf16>)
    -> (tensor<1x512x512xbf16>, tensor<f32>, tensor<f32>, tensor<f32>) {
  %y, %logits, %indices = moa.layer %x router(%router) query(%wq) key(%wk)
      value(%wv) output(%wo) top_k(2) heads(4) kv_heads(4)
      gate(<activation = softmax, order = activation_then_topk, normalize = true>)
      causal also<logits, indices>
      : (tensor<1x512x512xbf16>, tensor<512x8xbf16>, tensor<8x512x512xbf16>,
         tensor<512x512xbf16>, tensor<512x512xbf16>, tensor<8x512x512xbf16>)
      -> (tensor<1x512x512xbf16>, tensor<512x8xf32>, tensor<512x2xi32>)
  %b = moa.balance_loss softmax %logits, %indices
      : (tensor<512x8xf32>, tensor<512x2xi32>) -> tensor<f32>
  %z = moa.z_loss %logits, %indices
      : (tensor<512x8xf32>, tensor<512x2xi32>) -> tensor<f32>
  %m = moa.mutual_loss softmax %logits, %indices
      : (tensor<512x8xf32>, tensor<512x2xi32>) -> tensor<f32>
  return %y, %b, %z, %m
      : tensor<1x512x512xbf16>, tensor<f32>, tensor<f32>, tensor<f32>
}
