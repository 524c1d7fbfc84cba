// RUN: moa-opt %s --convert-moa-to-linalg --canonicalize --cse --split-input-file \
// RUN:   | FileCheck %s --implicit-check-not='= moa.'

// A token counts where its first index is an expert. Sums over tokens are taken
// in f64; the divisor is at least 1, so that nothing counted gives 0.
// CHECK-LABEL: func.func @balance
// CHECK-DAG: %[[EXPERTS:.*]] = arith.constant 6.000000e+00 : f64
// CHECK-DAG: %[[ONE:.*]] = arith.constant 1.000000e+00 : f64
// CHECK: math.exp
// CHECK: arith.cmpi sge
// CHECK: iterator_types = ["reduction", "parallel"]} {{.*}} outs(%{{.*}} : tensor<6xf64>)
// CHECK: scf.for %[[T:.*]] = %c0 to %c66
// CHECK: scf.for %[[J:.*]] = %c0 to %c2
// CHECK: %[[EXPERT:.*]] = arith.index_cast
// CHECK: arith.cmpi ult, %[[EXPERT]], %c6
// CHECK: cf.assert %{{.*}}, "'moa.balance_loss' op an index is neither -1 nor below the number of experts"
// CHECK: %[[COUNTED:.*]] = arith.maximumf %{{.*}}, %[[ONE]] : f64
// CHECK: arith.mulf %{{.*}}, %[[EXPERTS]] : f64
// CHECK: arith.divf
// CHECK: arith.truncf %{{.*}} : f64 to f32
func.func @balance(%l: tensor<66x6xf32>, %i: tensor<66x2xi32>) -> tensor<f32> {
  %b = moa.balance_loss softmax %l, %i : (tensor<66x6xf32>, tensor<66x2xi32>) -> tensor<f32>
  return %b : tensor<f32>
}

// -----

// The log-sum-exp is the stable one: max + log(sum of exp(l - max)).
// CHECK-LABEL: func.func @z
// CHECK: arith.maximumf
// CHECK: arith.subf
// CHECK: math.exp
// CHECK: %[[LOG:.*]] = math.log
// CHECK: arith.addf %{{.*}}, %[[LOG]]
// CHECK: %[[LSE:.*]] = arith.extf %{{.*}} : f32 to f64
// CHECK: arith.mulf %[[LSE]], %[[LSE]] : f64
// CHECK: arith.truncf %{{.*}} : f64 to f32
func.func @z(%l: tensor<66x6xf32>, %i: tensor<66x2xi32>) -> tensor<f32> {
  %z = moa.z_loss %l, %i : (tensor<66x6xf32>, tensor<66x2xi32>) -> tensor<f32>
  return %z : tensor<f32>
}

// -----

// Mean entropy of the tokens minus entropy of the mean; p log p is 0 at p = 0.
// CHECK-LABEL: func.func @mutual
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f64
// CHECK: %[[P:.*]] = arith.extf %{{.*}} : f32 to f64
// CHECK: %[[NONE:.*]] = arith.cmpf oeq, %[[P]], %[[ZERO]]
// CHECK: math.log %[[P]]
// CHECK: arith.select %[[NONE]], %[[ZERO]]
// CHECK: math.log
// CHECK-NOT: math.log
// CHECK: arith.subf %{{.*}} : f64
// CHECK: arith.truncf %{{.*}} : f64 to f32
func.func @mutual(%l: tensor<66x6xf32>, %i: tensor<66x2xi32>) -> tensor<f32> {
  %m = moa.mutual_loss sigmoid %l, %i : (tensor<66x6xf32>, tensor<66x2xi32>) -> tensor<f32>
  return %m : tensor<f32>
}
