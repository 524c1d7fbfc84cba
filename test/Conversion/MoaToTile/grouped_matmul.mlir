// The kernel of a product over groups: bodies of fewer rows for the end of a
// group, rows gathered as they are loaded.
// RUN: moa-opt %s --convert-moa-to-tile --canonicalize --cse | FileCheck %s

// CHECK-LABEL: gpu.func @grouped_matmul_64x128_bf16(
// CHECK-SAME:    %[[X:arg[0-9]+]]: memref<66x192xbf16>, %[[W:arg[0-9]+]]: memref<6x192x192xbf16>,
// CHECK-SAME:    %[[OFFSETS:arg[0-9]+]]: memref<7xi32>, %[[LIST:arg[0-9]+]]: memref<8x2xi32>,
// CHECK-SAME:    %[[SLOTS:arg[0-9]+]]: memref<132xi32>, %[[OUT:arg[0-9]+]]: memref<132x192xbf16>)
// CHECK-SAME:    moa_tile.warps = array<i64: 2, 2>
// A block without an entry in the list ends.
// CHECK:         %[[EXPERT:.*]] = memref.load %[[LIST]]
// CHECK:         %[[HAS:.*]] = arith.cmpi sge, %[[EXPERT]], %{{.*}} : i32
// CHECK:         scf.if %[[HAS]]
// The slots from the tile's first row to the end of its group.
// CHECK:           %[[LEFT:.*]] = memref.subview %[[SLOTS]]
// CHECK:           scf.if
// CHECK:             moa_tile.load %[[LEFT]]{{.*}} -> tensor<64x1xi32>
// CHECK:             scf.for
// CHECK:               moa_tile.gather %[[X]]{{.*}} -> tensor<64x64xbf16>
// CHECK:               moa_tile.load %[[W]]{{.*}} -> tensor<64x128xbf16>
// CHECK:               moa_tile.mma {{.*}}, tensor<64x128xf32>
// CHECK:             } {moa_tile.stages = 3 : i64}
// CHECK:             moa_tile.scatter {{.*}}, %[[OUT]]
// CHECK:           scf.if
// CHECK:             moa_tile.gather {{.*}} -> tensor<32x64xbf16>
// Two bands of warps have 32 rows at least.
// CHECK-NOT:         moa_tile.gather
// CHECK:         gpu.return
func.func @groups(%x: tensor<66x192xbf16>, %w: tensor<6x192x192xbf16>,
                  %offsets: tensor<7xi32>, %permutation: tensor<132xi32>,
                  %init: tensor<132x192xbf16>) -> tensor<132x192xbf16> {
  %0 = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      into slot(%init) {moa.row_tile = 64}
      : (tensor<66x192xbf16>, tensor<6x192x192xbf16>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x192xbf16>) -> tensor<132x192xbf16>
  return %0 : tensor<132x192xbf16>
}
