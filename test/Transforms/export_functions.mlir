// RUN: moa-opt %s --pass-pipeline='builtin.module(func.func(moa-export-functions))' | FileCheck %s

// CHECK: func.func @public(%{{.*}}: tensor<?xf32> {bufferization.writable = false, moa.name = "x"}, %{{.*}}: index) -> (tensor<?xf32> {moa.name = "y"})
// CHECK-SAME: llvm.emit_c_interface
// CHECK-SAME: moa.arg_names = ["x", "arg1"]
// CHECK-SAME: moa.result_names = ["y"]
// CHECK-SAME: moa.signature = (tensor<?xf32>, index) -> tensor<?xf32>
func.func @public(%x: tensor<?xf32> {moa.name = "x"}, %n: index) -> (tensor<?xf32> {moa.name = "y"}) {
  return %x : tensor<?xf32>
}

// CHECK: func.func private @private(%{{.*}}: tensor<?xf32>) -> tensor<?xf32> {
func.func private @private(%x: tensor<?xf32>) -> tensor<?xf32> {
  return %x : tensor<?xf32>
}

// CHECK: func.func private @declared(tensor<?xf32>)
func.func private @declared(tensor<?xf32>)
