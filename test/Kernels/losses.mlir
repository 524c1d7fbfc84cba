// The losses of a router, with skipped tokens, and with nothing counted.
// RUN: %python %S/against_cpu.py %s %t logits=131x5xf32 indices=131x2xi32:0:4 \
// RUN:     some=131x1xi32:-1:4 skipped=131x2xi32:-1:-1 | FileCheck %s
// CHECK: agree

func.func @main(%logits: tensor<?x5xf32> {moa.name = "logits"},
                %indices: tensor<?x2xi32> {moa.name = "indices"},
                %some: tensor<?x1xi32> {moa.name = "some"},
                %skipped: tensor<?x2xi32> {moa.name = "skipped"})
    -> (tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) {
  %0 = moa.balance_loss softmax %logits, %indices : (tensor<?x5xf32>, tensor<?x2xi32>) -> tensor<f32>
  %1 = moa.balance_loss sigmoid %logits, %some : (tensor<?x5xf32>, tensor<?x1xi32>) -> tensor<f32>
  %2 = moa.z_loss %logits, %some : (tensor<?x5xf32>, tensor<?x1xi32>) -> tensor<f32>
  %3 = moa.mutual_loss softmax %logits, %indices : (tensor<?x5xf32>, tensor<?x2xi32>) -> tensor<f32>
  %4 = moa.mutual_loss sigmoid %logits, %skipped : (tensor<?x5xf32>, tensor<?x2xi32>) -> tensor<f32>
  return %0, %1, %2, %3, %4 : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
}
