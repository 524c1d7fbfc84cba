// Upstream passes on moa ops, without a pass of ours.

// Two dispatches of the same indices are one; one that a loop does not change
// leaves the loop, and with it the routing that it is made from.
// RUN: moa-opt %s --cse | FileCheck %s --check-prefix=CSE
// RUN: moa-opt %s --loop-invariant-code-motion | FileCheck %s --check-prefix=LICM
// RUN: moa-opt %s --inline | FileCheck %s --check-prefix=INLINE
// RUN: moa-opt %s --canonicalize | FileCheck %s --check-prefix=DEAD
// RUN: moa-opt %s --resolve-shaped-type-result-dims --canonicalize | FileCheck %s --check-prefix=DIM

// CSE-LABEL: func.func @two_dispatches(
// CSE: moa.dispatch
// CSE-NOT: moa.dispatch
// CSE: return
func.func @two_dispatches(%indices: tensor<66x2xi32>)
    -> (tensor<7xi32>, tensor<132xi32>) {
  %offsets, %0 = moa.dispatch %indices experts(6)
      : (tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>)
  %1, %permutation = moa.dispatch %indices experts(6)
      : (tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>)
  return %offsets, %permutation : tensor<7xi32>, tensor<132xi32>
}

// LICM-LABEL: func.func @dispatch_in_loop(
// LICM: moa.route
// LICM: moa.dispatch
// LICM: scf.for
// LICM-NEXT: moa.grouped_matmul
func.func @dispatch_in_loop(%logits: tensor<66x6xf32>, %x: tensor<66x8xf32>,
                            %weights: tensor<6x8x4xf32>,
                            %init: tensor<132x4xf32>, %n: index)
    -> tensor<132x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y = scf.for %i = %c0 to %n step %c1 iter_args(%sum = %init)
      -> tensor<132x4xf32> {
    %indices, %gates = moa.route %logits top_k(2)
        gate(<activation = softmax, order = topk_then_activation>)
        : (tensor<66x6xf32>) -> (tensor<66x2xi32>, tensor<66x2xf32>)
    %offsets, %permutation = moa.dispatch %indices experts(6)
        : (tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>)
    %rows = moa.grouped_matmul token(%x), %weights
        groups(%offsets, %permutation) top_k(2) into slot(%sum)
        : (tensor<66x8xf32>, tensor<6x8x4xf32>, tensor<7xi32>, tensor<132xi32>,
           tensor<132x4xf32>) -> tensor<132x4xf32>
    scf.yield %rows : tensor<132x4xf32>
  }
  return %y : tensor<132x4xf32>
}

// So does one of indices that a function is given, whatever they are, and a product
// of unknown sizes: what an op asks for, who writes it promises.
// LICM-LABEL: func.func @given_indices_in_loop(
// LICM: moa.dispatch
// LICM: moa.matmul
// LICM: scf.for
// LICM-NEXT: scf.yield
func.func @given_indices_in_loop(%indices: tensor<66x2xi32>, %x: tensor<?x?xf32>,
    %w: tensor<?x4xf32>, %init: tensor<?x4xf32>, %zero: tensor<132xi32>, %n: index)
    -> (tensor<132xi32>, tensor<?x4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%p = %zero, %y = %init)
      -> (tensor<132xi32>, tensor<?x4xf32>) {
    %offsets, %permutation = moa.dispatch %indices experts(6)
        : (tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>)
    %m = moa.matmul %x, %w into(%init)
        : (tensor<?x?xf32>, tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
    scf.yield %permutation, %m : tensor<132xi32>, tensor<?x4xf32>
  }
  return %r#0, %r#1 : tensor<132xi32>, tensor<?x4xf32>
}

// INLINE-LABEL: func.func @caller(
// INLINE-NOT: call
// INLINE: moa.dispatch
// INLINE: return
func.func private @callee(%indices: tensor<66x2xi32>)
    -> (tensor<7xi32>, tensor<132xi32>) {
  %offsets, %permutation = moa.dispatch %indices experts(6)
      : (tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>)
  return %offsets, %permutation : tensor<7xi32>, tensor<132xi32>
}
func.func @caller(%indices: tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>) {
  %0:2 = call @callee(%indices)
      : (tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>)
  return %0#0, %0#1 : tensor<7xi32>, tensor<132xi32>
}

// An op that nobody uses disappears.
// DEAD-LABEL: func.func @unused(
// DEAD-NEXT: return
func.func @unused(%logits: tensor<66x6xf32>) {
  %indices, %gates = moa.route %logits top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<66x6xf32>) -> (tensor<66x2xi32>, tensor<66x2xf32>)
  return
}

// The sizes of results are sizes of operands.
// DIM-LABEL: func.func @sizes(
// DIM-SAME: %[[INDICES:.*]]: tensor<?x2xi32>
// DIM-NOT: moa.dispatch
// DIM: %[[N:.*]] = tensor.dim %[[INDICES]], %{{.*}} : tensor<?x2xi32>
// DIM: %[[SLOTS:.*]] = affine.apply #{{.*}}()[%[[N]]]
// DIM: return %[[SLOTS]]
func.func @sizes(%indices: tensor<?x2xi32>) -> index {
  %c0 = arith.constant 0 : index
  %offsets, %permutation = moa.dispatch %indices experts(6)
      : (tensor<?x2xi32>) -> (tensor<7xi32>, tensor<?xi32>)
  %n = tensor.dim %permutation, %c0 : tensor<?xi32>
  return %n : index
}
