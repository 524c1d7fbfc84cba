// RUN: moa-opt %s -canonicalize | FileCheck %s

// An op whose operands' types hide sizes that are known gives its results the
// types of what is known. Ops in destination style have that from upstream.

// CHECK-LABEL: func.func @dispatch(
// CHECK-NEXT: %{{.*}}, %[[P:.*]] = moa.dispatch %arg0 experts(6) : (tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>)
// CHECK-NEXT: %[[OPEN:.*]] = tensor.cast %[[P]] : tensor<132xi32> to tensor<?xi32>
// CHECK-NEXT: return %{{.*}}, %[[OPEN]]
func.func @dispatch(%indices: tensor<66x2xi32>) -> (tensor<7xi32>, tensor<?xi32>) {
  %open = tensor.cast %indices : tensor<66x2xi32> to tensor<?x2xi32>
  %o, %p = moa.dispatch %open experts(6) : (tensor<?x2xi32>) -> (tensor<7xi32>, tensor<?xi32>)
  return %o, %p : tensor<7xi32>, tensor<?xi32>
}

// From one op to the next, the losses included.
// CHECK-LABEL: func.func @chain(
// CHECK-NOT: tensor.cast
// CHECK: moa.route %arg0 {{.*}} : (tensor<66x6xf32>) -> (tensor<66x2xi32>, tensor<66x2xf32>)
// CHECK: moa.dispatch {{.*}} : (tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>)
// CHECK: moa.balance_loss {{.*}} : (tensor<66x6xf32>, tensor<66x2xi32>) -> tensor<f32>
// CHECK: moa.z_loss {{.*}} : (tensor<66x6xf32>, tensor<66x2xi32>) -> tensor<f32>
// CHECK: moa.mutual_loss {{.*}} : (tensor<66x6xf32>, tensor<66x2xi32>) -> tensor<f32>
// CHECK-NOT: tensor.cast
// CHECK: return
func.func @chain(%logits: tensor<66x6xf32>)
    -> (tensor<7xi32>, tensor<f32>, tensor<f32>, tensor<f32>) {
  %open = tensor.cast %logits : tensor<66x6xf32> to tensor<?x6xf32>
  %i, %g = moa.route %open top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<?x6xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>)
  %o, %p = moa.dispatch %i experts(6) : (tensor<?x2xi32>) -> (tensor<7xi32>, tensor<?xi32>)
  %b = moa.balance_loss softmax %open, %i : (tensor<?x6xf32>, tensor<?x2xi32>) -> tensor<f32>
  %z = moa.z_loss %open, %i : (tensor<?x6xf32>, tensor<?x2xi32>) -> tensor<f32>
  %m = moa.mutual_loss softmax %open, %i : (tensor<?x6xf32>, tensor<?x2xi32>) -> tensor<f32>
  return %o, %b, %z, %m : tensor<7xi32>, tensor<f32>, tensor<f32>, tensor<f32>
}

// CHECK-LABEL: func.func @router(
// CHECK: moa.router %arg0, %arg1 {{.*}} : (tensor<66x48xf32>, tensor<48x6xf32>) -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>)
func.func @router(%x: tensor<66x48xf32>, %w: tensor<48x6xf32>) -> tensor<?x2xi32> {
  %open = tensor.cast %x : tensor<66x48xf32> to tensor<?x?xf32>
  %l, %i, %g = moa.router %open, %w top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<?x?xf32>, tensor<48x6xf32>)
      -> (tensor<?x6xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
  return %i : tensor<?x2xi32>
}

// CHECK-LABEL: func.func @rotary(
// CHECK: moa.rotary %arg0 position(%arg1) {{.*}} : (tensor<2x33x4x16xf32>, index) -> tensor<2x33x4x16xf32>
func.func @rotary(%x: tensor<2x33x4x16xf32>, %p: index) -> tensor<?x33x4x?xf32> {
  %open = tensor.cast %x : tensor<2x33x4x16xf32> to tensor<?x33x4x?xf32>
  %r = moa.rotary %open position(%p) rotary(<theta = 1.0e4 : f64, dim = 16>)
      : (tensor<?x33x4x?xf32>, index) -> tensor<?x33x4x?xf32>
  return %r : tensor<?x33x4x?xf32>
}

// Sizes that do not match stay hidden: that is an error at run time.
// CHECK-LABEL: func.func @keeps_mismatch(
// CHECK: moa.route %{{.*}} skip(%arg1) {{.*}} : (tensor<?x6xf32>, tensor<65xi1>)
func.func @keeps_mismatch(%logits: tensor<66x6xf32>, %skip: tensor<65xi1>) -> tensor<?x2xi32> {
  %open = tensor.cast %logits : tensor<66x6xf32> to tensor<?x6xf32>
  %i, %g = moa.route %open skip(%skip) top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<?x6xf32>, tensor<65xi1>) -> (tensor<?x2xi32>, tensor<?x2xf32>)
  return %i : tensor<?x2xi32>
}

// CHECK-LABEL: func.func @layer(
// CHECK-NEXT: %[[R:.*]]:2 = moa.layer %arg0 {{.*}} -> (tensor<2x3x8xf32>, tensor<6x2xi32>)
// CHECK-NEXT: %[[Y:.*]] = tensor.cast %[[R]]#0 : tensor<2x3x8xf32> to tensor<?x3x8xf32>
// CHECK-NEXT: %[[I:.*]] = tensor.cast %[[R]]#1 : tensor<6x2xi32> to tensor<?x2xi32>
// CHECK-NEXT: return %[[Y]], %[[I]]
func.func @layer(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>, %wq: tensor<4x8x4xf32>,
    %wk: tensor<8x4xf32>, %wv: tensor<8x4xf32>, %wo: tensor<4x4x8xf32>)
    -> (tensor<?x3x8xf32>, tensor<?x2xi32>) {
  %open = tensor.cast %x : tensor<2x3x8xf32> to tensor<?x3x8xf32>
  %y, %i = moa.layer %open router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) gate(<activation = softmax, order = topk_then_activation>) also<indices>
      : (tensor<?x3x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>) -> (tensor<?x3x8xf32>, tensor<?x2xi32>)
  return %y, %i : tensor<?x3x8xf32>, tensor<?x2xi32>
}

// A head that is too narrow for its rotation is an error at run time, too.
// CHECK-LABEL: func.func @keeps_narrow_heads(
// CHECK: moa.layer %arg0 {{.*}}tensor<8x?xf32>
func.func @keeps_narrow_heads(%x: tensor<2x3x8xf32>, %router: tensor<8x4xf32>, %wq: tensor<4x8x?xf32>,
    %wk: tensor<8x4xf32>, %wv: tensor<8x?xf32>, %wo: tensor<4x?x8xf32>) -> tensor<2x3x8xf32> {
  %open = tensor.cast %wk : tensor<8x4xf32> to tensor<8x?xf32>
  %y = moa.layer %x router(%router) query(%wq) key(%open) value(%wv) output(%wo)
      top_k(2) gate(<activation = softmax, order = topk_then_activation>)
      rotary(<theta = 1.0e4 : f64, dim = 6>)
      : (tensor<2x3x8xf32>, tensor<8x4xf32>, tensor<4x8x?xf32>, tensor<8x?xf32>,
         tensor<8x?xf32>, tensor<4x?x8xf32>) -> tensor<2x3x8xf32>
  return %y : tensor<2x3x8xf32>
}

// A cast that forgets nothing, but claims a size, is a check that stays.
// CHECK-LABEL: func.func @keeps_claim(
// CHECK: tensor.cast
// CHECK: moa.dispatch %{{.*}} : (tensor<66x2xi32>)
func.func @keeps_claim(%indices: tensor<?x2xi32>) -> tensor<132xi32> {
  %claim = tensor.cast %indices : tensor<?x2xi32> to tensor<66x2xi32>
  %o, %p = moa.dispatch %claim experts(6) : (tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>)
  return %p : tensor<132xi32>
}
