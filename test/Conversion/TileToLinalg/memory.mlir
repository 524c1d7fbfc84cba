// Tiles over the edges of memory: outside is 0 and not stored; the numbers of
// blocks tell where a block works.
// RUN: moa-run %s --pipeline=moa-tile-cpu-pipeline \
// RUN:     --input="2x2x3xi32=1 2 3 4 5 6 7 8 9 10 11 12" \
// RUN:     --input="5xf32=1 2 3 4 5" --input="4xi32=4 -1 7 0" | FileCheck %s

// CHECK{LITERAL}: shifted: 4x4xi32=[[0 0 0 0][0 7 8 9][0 10 11 12][0 0 0 0]]
// CHECK{LITERAL}: missing: 1x3xi32=[[0 0 0]]
// CHECK{LITERAL}: line: 5xf32=[1 0 2 3 5]
// CHECK{LITERAL}: sums: 5xf32=[3 0 0 0 27]
// CHECK{LITERAL}: blocks: 2x3x2xi32=[[[0 1][10 11][20 21]][[100 101][110 111][120 121]]]

gpu.module @kernels {
  gpu.func @move(%i: memref<?x2x3xi32>, %f: memref<?xf32>, %index: memref<?xi32>,
                 %shifted: memref<4x4xi32>, %missing: memref<1x3xi32>,
                 %line: memref<?xf32>, %sums: memref<?xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %m1 = arith.constant -1 : index
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    // Before the first and behind the last row, before the first column.
    %0 = moa_tile.load %i[%c1, %m1, %m1] : memref<?x2x3xi32> -> tensor<4x4xi32>
    moa_tile.store %0, %shifted[%c0, %c0] : tensor<4x4xi32>, memref<4x4xi32>
    // A matrix that is not there.
    %1 = moa_tile.load %i[%c2, %c0, %c0] : memref<?x2x3xi32> -> tensor<1x3xi32>
    moa_tile.store %1, %missing[%c0, %c0] : tensor<1x3xi32>, memref<1x3xi32>
    // Rows 4, none, one that is not there, 0.
    %rows = moa_tile.load %index[%c0] : memref<?xi32> -> tensor<4x1xi32>
    %2 = moa_tile.gather %f[] rows %rows : memref<?xf32>, tensor<4x1xi32> -> tensor<4x1xf32>
    %3 = moa_tile.load %f[%c1] : memref<?xf32> -> tensor<1x2xf32>
    moa_tile.store %2, %line[%c0] : tensor<4x1xf32>, memref<?xf32>
    moa_tile.store %3, %line[%c2] : tensor<1x2xf32>, memref<?xf32>
    moa_tile.scatter %2, %line[] rows %rows : tensor<4x1xf32>, memref<?xf32>, tensor<4x1xi32>
    %twelve = arith.constant dense<0.0> : tensor<4x1xf32>
    moa_tile.store %twelve, %sums[%c1] : tensor<4x1xf32>, memref<?xf32>
    %init = arith.constant dense<[[24.0], [1.0], [1.0], [2.0]]> : tensor<4x1xf32>
    %unit = arith.constant dense<[[3.0], [1.0], [1.0], [1.0]]> : tensor<4x1xf32>
    moa_tile.store %twelve, %sums[%c0] : tensor<4x1xf32>, memref<?xf32>
    moa_tile.scatter add %init, %sums[] rows %rows : tensor<4x1xf32>, memref<?xf32>, tensor<4x1xi32>
    moa_tile.scatter add %unit, %sums[] rows %rows : tensor<4x1xf32>, memref<?xf32>, tensor<4x1xi32>
    gpu.return
  }

  // Each block writes its number.
  gpu.func @number(%blocks: memref<2x3x2xi32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %x = gpu.block_id x
    %y = gpu.block_id y
    %z = gpu.block_id z
    %c10 = arith.constant 10 : index
    %c100 = arith.constant 100 : index
    %tens = arith.muli %y, %c10 : index
    %hundreds = arith.muli %z, %c100 : index
    %0 = arith.addi %tens, %hundreds : index
    %number = arith.addi %0, %x : index
    %i32 = arith.index_cast %number : index to i32
    %tile = tensor.splat %i32 : tensor<1x1xi32>
    moa_tile.store %tile, %blocks[%z, %y, %x] : tensor<1x1xi32>, memref<2x3x2xi32>
    gpu.return
  }
}

func.func @main(%i: tensor<?x2x3xi32>, %f: tensor<?xf32>, %index: tensor<?xi32>)
    -> (tensor<4x4xi32> {moa.name = "shifted"}, tensor<1x3xi32> {moa.name = "missing"},
        tensor<?xf32> {moa.name = "line"}, tensor<?xf32> {moa.name = "sums"},
        tensor<2x3x2xi32> {moa.name = "blocks"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %size = tensor.dim %f, %c0 : tensor<?xf32>
  %im = bufferization.to_buffer %i read_only : tensor<?x2x3xi32> to memref<?x2x3xi32>
  %fm = bufferization.to_buffer %f read_only : tensor<?xf32> to memref<?xf32>
  %xm = bufferization.to_buffer %index read_only : tensor<?xi32> to memref<?xi32>
  %0 = memref.alloc() : memref<4x4xi32>
  %1 = memref.alloc() : memref<1x3xi32>
  %2 = memref.alloc(%size) : memref<?xf32>
  %3 = memref.alloc(%size) : memref<?xf32>
  %4 = memref.alloc() : memref<2x3x2xi32>
  moa_tile.launch @kernels::@move blocks(%c1, %c1, %c1)
      ins(%im, %fm, %xm : memref<?x2x3xi32>, memref<?xf32>, memref<?xi32>)
      outs(%0, %1, %2, %3 : memref<4x4xi32>, memref<1x3xi32>, memref<?xf32>, memref<?xf32>)
  moa_tile.launch @kernels::@number blocks(%c2, %c3, %c2)
      outs(%4 : memref<2x3x2xi32>)
  // A grid of no blocks does nothing.
  moa_tile.launch @kernels::@number blocks(%c2, %c0, %c2)
      outs(%4 : memref<2x3x2xi32>)
  %r0 = bufferization.to_tensor %0 restrict writable : memref<4x4xi32> to tensor<4x4xi32>
  %r1 = bufferization.to_tensor %1 restrict writable : memref<1x3xi32> to tensor<1x3xi32>
  %r2 = bufferization.to_tensor %2 restrict writable : memref<?xf32> to tensor<?xf32>
  %r3 = bufferization.to_tensor %3 restrict writable : memref<?xf32> to tensor<?xf32>
  %r4 = bufferization.to_tensor %4 restrict writable : memref<2x3x2xi32> to tensor<2x3x2xi32>
  return %r0, %r1, %r2, %r3, %r4 : tensor<4x4xi32>, tensor<1x3xi32>, tensor<?xf32>,
      tensor<?xf32>, tensor<2x3x2xi32>
}
