// RUN: moa-opt %s -moa-decompose | FileCheck %s

// Rows of logits are products of sizes, keys behind a cache sums: what dynamic
// sizes leave open is asserted, with the words of the verifier.

// CHECK-LABEL: func.func @logits(
// CHECK: %[[TOKENS:.*]] = arith.muli
// CHECK: %[[SAME:.*]] = arith.cmpi eq, %{{.*}}, %[[TOKENS]]
// CHECK: cf.assert %[[SAME]], "'moa.layer' op 'logits' dimension 0 (?) does not match the tokens of 'x' (? * ?)"
func.func @logits(%x: tensor<?x?x8xf32>, %logits: tensor<?x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %output: tensor<4x4x8xf32>)
    -> tensor<?x?x8xf32> {
  %r = moa.layer %x logits(%logits) query(%query) key(%key) value(%key)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<?x?x8xf32>, tensor<?x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> tensor<?x?x8xf32>
  return %r : tensor<?x?x8xf32>
}

// CHECK-LABEL: func.func @cached(
// CHECK: %[[KEYS:.*]] = arith.addi
// CHECK: %[[SAME:.*]] = arith.cmpi eq, %{{.*}}, %[[KEYS]]
// CHECK: cf.assert %[[SAME]], "'moa.layer' op 'boolean_mask' dimension 2 (9) does not match the keys of the cache and of 'x' (? + 3)"
func.func @cached(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %query: tensor<4x8x4xf32>, %key: tensor<8x4xf32>, %output: tensor<4x4x8xf32>,
    %cache: tensor<2x?x1x4xf32>, %mask: tensor<2x3x9xi1>) -> tensor<2x3x8xf32> {
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%key)
      output(%output) top_k(2) gate(<activation = softmax,
      order = activation_then_topk>) cache(%cache, %cache) boolean_mask(%mask)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>, tensor<2x?x1x4xf32>,
         tensor<2x?x1x4xf32>, tensor<2x3x9xi1>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// Widths of which no operand tells the number.
// CHECK-LABEL: func.func @open_widths(
// CHECK: cf.assert %{{.*}}, "'moa.layer' op the width of the model (?) must be at least 1"
// CHECK: cf.assert %{{.*}}, "'moa.layer' op the width of a head (?) must be at least 1"
// CHECK: %[[LEAST:.*]] = arith.constant 8 : index
// CHECK: arith.cmpi sge, %{{.*}}, %[[LEAST]]
// CHECK: cf.assert %{{.*}}, "'moa.layer' op rotary dim (4) exceeds the width of a head (?)"
func.func @open_widths(%x: tensor<2x3x?xf32>, %router: tensor<?x4xf32>,
    %query: tensor<4x?x?xf32>, %key: tensor<?x?xf32>, %output: tensor<4x?x?xf32>)
    -> tensor<2x3x?xf32> {
  %r = moa.layer %x router(%router) query(%query) key(%key) value(%key)
      output(%output) top_k(2) heads(2) kv_heads(2) gate(<activation = softmax,
      order = activation_then_topk>) rotary(<theta = 1.0e4 : f64, dim = 4>)
      : (tensor<2x3x?xf32>, tensor<?x4xf32>, tensor<4x?x?xf32>, tensor<?x?xf32>,
         tensor<?x?xf32>, tensor<4x?x?xf32>) -> tensor<2x3x?xf32>
  return %r : tensor<2x3x?xf32>
}
