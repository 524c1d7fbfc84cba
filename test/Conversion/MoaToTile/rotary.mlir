// Products whose rows are heads that are rotated in part: each block multiplies
// with columns of both halves and of the rest, and stores to views of these.
// RUN: moa-opt %s --convert-moa-to-tile --canonicalize --cse | FileCheck %s

// One block has a head: halves of 32 channels, and 64 that are not rotated.
// CHECK-LABEL: gpu.func @grouped_matmul_32x128_bf16(
// CHECK-SAME:    %[[W:arg[0-9]+]]: memref<4x64x512xbf16>
// CHECK-SAME:    %[[OUT:arg[0-9]+]]: memref<512x512xbf16>)
// CHECK:         %[[BLOCK:.*]] = gpu.block_id y upper_bound 4
// CHECK:         %[[LOW:.*]] = arith.muli %[[BLOCK]], %c128
// CHECK-DAG:     %[[HIGH:.*]] = arith.addi %[[LOW]], %c32
// CHECK-DAG:     %[[REST:.*]] = arith.addi %[[LOW]], %c64
// CHECK:         scf.if
// CHECK:           scf.if
// CHECK-DAG:         moa_tile.load %[[W]][%{{.*}}, %c0, %[[LOW]]] {{.*}} -> tensor<64x32xbf16>
// CHECK-DAG:         moa_tile.load %[[W]][%{{.*}}, %c0, %[[HIGH]]] {{.*}} -> tensor<64x32xbf16>
// CHECK-DAG:         moa_tile.load %[[W]][%{{.*}}, %c0, %[[REST]]] {{.*}} -> tensor<64x64xbf16>
// What is not rotated is stored first.
// CHECK:             %[[PART:.*]] = memref.subview %[[OUT]][0, %[[REST]]] [512, 64] [1, 1]
// CHECK:             moa_tile.scatter %{{.*}}, %[[PART]][%c0]
// CHECK:             math.cos {{.*}} : tensor<32x32xf32>
// CHECK:             %[[PART:.*]] = memref.subview %[[OUT]][0, %[[LOW]]] [512, 32] [1, 1]
// CHECK:             moa_tile.scatter %{{.*}}, %[[PART]][%c0]
// CHECK:             %[[PART:.*]] = memref.subview %[[OUT]][0, %[[HIGH]]] [512, 32] [1, 1]
// CHECK:             moa_tile.scatter %{{.*}}, %[[PART]][%c0]
func.func @whole(%x: tensor<256x64xbf16>, %w: tensor<4x64x512xbf16>, %n: index,
                 %offsets: tensor<5xi32>, %permutation: tensor<512xi32>)
    -> tensor<512x512xbf16> {
  %init = tensor.empty() : tensor<512x512xbf16>
  %q = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      rotary(<theta = 1.0e4, dim = 64>) heads(4) length(%n) into slot(%init)
      {moa.row_tile = 32}
      : (tensor<256x64xbf16>, tensor<4x64x512xbf16>, tensor<5xi32>,
         tensor<512xi32>, index, tensor<512x512xbf16>) -> tensor<512x512xbf16>
  return %q : tensor<512x512xbf16>
}

// 16 channels of each half and 224 others, for two blocks: both have 96 of the rest;
// the pair of the second one is the last 32.
// CHECK-LABEL: gpu.func @grouped_matmul_64x128_bf16(
// CHECK-SAME:    %[[W:arg[0-9]+]]: memref<4x64x512xbf16>
// CHECK-SAME:    %[[OUT:arg[0-9]+]]: memref<512x512xbf16>)
// CHECK:         %[[BLOCK:.*]] = arith.remui %{{.*}}, %c2
// CHECK:         %[[FIRST:.*]] = arith.minsi %[[BLOCK]], %c0
// CHECK:         %[[CHANNEL:.*]] = arith.muli %[[FIRST]], %c16
// CHECK:         %[[ROTATES:.*]] = arith.cmpi eq, %[[BLOCK]], %[[FIRST]]
// CHECK:         %[[PLAIN:.*]] = arith.addi %{{.*}}, %c192
// CHECK:         %[[LOW:.*]] = arith.select %[[ROTATES]]
// CHECK:         %[[HIGH:.*]] = arith.select %[[ROTATES]]
// CHECK:         %[[SHARE:.*]] = arith.muli %[[BLOCK]], %c96
// CHECK-DAG:         moa_tile.load %[[W]][%{{.*}}, %c0, %[[LOW]]] {{.*}} -> tensor<64x16xbf16>
// CHECK-DAG:         moa_tile.load %[[W]][%{{.*}}, %c0, %[[HIGH]]] {{.*}} -> tensor<64x16xbf16>
// CHECK-DAG:         moa_tile.load %[[W]]{{.*}} -> tensor<64x96xbf16>
// CHECK:             %[[REST:.*]] = memref.subview %[[OUT]]{{.*}} [512, 224] [1, 1]
// CHECK:             moa_tile.scatter %{{.*}}, %[[REST]][%[[SHARE]]]
// CHECK:             scf.if %[[ROTATES]] {
// CHECK:               memref.subview %[[OUT]]{{.*}} [512, 16] [1, 1]
// CHECK:               moa_tile.scatter %{{.*}}[%[[CHANNEL]]]
// CHECK:               memref.subview %[[OUT]]{{.*}} [512, 16] [1, 1]
// CHECK:               moa_tile.scatter %{{.*}}[%[[CHANNEL]]]
// CHECK:             } else {
// CHECK:               moa_tile.scatter %{{.*}}, %[[REST]][%[[PLAIN]]]
// CHECK:               moa_tile.scatter %{{.*}}, %[[REST]][
func.func @parts(%x: tensor<256x64xbf16>, %w: tensor<4x64x512xbf16>, %n: index,
                 %offsets: tensor<5xi32>, %permutation: tensor<512xi32>)
    -> tensor<512x512xbf16> {
  %init = tensor.empty() : tensor<512x512xbf16>
  %q = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      rotary(<theta = 1.0e4, dim = 32>) heads(2) length(%n) into slot(%init)
      {moa.row_tile = 64}
      : (tensor<256x64xbf16>, tensor<4x64x512xbf16>, tensor<5xi32>,
         tensor<512xi32>, index, tensor<512x512xbf16>) -> tensor<512x512xbf16>
  return %q : tensor<512x512xbf16>
}
