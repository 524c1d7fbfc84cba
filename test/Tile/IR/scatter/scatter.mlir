// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @matrix(
// CHECK: moa_tile.scatter %arg0, %arg1[%arg2] rows %arg3 : tensor<128x64xbf16>, memref<?x512xbf16>, tensor<128x1xi32>
// GENERIC-LABEL: sym_name = "matrix"
// GENERIC: "moa_tile.scatter"({{.*}}) : (tensor<128x64xbf16>, memref<?x512xbf16>, index, tensor<128x1xi32>) -> ()
func.func @matrix(%t: tensor<128x64xbf16>, %y: memref<?x512xbf16>, %i: index,
    %rows: tensor<128x1xi32>) {
  moa_tile.scatter %t, %y[%i] rows %rows
      : tensor<128x64xbf16>, memref<?x512xbf16>, tensor<128x1xi32>
  return
}

// CHECK-LABEL: func.func @add(
// CHECK: moa_tile.scatter add %arg0, %arg1[%arg2] rows %arg3 : tensor<128x64xf32>, memref<?x512xf32>, tensor<128x1xi32>
// GENERIC-LABEL: sym_name = "add"
// GENERIC: "moa_tile.scatter"({{.*}}) <{add}> : (tensor<128x64xf32>, memref<?x512xf32>, index, tensor<128x1xi32>) -> ()
func.func @add(%t: tensor<128x64xf32>, %y: memref<?x512xf32>, %i: index,
    %rows: tensor<128x1xi32>) {
  moa_tile.scatter add %t, %y[%i] rows %rows
      : tensor<128x64xf32>, memref<?x512xf32>, tensor<128x1xi32>
  return
}
