// Which rows of its result a grouped product writes is known at run time only: a
// tile of rows leaves the product outside of the loop.
// RUN: moa-opt %s --transform-interpreter --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func.func @rows(
// CHECK: %[[ROWS:.*]] = moa.grouped_matmul {{.*}} -> tensor<20x16xf32>
// CHECK: scf.for
// CHECK: tensor.extract_slice %[[ROWS]]
// CHECK: linalg.exp {{.*}} -> tensor<4x16xf32>
func.func @rows(%x: tensor<10x8xf32>, %weights: tensor<4x8x16xf32>,
                %offsets: tensor<5xi32>, %permutation: tensor<20xi32>,
                %init: tensor<20x16xf32>, %into: tensor<20x16xf32>)
    -> tensor<20x16xf32> {
  %rows = moa.grouped_matmul token(%x), %weights
      groups(%offsets, %permutation) top_k(2) into slot(%init)
      : (tensor<10x8xf32>, tensor<4x8x16xf32>, tensor<5xi32>, tensor<20xi32>,
         tensor<20x16xf32>) -> tensor<20x16xf32>
  %y = linalg.exp ins(%rows : tensor<20x16xf32>) outs(%into : tensor<20x16xf32>)
      -> tensor<20x16xf32>
  return %y : tensor<20x16xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %exp = transform.structured.match ops{["linalg.exp"]} in %module
        : (!transform.any_op) -> !transform.any_op
    %0, %rows = transform.structured.fuse %exp tile_sizes [4]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
