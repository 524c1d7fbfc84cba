// Products whose rows are heads that are rotated in part: halves and rests of odd and
// of whole numbers of columns, in one block of a head and in several, of which some
// have no rotated channels.
// RUN: %python %S/against_cpu.py %s %t x=2x75x19xbf16 w=4x19x80xbf16 v=4x76x19xbf16 \
// RUN:     h=1x70x16xf16 a=2x16x256xf16 f=3x9x20xf32 wk=20x26xf32 wv=20x26xf32 \
// RUN:     b=3x16x128xf16 indices=150x2xi32:-1:3 slots=70x2xi32:-1:2 | FileCheck %s
// CHECK: agree

func.func @main(%x: tensor<2x75x19xbf16> {moa.name = "x"}, %w: tensor<4x19x80xbf16> {moa.name = "w"},
                %v: tensor<4x76x19xbf16> {moa.name = "v"}, %indices: tensor<150x2xi32> {moa.name = "indices"},
                %h: tensor<1x?x16xf16> {moa.name = "h"}, %a: tensor<2x16x256xf16> {moa.name = "a"},
                %b: tensor<3x16x128xf16> {moa.name = "b"}, %slots: tensor<?x2xi32> {moa.name = "slots"},
                %f: tensor<?x?x20xf32> {moa.name = "f"}, %wk: tensor<20x26xf32> {moa.name = "wk"},
                %wv: tensor<20x26xf32> {moa.name = "wv"})
    -> (tensor<300x80xbf16>, tensor<300x76xbf16>, tensor<?x256xf16>, tensor<?x128xf16>, tensor<?x?x2x13xf32>,
        tensor<?x?x2x13xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %position = arith.constant 11 : index
  %zero = arith.constant 0.0 : bf16
  %zero_f16 = arith.constant 0.0 : f16
  %length = arith.constant 75 : index
  %rows = tensor.collapse_shape %x [[0, 1], [2]] : tensor<2x75x19xbf16> into tensor<150x19xbf16>
  %offsets, %permutation = moa.dispatch %indices experts(4) : (tensor<150x2xi32>) -> (tensor<5xi32>, tensor<300xi32>)

  // Halves of 5 channels and 30 others; halves of 12 and 14 others.
  %e0 = tensor.empty() : tensor<300x80xbf16>
  %z0 = linalg.fill ins(%zero : bf16) outs(%e0 : tensor<300x80xbf16>) -> tensor<300x80xbf16>
  %0 = moa.grouped_matmul token(%rows), %w groups(%offsets, %permutation) top_k(2)
      rotary(<theta = 100.0, dim = 10>) heads(2) length(%length) into slot(%z0)
      : (tensor<150x19xbf16>, tensor<4x19x80xbf16>, tensor<5xi32>, tensor<300xi32>, index, tensor<300x80xbf16>)
      -> tensor<300x80xbf16>
  %e1 = tensor.empty() : tensor<300x76xbf16>
  %z1 = linalg.fill ins(%zero : bf16) outs(%e1 : tensor<300x76xbf16>) -> tensor<300x76xbf16>
  %1 = moa.grouped_matmul token(%rows), %v transposed groups(%offsets, %permutation) top_k(2)
      rotary(<theta = 100.0, dim = 24>) heads(2) length(%length) position(%position) into slot(%z1)
      : (tensor<150x19xbf16>, tensor<4x76x19xbf16>, tensor<5xi32>, tensor<300xi32>, index, index, tensor<300x76xbf16>)
      -> tensor<300x76xbf16>

  // Of two blocks of a head, one has its 32 rotated channels; of a slot's, too.
  %t = tensor.dim %h, %c1 : tensor<1x?x16xf16>
  %n = arith.muli %t, %c2 : index
  %tokens = tensor.collapse_shape %h [[0, 1], [2]] : tensor<1x?x16xf16> into tensor<?x16xf16>
  %e2 = tensor.empty(%n) : tensor<?x256xf16>
  %2 = moa.dense_matmul token(%tokens), %a rotary(<theta = 1.0e4, dim = 32>) heads(1) length(%t) into(%e2)
      : (tensor<?x16xf16>, tensor<2x16x256xf16>, index, tensor<?x256xf16>) -> tensor<?x256xf16>
  %e3 = tensor.empty(%n) : tensor<?x128xf16>
  %z3 = linalg.fill ins(%zero_f16 : f16) outs(%e3 : tensor<?x128xf16>) -> tensor<?x128xf16>
  %3 = moa.slot_matmul token(%tokens), %b, %slots rotary(<theta = 1.0e4, dim = 32>) heads(1) length(%t) into(%z3)
      : (tensor<?x16xf16>, tensor<3x16x128xf16>, tensor<?x2xi32>, index, tensor<?x128xf16>) -> tensor<?x128xf16>

  // Halves of 3 channels and 7 others.
  %s0 = tensor.dim %f, %c0 : tensor<?x?x20xf32>
  %s1 = tensor.dim %f, %c1 : tensor<?x?x20xf32>
  %e4 = tensor.empty(%s0, %s1) : tensor<?x?x2x13xf32>
  %e5 = tensor.empty(%s0, %s1) : tensor<?x?x2x13xf32>
  %4:2 = moa.key_value %f, %wk, %wv rotary(<theta = 1.0e4, dim = 6>) position(%position) into(%e4, %e5)
      : (tensor<?x?x20xf32>, tensor<20x26xf32>, tensor<20x26xf32>, index, tensor<?x?x2x13xf32>, tensor<?x?x2x13xf32>)
      -> (tensor<?x?x2x13xf32>, tensor<?x?x2x13xf32>)
  return %0, %1, %2, %3, %4#0, %4#1
      : tensor<300x80xbf16>, tensor<300x76xbf16>, tensor<?x256xf16>, tensor<?x128xf16>, tensor<?x?x2x13xf32>,
        tensor<?x?x2x13xf32>
}
