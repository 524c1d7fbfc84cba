// Functions that LLVM has no code for on this target are calls of libdevice, those
// of f32 that the target has instructions for are not.
// RUN: moa-opt %s --pass-pipeline='builtin.module(gpu.module(convert-moa-tile-to-nvvm))' | FileCheck %s
// CHECK-NOT: math.

gpu.module @kernels {
  // CHECK-LABEL: llvm.func @functions(
  // CHECK-NOT: llvm.call @
  // CHECK: llvm.call @__nv_tanhf(%{{.*}}) : (f32) -> f32
  // CHECK: llvm.call @__nv_powf(%{{.*}}, %{{.*}}) : (f32, f32) -> f32
  // CHECK-NOT: llvm.call @
  // CHECK: llvm.call_intrinsic "llvm.nvvm.lg2.approx.ftz.f"
  // CHECK: llvm.fpext %{{.*}} : f32 to f64
  // CHECK: llvm.call @__nv_log(%{{.*}}) : (f64) -> f64
  // CHECK-NOT: __nv_logf
  // CHECK: llvm.return
  gpu.func @functions(%x: memref<1x32xf32>, %y: memref<1x32xf64>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %t0 = moa_tile.load %x[%c0, %c0] : memref<1x32xf32> -> tensor<1x32xf32>
    %t1 = math.tanh %t0 : tensor<1x32xf32>
    %t2 = math.powf %t0, %t1 : tensor<1x32xf32>
    %t3 = math.log %t2 : tensor<1x32xf32>
    %t4 = arith.extf %t3 : tensor<1x32xf32> to tensor<1x32xf64>
    %t5 = math.log %t4 : tensor<1x32xf64>
    moa_tile.store %t5, %y[%c0, %c0] : tensor<1x32xf64>, memref<1x32xf64>
    gpu.return
  }
}
