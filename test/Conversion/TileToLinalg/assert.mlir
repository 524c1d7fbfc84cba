// Each element of a tile is asked.
// RUN: moa-run %s --pipeline=moa-tile-cpu-pipeline --input="2x2xi32=1 2 3 4" \
// RUN:   --expected_output="y=2x2xf32=5"
// RUN: not moa-run %s --pipeline=moa-tile-cpu-pipeline --input="2x2xi32=1 2 3 -4" 2>&1 | FileCheck %s
// RUN: not moa-run %s --pipeline=moa-tile-cpu-pipeline --input="2x2xi32=-1 2 3 4" 2>&1 | FileCheck %s
// CHECK: moa-run: error: a number is negative

gpu.module @kernels {
  gpu.func @check(%t: memref<2x2xi32>, %y: memref<2x2xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant dense<0> : tensor<2x2xi32>
    %five = arith.constant dense<5.0> : tensor<2x2xf32>
    %numbers = moa_tile.load %t[%c0, %c0] : memref<2x2xi32> -> tensor<2x2xi32>
    %holds = arith.cmpi sge, %numbers, %zero : tensor<2x2xi32>
    moa_tile.assert %holds, "a number is negative" : tensor<2x2xi1>
    moa_tile.store %five, %y[%c0, %c0] : tensor<2x2xf32>, memref<2x2xf32>
    gpu.return
  }
}

func.func @main(%t: tensor<2x2xi32>) -> (tensor<2x2xf32> {moa.name = "y"}) {
  %c1 = arith.constant 1 : index
  %tm = bufferization.to_buffer %t read_only : tensor<2x2xi32> to memref<2x2xi32>
  %ym = memref.alloc() : memref<2x2xf32>
  moa_tile.launch @kernels::@check blocks(%c1, %c1, %c1)
      ins(%tm : memref<2x2xi32>) outs(%ym : memref<2x2xf32>)
  %y = bufferization.to_tensor %ym restrict writable : memref<2x2xf32> to tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
