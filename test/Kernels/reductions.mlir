// Reductions and other loops over elements: along rows, down columns, of
// everything, in order (argmax, products), into other types and orders.
// RUN: %python %S/against_cpu.py %s %t x=21x37xf32 h=3x21x40xbf16 i=21x5xi32:-9:9 | FileCheck %s
// RUN: %python %S/against_cpu.py %s %t x=1x37xf32 h=3x1x40xbf16 i=1x5xi32:-9:9 | FileCheck %s
// RUN: %python %S/against_cpu.py %s %t x=0x37xf32 h=3x0x40xbf16 i=0x5xi32:-9:9 | FileCheck %s
// RUN: %python %S/against_cpu.py %s %t x=300x37xf32 h=3x129x40xbf16 i=300x5xi32:-9:9 | FileCheck %s
// CHECK: agree

#id2 = affine_map<(a, b) -> (a, b)>
#row = affine_map<(a, b) -> (a)>
#col = affine_map<(a, b) -> (b)>
func.func @main(%x: tensor<?x37xf32> {moa.name = "x"}, %h: tensor<3x?x40xbf16> {moa.name = "h"}, %i: tensor<?x5xi32> {moa.name = "i"})
    -> (tensor<?xf32>, tensor<37xf32>, tensor<3x40xf32>, tensor<?xi32>, tensor<?xi32>, tensor<f32>, tensor<37x?xf32>, tensor<?xf32>, tensor<?x3xbf16>, tensor<?xf32>, tensor<3x40xbf16>, tensor<?x37xf32>, tensor<f32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?x37xf32>
  %m = tensor.dim %h, %c1 : tensor<3x?x40xbf16>
  %zero = arith.constant 0.0 : f32
  %zeroh = arith.constant 0.0 : bf16
  %zi = arith.constant 0 : i32
  %low = arith.constant 0xFF800000 : f32
  // mean of squares of rows
  %e0 = tensor.empty(%n) : tensor<?xf32>
  %f0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<?xf32>) -> tensor<?xf32>
  %0 = linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<?x37xf32>) outs(%f0 : tensor<?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.mulf %a, %a : f32
    %t = arith.addf %o, %s : f32
    linalg.yield %t : f32
  } -> tensor<?xf32>
  // sums of columns, into an init that is not constant
  %e1 = tensor.empty() : tensor<37xf32>
  %one = arith.constant 1.0 : f32
  %f1 = linalg.fill ins(%one : f32) outs(%e1 : tensor<37xf32>) -> tensor<37xf32>
  %1 = linalg.reduce ins(%x : tensor<?x37xf32>) outs(%f1 : tensor<37xf32>) dimensions = [0] (%a: f32, %o: f32) {
    %s = arith.addf %a, %o : f32
    linalg.yield %s : f32
  }
  // sums over tokens of two batches, in f32
  %e2 = tensor.empty() : tensor<3x40xf32>
  %f2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<3x40xf32>) -> tensor<3x40xf32>
  %2 = linalg.generic {indexing_maps = [affine_map<(b, t, c) -> (b, t, c)>, affine_map<(b, t, c) -> (b, c)>], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%h : tensor<3x?x40xbf16>) outs(%f2 : tensor<3x40xf32>) {
  ^bb0(%a: bf16, %o: f32):
    %s = arith.extf %a : bf16 to f32
    %t = arith.addf %o, %s : f32
    linalg.yield %t : f32
  } -> tensor<3x40xf32>
  // argmax: two results, in order
  %ev = tensor.empty(%n) : tensor<?xf32>
  %ei = tensor.empty(%n) : tensor<?xi32>
  %fv = linalg.fill ins(%low : f32) outs(%ev : tensor<?xf32>) -> tensor<?xf32>
  %fi = linalg.fill ins(%zi : i32) outs(%ei : tensor<?xi32>) -> tensor<?xi32>
  %3:2 = linalg.generic {indexing_maps = [#id2, #row, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<?x37xf32>) outs(%fv, %fi : tensor<?xf32>, tensor<?xi32>) {
  ^bb0(%a: f32, %o: f32, %oi: i32):
    %k = linalg.index 1 : index
    %ki = arith.index_cast %k : index to i32
    %g = arith.cmpf ogt, %a, %o : f32
    %v = arith.select %g, %a, %o : f32
    %w = arith.select %g, %ki, %oi : i32
    linalg.yield %v, %w : f32, i32
  } -> (tensor<?xf32>, tensor<?xi32>)
  // integers
  %ni = tensor.dim %i, %c0 : tensor<?x5xi32>
  %e4 = tensor.empty(%ni) : tensor<?xi32>
  %f4 = linalg.fill ins(%zi : i32) outs(%e4 : tensor<?xi32>) -> tensor<?xi32>
  %4 = linalg.reduce ins(%i : tensor<?x5xi32>) outs(%f4 : tensor<?xi32>) dimensions = [1] (%a: i32, %o: i32) {
    %s = arith.maxsi %a, %o : i32
    linalg.yield %s : i32
  }
  // a scalar of everything
  %e5 = tensor.empty() : tensor<f32>
  %f5 = linalg.fill ins(%zero : f32) outs(%e5 : tensor<f32>) -> tensor<f32>
  %5 = linalg.generic {indexing_maps = [#id2, affine_map<(a, b) -> ()>], iterator_types = ["reduction", "reduction"]}
      ins(%x : tensor<?x37xf32>) outs(%f5 : tensor<f32>) {
  ^bb0(%a: f32, %o: f32):
    %s = math.absf %a : f32
    %t = arith.addf %o, %s : f32
    linalg.yield %t : f32
  } -> tensor<f32>
  %e6 = tensor.empty(%n) : tensor<37x?xf32>
  %6 = linalg.transpose ins(%x : tensor<?x37xf32>) outs(%e6 : tensor<37x?xf32>) permutation = [1, 0]
  // a product that is no kernel of products: matvec
  %r = tensor.extract_slice %1[0] [37] [1] : tensor<37xf32> to tensor<37xf32>
  %7 = linalg.matvec ins(%x, %r : tensor<?x37xf32>, tensor<37xf32>) outs(%f0 : tensor<?xf32>) -> tensor<?xf32>
  // max over heads of bf16, results in another order
  %e8 = tensor.empty(%m) : tensor<?x3xbf16>
  %lowh = arith.constant 0xFF80 : bf16
  %f8 = linalg.fill ins(%lowh : bf16) outs(%e8 : tensor<?x3xbf16>) -> tensor<?x3xbf16>
  %8 = linalg.generic {indexing_maps = [affine_map<(b, t, c) -> (b, t, c)>, affine_map<(b, t, c) -> (t, b)>], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%h : tensor<3x?x40xbf16>) outs(%f8 : tensor<?x3xbf16>) {
  ^bb0(%a: bf16, %o: bf16):
    %t = arith.maximumf %o, %a : bf16
    linalg.yield %t : bf16
  } -> tensor<?x3xbf16>
  // products of a row, in order
  %f9 = linalg.fill ins(%one : f32) outs(%e0 : tensor<?xf32>) -> tensor<?xf32>
  %9 = linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<?x37xf32>) outs(%f9 : tensor<?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.addf %a, %one : f32
    %t = arith.mulf %o, %s : f32
    linalg.yield %t : f32
  } -> tensor<?xf32>
  %e10 = tensor.empty() : tensor<3x40xbf16>
  %f10 = linalg.fill ins(%zeroh : bf16) outs(%e10 : tensor<3x40xbf16>) -> tensor<3x40xbf16>
  %10 = linalg.reduce ins(%h : tensor<3x?x40xbf16>) outs(%f10 : tensor<3x40xbf16>) dimensions = [1] (%a: bf16, %o: bf16) {
    %s = arith.maxnumf %a, %o : bf16
    linalg.yield %s : bf16
  }
  %e11 = tensor.empty(%n) : tensor<?x37xf32>
  %11 = linalg.softmax dimension(1) ins(%x : tensor<?x37xf32>) outs(%e11 : tensor<?x37xf32>) -> tensor<?x37xf32>
  // rank 0 to rank 0
  %e12 = tensor.empty() : tensor<f32>
  %12 = linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []}
      ins(%5, %one : tensor<f32>, f32) outs(%e12 : tensor<f32>) {
  ^bb0(%a: f32, %c: f32, %o: f32):
    %s = arith.addf %a, %c : f32
    linalg.yield %s : f32
  } -> tensor<f32>
  return %0, %1, %2, %3#1, %4, %5, %6, %7, %8, %9, %10, %11, %12 : tensor<?xf32>, tensor<37xf32>, tensor<3x40xf32>, tensor<?xi32>, tensor<?xi32>, tensor<f32>, tensor<37x?xf32>, tensor<?xf32>, tensor<?x3xbf16>, tensor<?xf32>, tensor<3x40xbf16>, tensor<?x37xf32>, tensor<f32>
}
