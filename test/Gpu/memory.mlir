// REQUIRES: cuda-driver
// Copies of any strides, fills of any width, and constants, on the device.
// RUN: moa-run %s --device=cuda --input="2x3x2xf32=1 2 3 4 5 6 7 8 9 10 11 12" --input="2x1x2xf32=-1 -2 -3 -4" \
// RUN:   --expected_output="cat=2x4x2xf32=1 2 3 4 5 6 -1 -2 7 8 9 10 11 12 -3 -4" \
// RUN:   --expected_output="transposed=3x2x2xf32=1 2 7 8 3 4 9 10 5 6 11 12" \
// RUN:   --expected_output="bytes=3xi8=7" --expected_output="halves=3xbf16=1.5" \
// RUN:   --expected_output="words=2x2xi32=1 2 3 4" --expected_output="long=2xi64=0" \
// RUN:   --expected_output="number=f32=2.5" --atol=0 --rtol=0 \
// RUN:   | FileCheck %s --implicit-check-not=note:
// CHECK: cat: OK
// CHECK: transposed: OK
// CHECK: bytes: OK
// CHECK: halves: OK
// CHECK: words: OK
// CHECK: long: OK
// CHECK: number: OK

memref.global "private" constant @table : memref<2x2xi32> = dense<[[1, 2], [3, 4]]>
memref.global "private" constant @scalar : memref<f32> = dense<2.5>

func.func @memory(%x: memref<2x?x2xf32>, %fresh: memref<2x1x2xf32>)
    -> (memref<2x?x2xf32> {moa.name = "cat"}, memref<?x2x2xf32> {moa.name = "transposed"},
        memref<3xi8> {moa.name = "bytes"}, memref<3xbf16> {moa.name = "halves"},
        memref<2x2xi32> {moa.name = "words"}, memref<2xi64> {moa.name = "long"},
        memref<f32> {moa.name = "number"}) {
  %c1 = arith.constant 1 : index
  %n = memref.dim %x, %c1 : memref<2x?x2xf32>
  %m = arith.addi %n, %c1 : index
  %cat = memref.alloc(%m) : memref<2x?x2xf32>
  %old = memref.subview %cat[0, 0, 0] [2, %n, 2] [1, 1, 1]
      : memref<2x?x2xf32> to memref<2x?x2xf32, strided<[?, 2, 1]>>
  memref.copy %x, %old : memref<2x?x2xf32> to memref<2x?x2xf32, strided<[?, 2, 1]>>
  %new = memref.subview %cat[0, %n, 0] [2, 1, 2] [1, 1, 1]
      : memref<2x?x2xf32> to memref<2x1x2xf32, strided<[?, 2, 1], offset: ?>>
  memref.copy %fresh, %new : memref<2x1x2xf32> to memref<2x1x2xf32, strided<[?, 2, 1], offset: ?>>

  %turned = memref.transpose %x (a, b, c) -> (b, a, c)
      : memref<2x?x2xf32> to memref<?x2x2xf32, strided<[2, ?, 1]>>
  %transposed = memref.alloc(%n) : memref<?x2x2xf32>
  memref.copy %turned, %transposed : memref<?x2x2xf32, strided<[2, ?, 1]>> to memref<?x2x2xf32>

  %bytes = memref.alloc() : memref<3xi8>
  %seven = arith.constant 7 : i8
  linalg.fill ins(%seven : i8) outs(%bytes : memref<3xi8>)
  %halves = memref.alloc() : memref<3xbf16>
  %one_and_a_half = arith.constant 1.5 : bf16
  linalg.fill ins(%one_and_a_half : bf16) outs(%halves : memref<3xbf16>)
  %long = memref.alloc() : memref<2xi64>
  %zero = arith.constant 0 : i64
  linalg.fill ins(%zero : i64) outs(%long : memref<2xi64>)
  %table = memref.get_global @table : memref<2x2xi32>
  %scalar = memref.get_global @scalar : memref<f32>
  return %cat, %transposed, %bytes, %halves, %table, %long, %scalar
      : memref<2x?x2xf32>, memref<?x2x2xf32>, memref<3xi8>, memref<3xbf16>,
        memref<2x2xi32>, memref<2xi64>, memref<f32>
}
