// RUN: moa-opt %s --moa-decompose --canonicalize --cse --split-input-file | FileCheck %s
// RUN: moa-opt %s --moa-decompose=runtime-checks=false --split-input-file \
// RUN:   | FileCheck %s --check-prefix=UNCHECKED --implicit-check-not=cf.assert

// One dispatch serves both projections.
// CHECK-LABEL: func.func @sparse
// CHECK: %[[LOGITS:.*]] = moa.matmul
// CHECK: %[[INDICES:.*]], %[[GATES:.*]] = moa.route %[[LOGITS]] top_k(2)
// CHECK: %[[OFFSETS:.*]], %[[PERMUTATION:.*]] = moa.dispatch %[[INDICES]] experts(6)
// CHECK-COUNT-2: moa.matmul
// CHECK: moa.grouped_matmul token(%{{.*}}), %{{.*}} groups(%[[OFFSETS]], %[[PERMUTATION]])
// CHECK: moa.attention {{.*}} causal
// CHECK: %[[SLOTS:.*]] = moa.grouped_matmul slot(%{{.*}}), %{{.*}} groups(%[[OFFSETS]], %[[PERMUTATION]])
// CHECK: moa.combine %[[SLOTS]], %[[GATES]]
// CHECK-NOT: moa.
// UNCHECKED-LABEL: func.func @sparse
func.func @sparse(%x: tensor<2x33x48xf32>, %router: tensor<48x6xf32>, %wq: tensor<6x48x16xf32>, %wk: tensor<48x16xf32>, %wv: tensor<48x16xf32>, %wo: tensor<6x16x48xf32>) -> tensor<2x33x48xf32> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo) top_k(2) gate(<activation = softmax, order = activation_then_topk>) causal
    : (tensor<2x33x48xf32>, tensor<48x6xf32>, tensor<6x48x16xf32>, tensor<48x16xf32>, tensor<48x16xf32>, tensor<6x16x48xf32>) -> tensor<2x33x48xf32>
  return %y : tensor<2x33x48xf32>
}

// -----

// CHECK-LABEL: func.func @softmax
// CHECK-NOT: linalg.softmax
// CHECK-COUNT-4: linalg.generic
func.func @softmax(%x: tensor<?x37xf32>, %init: tensor<?x37xf32>) -> tensor<?x37xf32> {
  %y = linalg.softmax dimension(1) ins(%x : tensor<?x37xf32>) outs(%init : tensor<?x37xf32>)
    -> tensor<?x37xf32>
  return %y : tensor<?x37xf32>
}

// -----

// k = E: no ranking, no sort, no group, no gather; losses read sets.
// CHECK-LABEL: func.func @dense
// CHECK: moa.route %{{.*}} top_k(6) all
// CHECK-NOT: moa.route
// CHECK-NOT: moa.dispatch
// CHECK-NOT: {{grouped|slot}}_matmul
// CHECK: moa.dense_matmul token(
// CHECK-NOT: {{grouped|slot}}_matmul
// CHECK: moa.attention
// CHECK: moa.dense_matmul slot(%{{.*}}), %{{.*}} gates(
// CHECK-NOT: {{grouped|slot}}_matmul
// CHECK: moa.balance_loss
// UNCHECKED-LABEL: func.func @dense
func.func @dense(%x: tensor<2x33x48xf32>, %router: tensor<48x6xf32>, %wq: tensor<6x48x16xf32>, %wk: tensor<48x16xf32>, %wv: tensor<48x16xf32>, %wo: tensor<6x16x48xf32>) -> (tensor<2x33x48xf32>, tensor<f32>) {
  %y, %l, %i = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo) top_k(6) gate(<activation = softmax, order = activation_then_topk>) also<logits, indices>
    : (tensor<2x33x48xf32>, tensor<48x6xf32>, tensor<6x48x16xf32>, tensor<48x16xf32>, tensor<48x16xf32>, tensor<6x16x48xf32>) -> (tensor<2x33x48xf32>, tensor<66x6xf32>, tensor<66x6xi32>)
  %loss = moa.balance_loss softmax %l, %i : (tensor<66x6xf32>, tensor<66x6xi32>) -> tensor<f32>
  return %y, %loss : tensor<2x33x48xf32>, tensor<f32>
}

// -----

// T = 1: the weights of each slot's expert, without a sort.
// CHECK-LABEL: func.func @single_token
// CHECK: %[[INDICES:.*]], %{{.*}} = moa.route
// CHECK-NOT: moa.dispatch
// CHECK: moa.slot_matmul token(%{{.*}}), %{{.*}}, %[[INDICES]]
// CHECK: moa.slot_matmul slot(%{{.*}}), %{{.*}}, %[[INDICES]]
// CHECK: moa.combine
// UNCHECKED-LABEL: func.func @single_token
func.func @single_token(%x: tensor<?x1x48xf32>, %router: tensor<48x6xf32>, %wq: tensor<6x48x16xf32>, %wk: tensor<48x16xf32>, %wv: tensor<48x16xf32>, %wo: tensor<6x16x48xf32>) -> tensor<?x1x48xf32> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo) top_k(2) gate(<activation = softmax, order = activation_then_topk>)
    : (tensor<?x1x48xf32>, tensor<48x6xf32>, tensor<6x48x16xf32>, tensor<48x16xf32>, tensor<48x16xf32>, tensor<6x16x48xf32>) -> tensor<?x1x48xf32>
  return %y : tensor<?x1x48xf32>
}
