// RUN: moa-opt %s --convert-gpu-to-moa-runtime | FileCheck %s

// The kernel's name and what it takes: an address, an index, a number.
// CHECK-LABEL: llvm.mlir.global internal constant @moa.kernel.kernels.k()
// CHECK-DAG: llvm.mlir.addressof @moa.module.kernels
// CHECK-DAG: llvm.mlir.constant(3 : i64)
// CHECK: llvm.mlir.global internal constant @{{.*}}("viv\00")
// CHECK: llvm.mlir.global internal constant @{{.*}}("k\00")
// CHECK: llvm.mlir.global external constant @moa.module.kernels()

module attributes {gpu.container_module} {
  gpu.module @kernels {
    llvm.func @k(%x: !llvm.ptr, %n: i32, %s: f32) attributes {gpu.kernel, nvvm.kernel} {
      llvm.return
    }
  }

// The function is private and returns a status, which ends it unless it is 0.
// CHECK-LABEL: func.func private @f.device(
// CHECK-SAME: %[[STREAM:[^:]*]]: !llvm.ptr, %[[X:[^:]*]]: memref<?xf32>, %[[S:[^:]*]]: f32, %[[W:[^:]*]]: memref<?xi8> {moa.workspace}) -> i32
// CHECK-SAME: llvm.linkage = #llvm.linkage<internal>
// CHECK: %[[SLOTS:.*]] = llvm.alloca %{{.*}} x i64
// CHECK: cf.cond_br %{{.*}}, ^[[GO:.*]], ^[[CHECK:.*]]
// CHECK: ^[[GO]]:
// CHECK: llvm.call @moa_rt_launch(%{{.*}}, %[[SLOTS]], %[[STREAM]])
// CHECK: cf.cond_br %{{.*}}, ^[[NEXT:.*]], ^[[EXIT:.*]](%{{.*}} : i32)
// CHECK: ^[[NEXT]]:
// CHECK: return %c0_i32
// CHECK: ^[[CHECK]]:
// CHECK: %[[FAILED:.*]] = llvm.call @moa_rt_fail(
// CHECK: cf.br ^[[EXIT]](%[[FAILED]] : i32)
// CHECK: ^[[EXIT]](%[[STATUS:.*]]: i32):
// CHECK: return %[[STATUS]]

// What callers see. The message of a failed call is printed as one of a failed
// check on the CPU is.
// CHECK-LABEL: func.func @f(
// CHECK-SAME: memref<?xf32>, %{{.*}}: f32) attributes {llvm.emit_c_interface
// CHECK-SAME: moa.arg_names = ["x", "s"]
// CHECK: llvm.call @moa_rt_call_on_host
// CHECK: llvm.call @moa_gpu_last_error
// CHECK-NEXT: llvm.call @puts
// CHECK-NEXT: llvm.call @abort
// CHECK-LABEL: llvm.func @f_enqueue(%{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: i64, %{{.*}}: !llvm.ptr) -> i32
// CHECK: llvm.call @moa_rt_check_call
// CHECK: call @f.device
// CHECK-LABEL: llvm.func @f_workspace_size(%{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr) -> i64
// CHECK: llvm.call @moa_rt_check_arguments
// CHECK: call @f.workspace_size
  func.func @f(%x: memref<?xf32>, %s: f32, %w: memref<?xi8> {moa.workspace})
      attributes {moa.signature = (memref<?xf32>, f32) -> (), moa.arg_names = ["x", "s"], moa.result_names = []} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %n = memref.dim %x, %c0 : memref<?xf32>
    %some = arith.cmpi sgt, %n, %c0 : index
    cf.assert %some, "x is empty"
    gpu.launch_func @kernels::@k blocks in (%n, %c1, %c1) threads in (%c1, %c1, %c1)
        args(%x : memref<?xf32>, %s : f32)
    return
  }

// CHECK-LABEL: func.func private @f.workspace_size(
// CHECK-SAME: -> (i32, index)
  func.func private @f.workspace_size(%x: memref<?xf32>, %s: f32) -> index {
    %c0 = arith.constant 0 : index
    return %c0 : index
  }
}
