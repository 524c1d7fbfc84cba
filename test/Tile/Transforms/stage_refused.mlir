// Loads that cannot be issued ahead are staged where they stand, and a remark
// says why.
// RUN: moa-opt %s --pass-pipeline='builtin.module(gpu.module(moa-tile-stage))' \
// RUN:   --split-input-file --verify-diagnostics -o %t.mlir
// RUN: FileCheck %s --input-file=%t.mlir

// CHECK-LABEL: gpu.func @address_from_data
// CHECK: moa_tile.copy %{{.*}} to %{{.*}} when
// CHECK: scf.for
// CHECK-NEXT: moa_tile.wait pending(0)
// CHECK: moa_tile.copy %{{.*}} when
// CHECK: moa_tile.commit
// CHECK: %[[ROWS:.*]] = moa_tile.load
// CHECK: moa_tile.copy %{{.*}} rows %[[ROWS]] to %{{.*}} :
// CHECK: moa_tile.commit
// CHECK: moa_tile.wait pending(0)
// CHECK: moa_tile.mma
gpu.module @kernels {
  gpu.func @address_from_data(%x: memref<?x16xf16>, %w: memref<?x16xf16>, %rows: memref<?xi32>,
                              %n: index, %y: memref<16x16xf32>) kernel {
    %c0 = arith.constant 0 : index
    %c16 = arith.constant 16 : index
    %zero = arith.constant dense<0.0> : tensor<16x16xf32>
    %sum = scf.for %i = %c0 to %n step %c16 iter_args(%acc = %zero) -> tensor<16x16xf32> {
      %index = moa_tile.load %rows[%i] : memref<?xi32> -> tensor<16x1xi32>
      // expected-remark@below {{is not loaded ahead: its address depends on data that the same iteration loads}}
      %a = moa_tile.gather %x[%c0] rows %index : memref<?x16xf16>, tensor<16x1xi32> -> tensor<16x16xf16>
      %b = moa_tile.load %w[%i, %c0] : memref<?x16xf16> -> tensor<16x16xf16>
      %next = moa_tile.mma %a, %b, %acc : tensor<16x16xf16>, tensor<16x16xf16>, tensor<16x16xf32>
      scf.yield %next : tensor<16x16xf32>
    } {moa_tile.stages = 2}
    moa_tile.store %sum, %y[%c0, %c0] : tensor<16x16xf32>, memref<16x16xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @carried_and_nested(%x: memref<?x16xf16>, %n: index, %c: i1, %y: memref<16x16xf32>) kernel {
    %c0 = arith.constant 0 : index
    %c16 = arith.constant 16 : index
    %zero = arith.constant dense<0.0> : tensor<16x16xf32>
    %sum:2 = scf.for %i = %c0 to %n step %c16 iter_args(%acc = %zero, %row = %c0) -> (tensor<16x16xf32>, index) {
      // expected-remark@below {{is not loaded ahead: its address depends on a value that the loop carries}}
      %a = moa_tile.load %x[%row, %c0] : memref<?x16xf16> -> tensor<16x16xf16>
      %next = scf.if %c -> tensor<16x16xf32> {
        // expected-remark@below {{is not loaded ahead: it is in a branch or loop within the loop that has stages}}
        %b = moa_tile.load %x[%i, %c0] : memref<?x16xf16> -> tensor<16x16xf16>
        %s = moa_tile.mma %a, %b, %acc : tensor<16x16xf16>, tensor<16x16xf16>, tensor<16x16xf32>
        scf.yield %s : tensor<16x16xf32>
      } else {
        scf.yield %acc : tensor<16x16xf32>
      }
      %following = arith.addi %row, %c16 : index
      scf.yield %next, %following : tensor<16x16xf32>, index
    } {moa_tile.stages = 2}
    moa_tile.store %sum#0, %y[%c0, %c0] : tensor<16x16xf32>, memref<16x16xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @written(%x: memref<?x16xf32>, %n: index) kernel {
    %c0 = arith.constant 0 : index
    %c16 = arith.constant 16 : index
    %zero = arith.constant dense<0.0> : tensor<16x16xf32>
    scf.for %i = %c0 to %n step %c16 {
      // expected-remark@below {{is not loaded ahead: the loop writes to the memory}}
      %a = moa_tile.load %x[%i, %c0] : memref<?x16xf32> -> tensor<16x16xf32>
      %s = moa_tile.mma %a, %a, %zero : tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>
      moa_tile.store %s, %x[%i, %c0] : tensor<16x16xf32>, memref<?x16xf32>
    } {moa_tile.stages = 3}
    gpu.return
  }
}
