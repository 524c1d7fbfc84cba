// RUN: moa-opt %s -canonicalize | FileCheck %s

// Operands that change nothing go: position 0, a mask that shows every key, an
// additive mask of zeros, a skip that skips nobody, a gate factor of 1.
// CHECK-LABEL: func.func @drops(
// CHECK-NEXT: %0 = moa.layer %arg0 router(%arg1) query(%arg2) key(%arg3) value(%arg4) output(%arg5) top_k(2) gate(<activation = softmax, order = activation_then_topk>) causal :
// CHECK-NEXT: return %0
func.func @drops(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %wq: tensor<4x8x4xf32>, %wk: tensor<8x4xf32>, %wv: tensor<8x4xf32>,
    %wo: tensor<4x4x8xf32>) -> tensor<2x3x8xf32> {
  %skip = arith.constant dense<false> : tensor<2x3xi1>
  %position = arith.constant 0 : index
  %shown = arith.constant dense<true> : tensor<2x3x3xi1>
  %zero = arith.constant dense<0.0> : tensor<1x3x3xf32>
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2)
      gate(<activation = softmax, order = activation_then_topk, scale = 1.0 : f64>)
      skip(%skip) position(%position) causal boolean_mask(%shown)
      additive_mask(%zero)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>, tensor<2x3xi1>, index,
         tensor<2x3x3xi1>, tensor<1x3x3xf32>) -> tensor<2x3x8xf32>
  return %y : tensor<2x3x8xf32>
}

// The same operands with values that matter stay.
// CHECK-LABEL: func.func @keeps(
// CHECK: moa.layer
// CHECK-SAME: scale = 2.000000e+00 : f64>) skip(%{{.*}}) position(%{{.*}}) causal boolean_mask(%{{.*}}) additive_mask(%{{.*}}) :
func.func @keeps(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %wq: tensor<4x8x4xf32>, %wk: tensor<8x4xf32>, %wv: tensor<8x4xf32>,
    %wo: tensor<4x4x8xf32>) -> tensor<2x3x8xf32> {
  %skip = arith.constant dense<true> : tensor<2x3xi1>
  %position = arith.constant 1 : index
  %hidden = arith.constant dense<false> : tensor<2x3x3xi1>
  %one = arith.constant dense<1.0> : tensor<1x3x3xf32>
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2)
      gate(<activation = softmax, order = activation_then_topk, scale = 2.0 : f64>)
      skip(%skip) position(%position) causal boolean_mask(%hidden)
      additive_mask(%one)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>, tensor<2x3xi1>, index,
         tensor<2x3x3xi1>, tensor<1x3x3xf32>) -> tensor<2x3x8xf32>
  return %y : tensor<2x3x8xf32>
}

// What hides nothing goes where another operand tells its sizes. One of three
// that tell a batch of 2 is left to be compared with that of x.
// CHECK-LABEL: func.func @keeps_sizes(
// CHECK: moa.layer %arg0 {{.*}}activation_then_topk>) skip(%{{.*}}) :
// CHECK: moa.layer %arg6 {{.*}}activation_then_topk>) lengths(%arg7) :
func.func @keeps_sizes(%x: tensor<?x3x8xf32>, %router: tensor<8x4xf32>,
    %wq: tensor<4x8x4xf32>, %wk: tensor<8x4xf32>, %wv: tensor<8x4xf32>,
    %wo: tensor<4x4x8xf32>, %x2: tensor<2x3x8xf32>, %lengths: tensor<?xi32>)
    -> (tensor<?x3x8xf32>, tensor<2x3x8xf32>) {
  %skip = arith.constant dense<false> : tensor<2x3xi1>
  %shown = arith.constant dense<true> : tensor<2x3x3xi1>
  %zero = arith.constant dense<0.0> : tensor<2x3x3xf32>
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) gate(<activation = softmax, order = activation_then_topk>)
      skip(%skip) boolean_mask(%shown) additive_mask(%zero)
      : (tensor<?x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>, tensor<2x3xi1>,
         tensor<2x3x3xi1>, tensor<2x3x3xf32>) -> tensor<?x3x8xf32>
  %y2 = moa.layer %x2 router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) gate(<activation = softmax, order = activation_then_topk>)
      skip(%skip) lengths(%lengths) boolean_mask(%shown) additive_mask(%zero)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>, tensor<2x3xi1>, tensor<?xi32>,
         tensor<2x3x3xi1>, tensor<2x3x3xf32>) -> tensor<2x3x8xf32>
  return %y, %y2 : tensor<?x3x8xf32>, tensor<2x3x8xf32>
}
