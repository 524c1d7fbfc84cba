// Keys and values in one product, products by all experts, products of slots:
// whole heads and parts of heads rotated.
// RUN: %python %S/against_cpu.py %s %t x=2x9x20xf32 wk=20x24xf32 wv=20x24xf32 \
// RUN:     wq=3x20x24xf32 wo=3x24x20xf32 gates=18x3xf32 bias=20xf32 skip=18xi1 \
// RUN:     residual=18x20xf32 indices=18x2xi32:-1:2 | FileCheck %s
// CHECK: agree

func.func @main(%x: tensor<2x9x20xf32> {moa.name = "x"},
                %wk: tensor<20x24xf32> {moa.name = "wk"}, %wv: tensor<20x24xf32> {moa.name = "wv"},
                %wq: tensor<3x20x24xf32> {moa.name = "wq"}, %wo: tensor<3x24x20xf32> {moa.name = "wo"},
                %gates: tensor<?x3xf32> {moa.name = "gates"}, %bias: tensor<20xf32> {moa.name = "bias"},
                %skip: tensor<?xi1> {moa.name = "skip"}, %residual: tensor<?x20xf32> {moa.name = "residual"},
                %indices: tensor<?x2xi32> {moa.name = "indices"})
    -> (tensor<2x9x3x8xf32>, tensor<2x9x3x8xf32>, tensor<2x9x3x8xf32>,
        tensor<?x24xf32>, tensor<?x24xf32>, tensor<?x20xf32>, tensor<?x24xf32>) {
  %t = arith.constant 9 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %position = arith.constant 5 : index
  %zero = arith.constant 0.0 : f32
  %n = arith.muli %t, %c2 : index
  %s3 = arith.muli %n, %c3 : index
  %s2 = arith.muli %n, %c2 : index
  %flat = tensor.collapse_shape %x [[0, 1], [2]] : tensor<2x9x20xf32> into tensor<18x20xf32>
  %rows = tensor.cast %flat : tensor<18x20xf32> to tensor<?x20xf32>
  %e = tensor.empty() : tensor<2x9x3x8xf32>
  %e1 = tensor.empty() : tensor<2x9x3x8xf32>
  %e2 = tensor.empty() : tensor<2x9x3x8xf32>
  %e3 = tensor.empty() : tensor<2x9x3x8xf32>
  %k, %v = moa.key_value %x, %wk, %wv rotary(<theta = 1.0e4, dim = 8>) position(%position) into(%e, %e1)
      : (tensor<2x9x20xf32>, tensor<20x24xf32>, tensor<20x24xf32>, index, tensor<2x9x3x8xf32>, tensor<2x9x3x8xf32>)
      -> (tensor<2x9x3x8xf32>, tensor<2x9x3x8xf32>)
  %part, %w = moa.key_value %x, %wk, %wv rotary(<theta = 1.0e2, dim = 4>) into(%e2, %e3)
      : (tensor<2x9x20xf32>, tensor<20x24xf32>, tensor<20x24xf32>, tensor<2x9x3x8xf32>, tensor<2x9x3x8xf32>)
      -> (tensor<2x9x3x8xf32>, tensor<2x9x3x8xf32>)
  %qe = tensor.empty(%s3) : tensor<?x24xf32>
  %q = moa.dense_matmul token(%rows), %wq rotary(<theta = 1.0e4, dim = 8>) heads(3) length(%t) into(%qe)
      : (tensor<?x20xf32>, tensor<3x20x24xf32>, index, tensor<?x24xf32>) -> tensor<?x24xf32>
  %qpe = tensor.empty(%s3) : tensor<?x24xf32>
  %qp = moa.dense_matmul token(%rows), %wq rotary(<theta = 1.0e4, dim = 6>) heads(3) length(%t) into(%qpe)
      : (tensor<?x20xf32>, tensor<3x20x24xf32>, index, tensor<?x24xf32>) -> tensor<?x24xf32>
  %ye = tensor.empty(%n) : tensor<?x20xf32>
  %y = moa.dense_matmul slot(%q), %wo gates(%gates) bias(%bias) skip(%skip) residual(%residual) into(%ye)
      : (tensor<?x24xf32>, tensor<3x24x20xf32>, tensor<?x3xf32>, tensor<20xf32>, tensor<?xi1>,
         tensor<?x20xf32>, tensor<?x20xf32>) -> tensor<?x20xf32>
  %se = tensor.empty(%s2) : tensor<?x24xf32>
  %sz = linalg.fill ins(%zero : f32) outs(%se : tensor<?x24xf32>) -> tensor<?x24xf32>
  %slots = moa.slot_matmul token(%rows), %wq, %indices rotary(<theta = 1.0e4, dim = 6>) heads(3) length(%t) into(%sz)
      : (tensor<?x20xf32>, tensor<3x20x24xf32>, tensor<?x2xi32>, index, tensor<?x24xf32>) -> tensor<?x24xf32>
  return %k, %v, %part, %q, %qp, %y, %slots
      : tensor<2x9x3x8xf32>, tensor<2x9x3x8xf32>, tensor<2x9x3x8xf32>, tensor<?x24xf32>, tensor<?x24xf32>,
        tensor<?x20xf32>, tensor<?x24xf32>
}
