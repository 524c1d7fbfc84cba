// Transform ops in a stock mlir-opt, from a library of schedules.

// RUN: %stock %load %s --pass-pipeline='builtin.module(canonicalize,transform-interpreter,canonicalize)' \
// RUN:   | FileCheck %s --implicit-check-not='= moa.layer' --implicit-check-not='= moa.route '
// CHECK-LABEL: func.func @layer(
// CHECK: = moa.router
// CHECK: = moa.combine

// RUN: %stock %load --pass-pipeline='builtin.module(canonicalize,moa-decompose,canonicalize,cse,transform-preload-library{transform-library-paths=%S/../../TransformOps/Inputs/fuse.mlir},transform-interpreter{entry-point=query_projection})' %s \
// RUN:   | FileCheck %s --check-prefix=LIBRARY
// LIBRARY: = moa.key_value
// LIBRARY: = moa.routed_attention

// A whole schedule: the CPU pipeline's, which the pipeline goes on from.
// RUN: %stock %load --pass-pipeline='builtin.module(transform-preload-library{transform-library-paths=%S/../../../examples/schedules/cpu.mlir},transform-interpreter)' %S/plugin.mlir -o %t.mlir
// RUN: FileCheck %s --check-prefix=SCHEDULE --implicit-check-not='= moa.' < %t.mlir
// RUN: %stock %load --pass-pipeline='builtin.module(moa-cpu-pipeline{vectorize=true})' %t.mlir | FileCheck %s --check-prefix=LLVM
// SCHEDULE: vector.fma
// LLVM: llvm.func @layer

func.func @layer(
    %x: tensor<2x5x48xf32>, %router: tensor<48x4xf32>, %wq: tensor<4x48x16xf32>,
    %wk: tensor<48x16xf32>, %wv: tensor<48x16xf32>, %wo: tensor<4x16x48xf32>)
    -> tensor<2x5x48xf32> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) gate(<activation = softmax, order = topk_then_activation>) causal
      : (tensor<2x5x48xf32>, tensor<48x4xf32>, tensor<4x48x16xf32>,
         tensor<48x16xf32>, tensor<48x16xf32>, tensor<4x16x48xf32>)
      -> tensor<2x5x48xf32>
  return %y : tensor<2x5x48xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %layers = transform.structured.match ops{["moa.layer"]} in %root
        : (!transform.any_op) -> !transform.any_op
    %primitives = transform.moa.decompose %layers
        : (!transform.any_op) -> !transform.any_op
    %routes = transform.select "moa.route" in %primitives
        : (!transform.any_op) -> !transform.any_op
    %routers = transform.moa.fuse_router %routes
        : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}
