// What became of a layer, and why, is said in remarks of each pass, at the line
// of the layer.

// RUN: moa-opt %s --moa-tile-pipeline -o %t --verify-diagnostics=only-expected \
// RUN:   --remarks-filter='moa-decompose|convert-moa-to-tile' --remark-format=emitRemark

// Without a filter there are none.
// RUN: moa-opt %s --moa-tile-pipeline -o %t 2>&1 | not grep remark:

// By pass.
// RUN: moa-opt %s --moa-tile-pipeline -o %t 2>&1 --remark-format=emitRemark \
// RUN:   --remarks-filter='moa-decompose' | FileCheck %s --check-prefix=DECOMPOSE --implicit-check-not=remark:
// DECOMPOSE: remark: [Passed] sparse | Category:moa-decompose | Function=sparse
// DECOMPOSE: remark: [Passed] dense | Category:moa-decompose | Function=dense
// DECOMPOSE: remark: [Passed] single-token | Category:moa-decompose | Function=single_token

func.func @sparse(%x: tensor<4x512x64xbf16>, %router: tensor<64x32xbf16>,
    %wq: tensor<32x64x64xbf16>, %wk: tensor<64x64xbf16>,
    %wv: tensor<64x64xbf16>, %wo: tensor<32x64x64xbf16>)
    -> tensor<4x512x64xbf16> {
  // expected-remark@below {{sparse | Category:moa-decompose | Function=sparse | Remark="slots are grouped by expert: a token has 2 of 32 experts"}}
  // expected-remark@below {{product-tiles | Category:convert-moa-to-tile | Function=sparse | Remark="tiles of 160 x 64 (rows x columns), stages: 4 of depth 32, warps: 4; rows that meet the same weights: 160"}}
  // expected-remark@below {{product-tiles | Category:convert-moa-to-tile | Function=sparse | Remark="tiles of 128 x 64 (rows x columns), stages: 4 of depth 32, warps: 4; rows that meet the same weights: 2048"}}
  // expected-remark@below {{attention-tiles | Category:convert-moa-to-tile | Function=sparse | Remark="tiles of 64 x 64 (rows of queries x keys), stages: 2, warps: 4, blocks that share a row's keys: 1"}}
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<4x512x64xbf16>, tensor<64x32xbf16>, tensor<32x64x64xbf16>,
         tensor<64x64xbf16>, tensor<64x64xbf16>, tensor<32x64x64xbf16>)
      -> tensor<4x512x64xbf16>
  return %y : tensor<4x512x64xbf16>
}

func.func @dense(%x: tensor<2x5x8xf32>, %router: tensor<8x4xf32>,
                 %wq: tensor<4x8x4xf32>, %wk: tensor<8x4xf32>,
                 %wv: tensor<8x4xf32>, %wo: tensor<4x4x8xf32>)
    -> tensor<2x5x8xf32> {
  // expected-remark@below {{Remark="nothing is sorted: a token has 4 of 4 experts"}}
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(4) gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>) -> tensor<2x5x8xf32>
  return %y : tensor<2x5x8xf32>
}

func.func @single_token(%x: tensor<2x1x8xf32>, %router: tensor<8x4xf32>,
                        %wq: tensor<4x8x4xf32>, %wk: tensor<8x4xf32>,
                        %wv: tensor<8x4xf32>, %wo: tensor<4x4x8xf32>)
    -> tensor<2x1x8xf32> {
  // expected-remark@below {{Remark="nothing is sorted: sequences have one token, with 2 of 4 experts"}}
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<2x1x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>) -> tensor<2x1x8xf32>
  return %y : tensor<2x1x8xf32>
}

func.func @row_tile(%x: tensor<?x64xbf16>, %w: tensor<4x64x64xbf16>,
                    %offsets: tensor<5xi32>, %permutation: tensor<?xi32>,
                    %init: tensor<?x64xbf16>)
    -> (tensor<?x64xbf16>, tensor<?x64xbf16>) {
  // expected-remark@below {{Remark="tiles of 128 x 64 (rows x columns), stages: 4 of depth 32, warps: 4; rows that meet the same weights: unknown"}}
  %y = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      into slot(%init)
      : (tensor<?x64xbf16>, tensor<4x64x64xbf16>, tensor<5xi32>, tensor<?xi32>,
         tensor<?x64xbf16>) -> tensor<?x64xbf16>
  // expected-remark@below {{Remark="tiles of 32 x 64 (rows x columns), stages: 3 of depth 64, warps: 4; as moa.row_tile says"}}
  %z = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      into slot(%init) {moa.row_tile = 32}
      : (tensor<?x64xbf16>, tensor<4x64x64xbf16>, tensor<5xi32>, tensor<?xi32>,
         tensor<?x64xbf16>) -> tensor<?x64xbf16>
  return %y, %z : tensor<?x64xbf16>, tensor<?x64xbf16>
}
