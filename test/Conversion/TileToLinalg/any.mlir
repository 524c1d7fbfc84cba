// All rows of a block take a branch if one has the condition; products beyond
// the terms of a row, of zeros, are the same as none.
// RUN: moa-run %s --pipeline=moa-tile-cpu-pipeline --input="2x1xi32=0 0" \
// RUN:   | FileCheck %s --check-prefix=NONE
// RUN: moa-run %s --pipeline=moa-tile-cpu-pipeline --input="2x1xi32=0 1" \
// RUN:   | FileCheck %s --check-prefix=SOME

// NONE{LITERAL}: y: 2x1xf32=[[7][7]]
// SOME{LITERAL}: y: 2x1xf32=[[7][9]]

gpu.module @kernels {
  gpu.func @product(%t: memref<2x1xi32>, %y: memref<2x1xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %a = arith.constant dense<[[0.0, 0.0], [1.0, 0.0]]> : tensor<2x2xf32>
    %b = arith.constant dense<2.0> : tensor<2x1xf32>
    %sum = arith.constant dense<7.0> : tensor<2x1xf32>
    %none = arith.constant dense<0> : tensor<2x1xi32>
    %terms = moa_tile.load %t[%c0, %c0] : memref<2x1xi32> -> tensor<2x1xi32>
    %has = arith.cmpi sgt, %terms, %none : tensor<2x1xi32>
    %any = moa_tile.any %has : tensor<2x1xi1>
    %next = scf.if %any -> tensor<2x1xf32> {
      %more = moa_tile.mma %a, %b, %sum terms %terms
          : tensor<2x2xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xi32>
      scf.yield %more : tensor<2x1xf32>
    } else {
      scf.yield %sum : tensor<2x1xf32>
    }
    moa_tile.store %next, %y[%c0, %c0] : tensor<2x1xf32>, memref<2x1xf32>
    gpu.return
  }
}

func.func @main(%t: tensor<2x1xi32>) -> (tensor<2x1xf32> {moa.name = "y"}) {
  %c1 = arith.constant 1 : index
  %tm = bufferization.to_buffer %t read_only : tensor<2x1xi32> to memref<2x1xi32>
  %ym = memref.alloc() : memref<2x1xf32>
  moa_tile.launch @kernels::@product blocks(%c1, %c1, %c1)
      ins(%tm : memref<2x1xi32>) outs(%ym : memref<2x1xf32>)
  %y = bufferization.to_tensor %ym restrict writable : memref<2x1xf32> to tensor<2x1xf32>
  return %y : tensor<2x1xf32>
}
