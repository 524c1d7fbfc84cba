// What a stock mlir-opt does with the plugin: parse, and our passes and
// pipelines by name between upstream's.

// RUN: %stock --load-dialect-plugin=%plugin %s | FileCheck %s --check-prefix=PARSE
// PARSE: moa.layer
// PARSE-SAME: top_k(2) gate(<activation = softmax, order = topk_then_activation>) causal

// RUN: %stock %load --show-dialects | FileCheck %s --check-prefix=DIALECTS
// DIALECTS: Available Dialects:{{.*,}}moa,

// RUN: %stock %load --pass-pipeline='builtin.module(canonicalize,moa-decompose,func.func(cse),symbol-dce)' %s \
// RUN:   | FileCheck %s --check-prefix=DECOMPOSE
// DECOMPOSE-NOT: moa.layer
// DECOMPOSE-NOT: @unused
// DECOMPOSE: moa.route
// DECOMPOSE: moa.dispatch
// DECOMPOSE: moa.grouped_matmul
// DECOMPOSE: moa.attention
// DECOMPOSE: moa.combine

// RUN: %stock %load --pass-pipeline='builtin.module(inline,moa-decompose,canonicalize,cse,moa-fuse,canonicalize,symbol-dce)' %s \
// RUN:   | FileCheck %s --check-prefix=FUSE --implicit-check-not=moa.route{{$}} --implicit-check-not=moa.matmul
// FUSE-LABEL: func.func @layer(
// FUSE: moa.router
// FUSE: moa.dispatch
// FUSE: moa.key_value
// FUSE: moa.attention
// FUSE: moa.combine

// With an upstream pass in front, behind, and one that needs what ours leaves.
// RUN: %stock %load --pass-pipeline='builtin.module(inline,symbol-dce,moa-cpu-pipeline{parallel=false},canonicalize,reconcile-unrealized-casts)' %s -o %t
// RUN: FileCheck %s --check-prefix=CPU < %t
// CPU-NOT: moa.route
// CPU: llvm.func @layer
// CPU-NOT: unrealized_conversion_cast
// CPU: llvm.func @_mlir_ciface_layer

// What comes out needs neither the plugin nor the dialect.
// RUN: %stock %t | mlir-translate --mlir-to-llvmir | FileCheck %s --check-prefix=LLVM
// LLVM: define {{.*}} @layer(

// The same pipeline for a device; the kernels are constants of the module.
// RUN: %stock %load --pass-pipeline='builtin.module(inline,symbol-dce,moa-gpu-pipeline{chip=sm_80},canonicalize,reconcile-unrealized-casts)' %s -o %t
// RUN: FileCheck %s --check-prefix=GPU --implicit-check-not=gpu. --implicit-check-not=unrealized < %t
// GPU: .target sm_80{{.*}}.entry attention_f32
// GPU-DAG: llvm.func @layer_enqueue(
// GPU-DAG: llvm.func @_mlir_ciface_layer(
// RUN: %stock %t | mlir-translate --mlir-to-llvmir | FileCheck %s --check-prefix=HOST
// HOST: define i32 @layer_enqueue(

// Passes between ours may be anyone's: here the kernels are still ops.
// RUN: %stock %load --pass-pipeline='builtin.module(inline,symbol-dce,moa-tile-pipeline,canonicalize,gpu.module(cse))' %s \
// RUN:   | FileCheck %s --check-prefix=TILES
// TILES: moa_tile.launch @kernels::@attention_f32
// TILES: gpu.module @kernels

func.func private @unused()

func.func private @apply(
    %x: tensor<2x5x8xf32>, %router: tensor<8x4xf32>, %wq: tensor<4x8x4xf32>,
    %wk: tensor<8x4xf32>, %wv: tensor<8x4xf32>, %wo: tensor<4x4x8xf32>)
    -> tensor<2x5x8xf32> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) gate(<activation = softmax, order = topk_then_activation>) causal
      : (tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>) -> tensor<2x5x8xf32>
  return %y : tensor<2x5x8xf32>
}

func.func @layer(
    %x: tensor<2x5x8xf32>, %router: tensor<8x4xf32>, %wq: tensor<4x8x4xf32>,
    %wk: tensor<8x4xf32>, %wv: tensor<8x4xf32>, %wo: tensor<4x4x8xf32>)
    -> tensor<2x5x8xf32> {
  %y = func.call @apply(%x, %router, %wq, %wk, %wv, %wo)
      : (tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<4x8x4xf32>, tensor<8x4xf32>,
         tensor<8x4xf32>, tensor<4x4x8xf32>) -> tensor<2x5x8xf32>
  return %y : tensor<2x5x8xf32>
}
