// RUN: moa-opt %s --moa-fuse --split-input-file --verify-diagnostics \
// RUN:   --remarks-filter-missed=moa-fuse --remark-format=emitRemark | FileCheck %s

// Both products read their rows as the sequence that they were flattened from.
// CHECK-LABEL: func.func @fused(
// CHECK: %[[K:.*]], %[[V:.*]] = moa.key_value %arg0, %arg1, %arg2 transposed rotary(<theta = 1.000000e+04 : f64, dim = 16>) into(%{{.*}}, %{{.*}})
// CHECK-NOT: moa.matmul
// CHECK-NOT: moa.rotary
// CHECK: moa.attention %arg3, %[[K]], %[[V]]
func.func @fused(%x: tensor<2x33x48xbf16>, %wk: tensor<64x48xbf16>,
    %wv: tensor<64x48xbf16>, %q: tensor<2x33x8x16xbf16>,
    %init: tensor<2x33x8x16xbf16>) -> tensor<2x33x8x16xbf16> {
  %rows = tensor.collapse_shape %x [[0, 1], [2]]
      : tensor<2x33x48xbf16> into tensor<66x48xbf16>
  %empty = tensor.empty() : tensor<66x64xbf16>
  %k = moa.matmul %rows, %wk transposed into(%empty)
      : (tensor<66x48xbf16>, tensor<64x48xbf16>, tensor<66x64xbf16>)
      -> tensor<66x64xbf16>
  %kh = tensor.expand_shape %k [[0, 1], [2, 3]] output_shape [2, 33, 4, 16]
      : tensor<66x64xbf16> into tensor<2x33x4x16xbf16>
  %kr = moa.rotary %kh rotary(<theta = 1.0e4 : f64, dim = 16>)
      : (tensor<2x33x4x16xbf16>) -> tensor<2x33x4x16xbf16>
  %v = moa.matmul %rows, %wv transposed into(%empty)
      : (tensor<66x48xbf16>, tensor<64x48xbf16>, tensor<66x64xbf16>)
      -> tensor<66x64xbf16>
  %vh = tensor.expand_shape %v [[0, 1], [2, 3]] output_shape [2, 33, 4, 16]
      : tensor<66x64xbf16> into tensor<2x33x4x16xbf16>
  %o = moa.attention %q, %kr, %vh heads(4) causal into(%init)
      : (tensor<2x33x8x16xbf16>, tensor<2x33x4x16xbf16>,
         tensor<2x33x4x16xbf16>, tensor<2x33x8x16xbf16>)
      -> tensor<2x33x8x16xbf16>
  return %o : tensor<2x33x8x16xbf16>
}

// With a cache, the new keys and values, written into their place behind it.
// CHECK-LABEL: func.func @cache(
// CHECK: %[[K:.*]], %[[V:.*]] = moa.key_value %arg0, %arg1, %arg2 rotary(<theta = 1.000000e+04 : f64, dim = 16>) position(%c5) into
// CHECK: %[[K1:.*]] = tensor.insert_slice %[[K]] into %{{.*}}[0, 5, 0, 0]
// CHECK: %[[V1:.*]] = tensor.insert_slice %[[V]] into %{{.*}}[0, 5, 0, 0]
// CHECK: moa.attention %arg5, %[[K1]], %[[V1]]
func.func @cache(%x: tensor<2x3x48xf32>, %wk: tensor<48x64xf32>,
    %wv: tensor<48x64xf32>, %kc: tensor<2x5x4x16xf32>, %vc: tensor<2x5x4x16xf32>,
    %q: tensor<2x3x8x16xf32>, %init: tensor<2x3x8x16xf32>) -> tensor<2x3x8x16xf32> {
  %c5 = arith.constant 5 : index
  %rows = tensor.collapse_shape %x [[0, 1], [2]]
      : tensor<2x3x48xf32> into tensor<6x48xf32>
  %empty = tensor.empty() : tensor<6x64xf32>
  %all = tensor.empty() : tensor<2x8x4x16xf32>
  %k = moa.matmul %rows, %wk into(%empty)
      : (tensor<6x48xf32>, tensor<48x64xf32>, tensor<6x64xf32>) -> tensor<6x64xf32>
  %kh = tensor.expand_shape %k [[0, 1], [2, 3]] output_shape [2, 3, 4, 16]
      : tensor<6x64xf32> into tensor<2x3x4x16xf32>
  %kr = moa.rotary %kh position(%c5) rotary(<theta = 1.0e4 : f64, dim = 16>)
      : (tensor<2x3x4x16xf32>, index) -> tensor<2x3x4x16xf32>
  %k0 = tensor.insert_slice %kc into %all[0, 0, 0, 0] [2, 5, 4, 16] [1, 1, 1, 1]
      : tensor<2x5x4x16xf32> into tensor<2x8x4x16xf32>
  %k1 = tensor.insert_slice %kr into %k0[0, 5, 0, 0] [2, 3, 4, 16] [1, 1, 1, 1]
      : tensor<2x3x4x16xf32> into tensor<2x8x4x16xf32>
  %v = moa.matmul %rows, %wv into(%empty)
      : (tensor<6x48xf32>, tensor<48x64xf32>, tensor<6x64xf32>) -> tensor<6x64xf32>
  %vh = tensor.expand_shape %v [[0, 1], [2, 3]] output_shape [2, 3, 4, 16]
      : tensor<6x64xf32> into tensor<2x3x4x16xf32>
  %v0 = tensor.insert_slice %vc into %all[0, 0, 0, 0] [2, 5, 4, 16] [1, 1, 1, 1]
      : tensor<2x5x4x16xf32> into tensor<2x8x4x16xf32>
  %v1 = tensor.insert_slice %vh into %v0[0, 5, 0, 0] [2, 3, 4, 16] [1, 1, 1, 1]
      : tensor<2x3x4x16xf32> into tensor<2x8x4x16xf32>
  %o = moa.attention %q, %k1, %v1 heads(4) position(%c5) causal into(%init)
      : (tensor<2x3x8x16xf32>, tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>, index,
         tensor<2x3x8x16xf32>) -> tensor<2x3x8x16xf32>
  return %o : tensor<2x3x8x16xf32>
}

// Sizes that are known at run time only, and rows that come from nowhere; two
// ops attend to the same keys.
// CHECK-LABEL: func.func @dynamic(
// CHECK: %[[X:.*]] = tensor.expand_shape %arg0 {{\[}}[0, 1], [2]] output_shape [%arg3, %arg4, 48]
// CHECK: %[[K:.*]], %[[V:.*]] = moa.key_value %[[X]], %arg1, %arg2 into
// CHECK-COUNT-2: moa.attention %arg5, %[[K]], %[[V]]
func.func @dynamic(%rows: tensor<?x48xf32>, %wk: tensor<48x64xf32>,
    %wv: tensor<48x64xf32>, %b: index, %s: index, %q: tensor<?x?x8x16xf32>,
    %empty: tensor<?x64xf32>, %init: tensor<?x?x8x16xf32>)
    -> (tensor<?x?x8x16xf32>, tensor<?x?x8x16xf32>) {
  %v = moa.matmul %rows, %wv into(%empty)
      : (tensor<?x48xf32>, tensor<48x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %vh = tensor.expand_shape %v [[0, 1], [2, 3]] output_shape [%b, %s, 4, 16]
      : tensor<?x64xf32> into tensor<?x?x4x16xf32>
  %k = moa.matmul %rows, %wk into(%empty)
      : (tensor<?x48xf32>, tensor<48x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %kh = tensor.expand_shape %k [[0, 1], [2, 3]] output_shape [%b, %s, 4, 16]
      : tensor<?x64xf32> into tensor<?x?x4x16xf32>
  %o = moa.attention %q, %kh, %vh heads(4) into(%init)
      : (tensor<?x?x8x16xf32>, tensor<?x?x4x16xf32>, tensor<?x?x4x16xf32>,
         tensor<?x?x8x16xf32>) -> tensor<?x?x8x16xf32>
  // expected-remark@below {{keys are those of moa.key_value already}}
  %p = moa.attention %q, %kh, %vh heads(4) causal into(%init)
      : (tensor<?x?x8x16xf32>, tensor<?x?x4x16xf32>, tensor<?x?x4x16xf32>,
         tensor<?x?x8x16xf32>) -> tensor<?x?x8x16xf32>
  return %o, %p : tensor<?x?x8x16xf32>, tensor<?x?x8x16xf32>
}

// -----

// CHECK-LABEL: func.func @cross_rows(
// CHECK-COUNT-2: moa.matmul
func.func @cross_rows(%rows: tensor<66x48xf32>, %wk: tensor<48x64xf32>,
    %wv: tensor<48x64xf32>, %q: tensor<2x33x8x16xf32>,
    %empty: tensor<66x64xf32>, %init: tensor<2x33x8x16xf32>,
    %memory: tensor<66x48xf32>)
    -> tensor<2x33x8x16xf32> {
  %k = moa.matmul %rows, %wk into(%empty)
      : (tensor<66x48xf32>, tensor<48x64xf32>, tensor<66x64xf32>) -> tensor<66x64xf32>
  %kh = tensor.expand_shape %k [[0, 1], [2, 3]] output_shape [2, 33, 4, 16]
      : tensor<66x64xf32> into tensor<2x33x4x16xf32>
  %v = moa.matmul %memory, %wv into(%empty)
      : (tensor<66x48xf32>, tensor<48x64xf32>, tensor<66x64xf32>) -> tensor<66x64xf32>
  %vh = tensor.expand_shape %v [[0, 1], [2, 3]] output_shape [2, 33, 4, 16]
      : tensor<66x64xf32> into tensor<2x33x4x16xf32>
  // expected-remark@below {{keys and values are projected from different rows}}
  %o = moa.attention %q, %kh, %vh heads(4) into(%init)
      : (tensor<2x33x8x16xf32>, tensor<2x33x4x16xf32>,
         tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %o : tensor<2x33x8x16xf32>
}

// -----

// CHECK-LABEL: func.func @one_transposed(
// CHECK-COUNT-2: moa.matmul
func.func @one_transposed(%rows: tensor<66x48xf32>, %wk: tensor<48x64xf32>,
    %wv: tensor<64x48xf32>, %q: tensor<2x33x8x16xf32>,
    %empty: tensor<66x64xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  %k = moa.matmul %rows, %wk into(%empty)
      : (tensor<66x48xf32>, tensor<48x64xf32>, tensor<66x64xf32>) -> tensor<66x64xf32>
  %kh = tensor.expand_shape %k [[0, 1], [2, 3]] output_shape [2, 33, 4, 16]
      : tensor<66x64xf32> into tensor<2x33x4x16xf32>
  %v = moa.matmul %rows, %wv transposed into(%empty)
      : (tensor<66x48xf32>, tensor<64x48xf32>, tensor<66x64xf32>) -> tensor<66x64xf32>
  %vh = tensor.expand_shape %v [[0, 1], [2, 3]] output_shape [2, 33, 4, 16]
      : tensor<66x64xf32> into tensor<2x33x4x16xf32>
  // expected-remark@below {{one of the weights of keys and values is transposed, the other is not}}
  %o = moa.attention %q, %kh, %vh heads(4) into(%init)
      : (tensor<2x33x8x16xf32>, tensor<2x33x4x16xf32>,
         tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %o : tensor<2x33x8x16xf32>
}

// -----

// CHECK-LABEL: func.func @one_product(
// CHECK-COUNT-1: moa.matmul
func.func @one_product(%rows: tensor<66x48xf32>, %wk: tensor<48x64xf32>,
    %wv: tensor<48x64xf32>, %q: tensor<2x33x8x16xf32>,
    %empty: tensor<66x64xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  %k = moa.matmul %rows, %wk into(%empty)
      : (tensor<66x48xf32>, tensor<48x64xf32>, tensor<66x64xf32>) -> tensor<66x64xf32>
  %kh = tensor.expand_shape %k [[0, 1], [2, 3]] output_shape [2, 33, 4, 16]
      : tensor<66x64xf32> into tensor<2x33x4x16xf32>
  // expected-remark@below {{keys and values are the same product}}
  %o = moa.attention %q, %kh, %kh heads(4) into(%init)
      : (tensor<2x33x8x16xf32>, tensor<2x33x4x16xf32>,
         tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %o : tensor<2x33x8x16xf32>
}

// -----

// CHECK-LABEL: func.func @rotated_values(
// CHECK-COUNT-2: moa.matmul
func.func @rotated_values(%rows: tensor<66x48xf32>, %wk: tensor<48x64xf32>,
    %wv: tensor<48x64xf32>, %q: tensor<2x33x8x16xf32>,
    %empty: tensor<66x64xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  %k = moa.matmul %rows, %wk into(%empty)
      : (tensor<66x48xf32>, tensor<48x64xf32>, tensor<66x64xf32>) -> tensor<66x64xf32>
  %kh = tensor.expand_shape %k [[0, 1], [2, 3]] output_shape [2, 33, 4, 16]
      : tensor<66x64xf32> into tensor<2x33x4x16xf32>
  %v = moa.matmul %rows, %wv into(%empty)
      : (tensor<66x48xf32>, tensor<48x64xf32>, tensor<66x64xf32>) -> tensor<66x64xf32>
  %vh = tensor.expand_shape %v [[0, 1], [2, 3]] output_shape [2, 33, 4, 16]
      : tensor<66x64xf32> into tensor<2x33x4x16xf32>
  // expected-remark@below {{its input is not computed by a product in slot order that knows its slots per token}}
  %vr = moa.rotary %vh rotary(<theta = 1.0e4 : f64, dim = 16>)
      : (tensor<2x33x4x16xf32>) -> tensor<2x33x4x16xf32>
  // expected-remark@below {{the values are rotated}}
  %o = moa.attention %q, %kh, %vr heads(4) into(%init)
      : (tensor<2x33x8x16xf32>, tensor<2x33x4x16xf32>,
         tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %o : tensor<2x33x8x16xf32>
}

// -----

// CHECK-LABEL: func.func @other_reader(
// CHECK-COUNT-2: moa.matmul
func.func @other_reader(%rows: tensor<66x48xf32>, %wk: tensor<48x64xf32>,
    %wv: tensor<48x64xf32>, %q: tensor<2x33x8x16xf32>,
    %empty: tensor<66x64xf32>, %init: tensor<2x33x8x16xf32>)
    -> (tensor<2x33x8x16xf32>, tensor<66x64xf32>) {
  %k = moa.matmul %rows, %wk into(%empty)
      : (tensor<66x48xf32>, tensor<48x64xf32>, tensor<66x64xf32>) -> tensor<66x64xf32>
  %kh = tensor.expand_shape %k [[0, 1], [2, 3]] output_shape [2, 33, 4, 16]
      : tensor<66x64xf32> into tensor<2x33x4x16xf32>
  %v = moa.matmul %rows, %wv into(%empty)
      : (tensor<66x48xf32>, tensor<48x64xf32>, tensor<66x64xf32>) -> tensor<66x64xf32>
  %vh = tensor.expand_shape %v [[0, 1], [2, 3]] output_shape [2, 33, 4, 16]
      : tensor<66x64xf32> into tensor<2x33x4x16xf32>
  // expected-remark@below {{values are also read as they are before they are heads, or before they are rotated}}
  %o = moa.attention %q, %kh, %vh heads(4) into(%init)
      : (tensor<2x33x8x16xf32>, tensor<2x33x4x16xf32>,
         tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %o, %v : tensor<2x33x8x16xf32>, tensor<66x64xf32>
}

// -----

// Products of bf16 rows that stay f32.
// CHECK-LABEL: func.func @rounded(
// CHECK-COUNT-2: moa.matmul
func.func @rounded(%rows: tensor<66x48xbf16>, %wk: tensor<48x64xbf16>,
    %wv: tensor<48x64xbf16>, %q: tensor<2x33x8x16xf32>,
    %empty: tensor<66x64xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  %k = moa.matmul %rows, %wk into(%empty)
      : (tensor<66x48xbf16>, tensor<48x64xbf16>, tensor<66x64xf32>) -> tensor<66x64xf32>
  %kh = tensor.expand_shape %k [[0, 1], [2, 3]] output_shape [2, 33, 4, 16]
      : tensor<66x64xf32> into tensor<2x33x4x16xf32>
  %v = moa.matmul %rows, %wv into(%empty)
      : (tensor<66x48xbf16>, tensor<48x64xbf16>, tensor<66x64xf32>) -> tensor<66x64xf32>
  %vh = tensor.expand_shape %v [[0, 1], [2, 3]] output_shape [2, 33, 4, 16]
      : tensor<66x64xf32> into tensor<2x33x4x16xf32>
  // expected-remark@below {{keys and values have another element type than their input}}
  %o = moa.attention %q, %kh, %vh heads(4) into(%init)
      : (tensor<2x33x8x16xf32>, tensor<2x33x4x16xf32>,
         tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %o : tensor<2x33x8x16xf32>
}

// -----

// CHECK-LABEL: func.func @unknown_heads(
// CHECK-COUNT-2: moa.matmul
func.func @unknown_heads(%rows: tensor<66x48xf32>, %wk: tensor<48x?xf32>,
    %wv: tensor<48x?xf32>, %q: tensor<2x33x8x?xf32>, %empty: tensor<66x?xf32>,
    %init: tensor<2x33x8x?xf32>, %h: index, %d: index)
    -> tensor<2x33x8x?xf32> {
  %k = moa.matmul %rows, %wk into(%empty)
      : (tensor<66x48xf32>, tensor<48x?xf32>, tensor<66x?xf32>) -> tensor<66x?xf32>
  %kh = tensor.expand_shape %k [[0, 1], [2, 3]] output_shape [2, 33, %h, %d]
      : tensor<66x?xf32> into tensor<2x33x?x?xf32>
  %v = moa.matmul %rows, %wv into(%empty)
      : (tensor<66x48xf32>, tensor<48x?xf32>, tensor<66x?xf32>) -> tensor<66x?xf32>
  %vh = tensor.expand_shape %v [[0, 1], [2, 3]] output_shape [2, 33, %h, %d]
      : tensor<66x?xf32> into tensor<2x33x?x?xf32>
  // expected-remark@below {{the number of key/value heads is unknown}}
  %o = moa.attention %q, %kh, %vh into(%init)
      : (tensor<2x33x8x?xf32>, tensor<2x33x?x?xf32>,
         tensor<2x33x?x?xf32>, tensor<2x33x8x?xf32>)
      -> tensor<2x33x8x?xf32>
  return %o : tensor<2x33x8x?xf32>
}

// -----

// CHECK-LABEL: func.func @late_weights(
// CHECK-COUNT-2: moa.matmul
func.func @late_weights(%rows: tensor<66x48xf32>, %wk: tensor<48x64xf32>,
    %wv: tensor<48x64xf32>, %q: tensor<2x33x8x16xf32>,
    %empty: tensor<66x64xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  %k = moa.matmul %rows, %wk into(%empty)
      : (tensor<66x48xf32>, tensor<48x64xf32>, tensor<66x64xf32>) -> tensor<66x64xf32>
  %kh = tensor.expand_shape %k [[0, 1], [2, 3]] output_shape [2, 33, 4, 16]
      : tensor<66x64xf32> into tensor<2x33x4x16xf32>
  %w2 = arith.negf %wv : tensor<48x64xf32>
  %v = moa.matmul %rows, %w2 into(%empty)
      : (tensor<66x48xf32>, tensor<48x64xf32>, tensor<66x64xf32>) -> tensor<66x64xf32>
  %vh = tensor.expand_shape %v [[0, 1], [2, 3]] output_shape [2, 33, 4, 16]
      : tensor<66x64xf32> into tensor<2x33x4x16xf32>
  // expected-remark@below {{what the keys or the values are computed from comes after the others are complete}}
  %o = moa.attention %q, %kh, %vh heads(4) into(%init)
      : (tensor<2x33x8x16xf32>, tensor<2x33x4x16xf32>,
         tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %o : tensor<2x33x8x16xf32>
}

// -----

// CHECK-LABEL: func.func @other_types(
// CHECK-COUNT-2: moa.matmul
func.func @other_types(%rows: tensor<66x48xf32>, %wk: tensor<48x64xf32>,
    %wv: tensor<48x64xf32>, %q: tensor<2x33x8x16xf32>, %empty: tensor<66x64xf32>,
    %open: tensor<?x64xf32>, %s: index, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  %k = moa.matmul %rows, %wk into(%empty)
      : (tensor<66x48xf32>, tensor<48x64xf32>, tensor<66x64xf32>) -> tensor<66x64xf32>
  %kh = tensor.expand_shape %k [[0, 1], [2, 3]] output_shape [2, 33, 4, 16]
      : tensor<66x64xf32> into tensor<2x33x4x16xf32>
  %v = moa.matmul %rows, %wv into(%open)
      : (tensor<66x48xf32>, tensor<48x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %vh = tensor.expand_shape %v [[0, 1], [2, 3]] output_shape [2, %s, 4, 16]
      : tensor<?x64xf32> into tensor<2x?x4x16xf32>
  // expected-remark@below {{keys and values have different types}}
  %o = moa.attention %q, %kh, %vh heads(4) into(%init)
      : (tensor<2x33x8x16xf32>, tensor<2x33x4x16xf32>, tensor<2x?x4x16xf32>,
         tensor<2x33x8x16xf32>) -> tensor<2x33x8x16xf32>
  return %o : tensor<2x33x8x16xf32>
}
