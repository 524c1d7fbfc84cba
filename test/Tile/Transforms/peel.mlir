// A loop that adds products to zeros loses its first iteration, which reads the
// first stage and needs no condition for what it copies.
// RUN: moa-opt %s --pass-pipeline='builtin.module(gpu.module(moa-tile-stage,canonicalize))' \
// RUN:   --split-input-file | FileCheck %s

// CHECK-LABEL: gpu.func @sum
// CHECK-DAG: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : tensor<16x16xf32>
// The tiles of two iterations ahead, and of the one behind the first.
// CHECK: moa_tile.copy
// CHECK: moa_tile.commit
// CHECK: moa_tile.wait pending(0)
// CHECK: moa_tile.copy
// CHECK-NOT: when
// CHECK: moa_tile.commit
// CHECK: %[[FIRST:.*]] = moa_tile.mma %{{.*}}, %{{.*}}, %[[ZERO]]
// CHECK: scf.for %{{.*}} = %c16{{.*}} to %c64{{.*}} iter_args(%[[SUM:.*]] = %[[FIRST]],
// CHECK: moa_tile.copy {{.*}} when
// CHECK: moa_tile.mma %{{.*}}, %{{.*}}, %[[SUM]]
gpu.module @kernels {
  gpu.func @sum(%x: memref<16x64xf16>, %w: memref<64x16xf16>, %y: memref<16x16xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %c16 = arith.constant 16 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<16x16xf32>
    %sum = scf.for %k = %c0 to %c64 step %c16 iter_args(%acc = %zero) -> tensor<16x16xf32> {
      %a = moa_tile.load %x[%c0, %k] : memref<16x64xf16> -> tensor<16x16xf16>
      %b = moa_tile.load %w[%k, %c0] : memref<64x16xf16> -> tensor<16x16xf16>
      %s = moa_tile.mma %a, %b, %acc : tensor<16x16xf16>, tensor<16x16xf16>, tensor<16x16xf32>
      scf.yield %s : tensor<16x16xf32>
    } {moa_tile.stages = 2}
    moa_tile.store %sum, %y[%c0, %c0] : tensor<16x16xf32>, memref<16x16xf32>
    gpu.return
  }
}

// -----

// A sum that starts from something else keeps its loop, and so do sums without
// tensor cores and loops that may have no iteration.

// CHECK-LABEL: gpu.func @others
// CHECK-NOT: moa_tile.mma
// CHECK: scf.for
// CHECK: moa_tile.mma
// CHECK-NOT: moa_tile.mma
// CHECK: scf.for
// CHECK: moa_tile.mma
// CHECK-NOT: moa_tile.mma
// CHECK: scf.for
// CHECK: moa_tile.mma
// CHECK-NOT: moa_tile.mma
gpu.module @kernels {
  gpu.func @others(%x: memref<16x64xf16>, %w: memref<64x16xf16>,
                   %x32: memref<16x64xf32>, %w32: memref<64x16xf32>, %n: index,
                   %y: memref<16x16xf32>, %z: memref<16x16xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %c16 = arith.constant 16 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<16x16xf32>
    %one = arith.constant dense<1.0> : tensor<16x16xf32>
    %sum = scf.for %k = %c0 to %c64 step %c16 iter_args(%acc = %one) -> tensor<16x16xf32> {
      %a = moa_tile.load %x[%c0, %k] : memref<16x64xf16> -> tensor<16x16xf16>
      %b = moa_tile.load %w[%k, %c0] : memref<64x16xf16> -> tensor<16x16xf16>
      %s = moa_tile.mma %a, %b, %acc : tensor<16x16xf16>, tensor<16x16xf16>, tensor<16x16xf32>
      scf.yield %s : tensor<16x16xf32>
    }
    moa_tile.store %sum, %y[%c0, %c0] : tensor<16x16xf32>, memref<16x16xf32>
    %sum32 = scf.for %k = %c0 to %c64 step %c16 iter_args(%acc = %zero) -> tensor<16x16xf32> {
      %a = moa_tile.load %x32[%c0, %k] : memref<16x64xf32> -> tensor<16x16xf32>
      %b = moa_tile.load %w32[%k, %c0] : memref<64x16xf32> -> tensor<16x16xf32>
      %s = moa_tile.mma %a, %b, %acc : tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>
      scf.yield %s : tensor<16x16xf32>
    }
    moa_tile.store %sum32, %z[%c0, %c0] : tensor<16x16xf32>, memref<16x16xf32>
    %open = scf.for %k = %c0 to %n step %c16 iter_args(%acc = %zero) -> tensor<16x16xf32> {
      %a = moa_tile.load %x[%c0, %k] : memref<16x64xf16> -> tensor<16x16xf16>
      %b = moa_tile.load %w[%k, %c0] : memref<64x16xf16> -> tensor<16x16xf16>
      %s = moa_tile.mma %a, %b, %acc : tensor<16x16xf16>, tensor<16x16xf16>, tensor<16x16xf32>
      scf.yield %s : tensor<16x16xf32>
    }
    moa_tile.store %open, %y[%c0, %c0] : tensor<16x16xf32>, memref<16x16xf32>
    gpu.return
  }
}
