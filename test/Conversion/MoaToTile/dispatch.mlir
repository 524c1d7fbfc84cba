// Who counts the slots that a dispatch sorts, and how many blocks sort them.
// RUN: moa-opt %s --convert-moa-to-tile --canonicalize --cse --split-input-file | FileCheck %s

// The router's blocks, of 64 tokens; a block of the sort takes 8 of their rows.
// CHECK-LABEL: func.func @many
// CHECK:       %[[ROUTER:.*]]:3 = moa_tile.launch @kernels::@router blocks(%c33, %c1, %c1)
// CHECK-SAME:    outs({{.*}} : tensor<2100x2xi32>, tensor<2100x2xf32>, tensor<33x6xi32>)
// CHECK:       moa_tile.launch @kernels::@dispatch blocks(%c5, %c1, %c1)
// CHECK-SAME:    ins({{.*}}, %[[ROUTER]]#2, %c6 : tensor<4200xi32>, tensor<33x6xi32>, index)
// CHECK-NOT:   moa_tile.launch
func.func @many(%x: tensor<2100x16xf32>, %w: tensor<16x6xf32>)
    -> (tensor<7xi32>, tensor<4200xi32>) {
  %l, %i, %g = moa.router %x, %w top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<2100x16xf32>, tensor<16x6xf32>)
      -> (tensor<2100x6xf32>, tensor<2100x2xi32>, tensor<2100x2xf32>)
  %o, %p = moa.dispatch %i experts(6)
      : (tensor<2100x2xi32>) -> (tensor<7xi32>, tensor<4200xi32>)
  return %o, %p : tensor<7xi32>, tensor<4200xi32>
}

// -----

// One block sorts few slots, and counts them itself.
// CHECK-LABEL: func.func @few
// CHECK:       moa_tile.launch @kernels::@router blocks(%c32, %c1, %c1)
// CHECK-SAME:    outs({{.*}} : tensor<2048x2xi32>, tensor<2048x2xf32>)
// CHECK:       moa_tile.launch @kernels::@dispatch blocks(%c1, %c1, %c1)
// CHECK-NOT:   moa_tile.launch
func.func @few(%x: tensor<2048x16xf32>, %w: tensor<16x6xf32>)
    -> (tensor<7xi32>, tensor<4096xi32>) {
  %l, %i, %g = moa.router %x, %w top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<2048x16xf32>, tensor<16x6xf32>)
      -> (tensor<2048x6xf32>, tensor<2048x2xi32>, tensor<2048x2xf32>)
  %o, %p = moa.dispatch %i experts(6)
      : (tensor<2048x2xi32>) -> (tensor<7xi32>, tensor<4096xi32>)
  return %o, %p : tensor<7xi32>, tensor<4096xi32>
}

// -----

// The balance loss reads the same counts. 9 slots of 64 tokens are 576: chunks of 1152,
// the first multiple of that from 1024 on, have 128 tokens.
// CHECK:       #[[CHUNKS:.*]] = affine_map<()[s0] -> (s0 ceildiv 128, 1)>
// CHECK-LABEL: func.func @open
// CHECK:       %[[ROUTER:.*]]:6 = moa_tile.launch @kernels::@router
// CHECK:       moa_tile.launch @kernels::@balance_loss
// CHECK-SAME:    %[[ROUTER]]#5, %c70
// CHECK:       %[[BLOCKS:.*]] = affine.max #[[CHUNKS]]()
// CHECK:       moa_tile.launch @kernels::@dispatch blocks(%[[BLOCKS]],
// CHECK-SAME:    %[[ROUTER]]#5, %c70
func.func @open(%x: tensor<?x16xf32>, %w: tensor<16x70xf32>)
    -> (tensor<f32>, tensor<71xi32>, tensor<?xi32>) {
  %l, %i, %g, %b = moa.router %x, %w top_k(9)
      gate(<activation = softmax, order = topk_then_activation>) losses<balance>
      : (tensor<?x16xf32>, tensor<16x70xf32>)
      -> (tensor<?x70xf32>, tensor<?x9xi32>, tensor<?x9xf32>, tensor<f32>)
  %o, %p = moa.dispatch %i experts(70)
      : (tensor<?x9xi32>) -> (tensor<71xi32>, tensor<?xi32>)
  return %b, %o, %p : tensor<f32>, tensor<71xi32>, tensor<?xi32>
}

// -----

// Behind a cast, and from given logits.
// CHECK-LABEL: func.func @cast
// CHECK:       %[[ROUTE:.*]]:3 = moa_tile.launch @kernels::@route
// CHECK-SAME:    outs({{.*}} : tensor<2100x2xi32>, tensor<2100x2xf32>, tensor<33x6xi32>)
// CHECK:       moa_tile.launch @kernels::@dispatch blocks(%c5, %c1, %c1)
// CHECK-SAME:    %[[ROUTE]]#2
// CHECK-NOT:   moa_tile.launch
func.func @cast(%logits: tensor<2100x6xf32>) -> (tensor<7xi32>, tensor<?xi32>) {
  %i, %g = moa.route %logits top_k(2)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<2100x6xf32>) -> (tensor<2100x2xi32>, tensor<2100x2xf32>)
  %open = tensor.cast %i : tensor<2100x2xi32> to tensor<?x2xi32>
  %o, %p = moa.dispatch %open experts(6)
      : (tensor<?x2xi32>) -> (tensor<7xi32>, tensor<?xi32>)
  return %o, %p : tensor<7xi32>, tensor<?xi32>
}

// -----

// No router has seen these.
// CHECK-LABEL: func.func @given
// CHECK:       moa_tile.launch @kernels::@dispatch_count
// CHECK:       moa_tile.launch @kernels::@dispatch
func.func @given(%i: tensor<?x2xi32>) -> (tensor<7xi32>, tensor<?xi32>) {
  %o, %p = moa.dispatch %i experts(6)
      : (tensor<?x2xi32>) -> (tensor<7xi32>, tensor<?xi32>)
  return %o, %p : tensor<7xi32>, tensor<?xi32>
}
