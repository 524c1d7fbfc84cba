// What the documents say of unordered sums: they are of f32 and of f64; code for a
// CPU is the same with them as without; kernels for a GPU multiply no f64.

// RUN: moa-opt %s --moa-fuse=unordered-combine | FileCheck %s
// CHECK-LABEL: func.func @f32(
// CHECK: into unordered token
// CHECK-NOT: moa.combine
// CHECK-LABEL: func.func @f64(
// CHECK: into unordered token
// CHECK-NOT: moa.combine

// RUN: moa-opt %s --moa-fuse=unordered-combine -o %t.unordered.mlir
// RUN: sed 's/into unordered token/into token/' %t.unordered.mlir > %t.ordered.mlir
// RUN: not diff %t.unordered.mlir %t.ordered.mlir
// RUN: moa-opt %t.unordered.mlir --moa-cpu-pipeline=vectorize=true -o %t.unordered.vectors
// RUN: moa-opt %t.ordered.mlir --moa-cpu-pipeline=vectorize=true -o %t.ordered.vectors
// RUN: diff %t.unordered.vectors %t.ordered.vectors
// RUN: moa-opt %t.unordered.mlir --moa-cpu-pipeline=vectorize=false -o %t.unordered.loops
// RUN: moa-opt %t.ordered.mlir --moa-cpu-pipeline=vectorize=false -o %t.ordered.loops
// RUN: diff %t.unordered.loops %t.ordered.loops

// RUN: not moa-opt %s --moa-tile-pipeline=unordered-combine=true 2>&1 | FileCheck %s --check-prefix=KERNEL
// KERNEL: multiplies 'f64', for which there is no kernel

func.func @f32(%o: tensor<132x16xf32>, %wo: tensor<6x16x48xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>,
    %gates: tensor<66x2xf32>, %rows: tensor<132x48xf32>, %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  %s = moa.grouped_matmul slot(%o), %wo groups(%offsets, %permutation)
      into slot(%rows)
      : (tensor<132x16xf32>, tensor<6x16x48xf32>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x48xf32>) -> tensor<132x48xf32>
  %y = moa.combine %s, %gates into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %y : tensor<66x48xf32>
}

func.func @f64(%o: tensor<132x16xf64>, %wo: tensor<6x16x48xf64>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>,
    %gates: tensor<66x2xf32>, %rows: tensor<132x48xf64>, %init: tensor<66x48xf64>)
    -> tensor<66x48xf64> {
  %s = moa.grouped_matmul slot(%o), %wo groups(%offsets, %permutation)
      into slot(%rows)
      : (tensor<132x16xf64>, tensor<6x16x48xf64>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x48xf64>) -> tensor<132x48xf64>
  %y = moa.combine %s, %gates into(%init)
      : (tensor<132x48xf64>, tensor<66x2xf32>, tensor<66x48xf64>)
      -> tensor<66x48xf64>
  return %y : tensor<66x48xf64>
}
