// RUN: moa-opt %s --moa-fuse=fuse-query-projection=on --split-input-file --verify-diagnostics \
// RUN:   --remarks-filter-missed='moa-fuse' --remark-format=emitRemark | FileCheck %s

// CHECK-LABEL: func.func @fused(
// CHECK: %[[OFFSETS:.*]], %[[PERMUTATION:.*]] = moa.dispatch
// CHECK: %{{.*}}, %{{.*}} = moa.routed_attention %arg0, %arg1 groups(%[[OFFSETS]], %[[PERMUTATION]]) top_k(2) rotary(<theta = 1.000000e+04 : f64, dim = 16>), %arg3, %arg4 heads(4) causal into(%arg5, %arg6)
// CHECK-NOT: moa.grouped_matmul
// CHECK-NOT: moa.attention
func.func @fused(%x: tensor<66x48xf32>, %w: tensor<6x48x64xf32>,
    %indices: tensor<66x6xf32>, %k: tensor<2x33x4x16xf32>,
    %v: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>,
    %lse: tensor<2x33x8xf32>) -> (tensor<2x33x8x16xf32>, tensor<2x33x8xf32>) {
  %c33 = arith.constant 33 : index
  // expected-remark@below {{the logits are not computed by moa.matmul}}
  %i, %g = moa.route %indices top_k(2)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<66x6xf32>) -> (tensor<66x2xi32>, tensor<66x2xf32>)
  %offsets, %permutation = moa.dispatch %i experts(6)
      : (tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>)
  %rows = tensor.empty() : tensor<132x64xf32>
  %q = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      rotary(<theta = 1.0e4 : f64, dim = 16>) heads(4) length(%c33)
      into slot(%rows)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>,
         tensor<132xi32>, index, tensor<132x64xf32>) -> tensor<132x64xf32>
  %e = tensor.expand_shape %q [[0, 1, 2], [3, 4]] output_shape [2, 33, 2, 4, 16]
      : tensor<132x64xf32> into tensor<2x33x2x4x16xf32>
  %h = tensor.collapse_shape %e [[0], [1], [2, 3], [4]]
      : tensor<2x33x2x4x16xf32> into tensor<2x33x8x16xf32>
  // expected-remark@below {{keys are not computed by moa.matmul}}
  %o, %l = moa.attention %h, %k, %v heads(4) causal into(%init, %lse)
      : (tensor<2x33x8x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>,
         tensor<2x33x8x16xf32>, tensor<2x33x8xf32>)
      -> (tensor<2x33x8x16xf32>, tensor<2x33x8xf32>)
  return %o, %l : tensor<2x33x8x16xf32>, tensor<2x33x8xf32>
}

// Tokens may be skipped where nobody reads their results.
// CHECK-LABEL: func.func @routed_rows_alone(
// CHECK: moa.routed_attention
// CHECK: moa.grouped_matmul slot
func.func @routed_rows_alone(%x: tensor<66x48xf32>, %w: tensor<6x48x64xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>,
    %k: tensor<2x33x4x16xf32>, %v: tensor<2x33x4x16xf32>,
    %init: tensor<2x33x8x16xf32>, %wo: tensor<6x64x48xf32>,
    %slots: tensor<132x48xf32>) -> tensor<132x48xf32> {
  %rows = tensor.empty() : tensor<132x64xf32>
  %q = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      into slot(%rows)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x64xf32>) -> tensor<132x64xf32>
  %e = tensor.expand_shape %q [[0, 1, 2], [3, 4]] output_shape [2, 33, 2, 4, 16]
      : tensor<132x64xf32> into tensor<2x33x2x4x16xf32>
  %h = tensor.collapse_shape %e [[0], [1], [2, 3], [4]]
      : tensor<2x33x2x4x16xf32> into tensor<2x33x8x16xf32>
  // expected-remark@below {{keys are not computed by moa.matmul}}
  %o = moa.attention %h, %k, %v heads(4) causal into(%init)
      : (tensor<2x33x8x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>,
         tensor<2x33x8x16xf32>) -> tensor<2x33x8x16xf32>
  %oe = tensor.expand_shape %o [[0], [1], [2, 3], [4]] output_shape [2, 33, 2, 4, 16]
      : tensor<2x33x8x16xf32> into tensor<2x33x2x4x16xf32>
  %os = tensor.collapse_shape %oe [[0, 1, 2], [3, 4]]
      : tensor<2x33x2x4x16xf32> into tensor<132x64xf32>
  %y = moa.grouped_matmul slot(%os), %wo groups(%offsets, %permutation)
      into slot(%slots)
      : (tensor<132x64xf32>, tensor<6x64x48xf32>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x48xf32>) -> tensor<132x48xf32>
  return %y : tensor<132x48xf32>
}

// -----

// CHECK-LABEL: func.func @dense_queries(
// CHECK: moa.attention
func.func @dense_queries(%x: tensor<66x48xf32>, %w: tensor<6x48x16xf32>,
    %rows: tensor<396x16xf32>, %k: tensor<2x33x1x16xf32>,
    %init: tensor<2x33x6x16xf32>) -> tensor<2x33x6x16xf32> {
  %q = moa.dense_matmul token(%x), %w into(%rows)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<396x16xf32>)
      -> tensor<396x16xf32>
  %h = tensor.expand_shape %q [[0, 1, 2], [3]] output_shape [2, 33, 6, 16]
      : tensor<396x16xf32> into tensor<2x33x6x16xf32>
  // expected-remark@below {{keys are not computed by moa.matmul}}
  // expected-remark@below {{the queries are not computed by moa.grouped_matmul from token order to slot order}}
  %o = moa.attention %h, %k, %k into(%init)
      : (tensor<2x33x6x16xf32>, tensor<2x33x1x16xf32>, tensor<2x33x1x16xf32>,
         tensor<2x33x6x16xf32>) -> tensor<2x33x6x16xf32>
  return %o : tensor<2x33x6x16xf32>
}

// -----

// CHECK-LABEL: func.func @refused(
// CHECK-COUNT-5: moa.attention
func.func @refused(%x: tensor<66x48xf32>, %w: tensor<6x48x64xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %position: index,
    %k: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> (tensor<132x64xf32>, tensor<2x33x8x16xf32>, tensor<2x33x8x16xf32>,
        tensor<2x33x8x16xf32>, tensor<2x33x8x16xf32>, tensor<2x33x8x16xf32>) {
  %c33 = arith.constant 33 : index
  %c66 = arith.constant 66 : index
  %rows = tensor.empty() : tensor<132x64xf32>

  %q0 = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      into slot(%rows)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x64xf32>) -> tensor<132x64xf32>
  %e1 = tensor.expand_shape %q0 [[0, 1, 2], [3, 4]] output_shape [2, 33, 2, 4, 16]
      : tensor<132x64xf32> into tensor<2x33x2x4x16xf32>
  %h1 = tensor.collapse_shape %e1 [[0], [1], [2, 3], [4]]
      : tensor<2x33x2x4x16xf32> into tensor<2x33x8x16xf32>
  // expected-remark@below {{keys are not computed by moa.matmul}}
  // expected-remark@below {{the queries are also read by others}}
  %o1 = moa.attention %h1, %k, %k heads(4) into(%init)
      : (tensor<2x33x8x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>,
         tensor<2x33x8x16xf32>) -> tensor<2x33x8x16xf32>

  %q2 = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      into slot(%rows)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x64xf32>) -> tensor<132x64xf32>
  %e2 = tensor.expand_shape %q2 [[0, 1, 2], [3, 4]] output_shape [2, 33, 2, 4, 16]
      : tensor<132x64xf32> into tensor<2x33x2x4x16xf32>
  %h2 = tensor.collapse_shape %e2 [[0], [1], [2, 3], [4]]
      : tensor<2x33x2x4x16xf32> into tensor<2x33x8x16xf32>
  // expected-remark@below {{keys are not computed by moa.matmul}}
  // expected-remark@below {{the heads of a slot are not known to be those of attention}}
  %o2 = moa.attention %h2, %k, %k heads(2) into(%init)
      : (tensor<2x33x8x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>,
         tensor<2x33x8x16xf32>) -> tensor<2x33x8x16xf32>

  %q3 = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      rotary(<theta = 1.0e4 : f64, dim = 16>) heads(4) length(%c33)
      into slot(%rows)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>,
         tensor<132xi32>, index, tensor<132x64xf32>) -> tensor<132x64xf32>
  %e3 = tensor.expand_shape %q3 [[0, 1, 2], [3, 4]] output_shape [2, 33, 2, 4, 16]
      : tensor<132x64xf32> into tensor<2x33x2x4x16xf32>
  %h3 = tensor.collapse_shape %e3 [[0], [1], [2, 3], [4]]
      : tensor<2x33x2x4x16xf32> into tensor<2x33x8x16xf32>
  // expected-remark@below {{keys are not computed by moa.matmul}}
  // expected-remark@below {{the queries are rotated at other positions than attention has}}
  %o3 = moa.attention %h3, %k, %k heads(4) position(%position) causal into(%init)
      : (tensor<2x33x8x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>,
         index, tensor<2x33x8x16xf32>) -> tensor<2x33x8x16xf32>

  %q4 = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      rotary(<theta = 1.0e4 : f64, dim = 16>) heads(4) length(%c66)
      into slot(%rows)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>,
         tensor<132xi32>, index, tensor<132x64xf32>) -> tensor<132x64xf32>
  %e4 = tensor.expand_shape %q4 [[0, 1, 2], [3, 4]] output_shape [2, 33, 2, 4, 16]
      : tensor<132x64xf32> into tensor<2x33x2x4x16xf32>
  %h4 = tensor.collapse_shape %e4 [[0], [1], [2, 3], [4]]
      : tensor<2x33x2x4x16xf32> into tensor<2x33x8x16xf32>
  // expected-remark@below {{keys are not computed by moa.matmul}}
  // expected-remark@below {{the queries are rotated in sequences of another length than attention has}}
  %o4 = moa.attention %h4, %k, %k heads(4) into(%init)
      : (tensor<2x33x8x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>,
         tensor<2x33x8x16xf32>) -> tensor<2x33x8x16xf32>

  %q5 = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      into slot(%rows)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x64xf32>) -> tensor<132x64xf32>
  %e5 = tensor.expand_shape %q5 [[0, 1, 2], [3, 4]] output_shape [2, 33, 2, 4, 16]
      : tensor<132x64xf32> into tensor<2x33x2x4x16xf32>
  %h5 = tensor.collapse_shape %e5 [[0], [1], [2, 3], [4]]
      : tensor<2x33x2x4x16xf32> into tensor<2x33x8x16xf32>
  // expected-remark@below {{keys are not computed by moa.matmul}}
  // expected-remark@below {{results of skipped tokens, which would be unspecified, are read}}
  %o5 = moa.attention %h5, %k, %k heads(4) into(%init)
      : (tensor<2x33x8x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>,
         tensor<2x33x8x16xf32>) -> tensor<2x33x8x16xf32>
  return %q0, %o1, %o2, %o3, %o4, %o5
      : tensor<132x64xf32>, tensor<2x33x8x16xf32>, tensor<2x33x8x16xf32>,
        tensor<2x33x8x16xf32>, tensor<2x33x8x16xf32>, tensor<2x33x8x16xf32>
}

// -----

// CHECK-LABEL: func.func @other_block(
// CHECK: scf.if
// CHECK: moa.attention
func.func @other_block(%x: tensor<66x48xf32>, %w: tensor<6x48x16xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>,
    %k: tensor<2x33x1x16xf32>, %init: tensor<2x33x2x16xf32>, %attend: i1)
    -> tensor<2x33x2x16xf32> {
  %rows = tensor.empty() : tensor<132x16xf32>
  %q = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      into slot(%rows)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x16xf32>) -> tensor<132x16xf32>
  %h = tensor.expand_shape %q [[0, 1, 2], [3]] output_shape [2, 33, 2, 16]
      : tensor<132x16xf32> into tensor<2x33x2x16xf32>
  %r = scf.if %attend -> tensor<2x33x2x16xf32> {
    // expected-remark@below {{keys are not computed by moa.matmul}}
    // expected-remark@below {{the queries are computed in another block}}
    %o = moa.attention %h, %k, %k into(%init)
        : (tensor<2x33x2x16xf32>, tensor<2x33x1x16xf32>, tensor<2x33x1x16xf32>,
           tensor<2x33x2x16xf32>) -> tensor<2x33x2x16xf32>
    scf.yield %o : tensor<2x33x2x16xf32>
  } else {
    scf.yield %init : tensor<2x33x2x16xf32>
  }
  return %r : tensor<2x33x2x16xf32>
}

// -----

// CHECK-LABEL: func.func @tiles(
// CHECK: moa.attention
func.func @tiles(%x: tensor<66x48xf32>, %w: tensor<6x48x16xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>,
    %k: tensor<2x33x1x16xf32>, %init: tensor<2x33x2x16xf32>)
    -> tensor<2x33x2x16xf32> {
  %rows = tensor.empty() : tensor<132x16xf32>
  %q = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      into slot(%rows)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x16xf32>) -> tensor<132x16xf32>
  %h = tensor.expand_shape %q [[0, 1, 2], [3]] output_shape [2, 33, 2, 16]
      : tensor<132x16xf32> into tensor<2x33x2x16xf32>
  // expected-remark@below {{keys are not computed by moa.matmul}}
  // expected-remark@below {{attention asks for tiles, which the fused op cannot have}}
  %o = moa.attention %h, %k, %k into(%init) {moa.key_tile = 32}
      : (tensor<2x33x2x16xf32>, tensor<2x33x1x16xf32>, tensor<2x33x1x16xf32>,
         tensor<2x33x2x16xf32>) -> tensor<2x33x2x16xf32>
  return %o : tensor<2x33x2x16xf32>
}
