// What each op on tiles computes.
// RUN: moa-run %s --pipeline=moa-tile-cpu-pipeline \
// RUN:     --input="2x4xf32=1 nan 3 -2 nan nan nan nan" \
// RUN:     --input="2x4xi32=5 -6 7 0 1 2 3 4" | FileCheck %s

// CHECK{LITERAL}: row_max: 2x1xf32=[[3][nan]]
// CHECK{LITERAL}: column_min: 1x4xi32=[[1 -6 3 0]]
// CHECK{LITERAL}: row_sum: 2x1xi32=[[6][10]]
// CHECK{LITERAL}: before: 2x4xi32=[[0 5 -1 6][0 1 3 6]]
// CHECK{LITERAL}: below: 2x4xi32=[[1 2 3 4][0 0 0 0]]
// CHECK{LITERAL}: table: 2x4xi32=[[0 1 2 3][10 11 12 13]]
// CHECK{LITERAL}: tf32: 2x2xf32=[[1 0][1.0009766 0]]

gpu.module @kernels {
  gpu.func @all(%f: memref<2x4xf32>, %i: memref<2x4xi32>,
                %row_max: memref<2x1xf32>, %column_min: memref<1x4xi32>,
                %row_sum: memref<2x1xi32>, %before: memref<2x4xi32>,
                %below: memref<2x4xi32>, %table: memref<2x4xi32>,
                %tf32: memref<2x2xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %floats = moa_tile.load %f[%c0, %c0] : memref<2x4xf32> -> tensor<2x4xf32>
    %ints = moa_tile.load %i[%c0, %c0] : memref<2x4xi32> -> tensor<2x4xi32>
    %0 = moa_tile.reduce max %floats along 1 : tensor<2x4xf32> -> tensor<2x1xf32>
    moa_tile.store %0, %row_max[%c0, %c0] : tensor<2x1xf32>, memref<2x1xf32>
    %1 = moa_tile.reduce min %ints along 0 : tensor<2x4xi32> -> tensor<1x4xi32>
    moa_tile.store %1, %column_min[%c0, %c0] : tensor<1x4xi32>, memref<1x4xi32>
    %2 = moa_tile.reduce add %ints along 1 : tensor<2x4xi32> -> tensor<2x1xi32>
    moa_tile.store %2, %row_sum[%c0, %c0] : tensor<2x1xi32>, memref<2x1xi32>
    %3 = moa_tile.scan %ints along 1 : tensor<2x4xi32>
    moa_tile.store %3, %before[%c0, %c0] : tensor<2x4xi32>, memref<2x4xi32>
    %4 = moa_tile.scan reverse %ints along 0 : tensor<2x4xi32>
    moa_tile.store %4, %below[%c0, %c0] : tensor<2x4xi32>, memref<2x4xi32>
    %r = moa_tile.position : tensor<2x1xi32>
    %c = moa_tile.position : tensor<1x4xi32>
    %c10 = arith.constant dense<10> : tensor<2x1xi32>
    %tens = arith.muli %r, %c10 : tensor<2x1xi32>
    %rows = moa_tile.broadcast %tens : tensor<2x1xi32> -> tensor<2x4xi32>
    %columns = moa_tile.broadcast %c : tensor<1x4xi32> -> tensor<2x4xi32>
    %5 = arith.addi %rows, %columns : tensor<2x4xi32>
    moa_tile.store %5, %table[%c0, %c0] : tensor<2x4xi32>, memref<2x4xi32>
    // 1 + 2^-11 lies between two numbers of tf32, 1 + 2^-11 - 2^-23 nearer to 1.
    %one = arith.constant dense<[[1.00048816], [1.00048828125]]> : tensor<2x1xf32>
    %unit = arith.constant dense<[[1.0, 0.0]]> : tensor<1x2xf32>
    %zero = arith.constant dense<0.0> : tensor<2x2xf32>
    %6 = moa_tile.mma %one, %unit, %zero tf32 : tensor<2x1xf32>, tensor<1x2xf32>, tensor<2x2xf32>
    moa_tile.store %6, %tf32[%c0, %c0] : tensor<2x2xf32>, memref<2x2xf32>
    gpu.return
  }
}

func.func @main(%f: tensor<2x4xf32>, %i: tensor<2x4xi32>)
    -> (tensor<2x1xf32> {moa.name = "row_max"}, tensor<1x4xi32> {moa.name = "column_min"},
        tensor<2x1xi32> {moa.name = "row_sum"}, tensor<2x4xi32> {moa.name = "before"},
        tensor<2x4xi32> {moa.name = "below"}, tensor<2x4xi32> {moa.name = "table"},
        tensor<2x2xf32> {moa.name = "tf32"}) {
  %c1 = arith.constant 1 : index
  %fm = bufferization.to_buffer %f read_only : tensor<2x4xf32> to memref<2x4xf32>
  %im = bufferization.to_buffer %i read_only : tensor<2x4xi32> to memref<2x4xi32>
  %0 = memref.alloc() : memref<2x1xf32>
  %1 = memref.alloc() : memref<1x4xi32>
  %2 = memref.alloc() : memref<2x1xi32>
  %3 = memref.alloc() : memref<2x4xi32>
  %4 = memref.alloc() : memref<2x4xi32>
  %5 = memref.alloc() : memref<2x4xi32>
  %6 = memref.alloc() : memref<2x2xf32>
  moa_tile.launch @kernels::@all blocks(%c1, %c1, %c1)
      ins(%fm, %im : memref<2x4xf32>, memref<2x4xi32>)
      outs(%0, %1, %2, %3, %4, %5, %6 : memref<2x1xf32>, memref<1x4xi32>, memref<2x1xi32>,
           memref<2x4xi32>, memref<2x4xi32>, memref<2x4xi32>, memref<2x2xf32>)
  %r0 = bufferization.to_tensor %0 restrict writable : memref<2x1xf32> to tensor<2x1xf32>
  %r1 = bufferization.to_tensor %1 restrict writable : memref<1x4xi32> to tensor<1x4xi32>
  %r2 = bufferization.to_tensor %2 restrict writable : memref<2x1xi32> to tensor<2x1xi32>
  %r3 = bufferization.to_tensor %3 restrict writable : memref<2x4xi32> to tensor<2x4xi32>
  %r4 = bufferization.to_tensor %4 restrict writable : memref<2x4xi32> to tensor<2x4xi32>
  %r5 = bufferization.to_tensor %5 restrict writable : memref<2x4xi32> to tensor<2x4xi32>
  %r6 = bufferization.to_tensor %6 restrict writable : memref<2x2xf32> to tensor<2x2xf32>
  return %r0, %r1, %r2, %r3, %r4, %r5, %r6 : tensor<2x1xf32>, tensor<1x4xi32>,
      tensor<2x1xi32>, tensor<2x4xi32>, tensor<2x4xi32>, tensor<2x4xi32>, tensor<2x2xf32>
}
