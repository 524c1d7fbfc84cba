// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @groups(
// CHECK: moa_tile.wait pending(2)
// CHECK: moa_tile.wait pending(0)
// GENERIC-LABEL: sym_name = "groups"
// GENERIC: "moa_tile.wait"() <{pending = 2 : i64}> : () -> ()
// GENERIC: "moa_tile.wait"() <{pending = 0 : i64}> : () -> ()
func.func @groups() {
  moa_tile.wait pending(2)
  moa_tile.wait pending(0)
  return
}
