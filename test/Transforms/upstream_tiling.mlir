// A transform script of upstream ops tiles moa ops and fuses what is around them.
// RUN: moa-opt %s --transform-interpreter --canonicalize --cse -o %t
// RUN: FileCheck %s < %t

// Between ops there are buffers of a tile, operands and results are views: nothing
// is copied.
// RUN: moa-opt %t --one-shot-bufferize='bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map' \
// RUN:   --canonicalize --cse --canonicalize | FileCheck %s --check-prefix=BUFFERS --implicit-check-not=memref.copy
// BUFFERS-LABEL: func.func @grouped_matmul(
// BUFFERS: moa.grouped_matmul {{.*}} into slot(%[[ROWS:.*]]) : ({{.*}}, memref<4x8x8xf32, strided<[128, 16, 1], offset: ?>>, {{.*}}, memref<20x8xf32>)
// BUFFERS: linalg.exp ins(%[[ROWS]]
// BUFFERS-SAME: outs(%{{.*}} : memref<20x8xf32, strided<[16, 1], offset: ?>>)
// BUFFERS-LABEL: func.func @combine(
// BUFFERS: moa.combine {{.*}} into(%[[SUM:.*]]) : ({{.*}}, memref<4x16xf32>)
// BUFFERS: linalg.abs ins(%[[SUM]]
// BUFFERS-LABEL: func.func @any_size(
// BUFFERS: moa.grouped_matmul

// The weights are dequantized column tile by column tile, in the loop of the
// product that needs them: a producer in grouped_matmul. A consumer takes
// grouped_matmul into its own loop.

// CHECK-LABEL: func.func @grouped_matmul(
// CHECK: scf.for
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<4x8x8xi8>)
// CHECK: arith.sitofp
// CHECK: moa.grouped_matmul {{.*}} -> tensor<20x8xf32>
// CHECK: linalg.exp {{.*}} -> tensor<20x8xf32>
// CHECK: scf.yield
func.func @grouped_matmul(%x: tensor<10x8xf32>, %quantized: tensor<4x8x16xi8>,
                          %offsets: tensor<5xi32>, %permutation: tensor<20xi32>)
    -> tensor<20x16xf32> {
  %empty = tensor.empty() : tensor<4x8x16xf32>
  %weights = linalg.generic {
      indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>,
                       affine_map<(d0, d1, d2) -> (d0, d1, d2)>],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%quantized : tensor<4x8x16xi8>) outs(%empty : tensor<4x8x16xf32>) {
  ^bb0(%in: i8, %out: f32):
    %float = arith.sitofp %in : i8 to f32
    linalg.yield %float : f32
  } -> tensor<4x8x16xf32>
  %init = tensor.empty() : tensor<20x16xf32>
  %rows = moa.grouped_matmul token(%x), %weights
      groups(%offsets, %permutation) top_k(2) into slot(%init)
      : (tensor<10x8xf32>, tensor<4x8x16xf32>, tensor<5xi32>, tensor<20xi32>,
         tensor<20x16xf32>) -> tensor<20x16xf32>
  %into = tensor.empty() : tensor<20x16xf32>
  %y = linalg.exp ins(%rows : tensor<20x16xf32>) outs(%into : tensor<20x16xf32>)
      -> tensor<20x16xf32>
  return %y : tensor<20x16xf32>
}

// CHECK-LABEL: func.func @combine(
// CHECK: scf.for
// CHECK: linalg.exp {{.*}} -> tensor<8x16xf32>
// CHECK: moa.combine {{.*}} -> tensor<4x16xf32>
// CHECK: linalg.abs {{.*}} -> tensor<4x16xf32>
// CHECK: scf.yield
func.func @combine(%slots: tensor<24x16xf32>, %gates: tensor<12x2xf32>)
    -> tensor<12x16xf32> {
  %empty = tensor.empty() : tensor<24x16xf32>
  %raised = linalg.exp ins(%slots : tensor<24x16xf32>)
      outs(%empty : tensor<24x16xf32>) -> tensor<24x16xf32>
  %into = tensor.empty() : tensor<12x16xf32>
  %sum = moa.combine %raised, %gates into(%into)
      : (tensor<24x16xf32>, tensor<12x2xf32>, tensor<12x16xf32>)
      -> tensor<12x16xf32>
  %y = linalg.abs ins(%sum : tensor<12x16xf32>) outs(%into : tensor<12x16xf32>)
      -> tensor<12x16xf32>
  return %y : tensor<12x16xf32>
}

// Sizes that types leave open.
// CHECK-LABEL: func.func @any_size(
// CHECK: scf.for
// CHECK: moa.grouped_matmul {{.*}} -> tensor<?x?xf32>
// CHECK: linalg.exp {{.*}} -> tensor<?x?xf32>
// CHECK: scf.yield
func.func @any_size(%x: tensor<?x?xf32>, %weights: tensor<4x?x?xf32>,
                    %offsets: tensor<5xi32>, %permutation: tensor<?xi32>,
                    %slots: index, %columns: index) -> tensor<?x?xf32> {
  %init = tensor.empty(%slots, %columns) : tensor<?x?xf32>
  %rows = moa.grouped_matmul token(%x), %weights
      groups(%offsets, %permutation) top_k(2) into slot(%init)
      : (tensor<?x?xf32>, tensor<4x?x?xf32>, tensor<5xi32>, tensor<?xi32>,
         tensor<?x?xf32>) -> tensor<?x?xf32>
  %into = tensor.empty(%slots, %columns) : tensor<?x?xf32>
  %y = linalg.exp ins(%rows : tensor<?x?xf32>) outs(%into : tensor<?x?xf32>)
      -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// The layer is an aggregate: upstream's op decomposes it.
// CHECK-LABEL: func.func @layer(
// CHECK-NOT: moa.layer
// CHECK: moa.attention
// CHECK: return
func.func @layer(%x: tensor<2x5x8xf32>, %router: tensor<8x4xf32>,
                 %wq: tensor<4x8x4xf32>, %wk: tensor<8x4xf32>,
                 %wv: tensor<8x4xf32>, %wo: tensor<4x4x8xf32>)
    -> tensor<2x5x8xf32> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) gate(<activation = softmax, order = topk_then_activation>) causal
      : (tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>) -> tensor<2x5x8xf32>
  return %y : tensor<2x5x8xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %exp = transform.structured.match ops{["linalg.exp"]} in %module
        : (!transform.any_op) -> !transform.any_op
    %after_product, %before_combine, %after_any = transform.split_handle %exp
        : (!transform.any_op)
        -> (!transform.any_op, !transform.any_op, !transform.any_op)
    %products = transform.merge_handles %after_product, %after_any
        : !transform.any_op
    %0, %columns = transform.structured.fuse %products tile_sizes [0, 8]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %abs = transform.structured.match ops{["linalg.abs"]} in %module
        : (!transform.any_op) -> !transform.any_op
    %1, %tokens = transform.structured.fuse %abs tile_sizes [4]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %layer = transform.structured.match ops{["moa.layer"]} in %module
        : (!transform.any_op) -> !transform.any_op
    %ops = transform.structured.decompose_interface %layer
        : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}
