// REQUIRES: cuda-driver
// A block of a transformer: the mean of squares that normalises the rows, the
// weights of the norm, a layer, the residual. As the CPU computes it.
// RUN: %python %S/../Kernels/against_cpu.py %s %t x=2x19x24xbf16 n=24xbf16 r=24x6xbf16 \
// RUN:   q=6x24x16xbf16 k=24x8xbf16 v=24x8xbf16 o=6x16x24xbf16
// RUN: moa-run %s --device=cuda --input=@%t/inputs.safetensors \
// RUN:   --expected_output=@%t/expected.safetensors | FileCheck %s
// CHECK: result0: OK: 0 of 912 elements

// The norm takes a reduction and an element-wise kernel.
// RUN: moa-opt %s --moa-tile-pipeline | FileCheck %s --check-prefix=KERNELS
// KERNELS-LABEL: func.func @main
// KERNELS: moa_tile.launch @kernels::@reduce
// KERNELS: moa_tile.launch @kernels::@elementwise
// KERNELS-COUNT-6: moa_tile.launch
// KERNELS-NOT: moa_tile.launch

#elements = affine_map<(b, t, c) -> (b, t, c)>
#rows = affine_map<(b, t, c) -> (b, t)>
#columns = affine_map<(b, t, c) -> (c)>

func.func @main(%x: tensor<2x19x24xbf16> {moa.name = "x"}, %weights: tensor<24xbf16> {moa.name = "n"},
                %router: tensor<24x6xbf16> {moa.name = "r"}, %wq: tensor<6x24x16xbf16> {moa.name = "q"},
                %wk: tensor<24x8xbf16> {moa.name = "k"}, %wv: tensor<24x8xbf16> {moa.name = "v"},
                %wo: tensor<6x16x24xbf16> {moa.name = "o"}) -> tensor<2x19x24xbf16> {
  %zero = arith.constant 0.0 : f32
  %count = arith.constant 24.0 : f32
  %epsilon = arith.constant 1.0e-5 : f32
  %emptySums = tensor.empty() : tensor<2x19xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%emptySums : tensor<2x19xf32>) -> tensor<2x19xf32>
  %squares = linalg.generic {
      indexing_maps = [#elements, #rows],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x : tensor<2x19x24xbf16>) outs(%zeros : tensor<2x19xf32>) {
  ^bb0(%a: bf16, %sum: f32):
    %wide = arith.extf %a : bf16 to f32
    %square = arith.mulf %wide, %wide : f32
    %next = arith.addf %sum, %square : f32
    linalg.yield %next : f32
  } -> tensor<2x19xf32>
  %empty = tensor.empty() : tensor<2x19x24xbf16>
  %normal = linalg.generic {
      indexing_maps = [#elements, #rows, #columns, #elements],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %squares, %weights : tensor<2x19x24xbf16>, tensor<2x19xf32>, tensor<24xbf16>)
      outs(%empty : tensor<2x19x24xbf16>) {
  ^bb0(%a: bf16, %sum: f32, %w: bf16, %out: bf16):
    %wide = arith.extf %a : bf16 to f32
    %mean = arith.divf %sum, %count : f32
    %shifted = arith.addf %mean, %epsilon : f32
    %scale = math.rsqrt %shifted : f32
    %scaled = arith.mulf %wide, %scale : f32
    %wideWeight = arith.extf %w : bf16 to f32
    %weighted = arith.mulf %scaled, %wideWeight : f32
    %rounded = arith.truncf %weighted : f32 to bf16
    linalg.yield %rounded : bf16
  } -> tensor<2x19x24xbf16>
  %y = moa.layer %normal router(%router) query(%wq) key(%wk) value(%wv) output(%wo) top_k(2) heads(2)
      gate(<activation = softmax, order = topk_then_activation>) causal
      : (tensor<2x19x24xbf16>, tensor<24x6xbf16>, tensor<6x24x16xbf16>, tensor<24x8xbf16>,
         tensor<24x8xbf16>, tensor<6x16x24xbf16>) -> tensor<2x19x24xbf16>
  %sum = arith.addf %x, %y : tensor<2x19x24xbf16>
  return %sum : tensor<2x19x24xbf16>
}
