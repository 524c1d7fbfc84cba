// RUN: moa-opt %s --moa-fuse --split-input-file --verify-diagnostics \
// RUN:   --remarks-filter-missed=moa-fuse --remark-format=emitRemark | FileCheck %s

// All losses of a router are its results; what the router's op is marked with
// stays.
// CHECK-LABEL: func.func @fused(
// CHECK: %[[LOGITS:.*]], %[[INDICES:.*]], %{{.*}}, %[[BALANCE:.*]], %[[Z:.*]], %[[MUTUAL:.*]] = moa.router %arg0, %arg1 skip(%arg2) top_k(2) gate(<activation = softmax, order = activation_then_topk>) losses<balance, z, mutual> {mark}
// CHECK-NEXT: return %[[LOGITS]], %[[INDICES]], %[[MUTUAL]], %[[Z]], %[[BALANCE]], %[[Z]]
func.func @fused(%x: tensor<?x48xbf16>, %w: tensor<48x6xbf16>,
    %skip: tensor<?xi1>) -> (tensor<?x6xf32>, tensor<?x2xi32>, tensor<f32>,
                             tensor<f32>, tensor<f32>, tensor<f32>) {
  %l, %i, %g = moa.router %x, %w skip(%skip) top_k(2)
      gate(<activation = softmax, order = activation_then_topk>) {mark}
      : (tensor<?x48xbf16>, tensor<48x6xbf16>, tensor<?xi1>)
      -> (tensor<?x6xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
  %m = moa.mutual_loss softmax %l, %i : (tensor<?x6xf32>, tensor<?x2xi32>) -> tensor<f32>
  %z = moa.z_loss %l, %i : (tensor<?x6xf32>, tensor<?x2xi32>) -> tensor<f32>
  %b = moa.balance_loss softmax %l, %i : (tensor<?x6xf32>, tensor<?x2xi32>) -> tensor<f32>
  %again = moa.z_loss %l, %i : (tensor<?x6xf32>, tensor<?x2xi32>) -> tensor<f32>
  return %l, %i, %m, %z, %b, %again : tensor<?x6xf32>, tensor<?x2xi32>,
      tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
}

// The product, the choice and a loss in one go; the z loss has no activation.
// CHECK-LABEL: func.func @from_primitives(
// CHECK: moa.router {{.*}} top_k(6) all gate(<activation = sigmoid, order = activation_then_topk>) losses<z>
// CHECK-NOT: moa.z_loss
func.func @from_primitives(%x: tensor<5x48xf32>, %w: tensor<48x6xf32>,
    %init: tensor<5x6xf32>) -> (tensor<5x6xf32>, tensor<f32>) {
  %l = moa.matmul %x, %w into(%init)
      : (tensor<5x48xf32>, tensor<48x6xf32>, tensor<5x6xf32>) -> tensor<5x6xf32>
  %i, %g = moa.route %l top_k(6) all
      gate(<activation = sigmoid, order = activation_then_topk>)
      : (tensor<5x6xf32>) -> (tensor<5x6xi32>, tensor<5x6xf32>)
  %z = moa.z_loss %l, %i : (tensor<5x6xf32>, tensor<5x6xi32>) -> tensor<f32>
  return %g, %z : tensor<5x6xf32>, tensor<f32>
}

// -----

// CHECK-LABEL: func.func @no_router(
// CHECK: moa.z_loss %arg0, %arg1
func.func @no_router(%l: tensor<5x6xf32>, %i: tensor<5x2xi32>) -> tensor<f32> {
  // expected-remark@below {{the logits are not computed by moa.router}}
  %z = moa.z_loss %l, %i : (tensor<5x6xf32>, tensor<5x2xi32>) -> tensor<f32>
  return %z : tensor<f32>
}

// -----

// CHECK-LABEL: func.func @other_indices(
// CHECK: moa.router {{.*}} gate(<activation = softmax, order = activation_then_topk>) :
// CHECK: moa.balance_loss
func.func @other_indices(%x: tensor<5x48xf32>, %w: tensor<48x6xf32>,
    %i: tensor<5x2xi32>) -> tensor<f32> {
  %r:3 = moa.router %x, %w top_k(2)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<5x48xf32>, tensor<48x6xf32>)
      -> (tensor<5x6xf32>, tensor<5x2xi32>, tensor<5x2xf32>)
  // expected-remark@below {{the indices are not those of the logits' router}}
  %b = moa.balance_loss softmax %r#0, %i
      : (tensor<5x6xf32>, tensor<5x2xi32>) -> tensor<f32>
  return %b : tensor<f32>
}

// -----

// CHECK-LABEL: func.func @other_activation(
// CHECK: moa.router {{.*}} gate(<activation = softmax, order = activation_then_topk>) :
// CHECK: moa.mutual_loss sigmoid
func.func @other_activation(%x: tensor<5x48xf32>, %w: tensor<48x6xf32>)
    -> tensor<f32> {
  %r:3 = moa.router %x, %w top_k(2)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<5x48xf32>, tensor<48x6xf32>)
      -> (tensor<5x6xf32>, tensor<5x2xi32>, tensor<5x2xf32>)
  // expected-remark@below {{the loss has another activation than the gate}}
  %m = moa.mutual_loss sigmoid %r#0, %r#1
      : (tensor<5x6xf32>, tensor<5x2xi32>) -> tensor<f32>
  return %m : tensor<f32>
}
