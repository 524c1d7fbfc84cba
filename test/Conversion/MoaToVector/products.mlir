// RUN: moa-opt %s --convert-moa-to-vector=target=avx512 --canonicalize --split-input-file | FileCheck %s
// RUN: moa-opt %s --convert-moa-to-vector=target=avx2 --split-input-file | FileCheck %s --check-prefix=AVX2
// RUN: moa-opt %s --convert-moa-to-vector=target=portable --split-input-file | FileCheck %s --check-prefix=PORTABLE
// RUN: moa-opt %s --convert-moa-to-vector=target=avx512bf16 --canonicalize --split-input-file | FileCheck %s --check-prefix=PAIRS
// RUN: not moa-opt %s --convert-moa-to-vector=target=z80 --split-input-file 2>&1 | FileCheck %s --check-prefix=TARGET
// TARGET: error: there is no target 'z80': use host, avx512bf16, avx512, avx2 or portable

// A task gathers rows into scratch, a part of their terms at a time. Few rows
// read the matrix where it lies; of more, the first tile packs what it reads.
// Finished sums are scattered.

// CHECK-LABEL: func.func @gather_scatter
// CHECK-NOT: = moa.
// CHECK: %[[RESULT:.*]] = memref.alloc() {alignment = 64 : i64} : memref<132x64xf32>
// CHECK: scf.forall
// CHECK: %[[ROWS:.*]] = memref.alloc() {{.*}} : memref<35904xf32>
// CHECK: %[[PANEL:.*]] = memref.alloc() {{.*}} : memref<256x32xf32>
// CHECK: %[[SUMS:.*]] = memref.alloc() {{.*}} : memref<33792xf32>
// The task begins and ends where the nearest expert does.
// CHECK-COUNT-2: scf.for %{{.*}} iter_args({{.*}}) -> (index, index)
// CHECK: vector.load %{{.*}} : memref<66x48xf32, {{.*}}>, vector<16xf32>
// CHECK: vector.store %{{.*}}, %[[ROWS]]
// CHECK: scf.for %{{.*}} iter_args({{.*}}) -> (vector<16xf32>
// CHECK-NOT: vector.store
// CHECK: memref.prefetch %{{.*}}, read, locality<2>, data
// CHECK: memref.load %[[ROWS]]
// CHECK: vector.fma {{.*}} : vector<16xf32>
// CHECK: vector.store %{{.*}}, %[[SUMS]]
// CHECK: scf.for %{{.*}} iter_args({{.*}}) -> (vector<16xf32>
// CHECK: vector.store %{{.*}}, %[[PANEL]]
// CHECK: memref.prefetch %{{.*}}, read, locality<2>, data
// CHECK: memref.load %[[ROWS]]
// CHECK: vector.fma {{.*}} : vector<16xf32>
// CHECK: vector.store %{{.*}}, %[[RESULT]]
// CHECK: scf.for %{{.*}} iter_args({{.*}}) -> (vector<16xf32>
// CHECK: vector.load %[[PANEL]]
// CHECK: memref.prefetch %{{.*}}, read, locality<2>, data
// CHECK-NOT: memref.prefetch
// CHECK: memref.load %[[ROWS]]
// CHECK: vector.store %{{.*}}, %[[RESULT]][{{.*}}] : memref<132x64xf32>, vector<16xf32>
// CHECK-NOT: = moa.
// AVX2-LABEL: func.func @gather_scatter
// AVX2: vector.fma {{.*}} : vector<8xf32>
// PORTABLE-LABEL: func.func @gather_scatter
// PORTABLE: vector.fma {{.*}} : vector<4xf32>
func.func @gather_scatter(%x: tensor<66x48xf32>, %w: tensor<6x48x64xf32>,
                          %offsets: tensor<7xi32>, %permutation: tensor<132xi32>,
                          %init: tensor<132x64xf32>) -> tensor<132x64xf32> {
  %q = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      into slot(%init)
      : (tensor<66x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x64xf32>) -> tensor<132x64xf32>
  return %q : tensor<132x64xf32>
}

// -----

// Columns that no tile divides are masked; there is no scalar loop.

// CHECK-LABEL: func.func @tail
// CHECK: vector.create_mask
// CHECK: vector.maskedload
// CHECK: vector.maskedstore
func.func @tail(%x: tensor<?x48xf32>, %w: tensor<6x48x?xf32>,
                %offsets: tensor<7xi32>, %init: tensor<?x?xf32>)
    -> tensor<?x?xf32> {
  %q = moa.grouped_matmul grouped(%x), %w groups(%offsets) into grouped(%init)
      : (tensor<?x48xf32>, tensor<6x48x?xf32>, tensor<7xi32>,
         tensor<?x?xf32>) -> tensor<?x?xf32>
  return %q : tensor<?x?xf32>
}

// -----

// Narrow weights are widened in registers, weights [E, F, C] transposed there.

// CHECK-LABEL: func.func @widened
// CHECK: vector.load {{.*}} vector<16xbf16>
// CHECK: arith.extf {{.*}} vector<16xbf16> to vector<16xf32>
// CHECK: arith.truncf {{.*}} vector<16xf32> to vector<16xbf16>
// CHECK-LABEL: func.func @transposed
// CHECK: vector.shuffle
func.func @widened(%x: tensor<132x48xbf16>, %w: tensor<6x48x64xbf16>,
                   %offsets: tensor<7xi32>, %init: tensor<132x64xbf16>)
    -> tensor<132x64xbf16> {
  %q = moa.grouped_matmul grouped(%x), %w groups(%offsets) into grouped(%init)
      : (tensor<132x48xbf16>, tensor<6x48x64xbf16>, tensor<7xi32>,
         tensor<132x64xbf16>) -> tensor<132x64xbf16>
  return %q : tensor<132x64xbf16>
}
func.func @transposed(%x: tensor<132x48xf32>, %w: tensor<6x64x48xf32>,
                      %offsets: tensor<7xi32>, %init: tensor<132x64xf32>)
    -> tensor<132x64xf32> {
  %q = moa.grouped_matmul grouped(%x), %w transposed groups(%offsets)
      into grouped(%init)
      : (tensor<132x48xf32>, tensor<6x64x48xf32>, tensor<7xi32>,
         tensor<132x64xf32>) -> tensor<132x64xf32>
  return %q : tensor<132x64xf32>
}

// -----

// Slots are sorted by expert, so that each expert's weights are read once. They
// are few: tasks are groups of experts, and as wide as a page.

// CHECK-LABEL: func.func @slots
// CHECK: moa.dispatch
// CHECK-NOT: moa.slot_matmul
// CHECK: scf.forall {{.*}} in (8) {
// CHECK: memref.alloc() {{.*}} : memref<4352xf32>
// CHECK: vector.fma
func.func @slots(%x: tensor<8x48xf32>, %w: tensor<6x48x16xf32>,
                 %indices: tensor<8x2xi32>, %init: tensor<16x16xf32>)
    -> tensor<16x16xf32> {
  %q = moa.slot_matmul token(%x), %w, %indices into(%init)
      : (tensor<8x48xf32>, tensor<6x48x16xf32>, tensor<8x2xi32>,
         tensor<16x16xf32>) -> tensor<16x16xf32>
  return %q : tensor<16x16xf32>
}

// -----

// Rows that are known to be few have code of their own only: nothing is packed.

// CHECK-LABEL: func.func @few
// CHECK-NOT: memref<256x32xf32>
// CHECK: vector.fma
// CHECK: return
func.func @few(%x: tensor<5x48xf32>, %w: tensor<6x48x64xf32>, %offsets: tensor<7xi32>,
               %init: tensor<5x64xf32>) -> tensor<5x64xf32> {
  %y = moa.grouped_matmul grouped(%x), %w groups(%offsets) into grouped(%init)
      : (tensor<5x48xf32>, tensor<6x48x64xf32>, tensor<7xi32>, tensor<5x64xf32>)
      -> tensor<5x64xf32>
  return %y : tensor<5x64xf32>
}

// -----

// Columns that are experts: the same code for any number of them, in tiles one
// register wide and loops that stay loops.

// CHECK-LABEL: func.func @router
// CHECK-NOT: moa.matmul
// CHECK: scf.while
// CHECK: vector.create_mask
// CHECK: vector.maskedload
// CHECK: scf.for %{{.*}} -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK: moa.route
func.func @router(%x: tensor<66x48xf32>, %w: tensor<48x8xf32>)
    -> (tensor<66x2xi32>, tensor<66x2xf32>) {
  %init = tensor.empty() : tensor<66x8xf32>
  %logits = moa.matmul %x, %w into(%init)
      : (tensor<66x48xf32>, tensor<48x8xf32>, tensor<66x8xf32>)
      -> tensor<66x8xf32>
  %i, %g = moa.route %logits top_k(2) gate(<activation = softmax,
      order = activation_then_topk, normalize = true>)
      : (tensor<66x8xf32>) -> (tensor<66x2xi32>, tensor<66x2xf32>)
  return %i, %g : tensor<66x2xi32>, tensor<66x2xf32>
}

// -----

// Dot products of bf16: a word of scratch holds two terms, and rows of the
// matrix are packed as pairs.

// PAIRS-LABEL: func.func @pairs
// PAIRS: %[[ROWS:.*]] = memref.alloc() {{.*}} : memref<17952xf32>
// PAIRS: %[[PANEL:.*]] = memref.alloc() {{.*}} : memref<256x32xf32>
// PAIRS: vector.load %{{.*}} : memref<66x48xbf16, {{.*}}>, vector<32xbf16>
// PAIRS: vector.bitcast {{.*}} : vector<32xbf16> to vector<16xf32>
// PAIRS: vector.store %{{.*}}, %[[ROWS]]
// PAIRS: vector.interleave %{{.*}}, %{{.*}} : vector<16xbf16> -> vector<32xbf16>
// PAIRS: vector.store %{{.*}}, %[[PANEL]]
// PAIRS: x86vector.avx512.dot {{.*}} : vector<32xbf16> -> vector<16xf32>
// PAIRS-NOT: vector.fma
func.func @pairs(%x: tensor<66x48xbf16>, %w: tensor<6x48x64xbf16>,
                 %offsets: tensor<7xi32>, %init: tensor<66x64xbf16>)
    -> tensor<66x64xbf16> {
  %q = moa.grouped_matmul grouped(%x), %w groups(%offsets) into grouped(%init)
      : (tensor<66x48xbf16>, tensor<6x48x64xbf16>, tensor<7xi32>,
         tensor<66x64xbf16>) -> tensor<66x64xbf16>
  return %q : tensor<66x64xbf16>
}

// -----

// An odd number of terms, or one that the types leave open, has no pairs; f16
// has no such instruction.

// PAIRS-LABEL: func.func @odd
// PAIRS-NOT: x86vector
// PAIRS: vector.fma
func.func @odd(%x: tensor<66x47xbf16>, %w: tensor<6x47x64xbf16>,
               %offsets: tensor<7xi32>, %init: tensor<66x64xbf16>)
    -> tensor<66x64xbf16> {
  %q = moa.grouped_matmul grouped(%x), %w groups(%offsets) into grouped(%init)
      : (tensor<66x47xbf16>, tensor<6x47x64xbf16>, tensor<7xi32>,
         tensor<66x64xbf16>) -> tensor<66x64xbf16>
  return %q : tensor<66x64xbf16>
}

// -----

// PAIRS-LABEL: func.func @open
// PAIRS-NOT: x86vector
// PAIRS: vector.fma
func.func @open(%x: tensor<66x?xbf16>, %w: tensor<6x?x64xbf16>,
                %offsets: tensor<7xi32>, %init: tensor<66x64xbf16>)
    -> tensor<66x64xbf16> {
  %q = moa.grouped_matmul grouped(%x), %w groups(%offsets) into grouped(%init)
      : (tensor<66x?xbf16>, tensor<6x?x64xbf16>, tensor<7xi32>,
         tensor<66x64xbf16>) -> tensor<66x64xbf16>
  return %q : tensor<66x64xbf16>
}

// -----

// PAIRS-LABEL: func.func @half
// PAIRS-NOT: x86vector
// PAIRS: vector.fma
func.func @half(%x: tensor<66x48xf16>, %w: tensor<6x48x64xf16>,
                %offsets: tensor<7xi32>, %init: tensor<66x64xf16>)
    -> tensor<66x64xf16> {
  %q = moa.grouped_matmul grouped(%x), %w groups(%offsets) into grouped(%init)
      : (tensor<66x48xf16>, tensor<6x48x64xf16>, tensor<7xi32>,
         tensor<66x64xf16>) -> tensor<66x64xf16>
  return %q : tensor<66x64xf16>
}

// -----

// A first tile fetches both vectors of a word that comes soon. Tiles that read
// what it packed fetch the next panel, all together: one vector a word, from
// where as many words have been multiplied times 256 over the number of tiles.

// CHECK-LABEL: func.func @deep
// CHECK: vector.store %{{.*}}, %[[PANEL:.*]][%{{.*}}, %c16] : memref<256x32xf32>
// CHECK-COUNT-2: memref.prefetch
// CHECK-NOT: memref.prefetch
// CHECK: vector.fma
// CHECK: %[[SCALE:.*]] = arith.ceildivui %c256, %{{.*}} : index
// CHECK: scf.for
// CHECK: %[[BEFORE:.*]] = arith.divui %{{.*}}, %c8 : index
// CHECK: scf.for %[[K:[a-z0-9]*]] = {{.*}} -> (vector<16xf32>
// CHECK: vector.load %[[PANEL]][%[[K]], %c16]
// CHECK: %[[AT:.*]] = arith.addi %[[BEFORE]], %[[K]] : index
// CHECK: %[[SCALED:.*]] = arith.muli %[[AT]], %[[SCALE]] : index
// CHECK: arith.divui %[[SCALED]], %c256 : index
// CHECK: memref.prefetch
// CHECK-NOT: memref.prefetch
// CHECK: vector.fma
func.func @deep(%x: tensor<66x300xf32>, %w: tensor<6x300x64xf32>,
                %offsets: tensor<7xi32>, %permutation: tensor<132xi32>,
                %init: tensor<132x64xf32>) -> tensor<132x64xf32> {
  %q = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(2)
      into slot(%init)
      : (tensor<66x300xf32>, tensor<6x300x64xf32>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x64xf32>) -> tensor<132x64xf32>
  return %q : tensor<132x64xf32>
}
