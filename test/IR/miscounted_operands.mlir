// Generic form can give any group any number of operands, also one that stands for
// one operand: an error, where accessors would read what is not there.
// RUN: moa-opt %s --split-input-file --verify-diagnostics

func.func @first(%router: tensor<4x3xf32>, %wq: tensor<3x4x2xf32>, %wk: tensor<4x2xf32>,
                 %wo: tensor<3x2x4xf32>) -> tensor<1x3x4xf32> {
  // expected-error@+1 {{'moa.layer' op must have one operand 'x'}}
  %0 = "moa.layer"(%router, %wq, %wk, %wk, %wo) <{gate = #moa.gate<activation = softmax, order = activation_then_topk>, operandSegmentSizes = array<i32: 0, 0, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>, top_k = 2 : i64}>
      : (tensor<4x3xf32>, tensor<3x4x2xf32>, tensor<4x2xf32>, tensor<4x2xf32>, tensor<3x2x4xf32>) -> tensor<1x3x4xf32>
  return %0 : tensor<1x3x4xf32>
}

// -----

func.func @last(%x: tensor<1x3x4xf32>, %router: tensor<4x3xf32>, %wq: tensor<3x4x2xf32>,
                %wk: tensor<4x2xf32>) -> tensor<1x3x4xf32> {
  // expected-error@+1 {{'moa.layer' op must have one operand 'output'}}
  %0 = "moa.layer"(%x, %router, %wq, %wk, %wk) <{gate = #moa.gate<activation = softmax, order = activation_then_topk>, operandSegmentSizes = array<i32: 1, 0, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>, top_k = 2 : i64}>
      : (tensor<1x3x4xf32>, tensor<4x3xf32>, tensor<3x4x2xf32>, tensor<4x2xf32>, tensor<4x2xf32>) -> tensor<1x3x4xf32>
  return %0 : tensor<1x3x4xf32>
}

// -----

func.func @two(%q: tensor<1x3x2x4xf32>, %k: tensor<1x3x1x4xf32>) -> tensor<1x3x2x4xf32> {
  // expected-error@+1 {{'moa.attention' op must have one operand 'query'}}
  %0 = "moa.attention"(%q, %q, %k, %k, %q) <{operandSegmentSizes = array<i32: 2, 1, 1, 0, 0, 0, 0, 1, 0>}>
      : (tensor<1x3x2x4xf32>, tensor<1x3x2x4xf32>, tensor<1x3x1x4xf32>, tensor<1x3x1x4xf32>, tensor<1x3x2x4xf32>) -> tensor<1x3x2x4xf32>
  return %0 : tensor<1x3x2x4xf32>
}
