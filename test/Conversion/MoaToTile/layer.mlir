// A layer in its fused form: what is launched, on which grids.
// RUN: moa-opt %s --convert-moa-to-tile --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func.func @sparse
// A tile of 64 tokens a block.
// CHECK:       moa_tile.launch @kernels::@router blocks(%c8, %c1, %c1)
// CHECK-SAME:    outs({{.*}} : tensor<512x2xi32>, tensor<512x2xf32>)
// One block sorts 1024 slots, and lists tiles of 160 rows for both products:
// at most 1024 / 160 full ones and one that is not for each expert.
// CHECK:       %[[SORT:.*]]:3 = moa_tile.launch @kernels::@dispatch blocks(%c1, %c1, %c1)
// CHECK-SAME:    outs({{.*}} : tensor<9xi32>, tensor<1024xi32>, tensor<14x2xi32>)
// CHECK:       moa_tile.launch @kernels::@grouped_matmul_160x128_bf16 blocks(%c14, %c4, %c1)
// CHECK-SAME:    %[[SORT]]#0, %[[SORT]]#2, %[[SORT]]#1
// CHECK:       moa_tile.launch @kernels::@combine
// CHECK-NOT:   moa.
// CHECK:       gpu.module @kernels
func.func @sparse(%x: tensor<512x512xbf16>, %router: tensor<512x8xbf16>,
                  %w: tensor<8x512x512xbf16>, %residual: tensor<512x512xbf16>)
    -> tensor<512x512xbf16> {
  %logits, %indices, %gates = moa.router %x, %router top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<512x512xbf16>, tensor<512x8xbf16>)
      -> (tensor<512x8xf32>, tensor<512x2xi32>, tensor<512x2xf32>)
  %offsets, %permutation = moa.dispatch %indices experts(8)
      : (tensor<512x2xi32>) -> (tensor<9xi32>, tensor<1024xi32>)
  // No token is skipped, so every row is stored and nothing is filled.
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<1024x512xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<1024x512xf32>) -> tensor<1024x512xf32>
  %slots = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      into slot(%init)
      : (tensor<512x512xbf16>, tensor<8x512x512xbf16>, tensor<9xi32>,
         tensor<1024xi32>, tensor<1024x512xf32>) -> tensor<1024x512xf32>
  %out = tensor.empty() : tensor<512x512xbf16>
  %y = moa.combine %slots, %gates residual(%residual) into(%out)
      : (tensor<1024x512xf32>, tensor<512x2xf32>, tensor<512x512xbf16>,
         tensor<512x512xbf16>) -> tensor<512x512xbf16>
  return %y : tensor<512x512xbf16>
}
