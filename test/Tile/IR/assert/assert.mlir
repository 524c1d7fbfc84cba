// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC
// Nothing uses it, and it stays.
// RUN: moa-opt %s --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func.func @assert(
// CHECK: moa_tile.assert %arg0, "there are none" : tensor<64x2xi1>
// GENERIC-LABEL: sym_name = "assert"
// GENERIC: "moa_tile.assert"({{.*}}) <{message = "there are none"}> : (tensor<64x2xi1>) -> ()
func.func @assert(%holds: tensor<64x2xi1>) {
  moa_tile.assert %holds, "there are none" : tensor<64x2xi1>
  return
}
