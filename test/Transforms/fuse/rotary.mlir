// RUN: moa-opt %s --moa-fuse --split-input-file --verify-diagnostics \
// RUN:   --remarks-filter-missed=moa-fuse --remark-format=emitRemark | FileCheck %s

// Heads of a slot: k * H = 2 * 4 heads of width 16 are rows of 64.
// CHECK-LABEL: func.func @grouped(
// CHECK: %[[T:.*]] = arith.constant 33 : index
// CHECK: %[[Q:.*]] = moa.grouped_matmul token(%arg0), %arg1 groups(%arg2, %arg3) top_k(2) rotary(<theta = 1.000000e+04 : f64, dim = 8>) heads(4) length(%[[T]]) position(%arg4) into slot(%{{.*}})
// CHECK: %[[E:.*]] = tensor.expand_shape %[[Q]]
// CHECK: %[[H:.*]] = tensor.collapse_shape %[[E]]
// CHECK-NOT: moa.rotary
// CHECK: return %[[H]]
func.func @grouped(%x: tensor<66x48xbf16>, %w: tensor<6x48x64xbf16>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %position: index)
    -> tensor<2x33x8x16xbf16> {
  %init = tensor.empty() : tensor<132x64xbf16>
  %q = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      into slot(%init)
      : (tensor<66x48xbf16>, tensor<6x48x64xbf16>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x64xbf16>) -> tensor<132x64xbf16>
  %e = tensor.expand_shape %q [[0, 1, 2], [3, 4]] output_shape [2, 33, 2, 4, 16]
      : tensor<132x64xbf16> into tensor<2x33x2x4x16xbf16>
  %h = tensor.collapse_shape %e [[0], [1], [2, 3], [4]]
      : tensor<2x33x2x4x16xbf16> into tensor<2x33x8x16xbf16>
  %r = moa.rotary %h position(%position) rotary(<theta = 1.0e4 : f64, dim = 8>)
      : (tensor<2x33x8x16xbf16>, index) -> tensor<2x33x8x16xbf16>
  return %r : tensor<2x33x8x16xbf16>
}

// Sizes that are known at run time only; rows that are zeros stay so.
// CHECK-LABEL: func.func @dynamic_slots(
// CHECK-SAME: %[[B:arg3]]: index, %[[T:arg4]]: index
// CHECK: moa.slot_matmul token(%arg0), %arg1, %arg2 rotary(<theta = 1.000000e+04 : f64, dim = 16>) heads(1) length(%[[T]]) into(%{{.*}})
// CHECK-NOT: moa.rotary
func.func @dynamic_slots(%x: tensor<?x48xf32>, %w: tensor<6x48x16xf32>,
    %indices: tensor<?x2xi32>, %b: index, %t: index, %rows: tensor<?x16xf32>)
    -> tensor<?x?x2x16xf32> {
  %zero = arith.constant 0.0 : f32
  %init = linalg.fill ins(%zero : f32) outs(%rows : tensor<?x16xf32>)
      -> tensor<?x16xf32>
  %q = moa.slot_matmul token(%x), %w, %indices into(%init)
      : (tensor<?x48xf32>, tensor<6x48x16xf32>, tensor<?x2xi32>,
         tensor<?x16xf32>) -> tensor<?x16xf32>
  %h = tensor.expand_shape %q [[0, 1, 2], [3]] output_shape [%b, %t, 2, 16]
      : tensor<?x16xf32> into tensor<?x?x2x16xf32>
  %r = moa.rotary %h rotary(<theta = 1.0e4 : f64, dim = 16>)
      : (tensor<?x?x2x16xf32>) -> tensor<?x?x2x16xf32>
  return %r : tensor<?x?x2x16xf32>
}

// CHECK-LABEL: func.func @dense(
// CHECK: moa.dense_matmul token(%arg0), %arg1 rotary(<theta = 1.000000e+04 : f64, dim = 16>) heads(1) length(%{{.*}}) into(%arg2)
// CHECK-NOT: moa.rotary
func.func @dense(%x: tensor<66x48xf32>, %w: tensor<6x48x16xf32>,
    %init: tensor<396x16xf32>) -> tensor<2x33x6x16xf32> {
  %q = moa.dense_matmul token(%x), %w into(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<396x16xf32>)
      -> tensor<396x16xf32>
  %h = tensor.expand_shape %q [[0, 1, 2], [3]] output_shape [2, 33, 6, 16]
      : tensor<396x16xf32> into tensor<2x33x6x16xf32>
  %r = moa.rotary %h rotary(<theta = 1.0e4 : f64, dim = 16>)
      : (tensor<2x33x6x16xf32>) -> tensor<2x33x6x16xf32>
  return %r : tensor<2x33x6x16xf32>
}

// -----

// CHECK-LABEL: func.func @argument(
// CHECK: moa.rotary
func.func @argument(%h: tensor<2x33x2x16xf32>) -> tensor<2x33x2x16xf32> {
  // expected-remark@below {{its input is an argument}}
  %r = moa.rotary %h rotary(<theta = 1.0e4 : f64, dim = 16>)
      : (tensor<2x33x2x16xf32>) -> tensor<2x33x2x16xf32>
  return %r : tensor<2x33x2x16xf32>
}

// -----

// CHECK-LABEL: func.func @grouped_rows(
// CHECK: moa.rotary
func.func @grouped_rows(%x: tensor<132x48xf32>, %w: tensor<6x48x16xf32>,
    %offsets: tensor<7xi32>, %init: tensor<132x16xf32>) -> tensor<2x33x2x16xf32> {
  %q = moa.grouped_matmul grouped(%x), %w groups(%offsets) into grouped(%init)
      : (tensor<132x48xf32>, tensor<6x48x16xf32>, tensor<7xi32>,
         tensor<132x16xf32>) -> tensor<132x16xf32>
  %h = tensor.expand_shape %q [[0, 1, 2], [3]] output_shape [2, 33, 2, 16]
      : tensor<132x16xf32> into tensor<2x33x2x16xf32>
  // expected-remark@below {{its input is not computed by a product in slot order that knows its slots per token}}
  %r = moa.rotary %h rotary(<theta = 1.0e4 : f64, dim = 16>)
      : (tensor<2x33x2x16xf32>) -> tensor<2x33x2x16xf32>
  return %r : tensor<2x33x2x16xf32>
}

// -----

// CHECK-LABEL: func.func @other_reader(
// CHECK: moa.rotary
func.func @other_reader(%x: tensor<66x48xf32>, %w: tensor<6x48x16xf32>,
    %init: tensor<396x16xf32>) -> (tensor<2x33x6x16xf32>, tensor<396x16xf32>) {
  %q = moa.dense_matmul token(%x), %w into(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<396x16xf32>)
      -> tensor<396x16xf32>
  %h = tensor.expand_shape %q [[0, 1, 2], [3]] output_shape [2, 33, 6, 16]
      : tensor<396x16xf32> into tensor<2x33x6x16xf32>
  // expected-remark@below {{the queries are also read before they are rotated}}
  %r = moa.rotary %h rotary(<theta = 1.0e4 : f64, dim = 16>)
      : (tensor<2x33x6x16xf32>) -> tensor<2x33x6x16xf32>
  return %r, %q : tensor<2x33x6x16xf32>, tensor<396x16xf32>
}

// -----

// CHECK-LABEL: func.func @twice(
// CHECK: moa.dense_matmul {{.*}} rotary(
// CHECK: moa.rotary
func.func @twice(%x: tensor<66x48xf32>, %w: tensor<6x48x16xf32>,
    %init: tensor<396x16xf32>) -> tensor<2x33x6x16xf32> {
  %q = moa.dense_matmul token(%x), %w into(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<396x16xf32>)
      -> tensor<396x16xf32>
  %h = tensor.expand_shape %q [[0, 1, 2], [3]] output_shape [2, 33, 6, 16]
      : tensor<396x16xf32> into tensor<2x33x6x16xf32>
  %r = moa.rotary %h rotary(<theta = 1.0e4 : f64, dim = 16>)
      : (tensor<2x33x6x16xf32>) -> tensor<2x33x6x16xf32>
  // expected-remark@below {{the queries are rotated twice}}
  %s = moa.rotary %r rotary(<theta = 1.0e4 : f64, dim = 16>)
      : (tensor<2x33x6x16xf32>) -> tensor<2x33x6x16xf32>
  return %s : tensor<2x33x6x16xf32>
}

// -----

// CHECK-LABEL: func.func @no_heads(
// CHECK: moa.rotary
func.func @no_heads(%x: tensor<66x48xf32>, %w: tensor<6x48x?xf32>,
    %init: tensor<396x?xf32>) -> tensor<2x33x6x?xf32> {
  %c16 = arith.constant 16 : index
  %q = moa.dense_matmul token(%x), %w into(%init)
      : (tensor<66x48xf32>, tensor<6x48x?xf32>, tensor<396x?xf32>)
      -> tensor<396x?xf32>
  %h = tensor.expand_shape %q [[0, 1, 2], [3]] output_shape [2, 33, 6, %c16]
      : tensor<396x?xf32> into tensor<2x33x6x?xf32>
  // expected-remark@below {{the rows of slots are not known to be whole heads: sizes are dynamic, or do not fit}}
  %r = moa.rotary %h rotary(<theta = 1.0e4 : f64, dim = 16>)
      : (tensor<2x33x6x?xf32>) -> tensor<2x33x6x?xf32>
  return %r : tensor<2x33x6x?xf32>
}

// -----

// A row of slots holds parts of two heads.
// CHECK-LABEL: func.func @part_of_a_head(
// CHECK: moa.rotary
func.func @part_of_a_head(%x: tensor<66x48xf32>, %w: tensor<6x48x16xf32>,
    %init: tensor<396x16xf32>) -> tensor<2x33x3x32xf32> {
  %q = moa.dense_matmul token(%x), %w into(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<396x16xf32>)
      -> tensor<396x16xf32>
  %e = tensor.expand_shape %q [[0, 1, 2, 3], [4]] output_shape [2, 33, 3, 2, 16]
      : tensor<396x16xf32> into tensor<2x33x3x2x16xf32>
  %h = tensor.collapse_shape %e [[0], [1], [2], [3, 4]]
      : tensor<2x33x3x2x16xf32> into tensor<2x33x3x32xf32>
  // expected-remark@below {{the rows of slots are not known to be whole heads: sizes are dynamic, or do not fit}}
  %r = moa.rotary %h rotary(<theta = 1.0e4 : f64, dim = 16>)
      : (tensor<2x33x3x32xf32>) -> tensor<2x33x3x32xf32>
  return %r : tensor<2x33x3x32xf32>
}

// -----

// Rows of skipped slots would be rotated by moa.rotary alone.
// CHECK-LABEL: func.func @other_rows(
// CHECK: moa.rotary
func.func @other_rows(%x: tensor<66x48xf32>, %w: tensor<6x48x16xf32>,
    %indices: tensor<66x2xi32>, %init: tensor<132x16xf32>)
    -> tensor<2x33x2x16xf32> {
  %q = moa.slot_matmul token(%x), %w, %indices into(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<66x2xi32>,
         tensor<132x16xf32>) -> tensor<132x16xf32>
  %h = tensor.expand_shape %q [[0, 1, 2], [3]] output_shape [2, 33, 2, 16]
      : tensor<132x16xf32> into tensor<2x33x2x16xf32>
  // expected-remark@below {{the product is written into rows that are neither empty nor zeros, which would be rotated}}
  %r = moa.rotary %h rotary(<theta = 1.0e4 : f64, dim = 16>)
      : (tensor<2x33x2x16xf32>) -> tensor<2x33x2x16xf32>
  return %r : tensor<2x33x2x16xf32>
}

// -----

// The batch is collapsed into the length after the product.
// CHECK-LABEL: func.func @unknown_length(
// CHECK: moa.rotary
func.func @unknown_length(%x: tensor<?x48xf32>, %w: tensor<6x48x16xf32>,
    %b: index, %t: index, %init: tensor<?x16xf32>) -> tensor<1x?x6x16xf32> {
  %q = moa.dense_matmul token(%x), %w into(%init)
      : (tensor<?x48xf32>, tensor<6x48x16xf32>, tensor<?x16xf32>)
      -> tensor<?x16xf32>
  %e = tensor.expand_shape %q [[0, 1, 2, 3], [4]] output_shape [1, %b, %t, 6, 16]
      : tensor<?x16xf32> into tensor<1x?x?x6x16xf32>
  %h = tensor.collapse_shape %e [[0], [1, 2], [3], [4]]
      : tensor<1x?x?x6x16xf32> into tensor<1x?x6x16xf32>
  // expected-remark@below {{the length of the sequences is not known before the queries are computed}}
  %r = moa.rotary %h rotary(<theta = 1.0e4 : f64, dim = 16>)
      : (tensor<1x?x6x16xf32>) -> tensor<1x?x6x16xf32>
  return %r : tensor<1x?x6x16xf32>
}

// -----

// CHECK-LABEL: func.func @other_block(
// CHECK: scf.if
// CHECK: moa.rotary
func.func @other_block(%x: tensor<66x48xf32>, %w: tensor<6x48x16xf32>,
    %init: tensor<396x16xf32>, %rotate: i1) -> tensor<2x33x6x16xf32> {
  %q = moa.dense_matmul token(%x), %w into(%init)
      : (tensor<66x48xf32>, tensor<6x48x16xf32>, tensor<396x16xf32>)
      -> tensor<396x16xf32>
  %h = tensor.expand_shape %q [[0, 1, 2], [3]] output_shape [2, 33, 6, 16]
      : tensor<396x16xf32> into tensor<2x33x6x16xf32>
  %r = scf.if %rotate -> tensor<2x33x6x16xf32> {
    // expected-remark@below {{the queries are computed in another block}}
    %s = moa.rotary %h rotary(<theta = 1.0e4 : f64, dim = 16>)
        : (tensor<2x33x6x16xf32>) -> tensor<2x33x6x16xf32>
    scf.yield %s : tensor<2x33x6x16xf32>
  } else {
    scf.yield %h : tensor<2x33x6x16xf32>
  }
  return %r : tensor<2x33x6x16xf32>
}
