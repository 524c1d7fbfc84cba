// In which order a thread computes its elements: one is done before the next one
// begins, and what frees registers is done at once.
// RUN: moa-opt %s --pass-pipeline='builtin.module(gpu.module(convert-moa-tile-to-nvvm))' | FileCheck %s

gpu.module @kernels {
  // Two tiles of the same two: both results of an element are computed before the
  // next one, though the second tile is stored later, for then neither operand is
  // needed any more.
  // CHECK-LABEL: llvm.func @turn(
  // CHECK-COUNT-4: llvm.load
  // CHECK: llvm.fadd %[[A:.*]], %[[B:.*]] : f32
  // CHECK: llvm.fsub %[[A]], %[[B]] : f32
  // CHECK: llvm.fadd %[[C:.*]], %[[D:.*]] : f32
  // CHECK: llvm.fsub %[[C]], %[[D]] : f32
  // CHECK: llvm.store
  // CHECK: llvm.return
  gpu.func @turn(%x: memref<16x8xf32>, %y: memref<16x8xf32>, %sum: memref<16x8xf32>,
                 %difference: memref<16x8xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %a = moa_tile.load %x[%c0, %c0] : memref<16x8xf32> -> tensor<16x8xf32>
    %b = moa_tile.load %y[%c0, %c0] : memref<16x8xf32> -> tensor<16x8xf32>
    %0 = arith.addf %a, %b : tensor<16x8xf32>
    %1 = arith.subf %a, %b : tensor<16x8xf32>
    moa_tile.store %0, %sum[%c0, %c0] : tensor<16x8xf32>, memref<16x8xf32>
    moa_tile.store %1, %difference[%c0, %c0] : tensor<16x8xf32>, memref<16x8xf32>
    gpu.return
  }
}
