// More experts than a router's block holds at a time, with gates of each kind,
// against the CPU path.
// RUN: %python %S/against_cpu.py %s %t x=35x16xf32 w=16x130xf32 logits=35x130xf32 \
// RUN:     b=130xf32 s=35xi1 | FileCheck %s
// CHECK: agree

func.func @main(%x: tensor<35x16xf32> {moa.name = "x"},
                %w: tensor<16x130xf32> {moa.name = "w"},
                %logits: tensor<35x130xf32> {moa.name = "logits"},
                %b: tensor<130xf32> {moa.name = "b"},
                %s: tensor<35xi1> {moa.name = "s"})
    -> (tensor<35x130xf32> {moa.name = "l0"}, tensor<35x9xi32> {moa.name = "i0"},
        tensor<35x9xf32> {moa.name = "g0"}, tensor<35x9xi32> {moa.name = "i1"},
        tensor<35x9xf32> {moa.name = "g1"}, tensor<35x3xi32> {moa.name = "i2"},
        tensor<35x3xf32> {moa.name = "g2"}, tensor<35x70xi32> {moa.name = "i3"},
        tensor<35x70xf32> {moa.name = "g3"}, tensor<35x3xi32> {moa.name = "i4"},
        tensor<35x3xf32> {moa.name = "g4"}, tensor<35x130xi32> {moa.name = "i5"},
        tensor<35x130xf32> {moa.name = "g5"}, tensor<35x130xf32> {moa.name = "g6"}) {
  // Relative to all experts.
  %l0, %i0, %g0 = moa.router %x, %w top_k(9)
      gate(<activation = softmax, order = activation_then_topk, scale = 2.0>)
      : (tensor<35x16xf32>, tensor<16x130xf32>)
      -> (tensor<35x130xf32>, tensor<35x9xi32>, tensor<35x9xf32>)
  // Relative to the chosen ones; some tokens skipped.
  %l1, %i1, %g1 = moa.router %x, %w skip(%s) top_k(9)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<35x16xf32>, tensor<16x130xf32>, tensor<35xi1>)
      -> (tensor<35x130xf32>, tensor<35x9xi32>, tensor<35x9xf32>)
  // Ranked by a softmax of all experts and a bias.
  %i2, %g2 = moa.route %logits selection_bias(%b) top_k(3)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<35x130xf32>, tensor<130xf32>)
      -> (tensor<35x3xi32>, tensor<35x3xf32>)
  // More slots than experts at a time.
  %i3, %g3 = moa.route %logits top_k(70)
      gate(<activation = sigmoid, order = activation_then_topk, normalize = true>)
      : (tensor<35x130xf32>) -> (tensor<35x70xi32>, tensor<35x70xf32>)
  // Pairs of equal experts, taken at different times: the first is chosen.
  %half = tensor.extract_slice %logits[0, 0] [35, 65] [1, 1]
      : tensor<35x130xf32> to tensor<35x65xf32>
  %twice = tensor.concat dim(1) %half, %half
      : (tensor<35x65xf32>, tensor<35x65xf32>) -> tensor<35x130xf32>
  %i4, %g4 = moa.route %twice top_k(3)
      gate(<activation = sigmoid, order = topk_then_activation>)
      : (tensor<35x130xf32>) -> (tensor<35x3xi32>, tensor<35x3xf32>)
  // All experts.
  %i5, %g5 = moa.route %logits top_k(130) all
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<35x130xf32>) -> (tensor<35x130xi32>, tensor<35x130xf32>)
  %i6, %g6 = moa.route %logits top_k(130) all
      gate(<activation = sigmoid, order = activation_then_topk, normalize = true>)
      : (tensor<35x130xf32>) -> (tensor<35x130xi32>, tensor<35x130xf32>)
  return %l0, %i0, %g0, %i1, %g1, %i2, %g2, %i3, %g3, %i4, %g4, %i5, %g5, %g6
      : tensor<35x130xf32>, tensor<35x9xi32>, tensor<35x9xf32>, tensor<35x9xi32>,
        tensor<35x9xf32>, tensor<35x3xi32>, tensor<35x3xf32>, tensor<35x70xi32>,
        tensor<35x70xf32>, tensor<35x3xi32>, tensor<35x3xf32>, tensor<35x130xi32>,
        tensor<35x130xf32>, tensor<35x130xf32>
}
