// RUN: moa-opt %s | moa-opt | FileCheck %s

// CHECK: moa_tile.registers = 128 : i64, moa_tile.shared_bytes = 1024 : i64, moa_tile.warps = array<i64: 4, 2>
// CHECK: moa_tile.stages = 3 : i64
gpu.module @kernels {
  gpu.func @kernel(%n: index) kernel
      attributes {moa_tile.warps = array<i64: 4, 2>, moa_tile.shared_bytes = 1024 : i64,
        moa_tile.registers = 128 : i64} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    scf.for %i = %c0 to %n step %c1 {
    } {moa_tile.stages = 3}
    gpu.return
  }
}
