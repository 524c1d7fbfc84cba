// Blocks run in order: the last one finds what the others have stored, and as many
// of them as it is told of. Each row of the grid has a counter.
// RUN: moa-run %s --pipeline=moa-tile-cpu-pipeline --input="2x3xi32=1 2 3 40 50 60" \
// RUN:   | FileCheck %s

// CHECK{LITERAL}: sums: 2x1xi32=[[6][150]]
// CHECK{LITERAL}: order: 2x3xi32=[[0 0 1][0 0 1]]
// CHECK{LITERAL}: counters: 2xi32=[3 3]

gpu.module @kernels {
  gpu.func @sum(%x: memref<2x3xi32>, %parts: memref<2x3xi32>, %sums: memref<2x1xi32>,
                %order: memref<2x3xi32>, %counters: memref<2xi32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %c3 = arith.constant 3 : index
    %i = gpu.block_id x
    %j = gpu.block_id y
    %part = moa_tile.load %x[%j, %i] : memref<2x3xi32> -> tensor<1x1xi32>
    moa_tile.store %part, %parts[%j, %i] : tensor<1x1xi32>, memref<2x3xi32>
    %last = moa_tile.arrive %counters[%j] of %c3 : memref<2xi32>
    %answer = arith.extui %last : i1 to i32
    %answers = tensor.splat %answer : tensor<1x1xi32>
    moa_tile.store %answers, %order[%j, %i] : tensor<1x1xi32>, memref<2x3xi32>
    scf.if %last {
      %all = moa_tile.load %parts[%j, %c0] : memref<2x3xi32> -> tensor<1x3xi32>
      %sum = moa_tile.reduce add %all along 1 : tensor<1x3xi32> -> tensor<1x1xi32>
      moa_tile.store %sum, %sums[%j, %c0] : tensor<1x1xi32>, memref<2x1xi32>
    }
    gpu.return
  }
}

func.func @main(%x: tensor<2x3xi32>)
    -> (tensor<2x1xi32> {moa.name = "sums"}, tensor<2x3xi32> {moa.name = "order"},
        tensor<2xi32> {moa.name = "counters"}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %xm = bufferization.to_buffer %x read_only : tensor<2x3xi32> to memref<2x3xi32>
  %parts = memref.alloc() : memref<2x3xi32>
  %sums = memref.alloc() : memref<2x1xi32>
  %order = memref.alloc() : memref<2x3xi32>
  %counters = memref.alloc() : memref<2xi32>
  linalg.fill ins(%c0 : i32) outs(%counters : memref<2xi32>)
  moa_tile.launch @kernels::@sum blocks(%c3, %c2, %c1)
      ins(%xm : memref<2x3xi32>)
      outs(%parts, %sums, %order, %counters
        : memref<2x3xi32>, memref<2x1xi32>, memref<2x3xi32>, memref<2xi32>)
  %0 = bufferization.to_tensor %sums restrict writable : memref<2x1xi32> to tensor<2x1xi32>
  %1 = bufferization.to_tensor %order restrict writable : memref<2x3xi32> to tensor<2x3xi32>
  %2 = bufferization.to_tensor %counters restrict writable : memref<2xi32> to tensor<2xi32>
  return %0, %1, %2 : tensor<2x1xi32>, tensor<2x3xi32>, tensor<2xi32>
}
