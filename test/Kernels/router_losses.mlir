// A router that leaves what its tokens add to the losses: more experts than it
// holds at a time, gates of each kind, all experts, a few tokens, and skipped
// ones, against the CPU path.
// RUN: %python %S/against_cpu.py %s %t x=131x16xf32 few=5x16xf32 w=16x130xf32 \
// RUN:     narrow=6x16xf32 b=130xf32 s=131xi1 | FileCheck %s
// CHECK: agree

func.func @main(%x: tensor<?x16xf32> {moa.name = "x"},
                %few: tensor<?x16xf32> {moa.name = "few"},
                %w: tensor<16x130xf32> {moa.name = "w"},
                %narrow: tensor<6x16xf32> {moa.name = "narrow"},
                %b: tensor<130xf32> {moa.name = "b"},
                %s: tensor<?xi1> {moa.name = "s"})
    -> (tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>,
        tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>,
        tensor<f32>, tensor<f32>, tensor<f32>, tensor<?x9xi32>, tensor<?x9xf32>) {
  // Statistics known behind the choice; some tokens skipped.
  %0:6 = moa.router %x, %w skip(%s) top_k(9)
      gate(<activation = softmax, order = topk_then_activation>)
      losses<balance, z, mutual>
      : (tensor<?x16xf32>, tensor<16x130xf32>, tensor<?xi1>)
      -> (tensor<?x130xf32>, tensor<?x9xi32>, tensor<?x9xf32>, tensor<f32>,
          tensor<f32>, tensor<f32>)
  // Statistics known before it.
  %1:6 = moa.router %x, %w selection_bias(%b) top_k(3)
      gate(<activation = softmax, order = activation_then_topk>)
      losses<balance, z, mutual>
      : (tensor<?x16xf32>, tensor<16x130xf32>, tensor<130xf32>)
      -> (tensor<?x130xf32>, tensor<?x3xi32>, tensor<?x3xf32>, tensor<f32>,
          tensor<f32>, tensor<f32>)
  // The z loss takes a softmax, whatever the gate does.
  %2:6 = moa.router %few, %narrow transposed top_k(2)
      gate(<activation = sigmoid, order = activation_then_topk, normalize = true>)
      losses<balance, z, mutual>
      : (tensor<?x16xf32>, tensor<6x16xf32>)
      -> (tensor<?x6xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<f32>,
          tensor<f32>, tensor<f32>)
  // All experts.
  %3:5 = moa.router %x, %w skip(%s) top_k(130) all
      gate(<activation = sigmoid, order = activation_then_topk, normalize = true>)
      losses<balance, z>
      : (tensor<?x16xf32>, tensor<16x130xf32>, tensor<?xi1>)
      -> (tensor<?x130xf32>, tensor<?x130xi32>, tensor<?x130xf32>, tensor<f32>,
          tensor<f32>)
  %4:4 = moa.router %few, %narrow transposed top_k(6) all
      gate(<activation = softmax, order = activation_then_topk>) losses<mutual>
      : (tensor<?x16xf32>, tensor<6x16xf32>)
      -> (tensor<?x6xf32>, tensor<?x6xi32>, tensor<?x6xf32>, tensor<f32>)
  // One visit, and no logits.
  %5:4 = moa.router %x, %w top_k(1)
      gate(<activation = softmax, order = activation_then_topk>) losses<z>
      : (tensor<?x16xf32>, tensor<16x130xf32>)
      -> (tensor<?x130xf32>, tensor<?x1xi32>, tensor<?x1xf32>, tensor<f32>)
  return %0#3, %0#4, %0#5, %1#3, %1#4, %1#5, %2#3, %2#4, %2#5, %3#3, %3#4, %4#3,
      %5#3, %0#1, %0#2
      : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>,
        tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>,
        tensor<f32>, tensor<f32>, tensor<f32>, tensor<?x9xi32>, tensor<?x9xf32>
}
