// A fused layer launches six kernels, five where attention projects its queries:
// also where sizes are open, where tokens are skipped, with losses, and with rotary
// positions of heads or of parts of them. No launch only counts slots, clears the
// queries of skipped tokens, or rotates.
// RUN: moa-opt %s --moa-tile-pipeline \
// RUN:   | FileCheck %s --check-prefixes=CHECK,APART --implicit-check-not=moa_tile.launch
// RUN: moa-opt %s --moa-tile-pipeline=fuse-query-projection=on \
// RUN:   | FileCheck %s --check-prefixes=CHECK,JOINED --implicit-check-not=moa_tile.launch

// CHECK-LABEL: func.func @open
// CHECK:         moa_tile.launch @kernels::@router{{.*}}key_value
// CHECK:         moa_tile.launch @kernels::@dispatch
// APART:         moa_tile.launch @kernels::@grouped_matmul
// APART:         moa_tile.launch @kernels::@attention
// JOINED:        moa_tile.launch @kernels::@routed_attention
// CHECK:         moa_tile.launch @kernels::@grouped_matmul
// CHECK:         moa_tile.launch @kernels::@combine
func.func @open(%x: tensor<?x?x512xbf16>, %router: tensor<512x8xbf16>,
                %wq: tensor<8x512x512xbf16>, %wk: tensor<512x128xbf16>,
                %wv: tensor<512x128xbf16>, %wo: tensor<8x512x512xbf16>)
    -> tensor<?x?x512xbf16> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) heads(4)
      gate(<activation = softmax, order = topk_then_activation>) causal
      : (tensor<?x?x512xbf16>, tensor<512x8xbf16>, tensor<8x512x512xbf16>,
         tensor<512x128xbf16>, tensor<512x128xbf16>, tensor<8x512x512xbf16>)
      -> tensor<?x?x512xbf16>
  return %y : tensor<?x?x512xbf16>
}

// CHECK-LABEL: func.func @skip
// APART:         moa_tile.launch @kernels::@router{{.*}}key_value{{.*}}fill
// JOINED:        moa_tile.launch @kernels::@router{{.*}}key_value
// CHECK:         moa_tile.launch @kernels::@dispatch
// APART:         moa_tile.launch @kernels::@grouped_matmul
// APART:         moa_tile.launch @kernels::@attention
// JOINED:        moa_tile.launch @kernels::@routed_attention
// CHECK:         moa_tile.launch @kernels::@grouped_matmul
// CHECK:         moa_tile.launch @kernels::@combine
func.func @skip(%x: tensor<1x512x512xbf16>, %router: tensor<512x8xbf16>,
                %wq: tensor<8x512x512xbf16>, %wk: tensor<512x128xbf16>,
                %wv: tensor<512x128xbf16>, %wo: tensor<8x512x512xbf16>,
                %skip: tensor<1x512xi1>) -> tensor<1x512x512xbf16> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) heads(4)
      gate(<activation = softmax, order = topk_then_activation>) skip(%skip) causal
      : (tensor<1x512x512xbf16>, tensor<512x8xbf16>, tensor<8x512x512xbf16>,
         tensor<512x128xbf16>, tensor<512x128xbf16>, tensor<8x512x512xbf16>,
         tensor<1x512xi1>) -> tensor<1x512x512xbf16>
  return %y : tensor<1x512x512xbf16>
}

// CHECK-LABEL: func.func @open_skip_losses
// APART:         moa_tile.launch @kernels::@router{{.*}}key_value{{.*}}fill
// JOINED:        moa_tile.launch @kernels::@router{{.*}}key_value
// CHECK:         moa_tile.launch @kernels::@balance_z_losses_and_dispatch
// APART:         moa_tile.launch @kernels::@grouped_matmul
// APART:         moa_tile.launch @kernels::@attention
// JOINED:        moa_tile.launch @kernels::@routed_attention
// CHECK:         moa_tile.launch @kernels::@grouped_matmul
// CHECK:         moa_tile.launch @kernels::@combine
func.func @open_skip_losses(
    %x: tensor<?x?x512xbf16>, %router: tensor<512x8xbf16>,
    %wq: tensor<8x512x512xbf16>, %wk: tensor<512x128xbf16>,
    %wv: tensor<512x128xbf16>, %wo: tensor<8x512x512xbf16>,
    %skip: tensor<?x?xi1>) -> (tensor<?x?x512xbf16>, tensor<f32>, tensor<f32>) {
  %y, %l, %i = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv)
      output(%wo) top_k(2) heads(4)
      gate(<activation = softmax, order = topk_then_activation>) skip(%skip)
      causal also<logits, indices>
      : (tensor<?x?x512xbf16>, tensor<512x8xbf16>, tensor<8x512x512xbf16>,
         tensor<512x128xbf16>, tensor<512x128xbf16>, tensor<8x512x512xbf16>,
         tensor<?x?xi1>)
      -> (tensor<?x?x512xbf16>, tensor<?x8xf32>, tensor<?x2xi32>)
  %b = moa.balance_loss softmax %l, %i
      : (tensor<?x8xf32>, tensor<?x2xi32>) -> tensor<f32>
  %z = moa.z_loss %l, %i : (tensor<?x8xf32>, tensor<?x2xi32>) -> tensor<f32>
  return %y, %b, %z : tensor<?x?x512xbf16>, tensor<f32>, tensor<f32>
}

// A few tokens that attend to many keys of others: several blocks share the keys of
// a row, and the last of them joins what each has. They are counted from zeros that
// come with the router.
// CHECK-LABEL: func.func @split
// APART:         moa_tile.launch @kernels::@router{{.*}}key_value{{.*}}fill
// JOINED:        moa_tile.launch @kernels::@router{{.*}}key_value
// CHECK:         moa_tile.launch @kernels::@dispatch
// APART:         moa_tile.launch @kernels::@grouped_matmul
// APART:         moa_tile.launch @kernels::@attention_split
// JOINED:        moa_tile.launch @kernels::@routed_attention
// CHECK:         moa_tile.launch @kernels::@grouped_matmul
// CHECK:         moa_tile.launch @kernels::@combine
func.func @split(%x: tensor<1x8x512xbf16>, %memory: tensor<1x1024x512xbf16>,
                 %router: tensor<512x8xbf16>, %wq: tensor<8x512x512xbf16>,
                 %wk: tensor<512x128xbf16>, %wv: tensor<512x128xbf16>,
                 %wo: tensor<8x512x512xbf16>) -> tensor<1x8x512xbf16> {
  %y = moa.layer %x memory(%memory) router(%router) query(%wq) key(%wk) value(%wv)
      output(%wo) top_k(2) heads(4)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<1x8x512xbf16>, tensor<1x1024x512xbf16>, tensor<512x8xbf16>,
         tensor<8x512x512xbf16>, tensor<512x128xbf16>, tensor<512x128xbf16>,
         tensor<8x512x512xbf16>) -> tensor<1x8x512xbf16>
  return %y : tensor<1x8x512xbf16>
}

// The same of one token for each of an open number of entries, with losses, masks
// and the keys of calls before.
// CHECK-LABEL: func.func @decode
// CHECK:         moa_tile.launch @kernels::@router{{.*}}key_value{{.*}}fill
// CHECK:         moa_tile.launch @kernels::@balance_z_losses
// CHECK:         moa_tile.launch @kernels::@slot_matmul
// CHECK:         moa_tile.launch @kernels::@attention_split
// CHECK:         moa_tile.launch @kernels::@slot_matmul
// CHECK:         moa_tile.launch @kernels::@combine
func.func @decode(
    %x: tensor<?x1x512xbf16>, %router: tensor<512x8xbf16>,
    %wq: tensor<8x512x512xbf16>, %wk: tensor<512x128xbf16>,
    %wv: tensor<512x128xbf16>, %wo: tensor<8x512x512xbf16>, %skip: tensor<?x1xi1>,
    %keys: tensor<?x?x1x128xbf16>, %values: tensor<?x?x1x128xbf16>, %position: index,
    %lengths: tensor<?xi32>, %seen: tensor<?x1x?xi1>)
    -> (tensor<?x1x512xbf16>, tensor<?x1x8xf32>, tensor<f32>, tensor<f32>) {
  %y, %l, %i, %lse = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv)
      output(%wo) top_k(2) heads(4)
      gate(<activation = softmax, order = topk_then_activation>) skip(%skip)
      cache(%keys, %values) position(%position) causal lengths(%lengths)
      boolean_mask(%seen) also<logits, indices, lse>
      : (tensor<?x1x512xbf16>, tensor<512x8xbf16>, tensor<8x512x512xbf16>,
         tensor<512x128xbf16>, tensor<512x128xbf16>, tensor<8x512x512xbf16>,
         tensor<?x1xi1>, tensor<?x?x1x128xbf16>, tensor<?x?x1x128xbf16>, index,
         tensor<?xi32>, tensor<?x1x?xi1>)
      -> (tensor<?x1x512xbf16>, tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x1x8xf32>)
  %b = moa.balance_loss softmax %l, %i
      : (tensor<?x8xf32>, tensor<?x2xi32>) -> tensor<f32>
  %z = moa.z_loss %l, %i : (tensor<?x8xf32>, tensor<?x2xi32>) -> tensor<f32>
  return %y, %lse, %b, %z
      : tensor<?x1x512xbf16>, tensor<?x1x8xf32>, tensor<f32>, tensor<f32>
}

// Each of two layers counts from zeros of its own, and copies none.
// CHECK-LABEL: func.func @stack
// CHECK-NOT:     memref.copy
// APART:         moa_tile.launch @kernels::@router{{.*}}fill
// JOINED:        moa_tile.launch @kernels::@router
// CHECK:         moa_tile.launch @kernels::@dispatch
// APART:         moa_tile.launch @kernels::@grouped_matmul
// CHECK-NOT:     memref.copy
// APART:         moa_tile.launch @kernels::@attention_split
// JOINED:        moa_tile.launch @kernels::@routed_attention
// CHECK:         moa_tile.launch @kernels::@grouped_matmul
// CHECK:         moa_tile.launch @kernels::@combine
// CHECK-NOT:     memref.copy
// APART:         moa_tile.launch @kernels::@router{{.*}}fill
// JOINED:        moa_tile.launch @kernels::@router
// CHECK:         moa_tile.launch @kernels::@dispatch
// APART:         moa_tile.launch @kernels::@grouped_matmul
// CHECK-NOT:     memref.copy
// APART:         moa_tile.launch @kernels::@attention_split
// JOINED:        moa_tile.launch @kernels::@routed_attention
// CHECK:         moa_tile.launch @kernels::@grouped_matmul
// CHECK-NOT:     memref.copy
// CHECK:         moa_tile.launch @kernels::@combine
func.func @stack(%x: tensor<1x8x512xbf16>, %memory: tensor<1x1024x512xbf16>,
                 %router: tensor<512x8xbf16>, %wq: tensor<8x512x512xbf16>,
                 %wk: tensor<512x128xbf16>, %wv: tensor<512x128xbf16>,
                 %wo: tensor<8x512x512xbf16>) -> tensor<1x8x512xbf16> {
  %y = moa.layer %x memory(%memory) router(%router) query(%wq) key(%wk) value(%wv)
      output(%wo) top_k(2) heads(4)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<1x8x512xbf16>, tensor<1x1024x512xbf16>, tensor<512x8xbf16>,
         tensor<8x512x512xbf16>, tensor<512x128xbf16>, tensor<512x128xbf16>,
         tensor<8x512x512xbf16>) -> tensor<1x8x512xbf16>
  %z = moa.layer %y memory(%memory) router(%router) query(%wq) key(%wk) value(%wv)
      output(%wo) top_k(2) heads(4)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<1x8x512xbf16>, tensor<1x1024x512xbf16>, tensor<512x8xbf16>,
         tensor<8x512x512xbf16>, tensor<512x128xbf16>, tensor<512x128xbf16>,
         tensor<8x512x512xbf16>) -> tensor<1x8x512xbf16>
  return %z : tensor<1x8x512xbf16>
}

// Half of each head is rotated.
// CHECK-LABEL: func.func @rotary_half
// APART:         moa_tile.launch @kernels::@router{{.*}}key_value{{.*}}fill
// JOINED:        moa_tile.launch @kernels::@router{{.*}}key_value
// CHECK:         moa_tile.launch @kernels::@dispatch
// APART:         moa_tile.launch @kernels::@grouped_matmul
// APART:         moa_tile.launch @kernels::@attention
// JOINED:        moa_tile.launch @kernels::@routed_attention
// CHECK:         moa_tile.launch @kernels::@grouped_matmul
// CHECK:         moa_tile.launch @kernels::@combine
func.func @rotary_half(%x: tensor<?x?x512xf16>, %router: tensor<512x8xf16>,
                       %wq: tensor<8x512x512xf16>, %wk: tensor<512x128xf16>,
                       %wv: tensor<512x128xf16>, %wo: tensor<8x512x512xf16>,
                       %skip: tensor<?x?xi1>) -> tensor<?x?x512xf16> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) heads(4)
      gate(<activation = softmax, order = topk_then_activation>) skip(%skip)
      rotary(<theta = 1.0e4, dim = 64>) causal
      : (tensor<?x?x512xf16>, tensor<512x8xf16>, tensor<8x512x512xf16>,
         tensor<512x128xf16>, tensor<512x128xf16>, tensor<8x512x512xf16>,
         tensor<?x?xi1>) -> tensor<?x?x512xf16>
  return %y : tensor<?x?x512xf16>
}

// 22 of 101 channels, of which attention cannot rotate queries in registers, with
// a cache.
// CHECK-LABEL: func.func @rotary_odd
// CHECK:         moa_tile.launch @kernels::@router{{.*}}key_value
// CHECK:         moa_tile.launch @kernels::@dispatch
// CHECK:         moa_tile.launch @kernels::@grouped_matmul
// CHECK:         moa_tile.launch @kernels::@attention
// CHECK:         moa_tile.launch @kernels::@grouped_matmul
// CHECK:         moa_tile.launch @kernels::@combine
func.func @rotary_odd(%x: tensor<1x64x512xf32>, %router: tensor<512x8xf32>,
                      %wq: tensor<8x512x202xf32>, %wk: tensor<512x101xf32>,
                      %wv: tensor<512x101xf32>, %wo: tensor<8x202x512xf32>,
                      %keys: tensor<1x9x1x101xf32>, %values: tensor<1x9x1x101xf32>,
                      %position: index) -> tensor<1x64x512xf32> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) heads(2)
      gate(<activation = softmax, order = topk_then_activation>)
      cache(%keys, %values) position(%position) rotary(<theta = 1.0e4, dim = 22>) causal
      : (tensor<1x64x512xf32>, tensor<512x8xf32>, tensor<8x512x202xf32>,
         tensor<512x101xf32>, tensor<512x101xf32>, tensor<8x202x512xf32>,
         tensor<1x9x1x101xf32>, tensor<1x9x1x101xf32>, index) -> tensor<1x64x512xf32>
  return %y : tensor<1x64x512xf32>
}

// One token has a launch less, and all experts have two less.
// CHECK-LABEL: func.func @rotary_token
// CHECK:         moa_tile.launch @kernels::@router
// CHECK:         moa_tile.launch @kernels::@key_value{{.*}}slot_matmul
// CHECK:         moa_tile.launch @kernels::@attention
// CHECK:         moa_tile.launch @kernels::@slot_matmul
// CHECK:         moa_tile.launch @kernels::@combine
func.func @rotary_token(%x: tensor<1x1x512xbf16>, %router: tensor<512x8xbf16>,
                        %wq: tensor<8x512x320xbf16>, %wk: tensor<512x320xbf16>,
                        %wv: tensor<512x320xbf16>, %wo: tensor<8x320x512xbf16>)
    -> tensor<1x1x512xbf16> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) heads(4) kv_heads(4)
      gate(<activation = softmax, order = topk_then_activation>)
      rotary(<theta = 1.0e4, dim = 32>) causal
      : (tensor<1x1x512xbf16>, tensor<512x8xbf16>, tensor<8x512x320xbf16>,
         tensor<512x320xbf16>, tensor<512x320xbf16>, tensor<8x320x512xbf16>)
      -> tensor<1x1x512xbf16>
  return %y : tensor<1x1x512xbf16>
}

// CHECK-LABEL: func.func @rotary_all
// CHECK:         moa_tile.launch @kernels::@router{{.*}}key_value
// CHECK:         moa_tile.launch @kernels::@dense_matmul
// CHECK:         moa_tile.launch @kernels::@attention
// CHECK:         moa_tile.launch @kernels::@dense_matmul
func.func @rotary_all(%x: tensor<1x512x512xbf16>, %router: tensor<512x2xbf16>,
                      %wq: tensor<2x512x320xbf16>, %wk: tensor<512x320xbf16>,
                      %wv: tensor<512x320xbf16>, %wo: tensor<2x320x512xbf16>)
    -> tensor<1x512x512xbf16> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) heads(4) kv_heads(4)
      gate(<activation = softmax, order = topk_then_activation>)
      rotary(<theta = 1.0e4, dim = 32>) causal
      : (tensor<1x512x512xbf16>, tensor<512x2xbf16>, tensor<2x512x320xbf16>,
         tensor<512x320xbf16>, tensor<512x320xbf16>, tensor<2x320x512xbf16>)
      -> tensor<1x512x512xbf16>
  return %y : tensor<1x512x512xbf16>
}
