// RUN: moa-opt %s --canonicalize --moa-decompose --canonicalize --cse \
// RUN:   --moa-fuse=fuse-query-projection=auto --split-input-file --verify-diagnostics \
// RUN:   --remarks-filter-missed=moa-fuse --remark-format=emitRemark | FileCheck %s
// RUN: moa-opt %s --canonicalize --moa-decompose --canonicalize --cse --moa-fuse \
// RUN:   --split-input-file | FileCheck %s --check-prefix=OFF --implicit-check-not=moa.routed_attention
// OFF: moa.attention

// 256 * 2 / 8 = 64 tokens of each sequence for an expert, and no mask.
// CHECK-LABEL: func.func @profitable(
// CHECK: moa.routed_attention
func.func @profitable(%x: tensor<2x256x48xf32>, %router: tensor<48x8xf32>, %wq: tensor<8x48x16xf32>, %wk: tensor<48x16xf32>, %wv: tensor<48x16xf32>, %wo: tensor<8x16x48xf32>) -> tensor<2x256x48xf32> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo) top_k(2) gate(<activation = softmax, order = activation_then_topk>)
    : (tensor<2x256x48xf32>, tensor<48x8xf32>, tensor<8x48x16xf32>, tensor<48x16xf32>, tensor<48x16xf32>, tensor<8x16x48xf32>) -> tensor<2x256x48xf32>
  return %y : tensor<2x256x48xf32>
}

// -----

// CHECK-LABEL: func.func @few_tokens(
// CHECK: moa.attention
func.func @few_tokens(%x: tensor<2x255x48xf32>, %router: tensor<48x8xf32>, %wq: tensor<8x48x16xf32>, %wk: tensor<48x16xf32>, %wv: tensor<48x16xf32>, %wo: tensor<8x16x48xf32>) -> tensor<2x255x48xf32> {
  // expected-remark@below {{not profitable: an expert has 63 tokens of a sequence on average, a tile 64}}
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo) top_k(2) gate(<activation = softmax, order = activation_then_topk>)
    : (tensor<2x255x48xf32>, tensor<48x8xf32>, tensor<8x48x16xf32>, tensor<48x16xf32>, tensor<48x16xf32>, tensor<8x16x48xf32>) -> tensor<2x255x48xf32>
  return %y : tensor<2x255x48xf32>
}

// -----

// CHECK-LABEL: func.func @unknown_length(
// CHECK: moa.attention
func.func @unknown_length(%x: tensor<2x?x48xf32>, %router: tensor<48x8xf32>, %wq: tensor<8x48x16xf32>, %wk: tensor<48x16xf32>, %wv: tensor<48x16xf32>, %wo: tensor<8x16x48xf32>) -> tensor<2x?x48xf32> {
  // expected-remark@below {{not profitable: the number of tokens or experts is unknown}}
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo) top_k(2) gate(<activation = softmax, order = activation_then_topk>)
    : (tensor<2x?x48xf32>, tensor<48x8xf32>, tensor<8x48x16xf32>, tensor<48x16xf32>, tensor<48x16xf32>, tensor<8x16x48xf32>) -> tensor<2x?x48xf32>
  return %y : tensor<2x?x48xf32>
}

// -----

// CHECK-LABEL: func.func @causal(
// CHECK: moa.attention
func.func @causal(%x: tensor<2x256x48xf32>, %router: tensor<48x8xf32>, %wq: tensor<8x48x16xf32>, %wk: tensor<48x16xf32>, %wv: tensor<48x16xf32>, %wo: tensor<8x16x48xf32>) -> tensor<2x256x48xf32> {
  // expected-remark@below {{not profitable: tiles of one expert's tokens span more positions, of which masks hide fewer whole tiles}}
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo) top_k(2) gate(<activation = softmax, order = activation_then_topk>) causal
    : (tensor<2x256x48xf32>, tensor<48x8xf32>, tensor<8x48x16xf32>, tensor<48x16xf32>, tensor<48x16xf32>, tensor<8x16x48xf32>) -> tensor<2x256x48xf32>
  return %y : tensor<2x256x48xf32>
}
