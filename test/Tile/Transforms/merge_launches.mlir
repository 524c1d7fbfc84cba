// Two launches of which neither needs the other are one; the third needs both.
// RUN: moa-opt %s --moa-tile-merge-launches --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func.func @main
// CHECK-SAME:    %[[N:.*]]: index
// CHECK:         %[[ALL:.*]] = arith.addi %[[N]], %c6
// CHECK:         %[[BOTH:.*]]:2 = moa_tile.launch @kernels::@copy_and_negate blocks(%[[ALL]], %c1, %c1)
// CHECK-SAME:      ins(%[[N]], %[[N]], %c1, %c2, %c3,
// CHECK:         moa_tile.launch @kernels::@copy blocks(%[[N]], %c1, %c1) ins(%[[BOTH]]#1
// CHECK-NOT:     moa_tile.launch
func.func @main(%n: index, %x: tensor<?x8xf32>, %i: tensor<?x8xf32>, %j: tensor<?x8xf32>)
    -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %0 = moa_tile.launch @kernels::@copy blocks(%n, %c1, %c1)
      ins(%x : tensor<?x8xf32>) outs(%i : tensor<?x8xf32>) -> tensor<?x8xf32>
  %1 = moa_tile.launch @kernels::@negate blocks(%c2, %c3, %c1)
      ins(%x : tensor<?x8xf32>) outs(%j : tensor<?x8xf32>) -> tensor<?x8xf32>
  %2 = moa_tile.launch @kernels::@copy blocks(%n, %c1, %c1)
      ins(%1 : tensor<?x8xf32>) outs(%0 : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %2, %1 : tensor<?x8xf32>, tensor<?x8xf32>
}

// CHECK-LABEL: func.func @different_warps
// CHECK-COUNT-2: moa_tile.launch
func.func @different_warps(%x: tensor<?x8xf32>, %i: tensor<?x8xf32>, %j: tensor<?x8xf32>)
    -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  %c1 = arith.constant 1 : index
  %0 = moa_tile.launch @kernels::@copy blocks(%c1, %c1, %c1)
      ins(%x : tensor<?x8xf32>) outs(%i : tensor<?x8xf32>) -> tensor<?x8xf32>
  %1 = moa_tile.launch @kernels::@wide blocks(%c1, %c1, %c1)
      ins(%x : tensor<?x8xf32>) outs(%j : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %0, %1 : tensor<?x8xf32>, tensor<?x8xf32>
}

// Another kernel of that name: of a later layer, for instance.
// CHECK-LABEL: func.func @again
// CHECK:         moa_tile.launch @kernels::@copy_and_negate_0
func.func @again(%n: index, %x: tensor<?x8xf32>, %i: tensor<?x8xf32>, %j: tensor<?x8xf32>)
    -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  %c1 = arith.constant 1 : index
  %0 = moa_tile.launch @kernels::@copy blocks(%n, %c1, %c1)
      ins(%x : tensor<?x8xf32>) outs(%i : tensor<?x8xf32>) -> tensor<?x8xf32>
  %1 = moa_tile.launch @kernels::@negate blocks(%n, %c1, %c1)
      ins(%x : tensor<?x8xf32>) outs(%j : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %0, %1 : tensor<?x8xf32>, tensor<?x8xf32>
}

// What the second one relies on is checked before both run.
// CHECK-LABEL: func.func @checked
// CHECK-SAME:    %[[N:.*]]: index
// CHECK:         %[[HOLDS:.*]] = arith.cmpi eq, %[[N]], %c3
// CHECK-NEXT:    cf.assert %[[HOLDS]], "three rows"
// CHECK:         moa_tile.launch @kernels::@copy_and_negate
// CHECK-NOT:     moa_tile.launch
func.func @checked(%n: index, %x: tensor<?x8xf32>, %i: tensor<?x8xf32>, %j: tensor<?x8xf32>)
    -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  %c1 = arith.constant 1 : index
  %0 = moa_tile.launch @kernels::@copy blocks(%n, %c1, %c1)
      ins(%x : tensor<?x8xf32>) outs(%i : tensor<?x8xf32>) -> tensor<?x8xf32>
  %c3 = arith.constant 3 : index
  %holds = arith.cmpi eq, %n, %c3 : index
  cf.assert %holds, "three rows"
  %1 = moa_tile.launch @kernels::@negate blocks(%n, %c1, %c1)
      ins(%x : tensor<?x8xf32>) outs(%j : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %0, %1 : tensor<?x8xf32>, tensor<?x8xf32>
}

// The check needs what the first one computes: both stay.
// CHECK-LABEL: func.func @checked_result
// CHECK:         moa_tile.launch @kernels::@copy
// CHECK:         cf.assert
// CHECK:         moa_tile.launch @kernels::@copy
func.func @checked_result(%n: index, %x: tensor<?x8xf32>, %i: tensor<?x8xf32>, %j: tensor<?x8xf32>)
    -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = moa_tile.launch @kernels::@copy blocks(%n, %c1, %c1)
      ins(%x : tensor<?x8xf32>) outs(%i : tensor<?x8xf32>) -> tensor<?x8xf32>
  %first = tensor.extract %0[%c0, %c0] : tensor<?x8xf32>
  %zero = arith.constant 0.0 : f32
  %holds = arith.cmpf oge, %first, %zero : f32
  cf.assert %holds, "not negative"
  %1 = moa_tile.launch @kernels::@copy blocks(%n, %c1, %c1)
      ins(%x : tensor<?x8xf32>) outs(%j : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %0, %1 : tensor<?x8xf32>, tensor<?x8xf32>
}

// A fill that two launches overwrite is done for each of them, and joins the last
// launch before that it can.
// CHECK-LABEL: func.func @fills
// CHECK:         %[[A:.*]]:2 = moa_tile.launch @kernels::@copy_and_fill
// CHECK:         %[[AT:.*]] = tensor.expand_shape %[[A]]#1
// CHECK:         %[[B:.*]] = moa_tile.launch @kernels::@overwrite {{.*}} ins(%[[A]]#0 {{.*}} outs(%[[AT]] :
// CHECK:         %[[C:.*]]:2 = moa_tile.launch @kernels::@overwrite_more_and_fill {{.*}} ins({{.*}}, %[[B]],
// CHECK:         %[[CT:.*]] = tensor.expand_shape %[[C]]#1
// CHECK:         moa_tile.launch @kernels::@overwrite {{.*}} ins(%[[C]]#0 {{.*}} outs(%[[CT]] :
// CHECK-NOT:     moa_tile.launch
func.func @fills(%n: index, %x: tensor<?x8xf32>, %i: tensor<?x8xf32>)
    -> tensor<1x?x8xf32> {
  %c1 = arith.constant 1 : index
  %empty = tensor.empty(%n) : tensor<?x8xf32>
  %0 = moa_tile.launch @kernels::@copy blocks(%n, %c1, %c1)
      ins(%x : tensor<?x8xf32>) outs(%i : tensor<?x8xf32>) -> tensor<?x8xf32>
  %filled = moa_tile.launch @kernels::@fill blocks(%n, %c1, %c1)
      ins(%n : index) outs(%empty : tensor<?x8xf32>) -> tensor<?x8xf32>
  %zeros = tensor.expand_shape %filled [[0, 1], [2]] output_shape [1, %n, 8]
      : tensor<?x8xf32> into tensor<1x?x8xf32>
  %1 = moa_tile.launch @kernels::@overwrite blocks(%n, %c1, %c1)
      ins(%0 : tensor<?x8xf32>) outs(%zeros : tensor<1x?x8xf32>) -> tensor<1x?x8xf32>
  %2 = moa_tile.launch @kernels::@overwrite_more blocks(%n, %c1, %c1)
      ins(%1 : tensor<1x?x8xf32>) outs(%x : tensor<?x8xf32>) -> tensor<?x8xf32>
  %3 = moa_tile.launch @kernels::@overwrite blocks(%n, %c1, %c1)
      ins(%2 : tensor<?x8xf32>) outs(%zeros : tensor<1x?x8xf32>) -> tensor<1x?x8xf32>
  return %3 : tensor<1x?x8xf32>
}

gpu.module @kernels {
  gpu.func @copy(%x: memref<?x8xf32>, %y: memref<?x8xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %c16 = arith.constant 16 : index
    %b = gpu.block_id x
    %r = arith.muli %b, %c16 : index
    %t = moa_tile.load %x[%r, %c0] : memref<?x8xf32> -> tensor<16x8xf32>
    moa_tile.store %t, %y[%r, %c0] : tensor<16x8xf32>, memref<?x8xf32>
    gpu.return
  }
  // CHECK-NOT: @negate
  gpu.func @negate(%x: memref<?x8xf32>, %y: memref<?x8xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %c16 = arith.constant 16 : index
    %b = gpu.block_id y
    %r = arith.muli %b, %c16 : index
    %t = moa_tile.load %x[%r, %c0] : memref<?x8xf32> -> tensor<16x8xf32>
    %n = arith.negf %t : tensor<16x8xf32>
    moa_tile.store %n, %y[%r, %c0] : tensor<16x8xf32>, memref<?x8xf32>
    gpu.return
  }
  gpu.func @fill(%n: index, %y: memref<?x8xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %zeros = arith.constant dense<0.0> : tensor<16x8xf32>
    moa_tile.store %zeros, %y[%c0, %c0] : tensor<16x8xf32>, memref<?x8xf32>
    gpu.return
  }
  gpu.func @overwrite(%x: memref<?x8xf32>, %y: memref<1x?x8xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    gpu.return
  }
  gpu.func @overwrite_more(%x: memref<1x?x8xf32>, %y: memref<?x8xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    gpu.return
  }
  gpu.func @wide(%x: memref<?x8xf32>, %y: memref<?x8xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 4>} {
    gpu.return
  }
}

// CHECK:      gpu.func @copy_and_negate(%[[BLOCKS:[a-z0-9]+]]: index,
// CHECK:        %[[ID:.*]] = gpu.block_id x
// CHECK:        %[[FIRST:.*]] = arith.cmpi ult, %[[ID]], %[[BLOCKS]]
// CHECK:        scf.if %[[FIRST]]
// CHECK:          moa_tile.store
// CHECK:        } else {
// CHECK:          %[[REST:.*]] = arith.subi %[[ID]], %[[BLOCKS]]
// CHECK:          arith.negf
// CHECK:          moa_tile.store
