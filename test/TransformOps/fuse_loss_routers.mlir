// Several losses of one router: the result is that router, once.
// RUN: moa-opt %s --transform-interpreter | FileCheck %s

// CHECK-LABEL: func.func @losses(
// CHECK: moa.router {{.*}} losses<balance, z, mutual> {fused = 1 : i64}
func.func @losses(%x: tensor<5x48xf32>, %w: tensor<48x6xf32>)
    -> (tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) {
  %r:3 = moa.router %x, %w top_k(2)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<5x48xf32>, tensor<48x6xf32>)
      -> (tensor<5x6xf32>, tensor<5x2xi32>, tensor<5x2xf32>)
  %b = moa.balance_loss softmax %r#0, %r#1
      : (tensor<5x6xf32>, tensor<5x2xi32>) -> tensor<f32>
  %m = moa.mutual_loss softmax %r#0, %r#1
      : (tensor<5x6xf32>, tensor<5x2xi32>) -> tensor<f32>
  %z = moa.z_loss %r#0, %r#1
      : (tensor<5x6xf32>, tensor<5x2xi32>) -> tensor<f32>
  %again = moa.z_loss %r#0, %r#1
      : (tensor<5x6xf32>, tensor<5x2xi32>) -> tensor<f32>
  return %b, %m, %z, %again
      : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %losses = transform.structured.match
        ops{["moa.balance_loss", "moa.z_loss", "moa.mutual_loss"]} in %root
        : (!transform.any_op) -> !transform.any_op
    %routers = transform.moa.fuse_loss %losses
        : (!transform.any_op) -> !transform.op<"moa.router">
    %count = transform.num_associations %routers
        : (!transform.op<"moa.router">) -> !transform.param<i64>
    transform.annotate %routers "fused" = %count
        : !transform.op<"moa.router">, !transform.param<i64>
    transform.yield
  }
}
