// Operands of products: from registers, transposed, f16, tf32 and f32.
// RUN: moa-opt %s --pass-pipeline='builtin.module(gpu.module(convert-moa-tile-to-nvvm,canonicalize,cse))' -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: mlir-opt %t.mlir --nvvm-attach-target='chip=sm_80 features=+ptx80' --gpu-module-to-binary=format=isa \
// RUN:   | FileCheck %s --check-prefix=PTX
// PTX-NOT: __nv_

gpu.module @kernels {
  // A tile in the pattern of accumulators, packed, is the left operand; rows of
  // a transposed right operand need no transposing load.
  // CHECK-LABEL: llvm.func @registers(
  // CHECK-COUNT-2: nvvm.convert.f32x2.to.f16x2
  // CHECK: nvvm.ldmatrix %{{.*}} {eltType = {{.*}}, layout = #nvvm.mma_layout<row>, num = 4 : i32
  // CHECK-COUNT-2: nvvm.mma.sync {{.*}}shape = #nvvm.shape<m = 16, n = 8, k = 16>} : (vector<2xf16>, vector<2xf16>, f32)
  // CHECK-NOT: nvvm.ldmatrix
  gpu.func @registers(%x: memref<16x16xf32>, %y: memref<16x16xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>, moa_tile.shared_bytes = 512 : i64} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<16x16xf32>
    %t = moa_tile.load %x[%c0, %c0] : memref<16x16xf32> -> tensor<16x16xf32>
    %a = arith.truncf %t : tensor<16x16xf32> to tensor<16x16xf16>
    %b = moa_tile.alloc offset(0) : !moa_tile.buffer<16x16xf16, swizzle = 2>
    moa_tile.put %a to %b : tensor<16x16xf16>, !moa_tile.buffer<16x16xf16, swizzle = 2>
    moa_tile.wait pending(0)
    %s = moa_tile.mma %a, transposed %b, %zero : tensor<16x16xf16>, !moa_tile.buffer<16x16xf16, swizzle = 2>, tensor<16x16xf32>
    moa_tile.store %s, %y[%c0, %c0] : tensor<16x16xf32>, memref<16x16xf32>
    gpu.return
  }

  // A right operand whose elements are one constant is no matter of memory.
  // CHECK-LABEL: llvm.func @row_sums(
  // CHECK: llvm.mlir.constant(1.000000e+00 : f16)
  // CHECK-NOT: nvvm.ldmatrix
  // CHECK: nvvm.mma.sync
  // CHECK-NOT: nvvm.mma.sync
  gpu.func @row_sums(%x: memref<16x16xf32>, %y: memref<16x8xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>, moa_tile.shared_bytes = 0 : i64} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<16x8xf32>
    %ones = arith.constant dense<1.0> : tensor<16x8xf16>
    %t = moa_tile.load %x[%c0, %c0] : memref<16x16xf32> -> tensor<16x16xf32>
    %a = arith.truncf %t : tensor<16x16xf32> to tensor<16x16xf16>
    %s = moa_tile.mma %a, %ones, %zero : tensor<16x16xf16>, tensor<16x8xf16>, tensor<16x8xf32>
    moa_tile.store %s, %y[%c0, %c0] : tensor<16x8xf32>, memref<16x8xf32>
    gpu.return
  }

  // A left operand that is read before its product comes as one: words of two
  // elements, four at a time.
  // CHECK-LABEL: llvm.func @kept(
  // CHECK-COUNT-2: nvvm.ldmatrix %{{.*}} {eltType = {{.*}}, layout = #nvvm.mma_layout<row>, num = 4 : i32
  // CHECK-NOT: nvvm.ldmatrix
  // CHECK-NOT: llvm.load
  // CHECK: nvvm.mma.sync
  gpu.func @kept(%y: memref<16x8xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>, moa_tile.shared_bytes = 1024 : i64} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<16x8xf32>
    %ones = arith.constant dense<1.0> : tensor<32x8xf16>
    %b = moa_tile.alloc offset(0) : !moa_tile.buffer<16x32xf16, swizzle = 4>
    %a = moa_tile.get %b : !moa_tile.buffer<16x32xf16, swizzle = 4> -> tensor<16x32xf16>
    %s = moa_tile.mma %a, %ones, %zero : tensor<16x32xf16>, tensor<32x8xf16>, tensor<16x8xf32>
    moa_tile.store %s, %y[%c0, %c0] : tensor<16x8xf32>, memref<16x8xf32>
    gpu.return
  }

  // Products behind the first 32 are left out where no row of a warp needs them;
  // a warp takes a branch on its own.
  // CHECK-LABEL: llvm.func @terms(
  // CHECK-SAME: nvvm.maxnreg = 128 : i32
  // CHECK: %[[ANY:.*]] = nvvm.vote.sync any
  // CHECK: llvm.cond_br %[[ANY]]
  // CHECK-COUNT-2: nvvm.mma.sync
  // CHECK-NOT: nvvm.mma.sync
  // CHECK: llvm.icmp "sgt"
  // CHECK: %[[MORE:.*]] = nvvm.vote.sync any
  // CHECK: llvm.cond_br %[[MORE]]
  // CHECK-COUNT-2: nvvm.mma.sync
  // CHECK-NOT: nvvm.mma.sync
  // CHECK: llvm.return
  // PTX: .entry terms(
  // PTX: .maxnreg 128
  // PTX: vote.sync.any.pred
  gpu.func @terms(%x: memref<16x1xi32>, %y: memref<16x8xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>, moa_tile.shared_bytes = 0 : i64,
                  moa_tile.registers = 128 : i64} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<16x8xf32>
    %none = arith.constant dense<0> : tensor<16x1xi32>
    %ones = arith.constant dense<1.0> : tensor<64x8xf16>
    %a = arith.constant dense<1.0> : tensor<16x64xf16>
    %t = moa_tile.load %x[%c0, %c0] : memref<16x1xi32> -> tensor<16x1xi32>
    %some = arith.cmpi sgt, %t, %none : tensor<16x1xi32>
    %any = moa_tile.any %some : tensor<16x1xi1>
    %s = scf.if %any -> tensor<16x8xf32> {
      %sum = moa_tile.mma %a, %ones, %zero terms %t : tensor<16x64xf16>, tensor<64x8xf16>, tensor<16x8xf32>, tensor<16x1xi32>
      scf.yield %sum : tensor<16x8xf32>
    } else {
      scf.yield %zero : tensor<16x8xf32>
    }
    moa_tile.store %s, %y[%c0, %c0] : tensor<16x8xf32>, memref<16x8xf32>
    gpu.return
  }

  // Operands are rounded to tf32.
  // CHECK-LABEL: llvm.func @tf32(
  // CHECK: nvvm.ldmatrix
  // CHECK: nvvm.convert.float.to.tf32 %{{.*}} {rnd = #nvvm.fp_rnd_mode<rna>}
  // CHECK: nvvm.mma.sync {{.*}}multiplicandAPtxType = #nvvm.mma_type<tf32>{{.*}}shape = #nvvm.shape<m = 16, n = 8, k = 8>}
  // PTX: mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32
  gpu.func @tf32(%x: memref<16x8xf32>, %y: memref<16x8xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>, moa_tile.shared_bytes = 768 : i64} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<16x8xf32>
    %a = moa_tile.alloc offset(0) : !moa_tile.buffer<16x8xf32, swizzle = 2>
    %b = moa_tile.alloc offset(512) : !moa_tile.buffer<8x8xf32, swizzle = 2>
    %s = moa_tile.mma %a, %b, %zero tf32 : !moa_tile.buffer<16x8xf32, swizzle = 2>, !moa_tile.buffer<8x8xf32, swizzle = 2>, tensor<16x8xf32>
    moa_tile.store %s, %y[%c0, %c0] : tensor<16x8xf32>, memref<16x8xf32>
    gpu.return
  }

  // The columns of a warp behind the first 32 lie at constants from those, which
  // take eight addresses: two rows of four blocks.
  // CHECK-LABEL: llvm.func @tf32_columns(
  // CHECK-COUNT-8: llvm.xor
  // CHECK-NOT: llvm.xor
  // CHECK: nvvm.mma.sync
  gpu.func @tf32_columns(%x: memref<16x8xf32>, %y: memref<16x96xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>, moa_tile.shared_bytes = 3584 : i64} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<16x96xf32>
    %a = moa_tile.alloc offset(0) : !moa_tile.buffer<16x8xf32>
    %b = moa_tile.alloc offset(512) : !moa_tile.buffer<8x96xf32, swizzle = 8>
    %s = moa_tile.mma %a, %b, %zero tf32 : !moa_tile.buffer<16x8xf32>, !moa_tile.buffer<8x96xf32, swizzle = 8>, tensor<16x96xf32>
    moa_tile.store %s, %y[%c0, %c0] : tensor<16x96xf32>, memref<16x96xf32>
    gpu.return
  }

  // f32 is multiplied in full precision, in the order of k.
  // CHECK-LABEL: llvm.func @f32(
  // CHECK: llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xf32>
  // CHECK: llvm.load %{{.*}} {alignment = 8 : i64} : !llvm.ptr<3> -> vector<2xf32>
  // CHECK-COUNT-32: llvm.intr.fma
  // CHECK-NOT: llvm.intr.fma
  // CHECK-NOT: nvvm.mma.sync
  gpu.func @f32(%x: memref<16x8xf32>, %y: memref<16x8xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>, moa_tile.shared_bytes = 768 : i64} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<16x8xf32>
    %a = moa_tile.alloc offset(0) : !moa_tile.buffer<16x8xf32, swizzle = 2>
    %b = moa_tile.alloc offset(512) : !moa_tile.buffer<8x8xf32, swizzle = 2>
    %s = moa_tile.mma %a, %b, %zero : !moa_tile.buffer<16x8xf32, swizzle = 2>, !moa_tile.buffer<8x8xf32, swizzle = 2>, tensor<16x8xf32>
    moa_tile.store %s, %y[%c0, %c0] : tensor<16x8xf32>, memref<16x8xf32>
    gpu.return
  }
}
