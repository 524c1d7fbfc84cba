// A thread answers for its elements; where one does not hold, the driver's
// function ends the launch.
// RUN: moa-opt %s --pass-pipeline="builtin.module(gpu.module(convert-moa-tile-to-nvvm))" | FileCheck %s
// RUN: moa-opt %s --pass-pipeline="builtin.module(gpu.module(convert-moa-tile-to-nvvm),moa-target-gpu{chip=sm_80})" \
// RUN:   | moa-translate --moa-to-ptx | FileCheck %s --check-prefix=PTX

// CHECK-DAG: llvm.func @__assertfail(
// CHECK-DAG: llvm.mlir.global {{.*}}("a number is negative\00")
// CHECK-LABEL: llvm.func @check(
// CHECK-COUNT-3: llvm.and %{{.*}} : i1
// CHECK: llvm.cond_br %{{.*}}, ^[[GO:bb[0-9]+]], ^[[FAIL:bb[0-9]+]]
// CHECK: ^[[FAIL]]:
// CHECK: llvm.call @__assertfail(
// CHECK: ^[[GO]]:
// CHECK: llvm.return

// PTX: .extern .func __assertfail
// PTX-LABEL: .entry check(
// PTX: __assertfail,
gpu.module @kernels {
  gpu.func @check(%x: memref<16x8xi32>, %y: memref<16x8xi32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>, moa_tile.shared_bytes = 0 : i64} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant dense<0> : tensor<16x8xi32>
    %numbers = moa_tile.load %x[%c0, %c0] : memref<16x8xi32> -> tensor<16x8xi32>
    %holds = arith.cmpi sge, %numbers, %zero : tensor<16x8xi32>
    moa_tile.assert %holds, "a number is negative" : tensor<16x8xi1>
    moa_tile.store %numbers, %y[%c0, %c0] : tensor<16x8xi32>, memref<16x8xi32>
    gpu.return
  }
}
