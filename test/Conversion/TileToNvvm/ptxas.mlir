// The grouped matmul that others are measured against: 128 x 128 x 32, four
// stages, rows gathered. ptxas gives it 222 registers and no spills.
// REQUIRES: ptxas
// RUN: moa-opt %s --pass-pipeline='builtin.module(gpu.module(moa-tile-stage,canonicalize,cse,convert-moa-tile-to-nvvm{chip=sm_86}))' -o %t.mlir
// RUN: moa-translate %t.mlir --moa-to-ptx -o %t.ptx
// RUN: ptxas -v --warning-as-error -arch=sm_80 %t.ptx -o %t.cubin 2>&1 | FileCheck %s
// RUN: ptxas -v --warning-as-error -arch=sm_86 %t.ptx -o %t.cubin 2>&1 | FileCheck %s
// RUN: ptxas -v --warning-as-error -arch=sm_89 %t.ptx -o %t.cubin 2>&1 | FileCheck %s

// CHECK: 0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
// CHECK: Used {{(1[0-9][0-9]|2[0-2][0-9]|23[0-2])}} registers

gpu.module @kernels [#nvvm.target<O = 3, chip = "sm_80", features = "+ptx80">] {
  gpu.func @grouped(%x: memref<?x512xbf16>, %w: memref<8x512x512xbf16>,
                    %permutation: memref<?xi32>, %y: memref<?x512xbf16>,
                    %expert: index) kernel
      attributes {moa_tile.warps = array<i64: 2, 2>} {
    %c0 = arith.constant 0 : index
    %c32 = arith.constant 32 : index
    %c128 = arith.constant 128 : index
    %c512 = arith.constant 512 : index
    %zero = arith.constant dense<0.0> : tensor<128x128xf32>
    %one = arith.constant dense<1> : tensor<128x1xi32>
    %i = gpu.block_id x
    %j = gpu.block_id y upper_bound 4
    %m = arith.muli %i, %c128 : index
    %n = arith.muli %j, %c128 : index
    %slots = moa_tile.load %permutation[%m] : memref<?xi32> -> tensor<128x1xi32>
    %tokens = arith.shrsi %slots, %one : tensor<128x1xi32>
    %sum = scf.for %k = %c0 to %c512 step %c32 iter_args(%acc = %zero) -> tensor<128x128xf32> {
      %a = moa_tile.gather %x[%k] rows %tokens
          : memref<?x512xbf16>, tensor<128x1xi32> -> tensor<128x32xbf16>
      %b = moa_tile.load %w[%expert, %k, %n] : memref<8x512x512xbf16> -> tensor<32x128xbf16>
      %next = moa_tile.mma %a, %b, %acc
          : tensor<128x32xbf16>, tensor<32x128xbf16>, tensor<128x128xf32>
      scf.yield %next : tensor<128x128xf32>
    } {moa_tile.stages = 4 : i64}
    %out = arith.truncf %sum : tensor<128x128xf32> to tensor<128x128xbf16>
    moa_tile.scatter %out, %y[%n] rows %slots
        : tensor<128x128xbf16>, memref<?x512xbf16>, tensor<128x1xi32>
    gpu.return
  }
}
