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
