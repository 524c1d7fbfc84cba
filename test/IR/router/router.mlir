// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @plain(
// CHECK: %logits, %indices, %gates = moa.router %arg0, %arg1 top_k(2) gate(<activation = softmax, order = topk_then_activation>) : (tensor<66x48xf32>, tensor<48x6xf32>) -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>)
// GENERIC-LABEL: sym_name = "plain"
// GENERIC: "moa.router"({{.*}}) <{gate = #moa.gate<activation = softmax, order = topk_then_activation>, losses = #moa.loss<none>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0>, top_k = 2 : i64}> : (tensor<66x48xf32>, tensor<48x6xf32>) -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>)
func.func @plain(%input: tensor<66x48xf32>, %weights: tensor<48x6xf32>)
    -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>) {
  %r:3 = moa.router %input, %weights top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<66x48xf32>, tensor<48x6xf32>)
      -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>)
  return %r#0, %r#1, %r#2 : tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>
}

// CHECK-LABEL: func.func @variants(
// CHECK: %logits, %indices, %gates = moa.router %arg0, %arg1 transposed selection_bias(%arg2) skip(%arg3) top_k(6) all gate(<activation = softmax, order = topk_then_activation>) : (tensor<?x48xbf16>, tensor<6x48xbf16>, tensor<6xf32>, tensor<?xi1>) -> (tensor<?x6xf32>, tensor<?x6xi32>, tensor<?x6xf32>)
// GENERIC-LABEL: sym_name = "variants"
// GENERIC: "moa.router"({{.*}}) <{all, gate = #moa.gate<activation = softmax, order = topk_then_activation>, losses = #moa.loss<none>, operandSegmentSizes = array<i32: 1, 1, 1, 1, 0>, top_k = 6 : i64, transposed}> : (tensor<?x48xbf16>, tensor<6x48xbf16>, tensor<6xf32>, tensor<?xi1>) -> (tensor<?x6xf32>, tensor<?x6xi32>, tensor<?x6xf32>)
func.func @variants(%input: tensor<?x48xbf16>, %weights: tensor<6x48xbf16>,
    %selection_bias: tensor<6xf32>, %skip: tensor<?xi1>)
    -> (tensor<?x6xf32>, tensor<?x6xi32>, tensor<?x6xf32>) {
  %r:3 = moa.router %input, %weights transposed selection_bias(%selection_bias)
      skip(%skip) top_k(6) all gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<?x48xbf16>, tensor<6x48xbf16>, tensor<6xf32>, tensor<?xi1>)
      -> (tensor<?x6xf32>, tensor<?x6xi32>, tensor<?x6xf32>)
  return %r#0, %r#1, %r#2 : tensor<?x6xf32>, tensor<?x6xi32>, tensor<?x6xf32>
}

// Losses come in one order, however they are listed.
// CHECK-LABEL: func.func @losses(
// CHECK: %logits, %indices, %gates, %balance_loss, %mutual_loss = moa.router %arg0, %arg1 top_k(2) gate(<activation = sigmoid, order = activation_then_topk>) losses<balance, mutual> : (tensor<?x48xf32>, tensor<48x6xf32>) -> (tensor<?x6xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<f32>, tensor<f32>)
// CHECK: return %balance_loss, %mutual_loss
// GENERIC-LABEL: sym_name = "losses"
// GENERIC: losses = #moa.loss<balance, mutual>
func.func @losses(%input: tensor<?x48xf32>, %weights: tensor<48x6xf32>)
    -> (tensor<f32>, tensor<f32>) {
  %r:5 = moa.router %input, %weights top_k(2)
      gate(<activation = sigmoid, order = activation_then_topk>)
      losses<mutual, balance>
      : (tensor<?x48xf32>, tensor<48x6xf32>)
      -> (tensor<?x6xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<f32>,
          tensor<f32>)
  return %r#3, %r#4 : tensor<f32>, tensor<f32>
}
