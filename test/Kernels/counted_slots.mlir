// Slots that a router has counted for the dispatch: their number is open or large,
// so that several blocks sort them. More experts than a tile has columns, a chunk
// of 1152 slots for k = 9 and of 1024 for k = 2, no token and one, skipped tokens
// and nothing else, logits of others, and all experts.
// RUN: %python %S/against_cpu.py %s %t x=331x16xf32 none=0x16xf32 one=1x16xf32 \
// RUN:     static=2100x16xf32 w=16x130xf32 narrow=16x5xf32 s=331xi1 \
// RUN:     all=331xi1:1:1 logits=1025x70xf32 | FileCheck %s
// CHECK: agree

// RUN: moa-opt %s --moa-tile-pipeline -o %t.tile.mlir
// RUN: FileCheck %s --check-prefix=TILE --input-file=%t.tile.mlir
// TILE-NOT: dispatch_count

func.func @main(%x: tensor<?x16xf32> {moa.name = "x"},
                %none: tensor<?x16xf32> {moa.name = "none"},
                %one: tensor<?x16xf32> {moa.name = "one"},
                %static: tensor<2100x16xf32> {moa.name = "static"},
                %w: tensor<16x130xf32> {moa.name = "w"},
                %narrow: tensor<16x5xf32> {moa.name = "narrow"},
                %s: tensor<?xi1> {moa.name = "s"},
                %all: tensor<?xi1> {moa.name = "all"},
                %logits: tensor<?x70xf32> {moa.name = "logits"})
    -> (tensor<131xi32>, tensor<?xi32>, tensor<f32>, tensor<131xi32>,
        tensor<?xi32>, tensor<131xi32>, tensor<?xi32>, tensor<6xi32>,
        tensor<?xi32>, tensor<6xi32>, tensor<4200xi32>, tensor<71xi32>,
        tensor<?xi32>, tensor<6xi32>, tensor<?xi32>) {
  // The balance loss reads the same counts.
  %0:4 = moa.router %x, %w skip(%s) top_k(9)
      gate(<activation = softmax, order = topk_then_activation>) losses<balance>
      : (tensor<?x16xf32>, tensor<16x130xf32>, tensor<?xi1>)
      -> (tensor<?x130xf32>, tensor<?x9xi32>, tensor<?x9xf32>, tensor<f32>)
  %o0, %p0 = moa.dispatch %0#1 experts(130)
      : (tensor<?x9xi32>) -> (tensor<131xi32>, tensor<?xi32>)
  %1:3 = moa.router %none, %w top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<?x16xf32>, tensor<16x130xf32>)
      -> (tensor<?x130xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
  %o1, %p1 = moa.dispatch %1#1 experts(130)
      : (tensor<?x2xi32>) -> (tensor<131xi32>, tensor<?xi32>)
  %2:3 = moa.router %one, %w top_k(2)
      gate(<activation = sigmoid, order = activation_then_topk>)
      : (tensor<?x16xf32>, tensor<16x130xf32>)
      -> (tensor<?x130xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
  %o2, %p2 = moa.dispatch %2#1 experts(130)
      : (tensor<?x2xi32>) -> (tensor<131xi32>, tensor<?xi32>)
  // Nothing is routed.
  %3:3 = moa.router %x, %narrow skip(%all) top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<?x16xf32>, tensor<16x5xf32>, tensor<?xi1>)
      -> (tensor<?x5xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
  %o3, %p3 = moa.dispatch %3#1 experts(5)
      : (tensor<?x2xi32>) -> (tensor<6xi32>, tensor<?xi32>)
  // A large number that is known.
  %4:3 = moa.router %static, %narrow top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<2100x16xf32>, tensor<16x5xf32>)
      -> (tensor<2100x5xf32>, tensor<2100x2xi32>, tensor<2100x2xf32>)
  %o4, %p4 = moa.dispatch %4#1 experts(5)
      : (tensor<2100x2xi32>) -> (tensor<6xi32>, tensor<4200xi32>)
  %5:2 = moa.route %logits top_k(3)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<?x70xf32>) -> (tensor<?x3xi32>, tensor<?x3xf32>)
  %o5, %p5 = moa.dispatch %5#0 experts(70)
      : (tensor<?x3xi32>) -> (tensor<71xi32>, tensor<?xi32>)
  %6:3 = moa.router %x, %narrow skip(%s) top_k(5) all
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<?x16xf32>, tensor<16x5xf32>, tensor<?xi1>)
      -> (tensor<?x5xf32>, tensor<?x5xi32>, tensor<?x5xf32>)
  %o6, %p6 = moa.dispatch %6#1 experts(5)
      : (tensor<?x5xi32>) -> (tensor<6xi32>, tensor<?xi32>)
  return %o0, %p0, %0#3, %o1, %p1, %o2, %p2, %o3, %p3, %o4, %p4, %o5, %p5, %o6, %p6
      : tensor<131xi32>, tensor<?xi32>, tensor<f32>, tensor<131xi32>,
        tensor<?xi32>, tensor<131xi32>, tensor<?xi32>, tensor<6xi32>,
        tensor<?xi32>, tensor<6xi32>, tensor<4200xi32>, tensor<71xi32>,
        tensor<?xi32>, tensor<6xi32>, tensor<?xi32>
}
