// RUN: moa-opt %s --moa-fuse --split-input-file --verify-diagnostics \
// RUN:   --remarks-filter-missed=moa-fuse --remark-format=emitRemark | FileCheck %s

// The choice and the product are one op; who else reads the logits reads its.
// CHECK-LABEL: func.func @fused(
// CHECK: %[[LOGITS:.*]], %[[INDICES:.*]], %[[GATES:.*]] = moa.router %arg0, %arg1 transposed selection_bias(%arg2) skip(%arg3) top_k(2) gate(<activation = sigmoid, order = activation_then_topk>) :
// CHECK-NOT: moa.matmul
// CHECK-NOT: moa.route{{ }}
// CHECK: math.exp %[[LOGITS]]
// CHECK: return %[[LOGITS]], %[[INDICES]], %[[GATES]]
func.func @fused(%x: tensor<?x48xbf16>, %w: tensor<6x48xbf16>,
    %bias: tensor<6xf32>, %skip: tensor<?xi1>, %init: tensor<?x6xf32>)
    -> (tensor<?x6xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x6xf32>) {
  %l = moa.matmul %x, %w transposed into(%init)
      : (tensor<?x48xbf16>, tensor<6x48xbf16>, tensor<?x6xf32>) -> tensor<?x6xf32>
  %i, %g = moa.route %l selection_bias(%bias) skip(%skip) top_k(2)
      gate(<activation = sigmoid, order = activation_then_topk>)
      : (tensor<?x6xf32>, tensor<6xf32>, tensor<?xi1>)
      -> (tensor<?x2xi32>, tensor<?x2xf32>)
  %z = math.exp %l : tensor<?x6xf32>
  return %l, %i, %g, %z
      : tensor<?x6xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x6xf32>
}

// Sizes that one of the two does not know.
// CHECK-LABEL: func.func @other_types(
// CHECK: moa.router {{.*}} all {{.*}} -> (tensor<5x2xf32>, tensor<5x2xi32>, tensor<5x2xf32>)
// CHECK: tensor.cast %{{.*}} : tensor<5x2xi32> to tensor<?x2xi32>
func.func @other_types(%x: tensor<5x48xf32>, %w: tensor<48x2xf32>,
    %init: tensor<?x2xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %l = moa.matmul %x, %w into(%init)
      : (tensor<5x48xf32>, tensor<48x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  %i, %g = moa.route %l top_k(2) all
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<?x2xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>)
  return %i, %g : tensor<?x2xi32>, tensor<?x2xf32>
}

// -----

// CHECK-LABEL: func.func @other_logits(
// CHECK: moa.route %arg0
func.func @other_logits(%l: tensor<5x6xf32>) -> (tensor<5x2xi32>, tensor<5x2xf32>) {
  // expected-remark@below {{the logits are not computed by moa.matmul}}
  %i, %g = moa.route %l top_k(2)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<5x6xf32>) -> (tensor<5x2xi32>, tensor<5x2xf32>)
  return %i, %g : tensor<5x2xi32>, tensor<5x2xf32>
}

// -----

// Two choices from one product: the second reads the logits of the first.
// CHECK-LABEL: func.func @two_choices(
// CHECK: %[[LOGITS:.*]], %{{.*}}, %{{.*}} = moa.router {{.*}} top_k(6) all
// CHECK: moa.route %[[LOGITS]] top_k(6) gate
func.func @two_choices(%x: tensor<5x48xf32>, %w: tensor<48x6xf32>,
    %init: tensor<5x6xf32>) -> (tensor<5x6xf32>, tensor<5x6xi32>) {
  %l = moa.matmul %x, %w into(%init)
      : (tensor<5x48xf32>, tensor<48x6xf32>, tensor<5x6xf32>) -> tensor<5x6xf32>
  %i, %g = moa.route %l top_k(6) all
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<5x6xf32>) -> (tensor<5x6xi32>, tensor<5x6xf32>)
  // expected-remark@below {{the logits are those of a router already}}
  %i2, %g2 = moa.route %l top_k(6)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<5x6xf32>) -> (tensor<5x6xi32>, tensor<5x6xf32>)
  return %g, %i2 : tensor<5x6xf32>, tensor<5x6xi32>
}

// -----

// CHECK-LABEL: func.func @unknown_experts(
// CHECK: moa.route
func.func @unknown_experts(%x: tensor<5x48xf32>, %w: tensor<48x?xf32>,
    %init: tensor<5x6xf32>) -> (tensor<5x2xi32>, tensor<5x2xf32>) {
  %l = moa.matmul %x, %w into(%init)
      : (tensor<5x48xf32>, tensor<48x?xf32>, tensor<5x6xf32>) -> tensor<5x6xf32>
  // expected-remark@below {{the weights have an unknown number of experts}}
  %i, %g = moa.route %l top_k(2)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<5x6xf32>) -> (tensor<5x2xi32>, tensor<5x2xf32>)
  return %i, %g : tensor<5x2xi32>, tensor<5x2xf32>
}

// -----

// CHECK-LABEL: func.func @read_before(
// CHECK: moa.matmul
// CHECK: moa.route{{ }}
func.func @read_before(%x: tensor<5x48xf32>, %w: tensor<48x6xf32>,
    %init: tensor<5x6xf32>) -> (tensor<5x2xi32>, tensor<5x6xf32>) {
  %l = moa.matmul %x, %w into(%init)
      : (tensor<5x48xf32>, tensor<48x6xf32>, tensor<5x6xf32>) -> tensor<5x6xf32>
  %n = arith.negf %l : tensor<5x6xf32>
  // expected-remark@below {{the logits are read before the experts are chosen}}
  %i, %g = moa.route %l top_k(2)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<5x6xf32>) -> (tensor<5x2xi32>, tensor<5x2xf32>)
  return %i, %n : tensor<5x2xi32>, tensor<5x6xf32>
}

// -----

// CHECK-LABEL: func.func @other_block(
// CHECK: moa.matmul
// CHECK: moa.route{{ }}
func.func @other_block(%x: tensor<5x48xf32>, %w: tensor<48x6xf32>,
    %init: tensor<5x6xf32>, %none: tensor<5x2xi32>, %routes: i1)
    -> tensor<5x2xi32> {
  %l = moa.matmul %x, %w into(%init)
      : (tensor<5x48xf32>, tensor<48x6xf32>, tensor<5x6xf32>) -> tensor<5x6xf32>
  %r = scf.if %routes -> tensor<5x2xi32> {
    // expected-remark@below {{the logits are computed in another block}}
    %i, %g = moa.route %l top_k(2)
        gate(<activation = softmax, order = activation_then_topk>)
        : (tensor<5x6xf32>) -> (tensor<5x2xi32>, tensor<5x2xf32>)
    scf.yield %i : tensor<5x2xi32>
  } else {
    scf.yield %none : tensor<5x2xi32>
  }
  return %r : tensor<5x2xi32>
}
