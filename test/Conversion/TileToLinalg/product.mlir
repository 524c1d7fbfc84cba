// A product of gathered rows, with tails in every dimension and rows that are
// none, runs on the CPU block by block.
// RUN: moa-run %s --pipeline=moa-tile-cpu-pipeline \
// RUN:     --input="3x5xf32=1 2 3 4 5 6 7 8 9 10 11 12 13 14 15" \
// RUN:     --input="5x3xf32=1 0 0 0 1 0 0 0 1 1 1 1 1 0 -1" \
// RUN:     --input="6xi32=2 -1 0 1 3 2" \
// RUN:   | FileCheck %s

gpu.module @kernels {
  gpu.func @product(%x: memref<?x?xf32>, %w: memref<?x?xf32>,
                    %rows: memref<?xi32>, %y: memref<?x?xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c4 = arith.constant 4 : index
    %zero = arith.constant dense<0.0> : tensor<4x2xf32>
    %bx = gpu.block_id x
    %by = gpu.block_id y
    %m = arith.muli %bx, %c4 : index
    %n = arith.muli %by, %c2 : index
    %k = memref.dim %x, %c1 : memref<?x?xf32>
    %index = moa_tile.load %rows[%m] : memref<?xi32> -> tensor<4x1xi32>
    %sum = scf.for %i = %c0 to %k step %c4 iter_args(%acc = %zero) -> tensor<4x2xf32> {
      %a = moa_tile.gather %x[%i] rows %index
          : memref<?x?xf32>, tensor<4x1xi32> -> tensor<4x4xf32>
      %b = moa_tile.load %w[%i, %n] : memref<?x?xf32> -> tensor<4x2xf32>
      %next = moa_tile.mma %a, %b, %acc : tensor<4x4xf32>, tensor<4x2xf32>, tensor<4x2xf32>
      scf.yield %next : tensor<4x2xf32>
    }
    moa_tile.store %sum, %y[%m, %n] : tensor<4x2xf32>, memref<?x?xf32>
    gpu.return
  }
}

func.func @main(%x: tensor<?x?xf32>, %w: tensor<?x?xf32>, %rows: tensor<?xi32>)
    -> (tensor<?x?xf32> {moa.name = "y"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %m = tensor.dim %rows, %c0 : tensor<?xi32>
  %n = tensor.dim %w, %c1 : tensor<?x?xf32>
  %gx = arith.ceildivui %m, %c4 : index
  %gy = arith.ceildivui %n, %c2 : index
  %xm = bufferization.to_buffer %x read_only : tensor<?x?xf32> to memref<?x?xf32>
  %wm = bufferization.to_buffer %w read_only : tensor<?x?xf32> to memref<?x?xf32>
  %rm = bufferization.to_buffer %rows read_only : tensor<?xi32> to memref<?xi32>
  %ym = memref.alloc(%m, %n) : memref<?x?xf32>
  moa_tile.launch @kernels::@product blocks(%gx, %gy, %c1)
      ins(%xm, %wm, %rm : memref<?x?xf32>, memref<?x?xf32>, memref<?xi32>)
      outs(%ym : memref<?x?xf32>)
  %y = bufferization.to_tensor %ym restrict writable : memref<?x?xf32> to tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// CHECK{LITERAL}: y: 6x3xf32=[[40 26 12][0 0 0][10 6 2][25 16 7][0 0 0][40 26 12]]
