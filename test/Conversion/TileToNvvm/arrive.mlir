// One thread counts the block in, between barriers and behind a fence; all hear the
// answer. What is stored before, and loaded behind, stays there: LLVM is not told
// that nobody else accesses the memory, and loads do not go through the cache of
// memory that is only read. Of what is read only it is told.
// RUN: moa-opt %s --pass-pipeline="builtin.module(gpu.module(convert-moa-tile-to-nvvm))" | FileCheck %s
// RUN: moa-opt %s --pass-pipeline="builtin.module(gpu.module(convert-moa-tile-to-nvvm),moa-target-gpu{chip=sm_80})" -o %t.mlir
// RUN: moa-translate --moa-to-ptx %t.mlir | FileCheck %s --check-prefix=PTX

// CHECK-LABEL: llvm.func @join(
// CHECK-SAME: {llvm.noalias, llvm.readonly}, %{{[a-z0-9]+}}: !llvm.ptr<1>, %[[COUNTERS:[a-z0-9]+]]: !llvm.ptr<1>, %[[COUNT:[a-z0-9]+]]: i32)
// CHECK: nvvm.barrier0
// CHECK: llvm.fence syncscope("device") acq_rel
// CHECK-NEXT: %[[BEFORE:.*]] = llvm.atomicrmw add %{{.*}}, %{{.*}} syncscope("device") monotonic : !llvm.ptr<1>, i32
// CHECK-NEXT: llvm.icmp "eq" %[[BEFORE]],
// CHECK-NEXT: llvm.fence syncscope("device") acq_rel
// CHECK: nvvm.barrier #nvvm.reduction<or> %{{.*}} -> i32

// PTX-LABEL: .entry join(
// PTX: ld.global.nc
// PTX: st.global
// PTX-NOT: ld.global
// PTX: bar.sync 0;
// PTX: fence.acq_rel.gpu;
// PTX-NEXT: atom.global.add.u32
// PTX: fence.acq_rel.gpu;
// PTX: bar.red.or.pred
// PTX-NOT: .nc
// PTX: ld.global
// PTX: st.global
// PTX-NOT: st.global
gpu.module @kernels {
  gpu.func @join(%x: memref<16x64xf32>, %y: memref<16x64xf32>,
                 %counters: memref<4xi32>, %count: index) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>, moa_tile.shared_bytes = 0 : i64} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %a = moa_tile.load %x[%c0, %c0] : memref<16x64xf32> -> tensor<1x8xf32>
    moa_tile.store %a, %y[%c0, %c0] : tensor<1x8xf32>, memref<16x64xf32>
    %last = moa_tile.arrive %counters[%c1] of %count : memref<4xi32>
    scf.if %last {
      %b = moa_tile.load %y[%c1, %c0] : memref<16x64xf32> -> tensor<1x8xf32>
      moa_tile.store %b, %y[%c0, %c8] : tensor<1x8xf32>, memref<16x64xf32>
    }
    gpu.return
  }
}
