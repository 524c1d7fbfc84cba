// RUN: moa-opt %s --moa-tile-bufferize --split-input-file | FileCheck %s

// Outs are empty tensors of one value, of which nobody reads what the kernel
// makes of the first two. Each has memory of its own: a kernel may read what it
// wrote.
// CHECK-LABEL: func.func @outs(
// CHECK-COUNT-3: memref.alloc
// CHECK: moa_tile.launch @kernels::@twice {{.*}} outs(%[[A:.*]], %[[B:.*]], %[[C:.*]] : memref
// CHECK-NOT: memref.copy
// CHECK: return %[[C]]
module {
  gpu.module @kernels {
    gpu.func @twice(%x: memref<64x8xf32>, %a: memref<64x8xf32>,
                    %b: memref<64x8xf32>, %c: memref<64x8xf32>) kernel
        attributes {moa_tile.warps = array<i64: 4, 1>} {
      %zero = arith.constant 0 : index
      %0 = moa_tile.load %x[%zero, %zero] : memref<64x8xf32> -> tensor<64x8xf32>
      %1 = arith.addf %0, %0 : tensor<64x8xf32>
      moa_tile.store %1, %a[%zero, %zero] : tensor<64x8xf32>, memref<64x8xf32>
      moa_tile.store %0, %b[%zero, %zero] : tensor<64x8xf32>, memref<64x8xf32>
      %2 = moa_tile.load %a[%zero, %zero] : memref<64x8xf32> -> tensor<64x8xf32>
      moa_tile.store %2, %c[%zero, %zero] : tensor<64x8xf32>, memref<64x8xf32>
      gpu.return
    }
  }
  func.func @outs(%x: tensor<64x8xf32>) -> tensor<64x8xf32> {
    %one = arith.constant 1 : index
    %empty = tensor.empty() : tensor<64x8xf32>
    %y:3 = moa_tile.launch @kernels::@twice blocks(%one, %one, %one)
        ins(%x : tensor<64x8xf32>)
        outs(%empty, %empty, %empty
             : tensor<64x8xf32>, tensor<64x8xf32>, tensor<64x8xf32>)
        -> tensor<64x8xf32>, tensor<64x8xf32>, tensor<64x8xf32>
    return %y#2 : tensor<64x8xf32>
  }
}
