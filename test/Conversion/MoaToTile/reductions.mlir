// The kernels of reductions: what their tiles are, and what they do in the end.
// RUN: moa-opt %s --convert-moa-to-tile --canonicalize --cse --split-input-file | FileCheck %s

// Memory runs along what is reduced: columns, some at a time, that are one in
// the end. The init is known: nothing is filled.
// CHECK-LABEL: func.func @along_rows
// CHECK: moa_tile.launch @kernels::@reduce blocks(%{{.*}}, %c1, %c1)
// CHECK-NOT: gpu.func @fill
// CHECK-LABEL: gpu.func @reduce(
// CHECK: %[[SUM:.*]] = scf.for {{.*}} -> (tensor<16x128xf32>)
// CHECK:   %[[X:.*]] = moa_tile.load
// CHECK:   %[[WIDE:.*]] = arith.extf %[[X]]
// CHECK:   %[[SQUARE:.*]] = arith.mulf %[[WIDE]], %[[WIDE]]
// CHECK:   arith.addf %{{.*}}, %[[SQUARE]] : tensor<16x128xf32>
// CHECK:   arith.select
// CHECK: moa_tile.reduce add %[[SUM]] along 1
// CHECK: moa_tile.store %{{.*}} : tensor<16x1xf32>
func.func @along_rows(%x: tensor<40x500xbf16>) -> tensor<40xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<40xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<40xf32>) -> tensor<40xf32>
  %y = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
      iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<40x500xbf16>) outs(%init : tensor<40xf32>) {
  ^bb0(%a: bf16, %sum: f32):
    %wide = arith.extf %a : bf16 to f32
    %square = arith.mulf %wide, %wide : f32
    %next = arith.addf %sum, %square : f32
    linalg.yield %next : f32
  } -> tensor<40xf32>
  return %y : tensor<40xf32>
}

// -----

// It runs across: rows, some at a time, are one in the end. A block has one row
// of the result, and one of two tiles of its columns.
// CHECK-LABEL: func.func @down_columns
// CHECK: moa_tile.launch @kernels::@reduce blocks(%c6, %c1, %c1)
// CHECK-LABEL: gpu.func @reduce(
// CHECK: %[[SUM:.*]] = scf.for {{.*}} -> (tensor<32x128xf32>)
// CHECK:   moa_tile.gather
// CHECK: moa_tile.reduce max %[[SUM]] along 0
// CHECK: moa_tile.store %{{.*}} : tensor<1x128xf32>
func.func @down_columns(%x: tensor<3x96x200xf32>, %init: tensor<3x200xf32>) -> tensor<3x200xf32> {
  %y = linalg.reduce ins(%x : tensor<3x96x200xf32>) outs(%init : tensor<3x200xf32>) dimensions = [1]
      (%a: f32, %m: f32) {
    %next = arith.maxnumf %a, %m : f32
    linalg.yield %next : f32
  }
  return %y : tensor<3x200xf32>
}

// -----

// One after the other: a product has no reduction of tiles.
// CHECK-LABEL: func.func @in_order
// CHECK-LABEL: gpu.func @reduce(
// CHECK: scf.for {{.*}} -> (tensor<64x1xf32>)
// CHECK-NOT: moa_tile.reduce
// CHECK: gpu.return
func.func @in_order(%x: tensor<40x500xf32>, %init: tensor<40xf32>) -> tensor<40xf32> {
  %y = linalg.reduce ins(%x : tensor<40x500xf32>) outs(%init : tensor<40xf32>) dimensions = [1]
      (%a: f32, %m: f32) {
    %next = arith.mulf %a, %m : f32
    linalg.yield %next : f32
  }
  return %y : tensor<40xf32>
}
