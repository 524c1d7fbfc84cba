// What a thread reads from buffers and writes to them. No cse runs behind the
// pass, which merges equal ops.
// RUN: moa-opt %s --pass-pipeline='builtin.module(gpu.module(convert-moa-tile-to-nvvm))' -o %t.mlir
// RUN: FileCheck %s --input-file=%t.mlir
// RUN: FileCheck %s --input-file=%t.mlir --check-prefix=APART

gpu.module @kernels {
  // A block of columns has an address, and a thread's rows are constants from
  // there. A pair stays the vector that it was read as.
  // CHECK-LABEL: llvm.func @pairs(
  // CHECK-COUNT-1: nvvm.read.ptx.sreg.tid.x
  // CHECK-NOT: nvvm.read.ptx.sreg.tid.x
  // CHECK-NOT: llvm.extractelement
  // CHECK-NOT: llvm.insertelement
  // CHECK: %[[SECOND:.*]] = llvm.getelementptr %[[A:.*]][%{{.*}}] : (!llvm.ptr<3>, i32)
  // CHECK: %[[FIRST:.*]] = llvm.getelementptr %[[A]][%{{.*}}] : (!llvm.ptr<3>, i32)
  // CHECK-NEXT: %[[PAIR:.*]] = llvm.load %[[FIRST]] {alignment = 8 : i64} : !llvm.ptr<3> -> vector<2xf32>
  // CHECK-NEXT: %[[WHOLE:.*]] = llvm.freeze %[[PAIR]]
  // CHECK: llvm.getelementptr %[[FIRST]][512]
  // CHECK: llvm.getelementptr %[[SECOND]][512]
  // CHECK-NOT: llvm.getelementptr %[[A]][%
  // CHECK: llvm.store %[[WHOLE]], %[[TO:.*]] {alignment = 8 : i64}
  // CHECK: llvm.getelementptr %[[TO]][512]
  // CHECK: llvm.getelementptr %[[TO]][32]
  // CHECK: llvm.return
  gpu.func @pairs() kernel attributes {moa_tile.warps = array<i64: 1, 1>} {
    %a = moa_tile.alloc offset(0) : !moa_tile.buffer<32x16xf32, swizzle = 4>
    %b = moa_tile.alloc offset(2048) : !moa_tile.buffer<32x16xf32>
    %tile = moa_tile.get %a : !moa_tile.buffer<32x16xf32, swizzle = 4> -> tensor<32x16xf32>
    moa_tile.put %tile to %b : tensor<32x16xf32>, !moa_tile.buffer<32x16xf32>
    gpu.return
  }

  // Three blocks of columns begin where a constant may have bits of its own and
  // of the warp's first piece: each of them is swizzled apart.
  // APART-LABEL: llvm.func @apart(
  // APART-COUNT-3: llvm.getelementptr %{{.*}}[%{{.*}}] : (!llvm.ptr<3>, i32)
  // APART-NOT: llvm.getelementptr %{{.*}}[%{{.*}}] : (!llvm.ptr<3>, i32)
  // APART: llvm.return
  gpu.func @apart(%x: memref<16x48xf32>) kernel attributes {moa_tile.warps = array<i64: 1, 2>} {
    %c0 = arith.constant 0 : index
    %a = moa_tile.alloc offset(0) : !moa_tile.buffer<16x48xf32, swizzle = 4>
    %tile = moa_tile.get %a : !moa_tile.buffer<16x48xf32, swizzle = 4> -> tensor<16x48xf32>
    moa_tile.store %tile, %x[%c0, %c0] : tensor<16x48xf32>, memref<16x48xf32>
    gpu.return
  }
}
