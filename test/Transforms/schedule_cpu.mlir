// RUN: moa-opt %s --split-input-file \
// RUN:   --pass-pipeline='builtin.module(func.func(moa-schedule-cpu,canonicalize,cse))' \
// RUN:   | FileCheck %s

#id = affine_map<(d0, d1) -> (d0, d1)>
// A chain of maps is one op, tiled over its rows; the last tile may be smaller.
// CHECK-LABEL: func.func @maps
// CHECK-SAME: %[[A:[a-z0-9]*]]: tensor<?x512xf32>
// CHECK: %[[ROWS:.*]] = tensor.dim %[[A]], %c0
// CHECK: scf.forall (%[[R:.*]]) = (0) to (%[[ROWS]]) step (32)
// CHECK: %[[SIZE:.*]] = affine.min
// CHECK: tensor.extract_slice %[[A]][%[[R]], 0] [%[[SIZE]], 512]
// CHECK: linalg.generic
// CHECK: math.exp
// CHECK-NEXT: arith.negf
// CHECK: tensor.parallel_insert_slice
// CHECK-NOT: linalg.generic
func.func @maps(%a: tensor<?x512xf32>) -> tensor<?x512xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a, %c0 : tensor<?x512xf32>
  %e = tensor.empty(%n) : tensor<?x512xf32>
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<?x512xf32>) outs(%e : tensor<?x512xf32>) {
  ^bb0(%in: f32, %out: f32):
    %1 = math.exp %in : f32
    linalg.yield %1 : f32
  } -> tensor<?x512xf32>
  %2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<?x512xf32>) outs(%e : tensor<?x512xf32>) {
  ^bb0(%in: f32, %out: f32):
    %1 = arith.negf %in : f32
    linalg.yield %1 : f32
  } -> tensor<?x512xf32>
  return %2 : tensor<?x512xf32>
}

// -----

// What is small stays whole: threads would cost more than they save. Its loops
// are ordered nevertheless.
// CHECK-LABEL: func.func @small
// CHECK-NOT: scf.forall
// CHECK: linalg.fill
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "reduction", "parallel"]
// CHECK: arith.mulf %{{.*}} fastmath<contract>
func.func @small(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %p = linalg.matmul ins(%a, %b : tensor<8x8xf32>, tensor<8x8xf32>) outs(%f : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %p : tensor<8x8xf32>
}

// -----

// A product is tiled over rows and columns, with the fill of its accumulator.
// The innermost loop runs along the columns of the right operand, so that the
// sum keeps its order: products may be contracted, not reassociated.
// CHECK-LABEL: func.func @matmul
// CHECK-NOT: linalg.fill
// CHECK: scf.forall {{.*}} step (32, 256)
// CHECK: %[[ZEROS:.*]] = linalg.fill
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "reduction", "parallel"]} {{.*}} outs(%[[ZEROS]]
// CHECK: arith.mulf %{{.*}} fastmath<contract>
// CHECK-NEXT: arith.addf %{{.*}} fastmath<contract>
func.func @matmul(%a: tensor<?x48xf32>, %b: tensor<48x?xf32>, %m: index, %n: index) -> tensor<?x?xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty(%m, %n) : tensor<?x?xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x?xf32>) -> tensor<?x?xf32>
  %p = linalg.matmul ins(%a, %b : tensor<?x48xf32>, tensor<48x?xf32>) outs(%f : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %p : tensor<?x?xf32>
}

// -----

#a = affine_map<(m, n, k) -> (m, k)>
#bt = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>
// Along a transposed right operand the sum itself is innermost: it may be
// reassociated, without which it could not use vectors.
// CHECK-LABEL: func.func @transposed
// CHECK: scf.forall
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "reduction"]
// CHECK: arith.addf %{{.*}} fastmath<reassoc,contract>
func.func @transposed(%a: tensor<?x48xf32>, %b: tensor<64x48xf32>, %i: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %p = linalg.matmul indexing_maps = [#a, #bt, #c] ins(%a, %b : tensor<?x48xf32>, tensor<64x48xf32>) outs(%i : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %p : tensor<?x64xf32>
}

// -----

// A factor of a product that is a scalar: there is no order to choose.
// CHECK-LABEL: func.func @scalar_factor
// CHECK: linalg.generic
func.func @scalar_factor(%x: tensor<?xf32>, %s: tensor<f32>, %init: tensor<f32>) -> tensor<f32> {
  %0 = linalg.generic {
      indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>, affine_map<(i) -> ()>],
      iterator_types = ["reduction"]}
      ins(%x, %s : tensor<?xf32>, tensor<f32>) outs(%init : tensor<f32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %product = arith.mulf %a, %b : f32
    %sum = arith.addf %o, %product : f32
    linalg.yield %sum : f32
  } -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

// Loops without a turn stay as they are.
// CHECK-LABEL: func.func @empty
// CHECK-NOT: scf.forall
// CHECK: return
func.func @empty(%x: tensor<?x0xf32>, %init: tensor<?x0xf32>) -> tensor<?x0xf32> {
  %0 = linalg.exp ins(%x : tensor<?x0xf32>) outs(%init : tensor<?x0xf32>) -> tensor<?x0xf32>
  return %0 : tensor<?x0xf32>
}
