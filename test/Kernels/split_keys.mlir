// Few rows of queries and many keys: several blocks share the keys of a row, and the
// last one joins what they have. Rows that are cut into pieces and such that are not,
// several parts at a time and what is left, shares without a key, rows and whole
// entries that see none, slots, heads that share keys, and heads that no key has.
// RUN: %python %S/against_cpu.py %s %t q=2x1x4x20xf32 k=2x300x2x20xf32 v=2x300x2x20xf32 \
// RUN:     m=1x1x300xf32 qh=3x3x6x64xbf16 kh=3x261x2x64xbf16 vh=3x261x2x64xbf16 lengths=3xi32:0:261 \
// RUN:     qf=1x5x8x32xf16 kf=1x1027x4x32xf16 vf=1x1027x4x32xf16 seen=1x5x1027xi1:0:1 \
// RUN:     qw=1x1x2x128xbf16 kw=1x70x1x128xbf16 vw=1x70x1x128xbf16 | FileCheck %s
// CHECK: agree

// RUN: moa-opt %s --convert-moa-to-tile -o %t.mlir --remarks-filter=convert-moa-to-tile \
// RUN:   --remark-format=emitRemark 2>&1 | FileCheck %s --check-prefix=BLOCKS
// BLOCKS: blocks that share a row's keys: 2"
// BLOCKS: blocks that share a row's keys: 32"
// BLOCKS: blocks that share a row's keys: 8"
// BLOCKS: blocks that share a row's keys: 32"

func.func @main(
    %q: tensor<2x1x4x20xf32> {moa.name = "q"}, %k: tensor<2x300x2x20xf32> {moa.name = "k"},
    %v: tensor<2x300x2x20xf32> {moa.name = "v"}, %m: tensor<1x1x300xf32> {moa.name = "m"},
    %qh: tensor<?x3x6x64xbf16> {moa.name = "qh"}, %kh: tensor<?x?x2x64xbf16> {moa.name = "kh"},
    %vh: tensor<?x?x2x64xbf16> {moa.name = "vh"}, %lengths: tensor<?xi32> {moa.name = "lengths"},
    %qf: tensor<1x5x8x32xf16> {moa.name = "qf"}, %kf: tensor<1x1027x4x32xf16> {moa.name = "kf"},
    %vf: tensor<1x1027x4x32xf16> {moa.name = "vf"}, %seen: tensor<1x5x1027xi1> {moa.name = "seen"},
    %qw: tensor<1x1x2x128xbf16> {moa.name = "qw"}, %kw: tensor<1x?x1x128xbf16> {moa.name = "kw"},
    %vw: tensor<1x?x1x128xbf16> {moa.name = "vw"})
    -> (tensor<2x1x4x20xf32>, tensor<2x1x4xf32>, tensor<?x3x6x64xbf16>, tensor<?x3x6xf32>,
        tensor<1x5x8x32xf16>, tensor<1x5x8xf32>, tensor<1x1x2x128xbf16>) {
  %c0 = arith.constant 0 : index
  %c1000 = arith.constant 1000 : index
  %c200 = arith.constant 200 : index
  // Two slots of two heads with a row each.
  %i0 = tensor.empty() : tensor<2x1x4x20xf32>
  %l0 = tensor.empty() : tensor<2x1x4xf32>
  %0:2 = moa.attention %q, %k, %v heads(2) additive_mask(%m) into(%i0, %l0)
      : (tensor<2x1x4x20xf32>, tensor<2x300x2x20xf32>, tensor<2x300x2x20xf32>,
         tensor<1x1x300xf32>, tensor<2x1x4x20xf32>, tensor<2x1x4xf32>)
      -> (tensor<2x1x4x20xf32>, tensor<2x1x4xf32>)
  // Three heads for two of keys; an open number of entries.
  %batch = tensor.dim %qh, %c0 : tensor<?x3x6x64xbf16>
  %i1 = tensor.empty(%batch) : tensor<?x3x6x64xbf16>
  %l1 = tensor.empty(%batch) : tensor<?x3x6xf32>
  %1:2 = moa.attention %qh, %kh, %vh heads(3) position(%c200) causal lengths(%lengths)
      into(%i1, %l1)
      : (tensor<?x3x6x64xbf16>, tensor<?x?x2x64xbf16>, tensor<?x?x2x64xbf16>, index,
         tensor<?xi32>, tensor<?x3x6x64xbf16>, tensor<?x3x6xf32>)
      -> (tensor<?x3x6x64xbf16>, tensor<?x3x6xf32>)
  // A window at the end of the keys: most shares have none.
  %i2 = tensor.empty() : tensor<1x5x8x32xf16>
  %l2 = tensor.empty() : tensor<1x5x8xf32>
  %2:2 = moa.attention %qf, %kf, %vf heads(8) head_map(group) position(%c1000) causal
      window(9) boolean_mask(%seen) into(%i2, %l2)
      : (tensor<1x5x8x32xf16>, tensor<1x1027x4x32xf16>, tensor<1x1027x4x32xf16>, index,
         tensor<1x5x1027xi1>, tensor<1x5x8x32xf16>, tensor<1x5x8xf32>)
      -> (tensor<1x5x8x32xf16>, tensor<1x5x8xf32>)
  // Wide heads, fewer keys than blocks that share them.
  %i3 = tensor.empty() : tensor<1x1x2x128xbf16>
  %3 = moa.attention %qw, %kw, %vw heads(1) into(%i3)
      : (tensor<1x1x2x128xbf16>, tensor<1x?x1x128xbf16>, tensor<1x?x1x128xbf16>,
         tensor<1x1x2x128xbf16>) -> tensor<1x1x2x128xbf16>
  return %0#0, %0#1, %1#0, %1#1, %2#0, %2#1, %3
      : tensor<2x1x4x20xf32>, tensor<2x1x4xf32>, tensor<?x3x6x64xbf16>, tensor<?x3x6xf32>,
        tensor<1x5x8x32xf16>, tensor<1x5x8xf32>, tensor<1x1x2x128xbf16>
}
