// RUN: moa-opt %s | FileCheck %s --check-prefix=PRINT
// RUN: moa-opt %s --mlir-print-op-generic | moa-opt | FileCheck %s --check-prefix=PRINT
// RUN: moa-opt %s --transform-interpreter | FileCheck %s

// The kernel has the tile, as its name says.
// RUN: moa-opt %s --transform-interpreter --convert-moa-to-tile \
// RUN:   | FileCheck %s --check-prefix=TILE
// TILE: moa_tile.launch @kernels::@grouped_matmul_16x64_bf16

// CHECK-LABEL: func.func @product(
// CHECK: moa.grouped_matmul {{.*}} {moa.row_tile = 16 : i64}
func.func @product(%x: tensor<512x64xbf16>, %w: tensor<4x64x64xbf16>,
                   %offsets: tensor<5xi32>, %permutation: tensor<1024xi32>,
                   %init: tensor<1024x64xbf16>) -> tensor<1024x64xbf16> {
  %y = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      into slot(%init)
      : (tensor<512x64xbf16>, tensor<4x64x64xbf16>, tensor<5xi32>,
         tensor<1024xi32>, tensor<1024x64xbf16>) -> tensor<1024x64xbf16>
  return %y : tensor<1024x64xbf16>
}

// CHECK-LABEL: func.func @others(
// CHECK: moa.matmul {{.*}} {moa.row_tile = 64 : i64}
// CHECK: moa.dense_matmul {{.*}} {moa.row_tile = 64 : i64}
func.func @others(%x: tensor<512x64xbf16>, %w: tensor<64x64xbf16>,
                  %ws: tensor<2x64x64xbf16>, %init: tensor<512x64xbf16>,
                  %slots: tensor<1024x64xbf16>)
    -> (tensor<512x64xbf16>, tensor<1024x64xbf16>) {
  %y = moa.matmul %x, %w into(%init)
      : (tensor<512x64xbf16>, tensor<64x64xbf16>, tensor<512x64xbf16>)
      -> tensor<512x64xbf16>
  %z = moa.dense_matmul token(%x), %ws into(%slots)
      : (tensor<512x64xbf16>, tensor<2x64x64xbf16>, tensor<1024x64xbf16>)
      -> tensor<1024x64xbf16>
  return %y, %z : tensor<512x64xbf16>, tensor<1024x64xbf16>
}

// CHECK-LABEL: func.func @attention(
// CHECK: moa.attention {{.*}} {moa.key_tile = 32 : i64, moa.row_tile = 128 : i64}
func.func @attention(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x1x8xf32>,
                     %init: tensor<2x5x4x8xf32>) -> tensor<2x5x4x8xf32> {
  %y = moa.attention %q, %k, %k heads(2) into(%init)
      : (tensor<2x5x4x8xf32>, tensor<2x5x1x8xf32>, tensor<2x5x1x8xf32>,
         tensor<2x5x4x8xf32>) -> tensor<2x5x4x8xf32>
  return %y : tensor<2x5x4x8xf32>
}

// PRINT: transform.moa.configure_kernel %{{.*}} row_tile = 16 : !transform.op<"moa.grouped_matmul">
// PRINT: transform.moa.configure_kernel %{{.*}} row_tile = %{{.*}} : !transform.any_op, !transform.param<i64>
// PRINT: transform.moa.configure_kernel %{{.*}} row_tile = 128 key_tile = %{{.*}} : !transform.any_op, !transform.param<i64>
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %grouped = transform.structured.match ops{["moa.grouped_matmul"]} in %root
        : (!transform.any_op) -> !transform.op<"moa.grouped_matmul">
    transform.moa.configure_kernel %grouped row_tile = 16
        : !transform.op<"moa.grouped_matmul">
    %others = transform.structured.match
        ops{["moa.matmul", "moa.dense_matmul"]} in %root
        : (!transform.any_op) -> !transform.any_op
    // What a tuner has chosen.
    %rows = transform.tune.knob<"row_tile"> = 64 : i64 from
        options = [16 : i64, 32 : i64, 64 : i64] -> !transform.param<i64>
    transform.moa.configure_kernel %others row_tile = %rows
        : !transform.any_op, !transform.param<i64>
    %attentions = transform.structured.match ops{["moa.attention"]} in %root
        : (!transform.any_op) -> !transform.any_op
    %keys = transform.param.constant 32 : i64 -> !transform.param<i64>
    transform.moa.configure_kernel %attentions row_tile = 128 key_tile = %keys
        : !transform.any_op, !transform.param<i64>
    transform.yield
  }
}
