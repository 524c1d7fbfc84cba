// The loop of a grouped matmul: rows gathered by cp.async, operands by ldmatrix,
// mma.sync, rows scattered.
// RUN: moa-opt %s --pass-pipeline='builtin.module(gpu.module(convert-moa-tile-to-nvvm,canonicalize,cse))' -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// The result is of upstream's dialects, and PTX without anything unresolved.
// RUN: mlir-opt %t.mlir --nvvm-attach-target='chip=sm_80 features=+ptx80' --gpu-module-to-binary=format=isa \
// RUN:   | FileCheck %s --check-prefix=PTX

// CHECK: gpu.module @kernels
// CHECK: llvm.mlir.global external @moa_shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>

// A pointer for each memref, an i32 for each size that is not known.
// CHECK-LABEL: llvm.func @grouped(
// CHECK-SAME: %[[X:[a-z0-9]+]]: !llvm.ptr<1> {llvm.noalias, llvm.readonly},
// CHECK-SAME: %[[ROWS:[a-z0-9]+]]: i32,
// CHECK-SAME: %[[W:[a-z0-9]+]]: !llvm.ptr<1> {llvm.noalias, llvm.readonly},
// CHECK-SAME: %[[P:[a-z0-9]+]]: !llvm.ptr<1> {llvm.noalias, llvm.readonly}, %[[SLOTS:[a-z0-9]+]]: i32,
// CHECK-SAME: %{{[a-z0-9]+}}: !llvm.ptr<1> {llvm.noalias}, %{{[a-z0-9]+}}: i32, %[[E:[a-z0-9]+]]: i32)
// CHECK-SAME: denormal_fp_math_f32 = "preserve-sign,preserve-sign"
// CHECK-SAME: gpu.kernel
// CHECK-SAME: nvvm.kernel
// CHECK-SAME: nvvm.maxntid = array<i32: 128, 1, 1>

// Each thread loads the index of the row it copies, before the loop. What is
// outside is 0 without a branch.
// CHECK: llvm.inline_asm {{.*}}ld.global.nc.b32{{.*}} -> i32
// CHECK: llvm.br ^[[LOOP:bb[0-9]+]]

// A piece of a row that does not exist is filled with zeros. The weights' pieces
// all exist: 512 columns in blocks of 64, 512 rows in steps of 32.
// CHECK: llvm.icmp "ult"
// CHECK: llvm.select
// CHECK: nvvm.cp.async.shared.global %{{.*}}, %{{.*}}, 16, cache =  cg, %{{.*}} : !llvm.ptr<3>, !llvm.ptr<1>, i32
// CHECK: nvvm.cp.async.shared.global %{{.*}}, %{{.*}}, 16, cache =  cg : !llvm.ptr<3>, !llvm.ptr<1>
// CHECK: nvvm.cp.async.commit.group
// CHECK: nvvm.cp.async.wait.group 0
// CHECK: nvvm.barrier0
// CHECK: nvvm.ldmatrix %{{.*}} {eltType = {{.*}}, layout = #nvvm.mma_layout<row>, num = 4 : i32
// CHECK: nvvm.ldmatrix %{{.*}} {eltType = {{.*}}, layout = #nvvm.mma_layout<col>, num = 4 : i32
// CHECK-COUNT-8: nvvm.mma.sync
// CHECK-NOT: nvvm.mma.sync
// CHECK-COUNT-8: nvvm.convert.f32x2.to.bf16x2
// CHECK: st.global
// CHECK-NOT: moa_tile
// CHECK-NOT: unrealized_conversion_cast

// PTX-NOT: moa_tile
// PTX-NOT: __nv_
// PTX: .visible .entry grouped
// PTX: cp.async.cg.shared.global
// PTX: ldmatrix.sync.aligned.m8n8.x4.shared.b16
// PTX: ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16
// PTX: mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
gpu.module @kernels {
  gpu.func @grouped(%x: memref<?x512xbf16>, %w: memref<8x512x512xbf16>,
                    %permutation: memref<?xi32>, %y: memref<?x512xbf16>,
                    %expert: index) kernel
      attributes {moa_tile.warps = array<i64: 2, 2>,
                  moa_tile.shared_bytes = 6144 : i64} {
    %c0 = arith.constant 0 : index
    %c32 = arith.constant 32 : index
    %c64 = arith.constant 64 : index
    %c512 = arith.constant 512 : index
    %zero = arith.constant dense<0.0> : tensor<32x64xf32>
    %two = arith.constant dense<1> : tensor<32x1xi32>
    %i = gpu.block_id x
    %j = gpu.block_id y upper_bound 8
    %m = arith.muli %i, %c32 : index
    %n = arith.muli %j, %c64 : index
    %slots = moa_tile.load %permutation[%m] : memref<?xi32> -> tensor<32x1xi32>
    %tokens = arith.shrsi %slots, %two : tensor<32x1xi32>
    %a = moa_tile.alloc offset(0) : !moa_tile.buffer<32x32xbf16, swizzle = 4>
    %b = moa_tile.alloc offset(2048) : !moa_tile.buffer<32x64xbf16, swizzle = 8>
    %sum = scf.for %k = %c0 to %c512 step %c32 iter_args(%acc = %zero) -> tensor<32x64xf32> {
      moa_tile.copy %x[%k] rows %tokens to %a
          : memref<?x512xbf16>, !moa_tile.buffer<32x32xbf16, swizzle = 4>, tensor<32x1xi32>
      moa_tile.copy %w[%expert, %k, %n] to %b
          : memref<8x512x512xbf16>, !moa_tile.buffer<32x64xbf16, swizzle = 8>
      moa_tile.commit
      moa_tile.wait pending(0)
      %next = moa_tile.mma %a, %b, %acc
          : !moa_tile.buffer<32x32xbf16, swizzle = 4>, !moa_tile.buffer<32x64xbf16, swizzle = 8>, tensor<32x64xf32>
      moa_tile.wait pending(0)
      scf.yield %next : tensor<32x64xf32>
    }
    %out = arith.truncf %sum : tensor<32x64xf32> to tensor<32x64xbf16>
    moa_tile.scatter %out, %y[%n] rows %slots
        : tensor<32x64xbf16>, memref<?x512xbf16>, tensor<32x1xi32>
    gpu.return
  }
}
