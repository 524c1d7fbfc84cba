// RUN: moa-opt %s | FileCheck %s --check-prefix=PRINT
// RUN: moa-opt %s --transform-interpreter --canonicalize --cse | FileCheck %s

// The transform ops and the passes make the same kernels.
// RUN: moa-opt %s --transform-interpreter --canonicalize --cse -o %t.ops
// RUN: moa-opt %s --pass-pipeline='builtin.module(convert-moa-to-vector{target=avx2},func.func(convert-linalg-to-kernels{target=avx2}),canonicalize,cse)' -o %t.passes
// RUN: diff %t.ops %t.passes

// CHECK-LABEL: func.func @slots(
// CHECK: moa.dispatch
// CHECK-NOT: moa.slot_matmul
// CHECK: vector.fma {{.*}} : vector<8xf32>
func.func @slots(%x: tensor<?x16xf32>, %w: tensor<4x16x32xf32>,
                 %indices: tensor<?x2xi32>, %init: tensor<?x32xf32>)
    -> tensor<?x32xf32> {
  %y = moa.slot_matmul token(%x), %w, %indices into(%init)
      : (tensor<?x16xf32>, tensor<4x16x32xf32>, tensor<?x2xi32>,
         tensor<?x32xf32>) -> tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}

// CHECK-LABEL: func.func @attention(
// CHECK-NOT: moa.attention
// CHECK: vector.fma {{.*}} : vector<8xf32>
func.func @attention(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x1x8xf32>,
                     %init: tensor<2x5x4x8xf32>) -> tensor<2x5x4x8xf32> {
  %y = moa.attention %q, %k, %k heads(2) into(%init)
      : (tensor<2x5x4x8xf32>, tensor<2x5x1x8xf32>, tensor<2x5x1x8xf32>,
         tensor<2x5x4x8xf32>) -> tensor<2x5x4x8xf32>
  return %y : tensor<2x5x4x8xf32>
}

// CHECK-LABEL: func.func @contraction(
// CHECK-NOT: linalg.matmul
// CHECK: vector.fma {{.*}} : vector<8xf32>
func.func @contraction(%a: tensor<64x32xf32>, %b: tensor<32x64xf32>,
                       %init: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %y = linalg.matmul ins(%a, %b : tensor<64x32xf32>, tensor<32x64xf32>)
      outs(%init : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %y : tensor<64x64xf32>
}

// PRINT: transform.moa.group_slots %{{.*}} : (!transform.op<"moa.slot_matmul">) -> !transform.any_op
// PRINT: transform.moa.vectorize %{{.*}} for "avx2" : !transform.any_op
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %slots = transform.structured.match ops{["moa.slot_matmul"]} in %root
        : (!transform.any_op) -> !transform.op<"moa.slot_matmul">
    %grouped = transform.moa.group_slots %slots
        : (!transform.op<"moa.slot_matmul">) -> !transform.any_op
    %others = transform.structured.match ops{["moa.attention", "linalg.matmul"]}
        in %root : (!transform.any_op) -> !transform.any_op
    %all = transform.merge_handles %grouped, %others : !transform.any_op
    transform.moa.vectorize %all for "avx2" : !transform.any_op
    transform.yield
  }
}
