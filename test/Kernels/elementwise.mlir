// Element-wise computations: broadcasts, transposed and repeated operands,
// indices, elements read by index, scalars; and a residual around a layer's op.
// RUN: %python %S/against_cpu.py %s %t x=7x5x9xf32 c=7x9xf32 r=9xf32 h=9x7xbf16 \
// RUN:     i=7x5xi32:0:6 | FileCheck %s
// CHECK: agree

func.func @main(%x: tensor<?x5x9xf32> {moa.name = "x"}, %c: tensor<?x9xf32> {moa.name = "c"},
                %r: tensor<9xf32> {moa.name = "r"}, %h: tensor<9x?xbf16> {moa.name = "h"},
                %i: tensor<?x5xi32> {moa.name = "i"})
    -> (tensor<?x5x9xf32>, tensor<?x9xbf16>, tensor<?x5xf32>, tensor<?x9xf32>, tensor<?x5x9xf32>) {
  %half = arith.constant 5.000000e-01 : f32
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x5x9xf32>
  %e0 = tensor.empty(%n) : tensor<?x5x9xf32>
  %0 = linalg.generic {
      indexing_maps = [affine_map<(a, b, c) -> (a, b, c)>, affine_map<(a, b, c) -> (a, c)>,
                       affine_map<(a, b, c) -> (c)>, affine_map<(a, b, c) -> (a, b, c)>],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %c, %r : tensor<?x5x9xf32>, tensor<?x9xf32>, tensor<9xf32>) outs(%e0 : tensor<?x5x9xf32>) {
  ^bb0(%a: f32, %b: f32, %d: f32, %o: f32):
    %s = arith.addf %a, %b : f32
    %m = arith.mulf %s, %d : f32
    %t = math.exp %m : f32
    %u = arith.mulf %t, %half : f32
    linalg.yield %u : f32
  } -> tensor<?x5x9xf32>
  %e1 = tensor.empty(%n) : tensor<?x9xbf16>
  %1 = linalg.generic {
      indexing_maps = [affine_map<(a, b) -> (b, a)>, affine_map<(a, b) -> (a, b)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%h : tensor<9x?xbf16>) outs(%e1 : tensor<?x9xbf16>) {
  ^bb0(%a: bf16, %o: bf16):
    %j = linalg.index 1 : index
    %k = arith.index_cast %j : index to i32
    %f = arith.sitofp %k : i32 to bf16
    %s = arith.addf %a, %f : bf16
    linalg.yield %s : bf16
  } -> tensor<?x9xbf16>
  %e2 = tensor.empty(%n) : tensor<?x5xf32>
  %2 = linalg.generic {
      indexing_maps = [affine_map<(a, b) -> (a, b)>, affine_map<(a, b) -> (a, b)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%i : tensor<?x5xi32>) outs(%e2 : tensor<?x5xf32>) {
  ^bb0(%a: i32, %o: f32):
    %row = arith.index_cast %a : i32 to index
    %column = linalg.index 1 : index
    %v = tensor.extract %c[%row, %column] : tensor<?x9xf32>
    linalg.yield %v : f32
  } -> tensor<?x5xf32>
  // A dimension of size 1 that is repeated.
  %one = tensor.extract_slice %x[0, 0, 0] [%n, 1, 9] [1, 1, 1]
      : tensor<?x5x9xf32> to tensor<?x1x9xf32>
  %4 = linalg.generic {
      indexing_maps = [affine_map<(a, b, c) -> (a, 0, c)>, affine_map<(a, b, c) -> (a, b, c)>,
                       affine_map<(a, b, c) -> (a, b, c)>],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%one, %0 : tensor<?x1x9xf32>, tensor<?x5x9xf32>) outs(%e0 : tensor<?x5x9xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<?x5x9xf32>
  %3 = arith.addf %c, %c : tensor<?x9xf32>
  return %0, %1, %2, %3, %4 : tensor<?x5x9xf32>, tensor<?x9xbf16>, tensor<?x5xf32>, tensor<?x9xf32>,
      tensor<?x5x9xf32>
}
