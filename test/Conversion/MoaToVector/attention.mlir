// RUN: moa-opt %s --convert-moa-to-vector=target=avx512 --canonicalize --split-input-file | FileCheck %s
// RUN: moa-opt %s --convert-moa-to-vector=target=avx2 --canonicalize --split-input-file | FileCheck %s --check-prefix=AVX2

// Keys and values are packed once for each key head, in parallel. A task is a
// block of the rows that share a key head, 4 a token; scores are masked in a
// branch.

// CHECK-LABEL: func.func @many_rows
// CHECK-NOT: moa.attention
// CHECK: %[[KEYS:.*]] = memref.alloc() {{.*}} : memref<1x2x16x64x32xf32>
// CHECK: %[[VALUES:.*]] = memref.alloc() {{.*}} : memref<1x2x2x512x32xf32>
// CHECK: scf.forall {{.*}} in (2, 16) {
// CHECK: vector.shuffle
// CHECK: vector.store {{.*}}, %[[KEYS]]
// CHECK: vector.store {{.*}}, %[[VALUES]]
// CHECK: scf.forall {{.*}} in (2, 32) {
// CHECK: vector.load %[[KEYS]]
// CHECK: vector.fma {{.*}} : vector<16xf32>
// CHECK: scf.if
// CHECK: vector.create_mask
// CHECK: vector.load %[[VALUES]]
// CHECK-NOT: math.exp
// CHECK-NOT: memref.prefetch
// CHECK-NOT: moa.attention
// AVX2-LABEL: func.func @many_rows
// AVX2: vector.fma {{.*}} : vector<8xf32>
func.func @many_rows(%q: tensor<1x512x8x64xf32>, %k: tensor<1x512x2x64xf32>,
                     %v: tensor<1x512x2x64xf32>, %init: tensor<1x512x8x64xf32>)
    -> tensor<1x512x8x64xf32> {
  %o = moa.attention %q, %k, %v heads(4) causal into(%init)
      : (tensor<1x512x8x64xf32>, tensor<1x512x2x64xf32>, tensor<1x512x2x64xf32>,
         tensor<1x512x8x64xf32>) -> tensor<1x512x8x64xf32>
  return %o : tensor<1x512x8x64xf32>
}

// -----

// Few rows: nothing is packed; a task has the 8 heads that fill a page, with two
// rows each, and a range of keys; what the ranges leave is combined.

// CHECK-LABEL: func.func @few_rows
// CHECK: memref.alloc() {{.*}} : memref<8x1x1x32x128xf32>
// CHECK: scf.forall {{.*}} in (2, 8) {
// CHECK: memref.alloc() {{.*}} : memref<64x128xf32>
// While 16 keys are visited, lines of the next are fetched.
// CHECK-COUNT-2: memref.prefetch {{.*}}, read, locality<2>, data
// CHECK: vector.shuffle
// CHECK: scf.forall {{.*}} in (32) {
func.func @few_rows(%q: tensor<1x1x32x128xf32>, %k: tensor<1x1024x16x128xf32>,
                    %v: tensor<1x1024x16x128xf32>, %init: tensor<1x1x32x128xf32>)
    -> tensor<1x1x32x128xf32> {
  %o = moa.attention %q, %k, %v heads(16) into(%init)
      : (tensor<1x1x32x128xf32>, tensor<1x1024x16x128xf32>,
         tensor<1x1024x16x128xf32>, tensor<1x1x32x128xf32>)
      -> tensor<1x1x32x128xf32>
  return %o : tensor<1x1x32x128xf32>
}

// -----

// Without causal mask, window and length no branch asks what is seen: only
// other masks hide keys, as bytes.

// CHECK-LABEL: func.func @boolean
// CHECK: vector.maskedload {{.*}} vector<16xi8>
func.func @boolean(%q: tensor<2x?x4x64xbf16>, %k: tensor<2x?x1x64xbf16>,
                   %v: tensor<2x?x1x64xbf16>, %mask: tensor<2x?x?xi1>,
                   %init: tensor<2x?x4x64xbf16>) -> tensor<2x?x4x64xbf16> {
  %o = moa.attention %q, %k, %v boolean_mask(%mask) into(%init)
      : (tensor<2x?x4x64xbf16>, tensor<2x?x1x64xbf16>, tensor<2x?x1x64xbf16>,
         tensor<2x?x?xi1>, tensor<2x?x4x64xbf16>) -> tensor<2x?x4x64xbf16>
  return %o : tensor<2x?x4x64xbf16>
}

// -----

// These are left to the reference.

// CHECK-LABEL: func.func @left
// CHECK: moa.attention {{.*}} score(stick_breaking)
// CHECK: moa.attention {{.*}}xf64>
func.func @left(%q: tensor<2x9x4x8xf32>, %k: tensor<2x9x1x8xf32>,
                %q64: tensor<2x9x4x8xf64>, %k64: tensor<2x9x1x8xf64>)
    -> (tensor<2x9x4x8xf32>, tensor<2x9x4x8xf64>) {
  %a = moa.attention %q, %k, %k score(stick_breaking) causal into(%q)
      : (tensor<2x9x4x8xf32>, tensor<2x9x1x8xf32>, tensor<2x9x1x8xf32>,
         tensor<2x9x4x8xf32>) -> tensor<2x9x4x8xf32>
  %b = moa.attention %q64, %k64, %k64 into(%q64)
      : (tensor<2x9x4x8xf64>, tensor<2x9x1x8xf64>, tensor<2x9x1x8xf64>,
         tensor<2x9x4x8xf64>) -> tensor<2x9x4x8xf64>
  return %a, %b : tensor<2x9x4x8xf32>, tensor<2x9x4x8xf64>
}

// -----

// Keys that are appended to a cache are read from either part; only a graph that
// has another use for them puts them side by side.

// CHECK-LABEL: func.func @appended
// CHECK-NOT: tensor.insert_slice
// CHECK: scf.forall
// CHECK: arith.select {{.*}} : memref<?x?x?x?xf32, strided<[?, ?, ?, 1], offset: ?>>
// CHECK-LABEL: func.func @appended_and_returned
// CHECK: tensor.insert_slice
// CHECK: tensor.insert_slice
// CHECK-NOT: arith.select {{.*}} : memref
// CHECK-LABEL: func.func @not_behind
// CHECK-NOT: arith.select {{.*}} : memref
func.func @appended(%q: tensor<2x1x4x16xf32>, %cache: tensor<2x?x2x16xf32>,
                    %fresh: tensor<2x1x2x16xf32>) -> tensor<2x1x4x16xf32> {
  %c1 = arith.constant 1 : index
  %front = tensor.dim %cache, %c1 : tensor<2x?x2x16xf32>
  %rows = arith.addi %front, %c1 : index
  %empty = tensor.empty(%rows) : tensor<2x?x2x16xf32>
  %0 = tensor.insert_slice %cache into %empty[0, 0, 0, 0] [2, %front, 2, 16] [1, 1, 1, 1]
      : tensor<2x?x2x16xf32> into tensor<2x?x2x16xf32>
  %k = tensor.insert_slice %fresh into %0[0, %front, 0, 0] [2, 1, 2, 16] [1, 1, 1, 1]
      : tensor<2x1x2x16xf32> into tensor<2x?x2x16xf32>
  %init = tensor.empty() : tensor<2x1x4x16xf32>
  %o = moa.attention %q, %k, %k heads(4) into(%init)
      : (tensor<2x1x4x16xf32>, tensor<2x?x2x16xf32>, tensor<2x?x2x16xf32>,
         tensor<2x1x4x16xf32>) -> tensor<2x1x4x16xf32>
  return %o : tensor<2x1x4x16xf32>
}
func.func @appended_and_returned(%q: tensor<2x1x4x16xf32>, %cache: tensor<2x5x2x16xf32>,
    %fresh: tensor<2x1x2x16xf32>) -> (tensor<2x1x4x16xf32>, tensor<2x6x2x16xf32>) {
  %empty = tensor.empty() : tensor<2x6x2x16xf32>
  %0 = tensor.insert_slice %cache into %empty[0, 0, 0, 0] [2, 5, 2, 16] [1, 1, 1, 1]
      : tensor<2x5x2x16xf32> into tensor<2x6x2x16xf32>
  %k = tensor.insert_slice %fresh into %0[0, 5, 0, 0] [2, 1, 2, 16] [1, 1, 1, 1]
      : tensor<2x1x2x16xf32> into tensor<2x6x2x16xf32>
  %init = tensor.empty() : tensor<2x1x4x16xf32>
  %o = moa.attention %q, %k, %k heads(4) into(%init)
      : (tensor<2x1x4x16xf32>, tensor<2x6x2x16xf32>, tensor<2x6x2x16xf32>,
         tensor<2x1x4x16xf32>) -> tensor<2x1x4x16xf32>
  return %o, %k : tensor<2x1x4x16xf32>, tensor<2x6x2x16xf32>
}
// New keys in the middle of the old ones.
func.func @not_behind(%q: tensor<2x1x4x16xf32>, %cache: tensor<2x5x2x16xf32>,
    %fresh: tensor<2x1x2x16xf32>) -> tensor<2x1x4x16xf32> {
  %empty = tensor.empty() : tensor<2x5x2x16xf32>
  %0 = tensor.insert_slice %cache into %empty[0, 0, 0, 0] [2, 5, 2, 16] [1, 1, 1, 1]
      : tensor<2x5x2x16xf32> into tensor<2x5x2x16xf32>
  %k = tensor.insert_slice %fresh into %0[0, 3, 0, 0] [2, 1, 2, 16] [1, 1, 1, 1]
      : tensor<2x1x2x16xf32> into tensor<2x5x2x16xf32>
  %init = tensor.empty() : tensor<2x1x4x16xf32>
  %o = moa.attention %q, %k, %k heads(4) into(%init)
      : (tensor<2x1x4x16xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x16xf32>,
         tensor<2x1x4x16xf32>) -> tensor<2x1x4x16xf32>
  return %o : tensor<2x1x4x16xf32>
}
