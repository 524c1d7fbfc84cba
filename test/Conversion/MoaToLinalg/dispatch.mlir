// RUN: moa-opt %s --convert-moa-to-linalg --canonicalize --cse \
// RUN:   | FileCheck %s --implicit-check-not='= moa.'
// RUN: moa-opt %s --convert-moa-to-linalg=runtime-checks=false \
// RUN:   | FileCheck %s --check-prefix=UNCHECKED --implicit-check-not=cf.assert

// A counting sort: count the slots of each expert, sum the counts, and write
// each slot where its expert's next one stands. Slots without an expert (-1) are
// passed over; what is left of the permutation is the number of slots.
// CHECK-LABEL: func.func @dispatch
// CHECK-DAG: %[[SLOTS:.*]] = arith.constant 132 : i32
// CHECK: %[[EXPERTS:.*]] = tensor.collapse_shape %{{.*}} {{\[}}[0, 1]] : tensor<66x2xi32> into tensor<132xi32>
// CHECK: %[[COUNTS:.*]] = scf.for %[[SLOT:.*]] = %c0 to %c132 step %c1
// CHECK: %[[INDEX:.*]] = tensor.extract %[[EXPERTS]][%[[SLOT]]]
// CHECK: %[[EXPERT:.*]] = arith.index_cast %[[INDEX]]
// CHECK: %[[ROUTED:.*]] = arith.cmpi ne, %[[EXPERT]], %c-1
// CHECK: scf.if %[[ROUTED]]
// CHECK: %[[BELOW:.*]] = arith.cmpi ult, %[[EXPERT]], %c6
// CHECK: cf.assert %[[BELOW]], "'moa.dispatch' op an index is neither -1 nor below the number of experts (6)"
// CHECK: %[[OFFSETS:.*]]:2 = scf.for %{{.*}} = %c1 to %c7 step %c1 iter_args(%{{.*}} = %[[COUNTS]]
// CHECK: %[[EMPTY:.*]] = linalg.generic
// CHECK: linalg.yield %[[SLOTS]] : i32
// CHECK: %[[SORTED:.*]]:2 = scf.for %{{.*}} = %c0 to %c132 step %c1 iter_args(%{{.*}} = %[[EMPTY]], %{{.*}} = %[[OFFSETS]]#0)
// CHECK-NOT: scf.for
// CHECK: return %[[OFFSETS]]#0, %[[SORTED]]#0
// UNCHECKED-LABEL: func.func @dispatch
func.func @dispatch(%indices: tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>) {
  %o, %p = moa.dispatch %indices experts(6) : (tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>)
  return %o, %p : tensor<7xi32>, tensor<132xi32>
}
