// RUN: moa-opt %s --convert-moa-to-tile=shared-bytes=1000 -verify-diagnostics -split-input-file

func.func @router(%x: tensor<66x48xf32>, %w: tensor<48x6xf32>)
    -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>) {
  // expected-error @below {{'moa.router' op needs more than the 1000 bytes of shared memory that a block has}}
  %l, %i, %g = moa.router %x, %w top_k(2)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<66x48xf32>, tensor<48x6xf32>)
      -> (tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>)
  return %l, %i, %g : tensor<66x6xf32>, tensor<66x2xi32>, tensor<66x2xf32>
}

// -----

func.func @attention(%q: tensor<1x64x1x64xf32>, %k: tensor<1x64x1x64xf32>, %init: tensor<1x64x1x64xf32>)
    -> tensor<1x64x1x64xf32> {
  // expected-error @below {{'moa.attention' op needs more than the 1000 bytes of shared memory}}
  %r = moa.attention %q, %k, %k into(%init)
      : (tensor<1x64x1x64xf32>, tensor<1x64x1x64xf32>, tensor<1x64x1x64xf32>, tensor<1x64x1x64xf32>)
      -> tensor<1x64x1x64xf32>
  return %r : tensor<1x64x1x64xf32>
}
