// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @plain(
// CHECK: %result = moa.attention %arg0, %arg1, %arg2 heads(4) causal into(%arg3) : (tensor<2x3x8x16xf32>, tensor<2x5x4x16xf32>, tensor<2x5x4x16xf32>, tensor<2x3x8x16xf32>) -> tensor<2x3x8x16xf32>
// GENERIC-LABEL: sym_name = "plain"
// GENERIC: "moa.attention"({{.*}}) <{causal, head_map = 0 : i32, heads = 4 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 1, 0>, score = 0 : i32}> : (tensor<2x3x8x16xf32>, tensor<2x5x4x16xf32>, tensor<2x5x4x16xf32>, tensor<2x3x8x16xf32>) -> tensor<2x3x8x16xf32>
func.func @plain(%q: tensor<2x3x8x16xf32>, %k: tensor<2x5x4x16xf32>,
    %v: tensor<2x5x4x16xf32>, %init: tensor<2x3x8x16xf32>)
    -> tensor<2x3x8x16xf32> {
  %r = moa.attention %q, %k, %v heads(4) causal into(%init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x4x16xf32>, tensor<2x5x4x16xf32>,
         tensor<2x3x8x16xf32>)
      -> tensor<2x3x8x16xf32>
  return %r : tensor<2x3x8x16xf32>
}

// CHECK-LABEL: func.func @everything(
// CHECK: %result, %lse = moa.attention %arg0, %arg1, %arg2 heads(4) head_map(group) scale(2.500000e-01) position(%arg3) causal window(7) lengths(%arg4) boolean_mask(%arg5) additive_mask(%arg6) into(%arg7, %arg8) : (tensor<?x?x8x16xbf16>, tensor<?x?x2x16xbf16>, tensor<?x?x2x16xbf16>, index, tensor<?xi32>, tensor<?x?x?xi1>, tensor<1x?x?xf32>, tensor<?x?x8x16xbf16>, tensor<?x?x8xf32>) -> (tensor<?x?x8x16xbf16>, tensor<?x?x8xf32>)
// GENERIC-LABEL: sym_name = "everything"
// GENERIC: "moa.attention"({{.*}}) <{causal, head_map = 1 : i32, heads = 4 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 1, 1, 1, 1>, scale = 2.500000e-01 : f64, score = 0 : i32, window = 7 : i64}> : (tensor<?x?x8x16xbf16>, tensor<?x?x2x16xbf16>, tensor<?x?x2x16xbf16>, index, tensor<?xi32>, tensor<?x?x?xi1>, tensor<1x?x?xf32>, tensor<?x?x8x16xbf16>, tensor<?x?x8xf32>) -> (tensor<?x?x8x16xbf16>, tensor<?x?x8xf32>)
func.func @everything(%q: tensor<?x?x8x16xbf16>, %k: tensor<?x?x2x16xbf16>,
    %v: tensor<?x?x2x16xbf16>, %p: index, %len: tensor<?xi32>, %bm: tensor<?x?x?xi1>,
    %am: tensor<1x?x?xf32>, %init: tensor<?x?x8x16xbf16>, %lse: tensor<?x?x8xf32>)
    -> (tensor<?x?x8x16xbf16>, tensor<?x?x8xf32>) {
  %r:2 = moa.attention %q, %k, %v heads(4) head_map(group) scale(0.25) position(%p)
      causal window(7) lengths(%len) boolean_mask(%bm) additive_mask(%am) into(%init,
      %lse)
      : (tensor<?x?x8x16xbf16>, tensor<?x?x2x16xbf16>, tensor<?x?x2x16xbf16>, index,
         tensor<?xi32>, tensor<?x?x?xi1>, tensor<1x?x?xf32>, tensor<?x?x8x16xbf16>,
         tensor<?x?x8xf32>)
      -> (tensor<?x?x8x16xbf16>, tensor<?x?x8xf32>)
  return %r#0, %r#1 : tensor<?x?x8x16xbf16>, tensor<?x?x8xf32>
}

// CHECK-LABEL: func.func @stick_breaking(
// CHECK: %result = moa.attention %arg0, %arg1, %arg2 score(stick_breaking) causal into(%arg3) : (tensor<1x3x2x4xf16>, tensor<1x3x1x4xf16>, tensor<1x3x1x4xf16>, tensor<1x3x2x4xf16>) -> tensor<1x3x2x4xf16>
// GENERIC-LABEL: sym_name = "stick_breaking"
// GENERIC: "moa.attention"({{.*}}) <{causal, head_map = 0 : i32, heads = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 1, 0>, score = 1 : i32}> : (tensor<1x3x2x4xf16>, tensor<1x3x1x4xf16>, tensor<1x3x1x4xf16>, tensor<1x3x2x4xf16>) -> tensor<1x3x2x4xf16>
func.func @stick_breaking(%q: tensor<1x3x2x4xf16>, %k: tensor<1x3x1x4xf16>,
    %v: tensor<1x3x1x4xf16>, %init: tensor<1x3x2x4xf16>)
    -> tensor<1x3x2x4xf16> {
  %r = moa.attention %q, %k, %v score(stick_breaking) causal into(%init)
      : (tensor<1x3x2x4xf16>, tensor<1x3x1x4xf16>, tensor<1x3x1x4xf16>,
         tensor<1x3x2x4xf16>)
      -> tensor<1x3x2x4xf16>
  return %r : tensor<1x3x2x4xf16>
}
