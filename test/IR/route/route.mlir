// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @plain(
// CHECK: %indices, %gates = moa.route %arg0 top_k(2) gate(<activation = softmax, order = topk_then_activation>) : (tensor<?x6xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>)
// GENERIC-LABEL: sym_name = "plain"
// GENERIC: "moa.route"({{.*}}) <{gate = #moa.gate<activation = softmax, order = topk_then_activation>, operandSegmentSizes = array<i32: 1, 0, 0, 0>, top_k = 2 : i64}> : (tensor<?x6xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>)
func.func @plain(%l: tensor<?x6xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %r:2 = moa.route %l top_k(2) gate(<activation = softmax,
      order = topk_then_activation>)
      : (tensor<?x6xf32>)
      -> (tensor<?x2xi32>, tensor<?x2xf32>)
  return %r#0, %r#1 : tensor<?x2xi32>, tensor<?x2xf32>
}

// CHECK-LABEL: func.func @biased_skipped(
// CHECK: %indices, %gates = moa.route %arg0 selection_bias(%arg1) skip(%arg2) top_k(3) gate(<activation = sigmoid, order = activation_then_topk, normalize = true, scale = 5.000000e-01 : f64>) : (tensor<5x6xf32>, tensor<6xf32>, tensor<5xi1>) -> (tensor<5x3xi32>, tensor<5x3xf32>)
// GENERIC-LABEL: sym_name = "biased_skipped"
// GENERIC: "moa.route"({{.*}}) <{gate = #moa.gate<activation = sigmoid, order = activation_then_topk, normalize = true, scale = 5.000000e-01 : f64>, operandSegmentSizes = array<i32: 1, 1, 1, 0>, top_k = 3 : i64}> : (tensor<5x6xf32>, tensor<6xf32>, tensor<5xi1>) -> (tensor<5x3xi32>, tensor<5x3xf32>)
func.func @biased_skipped(%l: tensor<5x6xf32>, %b: tensor<6xf32>, %s: tensor<5xi1>)
    -> (tensor<5x3xi32>, tensor<5x3xf32>) {
  %r:2 = moa.route %l selection_bias(%b) skip(%s) top_k(3) gate(<activation = sigmoid,
      order = activation_then_topk, normalize = true, scale = 0.5 : f64>)
      : (tensor<5x6xf32>, tensor<6xf32>, tensor<5xi1>)
      -> (tensor<5x3xi32>, tensor<5x3xf32>)
  return %r#0, %r#1 : tensor<5x3xi32>, tensor<5x3xf32>
}

// CHECK-LABEL: func.func @all_experts(
// CHECK: %indices, %gates = moa.route %arg0 top_k(6) all gate(<activation = softmax, order = activation_then_topk>) : (tensor<5x6xf32>) -> (tensor<5x6xi32>, tensor<5x6xf32>)
// GENERIC-LABEL: sym_name = "all_experts"
// GENERIC: "moa.route"({{.*}}) <{all, gate = #moa.gate<activation = softmax, order = activation_then_topk>, operandSegmentSizes = array<i32: 1, 0, 0, 0>, top_k = 6 : i64}> : (tensor<5x6xf32>) -> (tensor<5x6xi32>, tensor<5x6xf32>)
func.func @all_experts(%l: tensor<5x6xf32>)
    -> (tensor<5x6xi32>, tensor<5x6xf32>) {
  %r:2 = moa.route %l top_k(6) all gate(<activation = softmax,
      order = activation_then_topk>)
      : (tensor<5x6xf32>)
      -> (tensor<5x6xi32>, tensor<5x6xf32>)
  return %r#0, %r#1 : tensor<5x6xi32>, tensor<5x6xf32>
}
