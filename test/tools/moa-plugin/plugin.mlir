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
