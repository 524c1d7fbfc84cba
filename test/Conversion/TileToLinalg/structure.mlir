// A kernel becomes a function of its block's numbers; loops call it. Names of
// the user's functions are kept.
// RUN: moa-opt %s --convert-moa-tile-to-linalg | FileCheck %s
// CHECK-NOT: moa_tile
// CHECK-NOT: gpu.

module attributes {gpu.container_module} {
gpu.module @k {
  gpu.func @copy(%x: memref<8x8xbf16>, %y: memref<8x8xbf16>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %bx = gpu.block_id x
    %nx = gpu.grid_dim x
    %i = arith.muli %bx, %nx : index
    %0 = moa_tile.load %x[%i, %c0] : memref<8x8xbf16> -> tensor<4x8xbf16>
    moa_tile.store %0, %y[%i, %c0] : tensor<4x8xbf16>, memref<8x8xbf16>
    gpu.return
  }
}

func.func private @k_copy()

func.func @run(%n: index, %x: memref<8x8xbf16>, %y: memref<8x8xbf16>) {
  moa_tile.launch @k::@copy blocks(%n, %n, %n)
      ins(%x : memref<8x8xbf16>) outs(%y : memref<8x8xbf16>)
  return
}
}

// CHECK: func.func private @k_copy(){{$}}

// CHECK-LABEL: func.func @run
// CHECK-SAME: %[[N:[a-z0-9]*]]: index
// CHECK: scf.for %[[Z:.*]] = %{{.*}} to %[[N]]
// CHECK: scf.for %[[Y:.*]] = %{{.*}} to %[[N]]
// CHECK: scf.for %[[X:.*]] = %{{.*}} to %[[N]]
// CHECK: call @k_copy_0({{.*}}, %[[X]], %[[Y]], %[[Z]], %[[N]], %[[N]], %[[N]])

// CHECK-LABEL: func.func private @k_copy_0(
// CHECK-SAME: %[[X:[a-z0-9]+]]: memref<8x8xbf16>, %[[Y:[a-z0-9]+]]: memref<8x8xbf16>,
// CHECK-SAME: %[[BX:[a-z0-9]+]]: index, %{{[a-z0-9]+}}: index, %{{[a-z0-9]+}}: index,
// CHECK-SAME: %[[NX:[a-z0-9]+]]: index, %{{[a-z0-9]+}}: index, %{{[a-z0-9]+}}: index)
// CHECK: %[[I:.*]] = arith.muli %[[BX]], %[[NX]]
// CHECK: linalg.fill
// CHECK: scf.for
// CHECK: scf.for
// CHECK: memref.load %[[X]]
// CHECK: tensor.insert
// CHECK: scf.for
// CHECK: scf.for
// CHECK: tensor.extract
// CHECK: memref.store {{.*}}, %[[Y]]
// CHECK: return
