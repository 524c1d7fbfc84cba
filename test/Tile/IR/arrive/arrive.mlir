// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @matrix(
// CHECK: moa_tile.arrive %arg0[%arg1, %arg2] of %arg3 : memref<?x4xi32>
// GENERIC-LABEL: sym_name = "matrix"
// GENERIC: "moa_tile.arrive"({{.*}}) : (memref<?x4xi32>, index, index, index) -> i1
func.func @matrix(%counters: memref<?x4xi32>, %i: index, %j: index, %n: index) -> i1 {
  %last = moa_tile.arrive %counters[%i, %j] of %n : memref<?x4xi32>
  return %last : i1
}

// CHECK-LABEL: func.func @scalar(
// CHECK: moa_tile.arrive %arg0[] of %{{.*}} : memref<i32>
// GENERIC-LABEL: sym_name = "scalar"
// GENERIC: "moa_tile.arrive"({{.*}}) : (memref<i32>, index) -> i1
func.func @scalar(%counter: memref<i32>) -> i1 {
  %n = arith.constant 3 : index
  %last = moa_tile.arrive %counter[] of %n : memref<i32>
  return %last : i1
}
