// Element-wise arithmetic, reductions and scans of tiles.
// RUN: moa-opt %s --pass-pipeline='builtin.module(gpu.module(convert-moa-tile-to-nvvm,canonicalize,cse))' -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: mlir-opt %t.mlir --nvvm-attach-target='chip=sm_80 features=+ptx80' --gpu-module-to-binary=format=isa \
// RUN:   | FileCheck %s --check-prefix=PTX
// PTX-NOT: __nv_
// PTX: gpu.binary

gpu.module @kernels {
  // Ops for each of a thread's four elements, one element after the other;
  // functions are instructions.
  // CHECK-LABEL: llvm.func @functions(
  // CHECK: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f"
  // CHECK-NOT: ex2.approx
  // CHECK: llvm.call_intrinsic "llvm.nvvm.lg2.approx.ftz.f"
  // CHECK: llvm.call_intrinsic "llvm.nvvm.div.approx.ftz.f"
  // CHECK: llvm.call_intrinsic "llvm.nvvm.sqrt.approx.ftz.f"
  // Angles are reduced in f64.
  // CHECK: llvm.fpext %{{.*}} : f32 to f64
  // CHECK: llvm.intr.roundeven
  // CHECK: llvm.call_intrinsic "llvm.nvvm.sin.approx.ftz.f"
  // CHECK: llvm.intr.maxnum
  // CHECK: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f"
  // CHECK: llvm.intr.maxnum
  // CHECK: nvvm.convert.f32x2.to.bf16x2
  // CHECK: llvm.store
  // CHECK-COUNT-2: llvm.intr.maxnum
  // CHECK-NOT: llvm.intr.maxnum
  // CHECK: nvvm.convert.f32x2.to.bf16x2
  gpu.func @functions(%x: memref<16x8xf32>, %y: memref<16x8xbf16>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %t0 = moa_tile.load %x[%c0, %c0] : memref<16x8xf32> -> tensor<16x8xf32>
    %t1 = math.exp2 %t0 : tensor<16x8xf32>
    %t2 = math.log %t1 : tensor<16x8xf32>
    %t3 = arith.divf %t0, %t2 : tensor<16x8xf32>
    %t4 = math.sqrt %t3 : tensor<16x8xf32>
    %t5 = math.sin %t4 : tensor<16x8xf32>
    %t6 = arith.maxnumf %t5, %t0 : tensor<16x8xf32>
    %t7 = arith.truncf %t6 : tensor<16x8xf32> to tensor<16x8xbf16>
    moa_tile.store %t7, %y[%c0, %c0] : tensor<16x8xbf16>, memref<16x8xbf16>
    gpu.return
  }

  // But for those that are half a turn at most: a turn times 32 bits behind the
  // point.
  // CHECK-LABEL: llvm.func @angles(
  // CHECK-NOT: f64
  // CHECK: llvm.call_intrinsic "llvm.nvvm.cos.approx.ftz.f"
  // CHECK: llvm.return
  gpu.func @angles(%x: memref<16x8xi32>, %y: memref<16x8xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %turn = arith.constant dense<1.46291808e-9> : tensor<16x8xf32>
    %t0 = moa_tile.load %x[%c0, %c0] : memref<16x8xi32> -> tensor<16x8xi32>
    %t1 = arith.sitofp %t0 : tensor<16x8xi32> to tensor<16x8xf32>
    %t2 = arith.mulf %t1, %turn : tensor<16x8xf32>
    %t3 = math.cos %t2 : tensor<16x8xf32>
    moa_tile.store %t3, %y[%c0, %c0] : tensor<16x8xf32>, memref<16x8xf32>
    gpu.return
  }

  // Rows are shared by four lanes, columns by eight.
  // CHECK-LABEL: llvm.func @reduce(
  // CHECK-COUNT-2: nvvm.shfl.sync bfly
  // CHECK-COUNT-2: nvvm.shfl.sync bfly
  // CHECK-COUNT-3: nvvm.shfl.sync bfly
  // CHECK-COUNT-3: nvvm.shfl.sync bfly
  // CHECK-NOT: nvvm.shfl.sync
  // CHECK-NOT: nvvm.barrier0
  gpu.func @reduce(%x: memref<16x8xf32>, %y: memref<16xf32>, %z: memref<8xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %t = moa_tile.load %x[%c0, %c0] : memref<16x8xf32> -> tensor<16x8xf32>
    %rows = moa_tile.reduce max %t along 1 : tensor<16x8xf32> -> tensor<16x1xf32>
    %columns = moa_tile.reduce add %t along 0 : tensor<16x8xf32> -> tensor<1x8xf32>
    moa_tile.store %rows, %y[%c0] : tensor<16x1xf32>, memref<16xf32>
    moa_tile.store %columns, %z[%c0] : tensor<1x8xf32>, memref<8xf32>
    gpu.return
  }

  // Two warps share each row: they meet in shared memory.
  // CHECK-LABEL: llvm.func @exchange(
  // CHECK: nvvm.barrier0
  // CHECK: llvm.store %{{.*}} : f32, !llvm.ptr<3>
  // CHECK: nvvm.barrier0
  // CHECK-COUNT-4: llvm.load %{{.*}} : !llvm.ptr<3> -> f32
  gpu.func @exchange(%x: memref<16x16xf32>, %y: memref<16xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 2>, moa_tile.shared_bytes = 128 : i64} {
    %c0 = arith.constant 0 : index
    %t = moa_tile.load %x[%c0, %c0] : memref<16x16xf32> -> tensor<16x16xf32>
    %scratch = moa_tile.alloc offset(0) : !moa_tile.buffer<2x16xf32>
    %rows = moa_tile.reduce add %t along 1 through %scratch
        : tensor<16x16xf32>, !moa_tile.buffer<2x16xf32> -> tensor<16x1xf32>
    moa_tile.store %rows, %y[%c0] : tensor<16x1xf32>, memref<16xf32>
    gpu.return
  }

  // A scan counts what lies in lanes before, then adds what lies in blocks before.
  // CHECK-LABEL: llvm.func @scan(
  // CHECK: nvvm.shfl.sync idx
  // CHECK: llvm.add
  gpu.func @scan(%x: memref<32xi32>, %y: memref<32xi32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %t = moa_tile.load %x[%c0] : memref<32xi32> -> tensor<1x32xi32>
    %s = moa_tile.scan %t along 1 : tensor<1x32xi32>
    moa_tile.store %s, %y[%c0] : tensor<1x32xi32>, memref<32xi32>
    gpu.return
  }

  // What a column's number owes to the lane is taken from the bound, so that
  // constants are compared: two rows, two blocks of columns, pairs.
  // CHECK-LABEL: llvm.func @columns(
  // CHECK-DAG: %[[C8:.*]] = llvm.mlir.constant(8 : i32) : i32
  // CHECK-DAG: %[[C9:.*]] = llvm.mlir.constant(9 : i32) : i32
  // CHECK: llvm.intr.smax
  // CHECK: %[[ROW:.*]] = llvm.sub
  // CHECK-DAG: llvm.icmp "sgt" %[[ROW]], %[[C8]]
  // CHECK-DAG: llvm.icmp "sgt" %[[ROW]], %[[C9]]
  gpu.func @columns(%bounds: memref<16xi32>, %y: memref<16x16xi1>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %t = moa_tile.load %bounds[%c0] : memref<16xi32> -> tensor<16x1xi32>
    %bound = moa_tile.broadcast %t : tensor<16x1xi32> -> tensor<16x16xi32>
    %number = moa_tile.position : tensor<1x16xi32>
    %column = moa_tile.broadcast %number : tensor<1x16xi32> -> tensor<16x16xi32>
    %below = arith.cmpi slt, %column, %bound : tensor<16x16xi32>
    moa_tile.store %below, %y[%c0, %c0] : tensor<16x16xi1>, memref<16x16xi1>
    gpu.return
  }

  // One lane of each four holds a column: the others ask it.
  // CHECK-LABEL: llvm.func @one_column(
  // CHECK-COUNT-2: nvvm.shfl.sync idx
  // CHECK-NOT: nvvm.shfl.sync
  gpu.func @one_column(%x: memref<16x16xf32>, %y: memref<16xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %t = moa_tile.load %x[%c0, %c0] : memref<16x16xf32> -> tensor<16x16xf32>
    %column = tensor.extract_slice %t[0, 11] [16, 1] [1, 1] : tensor<16x16xf32> to tensor<16x1xf32>
    moa_tile.store %column, %y[%c0] : tensor<16x1xf32>, memref<16xf32>
    gpu.return
  }
}
