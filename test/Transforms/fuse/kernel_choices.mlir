// Tiles that a script chose before a fusion are those of the fused op, or there
// is no fusion.
// RUN: moa-opt %s --moa-fuse='fuse-query-projection=on unordered-combine' --split-input-file --verify-diagnostics \
// RUN:   --remarks-filter-missed=moa-fuse --remark-format=emitRemark | FileCheck %s

// CHECK-LABEL: func.func @key_value(
// CHECK: moa.key_value {{.*}} {moa.row_tile = 128 : i64}
func.func @key_value(%q: tensor<2x33x8x16xf32>, %x: tensor<66x48xf32>,
    %wk: tensor<48x16xf32>, %wv: tensor<48x16xf32>, %init: tensor<66x16xf32>,
    %into: tensor<2x33x8x16xf32>) -> tensor<2x33x8x16xf32> {
  %k = moa.matmul %x, %wk into(%init) {moa.row_tile = 128}
      : (tensor<66x48xf32>, tensor<48x16xf32>, tensor<66x16xf32>)
      -> tensor<66x16xf32>
  %v = moa.matmul %x, %wv into(%init) {moa.row_tile = 128}
      : (tensor<66x48xf32>, tensor<48x16xf32>, tensor<66x16xf32>)
      -> tensor<66x16xf32>
  %kh = tensor.expand_shape %k [[0, 1], [2, 3]] output_shape [2, 33, 1, 16]
      : tensor<66x16xf32> into tensor<2x33x1x16xf32>
  %vh = tensor.expand_shape %v [[0, 1], [2, 3]] output_shape [2, 33, 1, 16]
      : tensor<66x16xf32> into tensor<2x33x1x16xf32>
  // expected-remark@below {{the queries are not computed by moa.grouped_matmul}}
  %o = moa.attention %q, %kh, %vh heads(4) into(%into)
      : (tensor<2x33x8x16xf32>, tensor<2x33x1x16xf32>, tensor<2x33x1x16xf32>,
         tensor<2x33x8x16xf32>) -> tensor<2x33x8x16xf32>
  return %o : tensor<2x33x8x16xf32>
}

// -----

// CHECK-LABEL: func.func @keys_and_values_differ(
// CHECK: moa.matmul {{.*}} {moa.row_tile = 128 : i64}
// CHECK: moa.matmul
func.func @keys_and_values_differ(%q: tensor<2x33x8x16xf32>, %x: tensor<66x48xf32>,
    %wk: tensor<48x16xf32>, %wv: tensor<48x16xf32>, %init: tensor<66x16xf32>,
    %into: tensor<2x33x8x16xf32>) -> tensor<2x33x8x16xf32> {
  %k = moa.matmul %x, %wk into(%init) {moa.row_tile = 128}
      : (tensor<66x48xf32>, tensor<48x16xf32>, tensor<66x16xf32>)
      -> tensor<66x16xf32>
  %v = moa.matmul %x, %wv into(%init)
      : (tensor<66x48xf32>, tensor<48x16xf32>, tensor<66x16xf32>)
      -> tensor<66x16xf32>
  %kh = tensor.expand_shape %k [[0, 1], [2, 3]] output_shape [2, 33, 1, 16]
      : tensor<66x16xf32> into tensor<2x33x1x16xf32>
  %vh = tensor.expand_shape %v [[0, 1], [2, 3]] output_shape [2, 33, 1, 16]
      : tensor<66x16xf32> into tensor<2x33x1x16xf32>
  // expected-remark@below {{keys and values ask for different tiles}}
  // expected-remark@below {{the queries are not computed by moa.grouped_matmul}}
  %o = moa.attention %q, %kh, %vh heads(4) into(%into)
      : (tensor<2x33x8x16xf32>, tensor<2x33x1x16xf32>, tensor<2x33x1x16xf32>,
         tensor<2x33x8x16xf32>) -> tensor<2x33x8x16xf32>
  return %o : tensor<2x33x8x16xf32>
}

// -----

// CHECK-LABEL: func.func @router(
// CHECK: moa.matmul {{.*}} {moa.row_tile = 128 : i64}
// CHECK: moa.route
func.func @router(%x: tensor<66x48xf32>, %w: tensor<48x6xf32>,
    %init: tensor<66x6xf32>) -> (tensor<66x2xi32>, tensor<66x2xf32>) {
  %logits = moa.matmul %x, %w into(%init) {moa.row_tile = 128}
      : (tensor<66x48xf32>, tensor<48x6xf32>, tensor<66x6xf32>)
      -> tensor<66x6xf32>
  // expected-remark@below {{the product asks for tiles, which the fused op cannot have}}
  %indices, %gates = moa.route %logits top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<66x6xf32>) -> (tensor<66x2xi32>, tensor<66x2xf32>)
  return %indices, %gates : tensor<66x2xi32>, tensor<66x2xf32>
}

// -----

// CHECK-LABEL: func.func @query_projection(
// CHECK: moa.grouped_matmul {{.*}} {moa.row_tile = 32 : i64}
// CHECK: moa.attention
func.func @query_projection(%x: tensor<66x48xf32>, %w: tensor<6x48x16xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>,
    %k: tensor<2x33x1x16xf32>, %init: tensor<2x33x2x16xf32>)
    -> tensor<2x33x2x16xf32> {
  %rows = tensor.empty() : tensor<132x16xf32>
  %q = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      into slot(%rows) {moa.row_tile = 32}
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x16xf32>) -> tensor<132x16xf32>
  %h = tensor.expand_shape %q [[0, 1, 2], [3]] output_shape [2, 33, 2, 16]
      : tensor<132x16xf32> into tensor<2x33x2x16xf32>
  // expected-remark@below {{keys are not computed by moa.matmul}}
  // expected-remark@below {{the product asks for tiles, which the fused op cannot have}}
  %o = moa.attention %h, %k, %k into(%init)
      : (tensor<2x33x2x16xf32>, tensor<2x33x1x16xf32>, tensor<2x33x1x16xf32>,
         tensor<2x33x2x16xf32>) -> tensor<2x33x2x16xf32>
  return %o : tensor<2x33x2x16xf32>
}

// -----

// CHECK-LABEL: func.func @unordered_combine(
// CHECK: moa.grouped_matmul {{.*}} into unordered token({{.*}} {moa.row_tile = 32 : i64}
// CHECK-NOT: moa.combine
func.func @unordered_combine(%x: tensor<132x16xf32>, %w: tensor<6x16x48xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>,
    %gates: tensor<66x2xf32>) -> tensor<66x48xf32> {
  %rows = tensor.empty() : tensor<132x48xf32>
  %slots = moa.grouped_matmul slot(%x), %w groups(%offsets, %permutation)
      into slot(%rows) {moa.row_tile = 32}
      : (tensor<132x16xf32>, tensor<6x16x48xf32>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x48xf32>) -> tensor<132x48xf32>
  %into = tensor.empty() : tensor<66x48xf32>
  %y = moa.combine %slots, %gates into(%into)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %y : tensor<66x48xf32>
}
