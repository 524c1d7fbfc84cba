// A kernel with loops in branches in a loop, products of loaded and of computed
// tiles, reductions and scans across warps: staged, it computes what it does
// unstaged, whatever the number of stages, for no, few and many iterations.

// RUN: moa-opt %s --pass-pipeline='builtin.module(gpu.module(moa-tile-stage))' -o %t.staged.mlir
// RUN: FileCheck %s --input-file=%t.staged.mlir
// CHECK: moa_tile.wait pending(2)
// CHECK: moa_tile.wait pending(1)

// RUN: moa-run %s --pipeline=moa-tile-cpu-pipeline --input=index=40 --output=@%t.many.npy
// RUN: moa-run %t.staged.mlir --pipeline=moa-tile-cpu-pipeline --input=index=40 \
// RUN:   --expected_output=@%t.many.npy --atol=0 --rtol=0
// RUN: moa-run %s --pipeline=moa-tile-cpu-pipeline --input=index=3 --output=@%t.few.npy
// RUN: moa-run %t.staged.mlir --pipeline=moa-tile-cpu-pipeline --input=index=3 \
// RUN:   --expected_output=@%t.few.npy --atol=0 --rtol=0
// RUN: moa-run %s --pipeline=moa-tile-cpu-pipeline --input=index=0 --output=@%t.none.npy
// RUN: moa-run %t.staged.mlir --pipeline=moa-tile-cpu-pipeline --input=index=0 \
// RUN:   --expected_output=@%t.none.npy --atol=0 --rtol=0

gpu.module @kernels {
  gpu.func @groups(%x: memref<?x?xbf16>, %w: memref<?x?x64xbf16>, %v: memref<32x32xbf16>,
                   %slots: memref<?xi32>, %offsets: memref<?xi32>,
                   %y: memref<?x64xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 2>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c16 = arith.constant 16 : index
    %c32 = arith.constant 32 : index
    %depth = memref.dim %x, %c1 : memref<?x?xbf16>
    %experts = memref.dim %w, %c0 : memref<?x?x64xbf16>
    %bx = gpu.block_id x
    %n = arith.muli %bx, %c32 : index
    scf.for %e = %c0 to %experts step %c1 {
      %begin_i32 = memref.load %offsets[%e] : memref<?xi32>
      %begin = arith.index_cast %begin_i32 : i32 to index
      %e1 = arith.addi %e, %c1 : index
      %end_i32 = memref.load %offsets[%e1] : memref<?xi32>
      %end = arith.index_cast %end_i32 : i32 to index
      scf.for %m = %begin to %end step %c32 {
        %left = arith.subi %end, %m : index
        %many = arith.cmpi sgt, %left, %c16 : index
        scf.if %many {
          %number_32 = moa_tile.position : tensor<32x1xi32>
          %first_32 = arith.index_cast %m : index to i32
          %firsts_32 = tensor.splat %first_32 : tensor<32x1xi32>
          %place_32 = arith.addi %number_32, %firsts_32 : tensor<32x1xi32>
          %last_32 = arith.index_cast %end : index to i32
          %lasts_32 = tensor.splat %last_32 : tensor<32x1xi32>
          %inside_32 = arith.cmpi slt, %place_32, %lasts_32 : tensor<32x1xi32>
          %none_32 = arith.constant dense<-1> : tensor<32x1xi32>
          %slots_32 = moa_tile.load %slots[%m] : memref<?xi32> -> tensor<32x1xi32>
          %rows_32 = arith.select %inside_32, %slots_32, %none_32 : tensor<32x1xi1>, tensor<32x1xi32>
          %zero_32 = arith.constant dense<0.0> : tensor<32x32xf32>
          %sum_32 = scf.for %k = %c0 to %depth step %c16 iter_args(%acc = %zero_32) -> tensor<32x32xf32> {
            %a = moa_tile.gather %x[%k] rows %rows_32 : memref<?x?xbf16>, tensor<32x1xi32> -> tensor<32x16xbf16>
            %b = moa_tile.load %w[%e, %k, %n] : memref<?x?x64xbf16> -> tensor<16x32xbf16>
            %next = moa_tile.mma %a, %b, %acc : tensor<32x16xbf16>, tensor<16x32xbf16>, tensor<32x32xf32>
            scf.yield %next : tensor<32x32xf32>
          } {moa_tile.stages = 4}
          %max_32 = moa_tile.reduce max %sum_32 along 1 : tensor<32x32xf32> -> tensor<32x1xf32>
          %maxima_32 = moa_tile.broadcast %max_32 : tensor<32x1xf32> -> tensor<32x32xf32>
          %less_32 = arith.subf %sum_32, %maxima_32 : tensor<32x32xf32>
          %before_32 = moa_tile.scan %less_32 along 0 : tensor<32x32xf32>
          %small_32 = arith.constant dense<0.0625> : tensor<32x32xf32>
          %scaled_32 = arith.mulf %before_32, %small_32 : tensor<32x32xf32>
          %left_32 = arith.truncf %scaled_32 : tensor<32x32xf32> to tensor<32x32xbf16>
          %v_32 = moa_tile.load %v[%c0, %c0] : memref<32x32xbf16> -> tensor<32x32xbf16>
          %again_32 = moa_tile.mma %left_32, %v_32, %sum_32 : tensor<32x32xbf16>, tensor<32x32xbf16>, tensor<32x32xf32>
          %twice_32 = arith.addf %v_32, %v_32 : tensor<32x32xbf16>
          %result_32 = moa_tile.mma %left_32, transposed %twice_32, %again_32 : tensor<32x32xbf16>, tensor<32x32xbf16>, tensor<32x32xf32>
          moa_tile.scatter %result_32, %y[%n] rows %rows_32 : tensor<32x32xf32>, memref<?x64xf32>, tensor<32x1xi32>
        } else {
          %number_16 = moa_tile.position : tensor<16x1xi32>
          %first_16 = arith.index_cast %m : index to i32
          %firsts_16 = tensor.splat %first_16 : tensor<16x1xi32>
          %place_16 = arith.addi %number_16, %firsts_16 : tensor<16x1xi32>
          %last_16 = arith.index_cast %end : index to i32
          %lasts_16 = tensor.splat %last_16 : tensor<16x1xi32>
          %inside_16 = arith.cmpi slt, %place_16, %lasts_16 : tensor<16x1xi32>
          %none_16 = arith.constant dense<-1> : tensor<16x1xi32>
          %slots_16 = moa_tile.load %slots[%m] : memref<?xi32> -> tensor<16x1xi32>
          %rows_16 = arith.select %inside_16, %slots_16, %none_16 : tensor<16x1xi1>, tensor<16x1xi32>
          %zero_16 = arith.constant dense<0.0> : tensor<16x32xf32>
          %sum_16 = scf.for %k = %c0 to %depth step %c16 iter_args(%acc = %zero_16) -> tensor<16x32xf32> {
            %a = moa_tile.gather %x[%k] rows %rows_16 : memref<?x?xbf16>, tensor<16x1xi32> -> tensor<16x16xbf16>
            %b = moa_tile.load %w[%e, %k, %n] : memref<?x?x64xbf16> -> tensor<16x32xbf16>
            %next = moa_tile.mma %a, %b, %acc : tensor<16x16xbf16>, tensor<16x32xbf16>, tensor<16x32xf32>
            scf.yield %next : tensor<16x32xf32>
          } {moa_tile.stages = 3}
          %max_16 = moa_tile.reduce max %sum_16 along 1 : tensor<16x32xf32> -> tensor<16x1xf32>
          %maxima_16 = moa_tile.broadcast %max_16 : tensor<16x1xf32> -> tensor<16x32xf32>
          %less_16 = arith.subf %sum_16, %maxima_16 : tensor<16x32xf32>
          %before_16 = moa_tile.scan %less_16 along 0 : tensor<16x32xf32>
          %small_16 = arith.constant dense<0.0625> : tensor<16x32xf32>
          %scaled_16 = arith.mulf %before_16, %small_16 : tensor<16x32xf32>
          %left_16 = arith.truncf %scaled_16 : tensor<16x32xf32> to tensor<16x32xbf16>
          %v_16 = moa_tile.load %v[%c0, %c0] : memref<32x32xbf16> -> tensor<32x32xbf16>
          %again_16 = moa_tile.mma %left_16, %v_16, %sum_16 : tensor<16x32xbf16>, tensor<32x32xbf16>, tensor<16x32xf32>
          %twice_16 = arith.addf %v_16, %v_16 : tensor<32x32xbf16>
          %result_16 = moa_tile.mma %left_16, transposed %twice_16, %again_16 : tensor<16x32xbf16>, tensor<32x32xbf16>, tensor<16x32xf32>
          moa_tile.scatter %result_16, %y[%n] rows %rows_16 : tensor<16x32xf32>, memref<?x64xf32>, tensor<16x1xi32>
        }
      }
    }
    gpu.return
  }
}

// Small numbers, whose products and sums are exact in any order.
func.func private @fill(%i: index, %j: index, %k: index) -> bf16 {
  %c3 = arith.constant 3 : index
  %c5 = arith.constant 5 : index
  %c7 = arith.constant 7 : index
  %c2 = arith.constant 2 : i32
  %0 = arith.muli %i, %c3 : index
  %1 = arith.muli %j, %c7 : index
  %2 = arith.addi %0, %1 : index
  %3 = arith.muli %k, %j : index
  %4 = arith.addi %2, %3 : index
  %5 = arith.remui %4, %c5 : index
  %6 = arith.index_cast %5 : index to i32
  %7 = arith.subi %6, %c2 : i32
  // In f32, and with an addition between the conversions, which would become one:
  // without instructions for bf16 that is a call that not every libgcc has.
  %zero = arith.constant 0.0 : f32
  %wide = arith.sitofp %7 : i32 to f32
  %sum = arith.addf %wide, %zero : f32
  %8 = arith.truncf %sum : f32 to bf16
  return %8 : bf16
}

func.func @main(%depth: index) -> (tensor<?x64xf32> {moa.name = "y"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c70 = arith.constant 70 : index
  %experts = arith.constant 4 : index
  %minus = arith.constant -1.0 : f32
  // Groups of 0, 49, 16 and 5 slots.
  %offsets = arith.constant dense<[0, 0, 49, 65, 70]> : tensor<5xi32>
  %x = tensor.generate %c70, %depth {
  ^bb0(%i: index, %j: index):
    %0 = func.call @fill(%i, %j, %c1) : (index, index, index) -> bf16
    tensor.yield %0 : bf16
  } : tensor<?x?xbf16>
  %w = tensor.generate %experts, %depth {
  ^bb0(%i: index, %j: index, %k: index):
    %0 = func.call @fill(%i, %j, %k) : (index, index, index) -> bf16
    tensor.yield %0 : bf16
  } : tensor<?x?x64xbf16>
  %v = tensor.generate {
  ^bb0(%i: index, %j: index):
    %0 = func.call @fill(%j, %i, %c2) : (index, index, index) -> bf16
    tensor.yield %0 : bf16
  } : tensor<32x32xbf16>
  // Slot i is row 3 i mod 70.
  %slots = tensor.generate %c70 {
  ^bb0(%i: index):
    %c3 = arith.constant 3 : index
    %0 = arith.muli %i, %c3 : index
    %1 = arith.remui %0, %c70 : index
    %2 = arith.index_cast %1 : index to i32
    tensor.yield %2 : i32
  } : tensor<?xi32>
  %init = tensor.splat %minus[%c70] : tensor<?x64xf32>
  %xm = bufferization.to_buffer %x read_only : tensor<?x?xbf16> to memref<?x?xbf16>
  %wm = bufferization.to_buffer %w read_only : tensor<?x?x64xbf16> to memref<?x?x64xbf16>
  %vm = bufferization.to_buffer %v read_only : tensor<32x32xbf16> to memref<32x32xbf16>
  %sm = bufferization.to_buffer %slots read_only : tensor<?xi32> to memref<?xi32>
  %om = bufferization.to_buffer %offsets read_only : tensor<5xi32> to memref<5xi32>
  %od = memref.cast %om : memref<5xi32> to memref<?xi32>
  %ym = memref.alloc(%c70) : memref<?x64xf32>
  %im = bufferization.to_buffer %init read_only : tensor<?x64xf32> to memref<?x64xf32>
  memref.copy %im, %ym : memref<?x64xf32> to memref<?x64xf32>
  moa_tile.launch @kernels::@groups blocks(%c2, %c1, %c1)
      ins(%xm, %wm, %vm, %sm, %od : memref<?x?xbf16>, memref<?x?x64xbf16>, memref<32x32xbf16>,
          memref<?xi32>, memref<?xi32>)
      outs(%ym : memref<?x64xf32>)
  %y = bufferization.to_tensor %ym restrict writable : memref<?x64xf32> to tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
