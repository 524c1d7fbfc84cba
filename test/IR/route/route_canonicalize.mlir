// RUN: moa-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: func.func @drops(
// CHECK-NEXT: moa.route %arg0 top_k(2) gate(<activation = sigmoid, order = activation_then_topk, normalize = true>) :
func.func @drops(%logits: tensor<5x6xf32>) -> (tensor<5x2xi32>, tensor<5x2xf32>) {
  %skip = arith.constant dense<false> : tensor<5xi1>
  %indices, %gates = moa.route %logits skip(%skip) top_k(2)
      gate(<activation = sigmoid, order = activation_then_topk, normalize = true, scale = 1.0 : f64>)
      : (tensor<5x6xf32>, tensor<5xi1>) -> (tensor<5x2xi32>, tensor<5x2xf32>)
  return %indices, %gates : tensor<5x2xi32>, tensor<5x2xf32>
}

// Only a constant of one value is looked at.
// CHECK-LABEL: func.func @keeps(
// CHECK: moa.route %arg0 skip(%{{.*}}) top_k(2) gate(<activation = sigmoid, order = activation_then_topk, scale = 5.000000e-01 : f64>) :
func.func @keeps(%logits: tensor<2x6xf32>) -> (tensor<2x2xi32>, tensor<2x2xf32>) {
  %skip = arith.constant dense<[false, true]> : tensor<2xi1>
  %indices, %gates = moa.route %logits skip(%skip) top_k(2)
      gate(<activation = sigmoid, order = activation_then_topk, scale = 0.5 : f64>)
      : (tensor<2x6xf32>, tensor<2xi1>) -> (tensor<2x2xi32>, tensor<2x2xf32>)
  return %indices, %gates : tensor<2x2xi32>, tensor<2x2xf32>
}
