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

  // 144 pieces of a row and 32 threads have no pattern, and finding each piece by
  // itself took more registers than there are: a row has 160 places.
  // CHECK-LABEL: llvm.func @places(
  // CHECK-NOT: llvm.udiv
  // CHECK-NOT: llvm.urem
  // CHECK-COUNT-20: cp.async.{{(ca[.])?}}shared.global
  // CHECK-NOT: cp.async
  // CHECK: llvm.return
  gpu.func @places(%x: memref<4x129xf32>) kernel attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %b = moa_tile.alloc offset(0) : !moa_tile.buffer<4x144xf32>
    moa_tile.copy %x[%c0, %c0] to %b : memref<4x129xf32>, !moa_tile.buffer<4x144xf32>
    gpu.return
  }

  // Odd rows of bf16, and rows whose length is not known, go through registers, the
  // elements of 16 bytes to one thread.
  // CHECK-LABEL: llvm.func @odd(
  // CHECK-NOT: cp.async
  // CHECK: ld.global.nc.b16 $0, [$1];
  // CHECK: ld.global.nc.b16 $0, [$1+14];
  // CHECK: llvm.store %{{.*}} {alignment = 16 : i64} : vector<8xbf16>, !llvm.ptr<3>
  // CHECK-NOT: llvm.store
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

  // The heads of a sequence of unknown length: the next sequence is a multiple of a
  // row further.
  // CHECK-LABEL: llvm.func @sequences(
  // CHECK: cp.async{{.*}}, 16
  // CHECK-NOT: ld.global
  gpu.func @sequences(%x: memref<?x?x1x48xbf16>) kernel attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %block = gpu.block_id x
    %n = memref.dim %x, %c1 : memref<?x?x1x48xbf16>
    %view = memref.subview %x[%block, 0, 0, 0] [1, %n, 1, 48] [1, 1, 1, 1]
        : memref<?x?x1x48xbf16> to memref<?x48xbf16, strided<[48, 1], offset: ?>>
    %b = moa_tile.alloc offset(0) : !moa_tile.buffer<16x48xbf16>
    moa_tile.copy %view[%c0, %c0] to %b
        : memref<?x48xbf16, strided<[48, 1], offset: ?>>, !moa_tile.buffer<16x48xbf16>
    gpu.return
  }

  // Of two multiples of 16, the smaller one has 16 rows before the larger one:
  // no piece is cut. One that is no multiple may be.
  // CHECK-LABEL: llvm.func @multiples(
  // CHECK-COUNT-2: cp.async.cg.shared.global [{{[^ ]*}}], [{{[^ ]*}}], 16;"
  // CHECK-LABEL: llvm.func @others(
  // CHECK-COUNT-2: cp.async.cg.shared.global [{{[^ ]*}}], [{{[^ ]*}}], 16, $3;"
  gpu.func @multiples(%x: memref<128x32xbf16>) kernel attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %c16 = arith.constant 16 : index
    %c64 = arith.constant 64 : index
    %block = gpu.block_id x upper_bound 8
    %i = arith.muli %block, %c16 : index
    %next = arith.addi %i, %c16 : index
    %n = arith.minsi %next, %c64 : index
    %view = memref.subview %x[0, 0] [%n, 32] [1, 1] : memref<128x32xbf16> to memref<?x32xbf16, strided<[32, 1]>>
    %b = moa_tile.alloc offset(0) : !moa_tile.buffer<16x32xbf16>
    %when = arith.cmpi slt, %i, %n : index
    moa_tile.copy %view[%i, %c0] to %b when %when : memref<?x32xbf16, strided<[32, 1]>>, !moa_tile.buffer<16x32xbf16>
    gpu.return
  }
  gpu.func @others(%x: memref<128x32xbf16>) kernel attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %c16 = arith.constant 16 : index
    %c60 = arith.constant 60 : index
    %block = gpu.block_id x upper_bound 8
    %i = arith.muli %block, %c16 : index
    %next = arith.addi %i, %c16 : index
    %n = arith.minsi %next, %c60 : index
    %view = memref.subview %x[0, 0] [%n, 32] [1, 1] : memref<128x32xbf16> to memref<?x32xbf16, strided<[32, 1]>>
    %b = moa_tile.alloc offset(0) : !moa_tile.buffer<16x32xbf16>
    %when = arith.cmpi slt, %i, %n : index
    moa_tile.copy %view[%i, %c0] to %b when %when : memref<?x32xbf16, strided<[32, 1]>>, !moa_tile.buffer<16x32xbf16>
    gpu.return
  }
}
