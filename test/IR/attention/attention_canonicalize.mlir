// RUN: moa-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: func.func @drops(
// CHECK-NEXT: moa.attention %arg0, %arg1, %arg1 causal into(%arg2) :
func.func @drops(%q: tensor<2x3x8x16xf32>, %k: tensor<2x5x4x16xf32>,
    %init: tensor<2x3x8x16xf32>) -> tensor<2x3x8x16xf32> {
  %position = arith.constant 0 : index
  %shown = arith.constant dense<true> : tensor<2x3x5xi1>
  %zero = arith.constant dense<0.0> : tensor<1x3x5xf32>
  %o = moa.attention %q, %k, %k position(%position) causal boolean_mask(%shown)
      additive_mask(%zero) into(%init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x4x16xf32>, tensor<2x5x4x16xf32>, index,
         tensor<2x3x5xi1>, tensor<1x3x5xf32>, tensor<2x3x8x16xf32>)
      -> tensor<2x3x8x16xf32>
  return %o : tensor<2x3x8x16xf32>
}

// CHECK-LABEL: func.func @keeps(
// CHECK: moa.attention %arg0, %arg1, %arg1 position(%{{.*}}) causal boolean_mask(%{{.*}}) additive_mask(%{{.*}}) into(%arg2) :
func.func @keeps(%q: tensor<2x3x8x16xf32>, %k: tensor<2x5x4x16xf32>,
    %init: tensor<2x3x8x16xf32>) -> tensor<2x3x8x16xf32> {
  %position = arith.constant 2 : index
  %hidden = arith.constant dense<false> : tensor<2x3x5xi1>
  %far = arith.constant dense<0xFF800000> : tensor<1x3x5xf32>
  %o = moa.attention %q, %k, %k position(%position) causal boolean_mask(%hidden)
      additive_mask(%far) into(%init)
      : (tensor<2x3x8x16xf32>, tensor<2x5x4x16xf32>, tensor<2x5x4x16xf32>, index,
         tensor<2x3x5xi1>, tensor<1x3x5xf32>, tensor<2x3x8x16xf32>)
      -> tensor<2x3x8x16xf32>
  return %o : tensor<2x3x8x16xf32>
}
