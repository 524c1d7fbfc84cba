// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

gpu.module @kernels {
  gpu.func @project(%x: memref<?x512xf32>, %n: i32, %y: memref<?x512xf32>) kernel {
    gpu.return
  }
  gpu.func @empty() kernel {
    gpu.return
  }
}

// CHECK-LABEL: func.func @tensors(
// CHECK: %0 = moa_tile.launch @kernels::@project blocks(%arg3, %arg3, %arg3) ins(%arg0, %arg1 : tensor<?x512xf32>, i32) outs(%arg2 : tensor<?x512xf32>) -> tensor<?x512xf32>
// GENERIC-LABEL: sym_name = "tensors"
// GENERIC: "moa_tile.launch"({{.*}}) <{kernel = @kernels::@project, operandSegmentSizes = array<i32: 1, 1, 1, 2, 1>}> : (index, index, index, tensor<?x512xf32>, i32, tensor<?x512xf32>) -> tensor<?x512xf32>
func.func @tensors(%x: tensor<?x512xf32>, %n: i32, %y: tensor<?x512xf32>,
    %g: index) -> (tensor<?x512xf32>) {
  %0 = moa_tile.launch @kernels::@project blocks(%g, %g, %g)
      ins(%x, %n : tensor<?x512xf32>, i32) outs(%y
      : tensor<?x512xf32>) -> tensor<?x512xf32>
  return %0 : tensor<?x512xf32>
}

// CHECK-LABEL: func.func @memory(
// CHECK: moa_tile.launch @kernels::@project blocks(%arg3, %arg3, %arg3) ins(%arg0, %arg1 : memref<?x512xf32>, i32) outs(%arg2 : memref<?x512xf32>)
// GENERIC-LABEL: sym_name = "memory"
// GENERIC: "moa_tile.launch"({{.*}}) <{kernel = @kernels::@project, operandSegmentSizes = array<i32: 1, 1, 1, 2, 1>}> : (index, index, index, memref<?x512xf32>, i32, memref<?x512xf32>) -> ()
func.func @memory(%x: memref<?x512xf32>, %n: i32, %y: memref<?x512xf32>, %g: index) {
  moa_tile.launch @kernels::@project blocks(%g, %g, %g)
      ins(%x, %n : memref<?x512xf32>, i32) outs(%y : memref<?x512xf32>)
  return
}

// CHECK-LABEL: func.func @none(
// CHECK: moa_tile.launch @kernels::@empty blocks(%arg0, %arg0, %arg0)
// GENERIC-LABEL: sym_name = "none"
// GENERIC: "moa_tile.launch"({{.*}}) <{kernel = @kernels::@empty, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>}> : (index, index, index) -> ()
func.func @none(%g: index) {
  moa_tile.launch @kernels::@empty blocks(%g, %g, %g)
  return
}
