// RUN: moa-opt %s --convert-moa-to-linalg --canonicalize --cse --split-input-file \
// RUN:   | FileCheck %s --implicit-check-not='= moa.'

// Without a bias logits are ranked, not their activation. k rounds over E keys
// for each token: no sort. A normalised softmax is the softmax of the k chosen
// logits: the only exponential is over k numbers.
// CHECK-LABEL: func.func @normalised_softmax
// CHECK-SAME: %[[LOGITS:[a-z0-9]*]]: tensor<66x6xf32>
// CHECK-NOT: math.exp
// CHECK: %[[KEYS:.*]] = linalg.generic {{.*}} ins(%[[LOGITS]] : tensor<66x6xf32>) outs(%{{.*}} : tensor<66x6xi64>)
// CHECK: arith.bitcast %{{.*}} : f32 to i32
// CHECK: arith.cmpf uno
// CHECK: %[[UPPER:.*]] = arith.shli
// CHECK: %[[LOWER:.*]] = arith.subi
// CHECK: arith.ori %[[UPPER]], %[[LOWER]]
// CHECK: scf.forall (%[[T:.*]]) in (66)
// CHECK: scf.for %{{.*}} = %c0 to %c2 step %c1
// CHECK: scf.for %[[E:.*]] = %c0 to %c6 step %c1
// CHECK: tensor.extract %[[KEYS]][%[[T]], %[[E]]]
// CHECK: arith.maxsi
// CHECK-NOT: tensor<66x6xf32>) outs
// CHECK: tensor.extract %[[LOGITS]]
// CHECK: math.exp
// CHECK: arith.divf
// CHECK-NOT: math.exp
func.func @normalised_softmax(%logits: tensor<66x6xf32>) -> (tensor<66x2xi32>, tensor<66x2xf32>) {
  %i, %g = moa.route %logits top_k(2) gate(<activation = softmax, order = activation_then_topk, normalize = true>)
    : (tensor<66x6xf32>) -> (tensor<66x2xi32>, tensor<66x2xf32>)
  return %i, %g : tensor<66x2xi32>, tensor<66x2xf32>
}

// -----

// A bias is added to the activation for the choice; the gates are the
// activation alone, gathered and scaled. A skipped token has -1 and 0.
// CHECK-LABEL: func.func @biased_skipped
// CHECK-SAME: %[[LOGITS:[a-z0-9]*]]: tensor<66x6xf32>, %[[BIAS:[a-z0-9]*]]: tensor<6xf32>, %[[SKIP:[a-z0-9]*]]: tensor<66xi1>
// CHECK-DAG: %[[NONE:.*]] = arith.constant -1 : i32
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-DAG: %[[FACTOR:.*]] = arith.constant 2.500000e+00 : f32
// CHECK: math.exp
// CHECK: arith.divf
// CHECK: linalg.generic {{.*}} ins(%[[P_ALL:.*]], %[[BIAS]] : tensor<66x6xf32>, tensor<6xf32>)
// CHECK: arith.addf
// CHECK: scf.forall
// CHECK: tensor.extract %[[P_ALL]]
// CHECK: ins(%{{.*}}, %[[SKIP]] : tensor<66x2xi32>, tensor<66xi1>)
// CHECK: arith.select %{{.*}}, %[[NONE]]
// CHECK: ins(%{{.*}}, %[[SKIP]] : tensor<66x2xf32>, tensor<66xi1>)
// CHECK: arith.mulf %{{.*}}, %[[FACTOR]]
// CHECK: arith.select %{{.*}}, %[[ZERO]]
func.func @biased_skipped(%logits: tensor<66x6xf32>, %bias: tensor<6xf32>, %skip: tensor<66xi1>) -> (tensor<66x2xi32>, tensor<66x2xf32>) {
  %i, %g = moa.route %logits selection_bias(%bias) skip(%skip) top_k(2) gate(<activation = softmax, order = activation_then_topk, scale = 2.5 : f64>)
    : (tensor<66x6xf32>, tensor<6xf32>, tensor<66xi1>) -> (tensor<66x2xi32>, tensor<66x2xf32>)
  return %i, %g : tensor<66x2xi32>, tensor<66x2xf32>
}

// -----

// k = E without ranking: column j is expert j; nothing is compared or gathered.
// CHECK-LABEL: func.func @all
// CHECK-NOT: scf.forall
// CHECK-NOT: arith.cmpi
// CHECK-NOT: tensor.extract
// CHECK: return
func.func @all(%logits: tensor<66x6xf32>) -> (tensor<66x6xi32>, tensor<66x6xf32>) {
  %i, %g = moa.route %logits top_k(6) all gate(<activation = sigmoid, order = activation_then_topk>)
    : (tensor<66x6xf32>) -> (tensor<66x6xi32>, tensor<66x6xf32>)
  return %i, %g : tensor<66x6xi32>, tensor<66x6xf32>
}
