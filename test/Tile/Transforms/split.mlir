// A loop whose branch asks for a bound becomes two loops, with one side of the
// branch each; the stages of its buffers go on from the first to the second.
// RUN: moa-opt %s --pass-pipeline='builtin.module(gpu.module(moa-tile-stage,gpu.func(canonicalize,cse)))' \
// RUN:   --split-input-file | FileCheck %s

// CHECK-LABEL: gpu.func @bound
// CHECK-SAME: %[[N:[a-z0-9]+]]: index, %[[LIMIT:[a-z0-9]+]]: index
// The first loop has the iterations i with i + 16 <= limit.
// CHECK: %[[SOME:.*]] = arith.maxsi %[[LIMIT]], %c0
// CHECK: %[[COUNT:.*]] = arith.divui %[[SOME]], %c16
// CHECK: %[[TURN:.*]] = arith.muli %[[COUNT]], %c16
// CHECK: %[[END:.*]] = arith.minsi %[[TURN]], %[[N]]
// CHECK: %[[FIRST:.*]]:3 = scf.for %[[I:.*]] = %c0 to %[[END]] step %c16
// CHECK-NEXT: moa_tile.wait
// A copy is ahead in the first loop as far as the second one goes.
// CHECK: arith.cmpi slt, %{{.*}}, %[[N]]
// CHECK-NOT: scf.if
// CHECK: moa_tile.mma
// CHECK-NOT: moa_tile.mma
// CHECK: scf.yield
// CHECK: scf.for %[[J:.*]] = %[[END]] to %[[N]] step %c16 iter_args(%{{.*}} = %[[FIRST]]#0, %{{.*}} = %[[FIRST]]#1, %{{.*}} = %[[FIRST]]#2)
// CHECK-NOT: scf.if
// CHECK: %[[HALF:.*]] = arith.mulf
// CHECK: moa_tile.mma %[[HALF]]
// CHECK-NOT: scf.if
gpu.module @kernels {
  gpu.func @bound(%x: memref<?x16xf16>, %n: index, %limit: index, %y: memref<16x16xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %c16 = arith.constant 16 : index
    %zero = arith.constant dense<0.0> : tensor<16x16xf32>
    %half = arith.constant dense<0.5> : tensor<16x16xf16>
    %q = moa_tile.load %x[%c0, %c0] : memref<?x16xf16> -> tensor<16x16xf16>
    %less = arith.mulf %q, %half : tensor<16x16xf16>
    %sum = scf.for %i = %c0 to %n step %c16 iter_args(%acc = %zero) -> tensor<16x16xf32> {
      %b = moa_tile.load %x[%i, %c0] : memref<?x16xf16> -> tensor<16x16xf16>
      %behind = arith.addi %i, %c16 : index
      %full = arith.cmpi sle, %behind, %limit : index
      %next = scf.if %full -> tensor<16x16xf32> {
        %s = moa_tile.mma %q, %b, %acc : tensor<16x16xf16>, tensor<16x16xf16>, tensor<16x16xf32>
        scf.yield %s : tensor<16x16xf32>
      } else {
        %half_q = arith.mulf %less, %half : tensor<16x16xf16>
        %s = moa_tile.mma %half_q, %b, %acc : tensor<16x16xf16>, tensor<16x16xf16>, tensor<16x16xf32>
        scf.yield %s : tensor<16x16xf32>
      }
      scf.yield %next : tensor<16x16xf32>
    } {moa_tile.stages = 2}
    moa_tile.store %sum, %y[%c0, %c0] : tensor<16x16xf32>, memref<16x16xf32>
    gpu.return
  }
}

// -----

// A bound that changes within the loop splits nothing.

// CHECK-LABEL: gpu.func @moving
// CHECK: scf.for
// CHECK: scf.if
// CHECK-NOT: scf.for
gpu.module @kernels {
  gpu.func @moving(%n: index, %limit: memref<?xindex>, %y: memref<16x16xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %c16 = arith.constant 16 : index
    %zero = arith.constant dense<0.0> : tensor<16x16xf32>
    scf.for %i = %c0 to %n step %c16 {
      %bound = memref.load %limit[%i] : memref<?xindex>
      %full = arith.cmpi sle, %i, %bound : index
      scf.if %full {
        moa_tile.store %zero, %y[%c0, %c0] : tensor<16x16xf32>, memref<16x16xf32>
      }
    }
    gpu.return
  }
}
