// Losses of one router and of another, and one that is refused: an older handle to
// the routers is one to what they became.
// RUN: moa-opt %s --transform-interpreter | FileCheck %s

// CHECK-LABEL: func.func @losses(
// CHECK: moa.router {{.*}} losses<balance, z> {before, fused}
// CHECK: moa.router {{.*}} losses<mutual> {before, fused}
// CHECK: moa.mutual_loss sigmoid
func.func @losses(%x: tensor<5x48xf32>, %w: tensor<48x6xf32>)
    -> (tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) {
  %r:3 = moa.router %x, %w top_k(2)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<5x48xf32>, tensor<48x6xf32>)
      -> (tensor<5x6xf32>, tensor<5x2xi32>, tensor<5x2xf32>)
  %s:3 = moa.router %x, %w top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<5x48xf32>, tensor<48x6xf32>)
      -> (tensor<5x6xf32>, tensor<5x2xi32>, tensor<5x2xf32>)
  %b = moa.balance_loss softmax %r#0, %r#1
      : (tensor<5x6xf32>, tensor<5x2xi32>) -> tensor<f32>
  %m = moa.mutual_loss softmax %s#0, %s#1
      : (tensor<5x6xf32>, tensor<5x2xi32>) -> tensor<f32>
  %z = moa.z_loss %r#0, %r#1
      : (tensor<5x6xf32>, tensor<5x2xi32>) -> tensor<f32>
  %other = moa.mutual_loss sigmoid %s#0, %s#1
      : (tensor<5x6xf32>, tensor<5x2xi32>) -> tensor<f32>
  return %b, %m, %z, %other
      : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %before = transform.structured.match ops{["moa.router"]} in %root
        : (!transform.any_op) -> !transform.any_op
    transform.annotate %before "before" : !transform.any_op
    %losses = transform.structured.match
        ops{["moa.balance_loss", "moa.z_loss", "moa.mutual_loss"]} in %root
        : (!transform.any_op) -> !transform.any_op
    transform.sequence %losses : !transform.any_op failures(suppress) {
    ^bb0(%targets: !transform.any_op):
      transform.moa.fuse_loss %targets
          : (!transform.any_op) -> !transform.op<"moa.router">
    }
    transform.annotate %before "fused" : !transform.any_op
    transform.yield
  }
}
