// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @plain(
// CHECK: %result = moa.routed_attention %arg0, %arg1 groups(%arg2, %arg3) top_k(2), %arg4, %arg5 heads(4) into(%arg6) : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>, tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>) -> tensor<2x33x8x16xf32>
// GENERIC-LABEL: sym_name = "plain"
// GENERIC: "moa.routed_attention"({{.*}}) <{head_map = 0 : i32, heads = 4 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 0>, score = 0 : i32, top_k = 2 : i64}> : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>, tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>) -> tensor<2x33x8x16xf32>
func.func @plain(%input: tensor<66x48xf32>, %weights: tensor<6x48x64xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4) into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}

// CHECK-LABEL: func.func @variants(
// CHECK: %result, %lse = moa.routed_attention %arg0, %arg1 transposed groups(%arg2, %arg3) top_k(2) rotary(<theta = 1.000000e+04 : f64, dim = 16>), %arg4, %arg5 heads(4) head_map(group) scale(5.000000e-01) position(%arg6) causal window(5) lengths(%arg7) boolean_mask(%arg8) additive_mask(%arg9) into(%arg10, %arg11) : (tensor<?x48xbf16>, tensor<6x64x48xbf16>, tensor<7xi32>, tensor<?xi32>, tensor<?x?x2x16xbf16>, tensor<?x?x2x16xbf16>, index, tensor<?xi32>, tensor<?x?x?xi1>, tensor<?x?x?xf32>, tensor<?x?x8x16xbf16>, tensor<?x?x8xf32>) -> (tensor<?x?x8x16xbf16>, tensor<?x?x8xf32>)
// GENERIC-LABEL: sym_name = "variants"
// GENERIC: "moa.routed_attention"({{.*}}) <{causal, head_map = 1 : i32, heads = 4 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1>, rotary = #moa.rotary<theta = 1.000000e+04 : f64, dim = 16>, scale = 5.000000e-01 : f64, score = 0 : i32, top_k = 2 : i64, transposed, window = 5 : i64}> : (tensor<?x48xbf16>, tensor<6x64x48xbf16>, tensor<7xi32>, tensor<?xi32>, tensor<?x?x2x16xbf16>, tensor<?x?x2x16xbf16>, index, tensor<?xi32>, tensor<?x?x?xi1>, tensor<?x?x?xf32>, tensor<?x?x8x16xbf16>, tensor<?x?x8xf32>) -> (tensor<?x?x8x16xbf16>, tensor<?x?x8xf32>)
func.func @variants(%input: tensor<?x48xbf16>, %weights: tensor<6x64x48xbf16>,
    %offsets: tensor<7xi32>, %permutation: tensor<?xi32>, %key: tensor<?x?x2x16xbf16>,
    %value: tensor<?x?x2x16xbf16>, %position: index, %lengths: tensor<?xi32>,
    %boolean: tensor<?x?x?xi1>, %additive: tensor<?x?x?xf32>,
    %init: tensor<?x?x8x16xbf16>, %lse: tensor<?x?x8xf32>)
    -> (tensor<?x?x8x16xbf16>, tensor<?x?x8xf32>) {
  %r:2 = moa.routed_attention %input, %weights transposed
      groups(%offsets, %permutation) top_k(2) rotary(<theta = 1.0e4 : f64, dim = 16>),
      %key, %value heads(4) head_map(group) scale(5.0e-1) position(%position) causal
      window(5) lengths(%lengths) boolean_mask(%boolean) additive_mask(%additive)
      into(%init, %lse)
      : (tensor<?x48xbf16>, tensor<6x64x48xbf16>, tensor<7xi32>, tensor<?xi32>,
         tensor<?x?x2x16xbf16>, tensor<?x?x2x16xbf16>, index, tensor<?xi32>, tensor<?x?x?xi1>,
         tensor<?x?x?xf32>, tensor<?x?x8x16xbf16>, tensor<?x?x8xf32>)
      -> (tensor<?x?x8x16xbf16>, tensor<?x?x8xf32>)
  return %r#0, %r#1 : tensor<?x?x8x16xbf16>, tensor<?x?x8xf32>
}

// CHECK-LABEL: func.func @stick_breaking(
// CHECK: %result = moa.routed_attention %arg0, %arg1 groups(%arg2, %arg3) top_k(2), %arg4, %arg5 heads(4) score(stick_breaking) causal into(%arg6) : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>, tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>) -> tensor<2x33x8x16xf32>
// GENERIC-LABEL: sym_name = "stick_breaking"
// GENERIC: "moa.routed_attention"({{.*}}) <{causal, head_map = 0 : i32, heads = 4 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 0>, score = 1 : i32, top_k = 2 : i64}> : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>, tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>) -> tensor<2x33x8x16xf32>
func.func @stick_breaking(%input: tensor<66x48xf32>, %weights: tensor<6x48x64xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>, %key: tensor<2x33x4x16xf32>,
    %value: tensor<2x33x4x16xf32>, %init: tensor<2x33x8x16xf32>)
    -> tensor<2x33x8x16xf32> {
  %r = moa.routed_attention %input, %weights groups(%offsets, %permutation) top_k(2),
      %key, %value heads(4) score(stick_breaking) causal into(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<132xi32>,
         tensor<2x33x4x16xf32>, tensor<2x33x4x16xf32>, tensor<2x33x8x16xf32>)
      -> tensor<2x33x8x16xf32>
  return %r : tensor<2x33x8x16xf32>
}
