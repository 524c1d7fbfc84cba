// RUN: moa-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: func.func @repetitions(
// CHECK-SAME: %[[E:.*]]: tensor<1x1xf32>, %[[T:.*]]: tensor<4x8xf32>, %[[S:.*]]: f32
// CHECK-DAG: %[[C:.*]] = arith.constant dense<2.000000e+00> : tensor<4x8xf32>
// CHECK-DAG: %[[ONCE:.*]] = moa_tile.broadcast %[[E]] : tensor<1x1xf32> -> tensor<4x8xf32>
// CHECK-DAG: %[[SPLAT:.*]] = tensor.splat %[[S]] : tensor<4x8xf32>
// CHECK: return %[[ONCE]], %[[T]], %[[SPLAT]], %[[C]]
func.func @repetitions(%e: tensor<1x1xf32>, %t: tensor<4x8xf32>, %s: f32)
    -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) {
  %column = moa_tile.broadcast %e : tensor<1x1xf32> -> tensor<4x1xf32>
  %twice = moa_tile.broadcast %column : tensor<4x1xf32> -> tensor<4x8xf32>
  %same = moa_tile.broadcast %t : tensor<4x8xf32> -> tensor<4x8xf32>
  %splat = tensor.splat %s : tensor<1x8xf32>
  %scalar = moa_tile.broadcast %splat : tensor<1x8xf32> -> tensor<4x8xf32>
  %two = arith.constant dense<2.0> : tensor<4x1xf32>
  %constant = moa_tile.broadcast %two : tensor<4x1xf32> -> tensor<4x8xf32>
  return %twice, %same, %scalar, %constant
      : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
}

// What is not the same everywhere stays.
// CHECK-LABEL: func.func @keeps(
// CHECK: moa_tile.broadcast
// CHECK: moa_tile.reduce
// CHECK: moa_tile.scan
// CHECK: moa_tile.position
func.func @keeps(%t: tensor<4x1xf32>)
    -> (tensor<4x2xf32>, tensor<1x1xf32>, tensor<4x1xf32>, tensor<4x1xi32>) {
  %c = arith.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %0 = moa_tile.broadcast %c : tensor<1x2xf32> -> tensor<4x2xf32>
  %1 = moa_tile.reduce add %t along 0 : tensor<4x1xf32> -> tensor<1x1xf32>
  %2 = moa_tile.scan %t along 0 : tensor<4x1xf32>
  %3 = moa_tile.position : tensor<4x1xi32>
  return %0, %1, %2, %3
      : tensor<4x2xf32>, tensor<1x1xf32>, tensor<4x1xf32>, tensor<4x1xi32>
}

// CHECK-LABEL: func.func @single(
// CHECK-SAME: %[[T:.*]]: tensor<4x1xf32>
// CHECK-DAG: %[[ZEROS:.*]] = arith.constant dense<0.000000e+00> : tensor<4x1xf32>
// CHECK-DAG: %[[ZERO:.*]] = arith.constant dense<0> : tensor<1x1xi32>
// CHECK: return %[[T]], %[[ZEROS]], %[[ZERO]]
func.func @single(%t: tensor<4x1xf32>)
    -> (tensor<4x1xf32>, tensor<4x1xf32>, tensor<1x1xi32>) {
  %0 = moa_tile.reduce max %t along 1 : tensor<4x1xf32> -> tensor<4x1xf32>
  %1 = moa_tile.scan %t along 1 : tensor<4x1xf32>
  %2 = moa_tile.position : tensor<1x1xi32>
  return %0, %1, %2 : tensor<4x1xf32>, tensor<4x1xf32>, tensor<1x1xi32>
}

// Guards that are known; what nobody reads is not loaded.
// CHECK-LABEL: func.func @copies(
// CHECK-SAME: %[[X:.*]]: memref<?x16xf32>, %[[I:.*]]: index, %[[C:.*]]: i1
// CHECK-NEXT: %[[B:.*]] = moa_tile.alloc offset(0)
// CHECK-NEXT: moa_tile.copy %[[X]][%[[I]], %[[I]]] to %[[B]] :
// CHECK-NEXT: moa_tile.copy %[[X]][%[[I]], %[[I]]] to %[[B]] when %[[C]] :
// CHECK-NEXT: return
func.func @copies(%x: memref<?x16xf32>, %i: index, %c: i1) {
  %true = arith.constant true
  %false = arith.constant false
  %b = moa_tile.alloc offset(0) : !moa_tile.buffer<16x16xf32>
  %unused = moa_tile.alloc offset(1024) : !moa_tile.buffer<16x16xf32>
  moa_tile.copy %x[%i, %i] to %b when %true : memref<?x16xf32>, !moa_tile.buffer<16x16xf32>
  moa_tile.copy %x[%i, %i] to %b when %false : memref<?x16xf32>, !moa_tile.buffer<16x16xf32>
  moa_tile.copy %x[%i, %i] to %b when %c : memref<?x16xf32>, !moa_tile.buffer<16x16xf32>
  %dead = moa_tile.load %x[%i, %i] : memref<?x16xf32> -> tensor<16x16xf32>
  return
}
