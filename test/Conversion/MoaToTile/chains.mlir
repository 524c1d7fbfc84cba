// Element-wise ops of one user are part of it; the last one is a reduction.
// RUN: moa-opt %s --convert-elementwise-to-linalg --convert-moa-to-tile --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func.func @chain
// CHECK: moa_tile.launch @kernels::@reduce
// CHECK-NOT: moa_tile.launch
// CHECK-LABEL: gpu.func @reduce
// CHECK: scf.for
// CHECK: math.exp
// CHECK: arith.mulf
// CHECK: moa_tile.reduce add
// CHECK-NOT: gpu.func
func.func @chain(%x: tensor<40x500xf32>, %w: tensor<40x500xf32>) -> tensor<40xf32> {
  %zero = arith.constant 0.0 : f32
  %powers = math.exp %x : tensor<40x500xf32>
  %products = arith.mulf %powers, %w : tensor<40x500xf32>
  %empty = tensor.empty() : tensor<40xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<40xf32>) -> tensor<40xf32>
  %sum = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
      iterator_types = ["parallel", "reduction"]}
      ins(%products : tensor<40x500xf32>) outs(%init : tensor<40xf32>) {
  ^bb0(%a: f32, %s: f32):
    %next = arith.addf %s, %a : f32
    linalg.yield %next : f32
  } -> tensor<40xf32>
  return %sum : tensor<40xf32>
}
