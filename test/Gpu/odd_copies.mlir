// Odd rows of weights whose tile has fewer pieces of 16 bytes than the block has
// threads: those without a piece read behind the end of the weights.
// REQUIRES: cuda-driver
// RUN: moa-run %s --device=cuda --input=5x80xf16=1 --input=80x3xf16=0.5 \
// RUN:   --input=1x80x3xf16=0.25 --expected_output=5x3xf16=40 --expected_output=5x3xf16=20 \
// RUN:   | FileCheck %s
// CHECK-COUNT-2: OK
func.func @main(%x: tensor<?x80xf16>, %w: tensor<80x3xf16>, %all: tensor<1x80x3xf16>)
    -> (tensor<?x3xf16>, tensor<?x3xf16>) {
  %zero = arith.constant 0 : index
  %n = tensor.dim %x, %zero : tensor<?x80xf16>
  %init = tensor.empty(%n) : tensor<?x3xf16>
  %y = moa.matmul %x, %w into(%init)
      : (tensor<?x80xf16>, tensor<80x3xf16>, tensor<?x3xf16>) -> tensor<?x3xf16>
  %z = moa.dense_matmul token(%x), %all into(%init)
      : (tensor<?x80xf16>, tensor<1x80x3xf16>, tensor<?x3xf16>) -> tensor<?x3xf16>
  return %y, %z : tensor<?x3xf16>, tensor<?x3xf16>
}
