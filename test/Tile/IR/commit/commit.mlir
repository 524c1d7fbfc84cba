// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: func.func @group(
// CHECK: moa_tile.commit
// GENERIC-LABEL: sym_name = "group"
// GENERIC: "moa_tile.commit"() : () -> ()
func.func @group() {
  moa_tile.commit
  return
}
