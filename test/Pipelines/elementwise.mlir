// arith and math on whole tensors around a layer are lowered with it.
// RUN: moa-run %s --input=3xf32=4 --expected_output=3xf32=3 | FileCheck %s
// CHECK: OK: 0 of 3 elements of 3xf32 differ

func.func @around(%x: tensor<3xf32>) -> tensor<3xf32> {
  %root = math.sqrt %x : tensor<3xf32>
  %one = arith.constant dense<1.0> : tensor<3xf32>
  %sum = arith.addf %root, %one : tensor<3xf32>
  return %sum : tensor<3xf32>
}
