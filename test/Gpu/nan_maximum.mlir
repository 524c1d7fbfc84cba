// REQUIRES: cuda-driver
// A maximum of arith.maximumf is a NaN where an element is; one of
// arith.maxnumf is not.
// RUN: moa-run %s --device=cuda --input="2x3xf32=1 nan 2 -3 -1 -2" \
// RUN:   --expected_output="2xf32=nan -1" --expected_output="2xf32=2 -1" | FileCheck %s
// CHECK: result0: OK
// CHECK: result1: OK

#elements = affine_map<(i, j) -> (i, j)>
#rows = affine_map<(i, j) -> (i)>

func.func @main(%x: tensor<2x3xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %lowest = arith.constant 0xFF800000 : f32
  %empty = tensor.empty() : tensor<2xf32>
  %init = linalg.fill ins(%lowest : f32) outs(%empty : tensor<2xf32>) -> tensor<2xf32>
  %0 = linalg.generic {indexing_maps = [#elements, #rows], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<2x3xf32>) outs(%init : tensor<2xf32>) {
  ^bb0(%a: f32, %o: f32):
    %m = arith.maximumf %o, %a : f32
    linalg.yield %m : f32
  } -> tensor<2xf32>
  %1 = linalg.generic {indexing_maps = [#elements, #rows], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<2x3xf32>) outs(%init : tensor<2xf32>) {
  ^bb0(%a: f32, %o: f32):
    %m = arith.maxnumf %o, %a : f32
    linalg.yield %m : f32
  } -> tensor<2xf32>
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}
