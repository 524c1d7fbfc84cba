// Attention in tiles that it asks for: as many rows as there are, fewer, and more.
// RUN: %python %S/against_cpu.py %s %t q=2x21x4x20xf32 k=2x37x2x20xf32 v=2x37x2x20xf32 \
// RUN:     init=2x21x4x20xf32 qh=2x21x4x32xbf16 kh=2x37x2x32xbf16 vh=2x37x2x32xbf16 \
// RUN:     inith=2x21x4x32xbf16 | FileCheck %s
// CHECK: agree

// The kernels have the tiles.
// RUN: moa-opt %s --convert-moa-to-tile -o %t.mlir --remarks-filter=convert-moa-to-tile \
// RUN:   --remark-format=emitRemark 2>&1 | FileCheck %s --check-prefix=TILES
// TILES: tiles of 16 x 64 (rows of queries x keys)
// TILES: tiles of 128 x 16 (rows of queries x keys)
// TILES: tiles of 64 x 32 (rows of queries x keys)
// TILES: tiles of 32 x 64 (rows of queries x keys)

func.func @main(%q: tensor<2x21x4x20xf32> {moa.name = "q"},
                %k: tensor<2x37x2x20xf32> {moa.name = "k"},
                %v: tensor<2x37x2x20xf32> {moa.name = "v"},
                %init: tensor<2x21x4x20xf32> {moa.name = "init"},
                %qh: tensor<2x21x4x32xbf16> {moa.name = "qh"},
                %kh: tensor<2x37x2x32xbf16> {moa.name = "kh"},
                %vh: tensor<2x37x2x32xbf16> {moa.name = "vh"},
                %inith: tensor<2x21x4x32xbf16> {moa.name = "inith"})
    -> (tensor<2x21x4x20xf32>, tensor<2x21x4x20xf32>, tensor<2x21x4x32xbf16>,
        tensor<2x21x4x32xbf16>) {
  %0 = moa.attention %q, %k, %v heads(2) causal into(%init)
      {moa.row_tile = 16, moa.key_tile = 64}
      : (tensor<2x21x4x20xf32>, tensor<2x37x2x20xf32>, tensor<2x37x2x20xf32>,
         tensor<2x21x4x20xf32>) -> tensor<2x21x4x20xf32>
  %1 = moa.attention %q, %k, %v heads(2) into(%init)
      {moa.row_tile = 128, moa.key_tile = 16}
      : (tensor<2x21x4x20xf32>, tensor<2x37x2x20xf32>, tensor<2x37x2x20xf32>,
         tensor<2x21x4x20xf32>) -> tensor<2x21x4x20xf32>
  %2 = moa.attention %qh, %kh, %vh heads(2) causal into(%inith)
      {moa.key_tile = 32}
      : (tensor<2x21x4x32xbf16>, tensor<2x37x2x32xbf16>,
         tensor<2x37x2x32xbf16>, tensor<2x21x4x32xbf16>)
      -> tensor<2x21x4x32xbf16>
  %3 = moa.attention %qh, %kh, %vh heads(2) into(%inith) {moa.row_tile = 32}
      : (tensor<2x21x4x32xbf16>, tensor<2x37x2x32xbf16>,
         tensor<2x37x2x32xbf16>, tensor<2x21x4x32xbf16>)
      -> tensor<2x21x4x32xbf16>
  return %0, %1, %2, %3
      : tensor<2x21x4x20xf32>, tensor<2x21x4x20xf32>, tensor<2x21x4x32xbf16>,
        tensor<2x21x4x32xbf16>
}
