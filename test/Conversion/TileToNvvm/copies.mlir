// Copies are as wide as rows are aligned.
// RUN: moa-opt %s --pass-pipeline='builtin.module(gpu.module(convert-moa-tile-to-nvvm,canonicalize,cse))' | FileCheck %s

gpu.module @kernels {
  // 36 columns of bf16 are rows of 72 bytes: pieces of 8.
  // CHECK-LABEL: llvm.func @eight(
  // CHECK: nvvm.cp.async.shared.global %{{.*}}, %{{.*}}, 8, cache = ca
  gpu.func @eight(%x: memref<?x36xbf16>, %i: index) kernel attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %b = moa_tile.alloc offset(0) : !moa_tile.buffer<16x16xbf16>
    moa_tile.copy %x[%i, %c0] to %b : memref<?x36xbf16>, !moa_tile.buffer<16x16xbf16>
    gpu.return
  }

  // A column that may be any leaves 4 bytes of f32. Copies are predicated.
  // CHECK-LABEL: llvm.func @four(
  // CHECK: llvm.inline_asm has_side_effects "@$0 cp.async.ca.shared.global [$1], [$2], 4, $3;"
  gpu.func @four(%x: memref<?x36xf32>, %i: index, %when: i1) kernel attributes {moa_tile.warps = array<i64: 1, 1>} {
    %b = moa_tile.alloc offset(0) : !moa_tile.buffer<16x16xf32>
    moa_tile.copy %x[%i, %i] to %b when %when : memref<?x36xf32>, !moa_tile.buffer<16x16xf32>
    gpu.return
  }

  // Odd rows of bf16, and rows whose length is not known, go through registers.
  // CHECK-LABEL: llvm.func @odd(
  // CHECK-NOT: cp.async
  // CHECK: ld.global.nc.b16
  // CHECK: llvm.store %{{.*}}, %{{.*}} : bf16, !llvm.ptr<3>
  // CHECK-LABEL: llvm.func @dynamic(
  // CHECK-NOT: cp.async
  // CHECK: ld.global.nc.b16
  gpu.func @odd(%x: memref<?x33xbf16>, %i: index) kernel attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %b = moa_tile.alloc offset(0) : !moa_tile.buffer<16x16xbf16>
    moa_tile.copy %x[%i, %c0] to %b : memref<?x33xbf16>, !moa_tile.buffer<16x16xbf16>
    gpu.return
  }
  gpu.func @dynamic(%x: memref<?x?xbf16>, %i: index) kernel attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %b = moa_tile.alloc offset(0) : !moa_tile.buffer<16x16xbf16>
    moa_tile.copy %x[%i, %c0] to %b : memref<?x?xbf16>, !moa_tile.buffer<16x16xbf16>
    gpu.return
  }
}
