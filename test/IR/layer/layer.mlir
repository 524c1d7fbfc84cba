// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @smallest(
// CHECK: %0 = moa.layer %arg0 router(%arg1) query(%arg2) key(%arg3) value(%arg4) output(%arg5) top_k(2) gate(<activation = softmax, order = activation_then_topk>) : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<4x4x8xf32>) -> tensor<2x3x8xf32>
// GENERIC-LABEL: sym_name = "smallest"
// GENERIC: "moa.layer"({{.*}}) <{also = #moa.extra<none>, gate = #moa.gate<activation = softmax, order = activation_then_topk>, head_map = 0 : i32, heads = 1 : i64, kv_heads = 1 : i64, operandSegmentSizes = array<i32: 1, 0, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>, score = 0 : i32, top_k = 2 : i64}> : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<4x4x8xf32>) -> tensor<2x3x8xf32>
func.func @smallest(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %wq: tensor<4x8x4xf32>, %wk: tensor<8x4xf32>, %wv: tensor<8x4xf32>,
    %wo: tensor<4x4x8xf32>)
    -> tensor<2x3x8xf32> {
  %r = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// CHECK-LABEL: func.func @gate_variants(
// CHECK: %0 = moa.layer %arg0 router(%arg1) query(%arg2) key(%arg3) value(%arg4) output(%arg5) top_k(2) gate(<activation = sigmoid, order = topk_then_activation, normalize = true, detach_divisor = true, scale = 2.500000e+00 : f64>) : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<4x4x8xf32>) -> tensor<2x3x8xf32>
// GENERIC-LABEL: sym_name = "gate_variants"
// GENERIC: "moa.layer"({{.*}}) <{also = #moa.extra<none>, gate = #moa.gate<activation = sigmoid, order = topk_then_activation, normalize = true, detach_divisor = true, scale = 2.500000e+00 : f64>, head_map = 0 : i32, heads = 1 : i64, kv_heads = 1 : i64, operandSegmentSizes = array<i32: 1, 0, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>, score = 0 : i32, top_k = 2 : i64}> : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<4x4x8xf32>) -> tensor<2x3x8xf32>
func.func @gate_variants(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %wq: tensor<4x8x4xf32>, %wk: tensor<8x4xf32>, %wv: tensor<8x4xf32>,
    %wo: tensor<4x4x8xf32>)
    -> tensor<2x3x8xf32> {
  %r = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) gate(<activation = sigmoid, order = topk_then_activation,
      normalize = true, detach_divisor = true, scale = 2.5 : f64>)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// CHECK-LABEL: func.func @given_logits(
// CHECK: %0 = moa.layer %arg0 logits(%arg1) query(%arg2) key(%arg3) value(%arg4) output(%arg5) top_k(4) gate(<activation = softmax, order = activation_then_topk>) : (tensor<2x3x8xf32>, tensor<6x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<4x4x8xf32>) -> tensor<2x3x8xf32>
// GENERIC-LABEL: sym_name = "given_logits"
// GENERIC: "moa.layer"({{.*}}) <{also = #moa.extra<none>, gate = #moa.gate<activation = softmax, order = activation_then_topk>, head_map = 0 : i32, heads = 1 : i64, kv_heads = 1 : i64, operandSegmentSizes = array<i32: 1, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>, score = 0 : i32, top_k = 4 : i64}> : (tensor<2x3x8xf32>, tensor<6x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<4x4x8xf32>) -> tensor<2x3x8xf32>
func.func @given_logits(%x: tensor<2x3x8xf32>, %l: tensor<6x4xf32>,
    %wq: tensor<4x8x4xf32>, %wk: tensor<8x4xf32>, %wv: tensor<8x4xf32>,
    %wo: tensor<4x4x8xf32>)
    -> tensor<2x3x8xf32> {
  %r = moa.layer %x logits(%l) query(%wq) key(%wk) value(%wv) output(%wo) top_k(4)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<2x3x8xf32>, tensor<6x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// CHECK-LABEL: func.func @all_results(
// CHECK: %0:7 = moa.layer %arg0 router(%arg1) query(%arg2) key(%arg3) value(%arg4) output(%arg5) top_k(2) heads(2) kv_heads(2) head_map(group) gate(<activation = softmax, order = activation_then_topk>) causal window(2) also<logits, indices, gates, lse, keys, values> : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<4x4x8xf32>) -> (tensor<2x3x8xf32>, tensor<6x4xf32>, tensor<6x2xi32>, tensor<6x2xf32>, tensor<2x3x4xf32>, tensor<2x3x2x2xf32>, tensor<2x3x2x2xf32>)
// GENERIC-LABEL: sym_name = "all_results"
// GENERIC: "moa.layer"({{.*}}) <{also = #moa.extra<logits, indices, gates, lse, keys, values>, causal, gate = #moa.gate<activation = softmax, order = activation_then_topk>, head_map = 1 : i32, heads = 2 : i64, kv_heads = 2 : i64, operandSegmentSizes = array<i32: 1, 0, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>, score = 0 : i32, top_k = 2 : i64, window = 2 : i64}> : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<4x4x8xf32>) -> (tensor<2x3x8xf32>, tensor<6x4xf32>, tensor<6x2xi32>, tensor<6x2xf32>, tensor<2x3x4xf32>, tensor<2x3x2x2xf32>, tensor<2x3x2x2xf32>)
func.func @all_results(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>,
    %wq: tensor<4x8x4xf32>, %wk: tensor<8x4xf32>, %wv: tensor<8x4xf32>,
    %wo: tensor<4x4x8xf32>)
    -> (tensor<2x3x8xf32>, tensor<6x4xf32>, tensor<6x2xi32>, tensor<6x2xf32>, tensor<2x3x4xf32>, tensor<2x3x2x2xf32>, tensor<2x3x2x2xf32>) {
  %r:7 = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) heads(2) kv_heads(2) head_map(group) gate(<activation = softmax,
      order = activation_then_topk>) causal window(2) also<logits, indices, gates,
      lse, keys, values>
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>)
      -> (tensor<2x3x8xf32>, tensor<6x4xf32>, tensor<6x2xi32>, tensor<6x2xf32>, tensor<2x3x4xf32>, tensor<2x3x2x2xf32>, tensor<2x3x2x2xf32>)
  return %r#0, %r#1, %r#2, %r#3, %r#4, %r#5, %r#6 : tensor<2x3x8xf32>, tensor<6x4xf32>, tensor<6x2xi32>, tensor<6x2xf32>, tensor<2x3x4xf32>, tensor<2x3x2x2xf32>, tensor<2x3x2x2xf32>
}

// CHECK-LABEL: func.func @cached_masked(
// CHECK: %0:3 = moa.layer %arg0 router(%arg1) query(%arg2) key(%arg3) value(%arg4) output(%arg5) bias(%arg6) top_k(2) gate(<activation = softmax, order = activation_then_topk>) selection_bias(%arg7) skip(%arg8) cache(%arg9, %arg10) position(%arg11) rotary(<theta = 1.000000e+04 : f64, dim = 4>) scale(2.500000e-01) causal lengths(%arg12) boolean_mask(%arg13) additive_mask(%arg14) also<keys, values> : (tensor<2x3x8xbf16>, tensor<8x4xbf16>, tensor<4x8x4xbf16>, tensor<8x4xbf16>, tensor<8x4xbf16>, tensor<4x4x8xbf16>, tensor<8xbf16>, tensor<4xf32>, tensor<2x3xi1>, tensor<2x5x1x4xbf16>, tensor<2x5x1x4xbf16>, index, tensor<2xi32>, tensor<2x3x8xi1>, tensor<1x3x8xf32>) -> (tensor<2x3x8xbf16>, tensor<2x8x1x4xbf16>, tensor<2x8x1x4xbf16>)
// GENERIC-LABEL: sym_name = "cached_masked"
// GENERIC: "moa.layer"({{.*}}) <{also = #moa.extra<keys, values>, causal, gate = #moa.gate<activation = softmax, order = activation_then_topk>, head_map = 0 : i32, heads = 1 : i64, kv_heads = 1 : i64, operandSegmentSizes = array<i32: 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1>, rotary = #moa.rotary<theta = 1.000000e+04 : f64, dim = 4>, scale = 2.500000e-01 : f64, score = 0 : i32, top_k = 2 : i64}> : (tensor<2x3x8xbf16>, tensor<8x4xbf16>, tensor<4x8x4xbf16>, tensor<8x4xbf16>, tensor<8x4xbf16>, tensor<4x4x8xbf16>, tensor<8xbf16>, tensor<4xf32>, tensor<2x3xi1>, tensor<2x5x1x4xbf16>, tensor<2x5x1x4xbf16>, index, tensor<2xi32>, tensor<2x3x8xi1>, tensor<1x3x8xf32>) -> (tensor<2x3x8xbf16>, tensor<2x8x1x4xbf16>, tensor<2x8x1x4xbf16>)
func.func @cached_masked(%x: tensor<2x3x8xbf16>, %router: tensor<8x4xbf16>,
    %wq: tensor<4x8x4xbf16>, %wk: tensor<8x4xbf16>, %wv: tensor<8x4xbf16>,
    %wo: tensor<4x4x8xbf16>, %b: tensor<8xbf16>, %sb: tensor<4xf32>,
    %skip: tensor<2x3xi1>, %kc: tensor<2x5x1x4xbf16>, %vc: tensor<2x5x1x4xbf16>,
    %p: index, %len: tensor<2xi32>, %bm: tensor<2x3x8xi1>, %am: tensor<1x3x8xf32>)
    -> (tensor<2x3x8xbf16>, tensor<2x8x1x4xbf16>, tensor<2x8x1x4xbf16>) {
  %r:3 = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      bias(%b) top_k(2) gate(<activation = softmax, order = activation_then_topk>)
      selection_bias(%sb) skip(%skip) cache(%kc, %vc) position(%p) rotary(<theta =
      1.0e4 : f64, dim = 4>) scale(0.25) causal lengths(%len) boolean_mask(%bm)
      additive_mask(%am) also<keys, values>
      : (tensor<2x3x8xbf16>, tensor<8x4xbf16>, tensor<4x8x4xbf16>, tensor<8x4xbf16>,
         tensor<8x4xbf16>, tensor<4x4x8xbf16>, tensor<8xbf16>, tensor<4xf32>,
         tensor<2x3xi1>, tensor<2x5x1x4xbf16>, tensor<2x5x1x4xbf16>, index,
         tensor<2xi32>, tensor<2x3x8xi1>, tensor<1x3x8xf32>)
      -> (tensor<2x3x8xbf16>, tensor<2x8x1x4xbf16>, tensor<2x8x1x4xbf16>)
  return %r#0, %r#1, %r#2 : tensor<2x3x8xbf16>, tensor<2x8x1x4xbf16>, tensor<2x8x1x4xbf16>
}

// CHECK-LABEL: func.func @cross_attention(
// CHECK: %0 = moa.layer %arg0 memory(%arg1) router(%arg2) query(%arg3) key(%arg4) value(%arg5) output(%arg6) transposed top_k(1) gate(<activation = softmax, order = activation_then_topk>) score(stick_breaking) boolean_mask(%arg7) : (tensor<2x3x8xf32>, tensor<2x7x8xf32>, tensor<4x8xf32>, tensor<4x4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8x4xf32>, tensor<2x3x7xi1>) -> tensor<2x3x8xf32>
// GENERIC-LABEL: sym_name = "cross_attention"
// GENERIC: "moa.layer"({{.*}}) <{also = #moa.extra<none>, gate = #moa.gate<activation = softmax, order = activation_then_topk>, head_map = 0 : i32, heads = 1 : i64, kv_heads = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0>, score = 1 : i32, top_k = 1 : i64, transposed}> : (tensor<2x3x8xf32>, tensor<2x7x8xf32>, tensor<4x8xf32>, tensor<4x4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8x4xf32>, tensor<2x3x7xi1>) -> tensor<2x3x8xf32>
func.func @cross_attention(%x: tensor<2x3x8xf32>, %m: tensor<2x7x8xf32>,
    %router: tensor<4x8xf32>, %wq: tensor<4x4x8xf32>, %wk: tensor<4x8xf32>,
    %wv: tensor<4x8xf32>, %wo: tensor<4x8x4xf32>, %bm: tensor<2x3x7xi1>)
    -> tensor<2x3x8xf32> {
  %r = moa.layer %x memory(%m) router(%router) query(%wq) key(%wk) value(%wv)
      output(%wo) transposed top_k(1) gate(<activation = softmax,
      order = activation_then_topk>) score(stick_breaking) boolean_mask(%bm)
      : (tensor<2x3x8xf32>, tensor<2x7x8xf32>, tensor<4x8xf32>, tensor<4x4x8xf32>,
         tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8x4xf32>, tensor<2x3x7xi1>)
      -> tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// CHECK-LABEL: func.func @dynamic(
// CHECK: %0:4 = moa.layer %arg0 router(%arg1) query(%arg2) key(%arg3) value(%arg4) output(%arg5) top_k(2) kv_heads(2) gate(<activation = softmax, order = activation_then_topk>) also<logits, indices, keys> : (tensor<?x?x?xf16>, tensor<?x4xf16>, tensor<4x?x?xf16>, tensor<?x?xf16>, tensor<?x?xf16>, tensor<4x?x?xf16>) -> (tensor<?x?x?xf16>, tensor<?x4xf32>, tensor<?x2xi32>, tensor<?x?x2x?xf16>)
// GENERIC-LABEL: sym_name = "dynamic"
// GENERIC: "moa.layer"({{.*}}) <{also = #moa.extra<logits, indices, keys>, gate = #moa.gate<activation = softmax, order = activation_then_topk>, head_map = 0 : i32, heads = 1 : i64, kv_heads = 2 : i64, operandSegmentSizes = array<i32: 1, 0, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>, score = 0 : i32, top_k = 2 : i64}> : (tensor<?x?x?xf16>, tensor<?x4xf16>, tensor<4x?x?xf16>, tensor<?x?xf16>, tensor<?x?xf16>, tensor<4x?x?xf16>) -> (tensor<?x?x?xf16>, tensor<?x4xf32>, tensor<?x2xi32>, tensor<?x?x2x?xf16>)
func.func @dynamic(%x: tensor<?x?x?xf16>, %router: tensor<?x4xf16>,
    %wq: tensor<4x?x?xf16>, %wk: tensor<?x?xf16>, %wv: tensor<?x?xf16>,
    %wo: tensor<4x?x?xf16>)
    -> (tensor<?x?x?xf16>, tensor<?x4xf32>, tensor<?x2xi32>, tensor<?x?x2x?xf16>) {
  %r:4 = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) kv_heads(2) gate(<activation = softmax, order = activation_then_topk>)
      also<logits, indices, keys>
      : (tensor<?x?x?xf16>, tensor<?x4xf16>, tensor<4x?x?xf16>, tensor<?x?xf16>,
         tensor<?x?xf16>, tensor<4x?x?xf16>)
      -> (tensor<?x?x?xf16>, tensor<?x4xf32>, tensor<?x2xi32>, tensor<?x?x2x?xf16>)
  return %r#0, %r#1, %r#2, %r#3 : tensor<?x?x?xf16>, tensor<?x4xf32>, tensor<?x2xi32>, tensor<?x?x2x?xf16>
}
