// Products over groups in every order of rows, with gates, transposed weights,
// widths that no tile divides, groups of 0, 1, 17, 130 and more rows.
// RUN: %python %S/against_cpu.py %s %t x=150x19xf32 s=300x19xf32 h=150x19xbf16 \
// RUN:     w=4x19x37xf32 v=4x37x19xf32 wh=4x19x37xbf16 gates=150x2xf32 \
// RUN:     indices=150x2xi32:-1:2 init=300x37xf32 sums=150x37xf32 \
// RUN:     | FileCheck %s
// CHECK: agree

func.func @main(%x: tensor<?x19xf32> {moa.name = "x"}, %s: tensor<?x19xf32> {moa.name = "s"},
                %h: tensor<150x19xbf16> {moa.name = "h"},
                %w: tensor<4x19x37xf32> {moa.name = "w"}, %v: tensor<4x37x19xf32> {moa.name = "v"},
                %wh: tensor<4x19x37xbf16> {moa.name = "wh"},
                %gates: tensor<?x2xf32> {moa.name = "gates"},
                %indices: tensor<?x2xi32> {moa.name = "indices"},
                %init: tensor<?x37xf32> {moa.name = "init"},
                %sums: tensor<?x37xf32> {moa.name = "sums"})
    -> (tensor<?x37xf32>, tensor<?x37xf32>, tensor<?x37xf32>, tensor<?x37xf32>) {
  %o, %p = moa.dispatch %indices experts(4) : (tensor<?x2xi32>) -> (tensor<5xi32>, tensor<?xi32>)
  %0 = moa.grouped_matmul token(%x), %w groups(%o, %p) top_k(2) into slot(%init)
      : (tensor<?x19xf32>, tensor<4x19x37xf32>, tensor<5xi32>, tensor<?xi32>, tensor<?x37xf32>) -> tensor<?x37xf32>
  %1 = moa.grouped_matmul slot(%s), %v transposed groups(%o, %p) gates(%gates) into grouped(%init) {moa.row_tile = 32}
      : (tensor<?x19xf32>, tensor<4x37x19xf32>, tensor<5xi32>, tensor<?xi32>, tensor<?x2xf32>, tensor<?x37xf32>) -> tensor<?x37xf32>
  %2 = moa.grouped_matmul grouped(%s), %w groups(%o, %p) top_k(2) gates(%gates) into token(%sums) {moa.row_tile = 16}
      : (tensor<?x19xf32>, tensor<4x19x37xf32>, tensor<5xi32>, tensor<?xi32>, tensor<?x2xf32>, tensor<?x37xf32>) -> tensor<?x37xf32>
  %ho, %hp = moa.dispatch %indices experts(4) : (tensor<?x2xi32>) -> (tensor<5xi32>, tensor<?xi32>)
  %th = tensor.cast %h : tensor<150x19xbf16> to tensor<?x19xbf16>
  %3 = moa.grouped_matmul token(%th), %wh groups(%ho, %hp) top_k(2) into slot(%init)
      : (tensor<?x19xbf16>, tensor<4x19x37xbf16>, tensor<5xi32>, tensor<?xi32>, tensor<?x37xf32>) -> tensor<?x37xf32>
  return %0, %1, %2, %3 : tensor<?x37xf32>, tensor<?x37xf32>, tensor<?x37xf32>, tensor<?x37xf32>
}
