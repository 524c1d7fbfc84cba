// Launches say how many threads and how much shared memory their kernel needs.
// RUN: moa-opt %s --convert-moa-tile-launch | FileCheck %s

// CHECK: module attributes {gpu.container_module}
// CHECK-LABEL: func.func @host
// CHECK-SAME: (%[[X:.*]]: memref<?x8xf32>, %[[N:.*]]: index)
// CHECK-DAG: %[[ONE:.*]] = arith.constant 1 : index
// CHECK-DAG: %[[THREADS:.*]] = arith.constant 128 : index
// CHECK-DAG: %[[SHARED:.*]] = arith.constant 4096 : i32
// CHECK: gpu.launch_func @kernels::@shared blocks in (%[[N]], %[[N]], %[[N]]) threads in (%[[THREADS]], %[[ONE]], %[[ONE]])
// CHECK-SAME: dynamic_shared_memory_size %[[SHARED]] args(%[[N]] : index, %[[X]] : memref<?x8xf32>)
// CHECK: %[[WARP:.*]] = arith.constant 32 : index
// CHECK: gpu.launch_func @kernels::@plain blocks in (%[[N]], %[[N]], %[[N]]) threads in (%[[WARP]], %{{.*}}, %{{.*}}) {{.*}}args(%[[X]] : memref<?x8xf32>)
// CHECK-NOT: moa_tile.launch
func.func @host(%x: memref<?x8xf32>, %n: index) {
  moa_tile.launch @kernels::@shared blocks(%n, %n, %n) ins(%n : index) outs(%x : memref<?x8xf32>)
  moa_tile.launch @kernels::@plain blocks(%n, %n, %n) outs(%x : memref<?x8xf32>)
  return
}
gpu.module @kernels {
  gpu.func @shared(%n: index, %x: memref<?x8xf32>) kernel
      attributes {moa_tile.warps = array<i64: 2, 2>, moa_tile.shared_bytes = 4096 : i64} {
    gpu.return
  }
  gpu.func @plain(%x: memref<?x8xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>, moa_tile.shared_bytes = 0 : i64} {
    gpu.return
  }
}
