// REQUIRES: cuda-driver
// What went wrong in loops over elements, beside what the CPU computes.
// DEFINE: %{check} = FileCheck %s --check-prefix

// LLVM read a fourth of three elements that are reduced in order.
// RUN: moa-run %s --function=three --device=cuda --input="3xf32=2 3 4" \
// RUN:   --expected_output=f32=24 | %{check}=THREE
// THREE: result0: OK
func.func @three(%x: tensor<3xf32>) -> tensor<f32> {
  %one = arith.constant 1.0 : f32
  %empty = tensor.empty() : tensor<f32>
  %init = linalg.fill ins(%one : f32) outs(%empty : tensor<f32>) -> tensor<f32>
  %0 = linalg.reduce ins(%x : tensor<3xf32>) outs(%init : tensor<f32>) dimensions = [0]
      (%a: f32, %product: f32) {
    %next = arith.mulf %a, %product : f32
    linalg.yield %next : f32
  }
  return %0 : tensor<f32>
}

// Powers of f64 did not end in 0 and infinity.
// RUN: moa-run %s --function=powers --device=cuda --input="7xf64=-inf 709 710 1500 -746 -1500 nan" \
// RUN:   --expected_output="7xf64=0 8.218407461554972e307 inf inf 0 0 nan" | %{check}=POWERS
// POWERS: result0: OK
func.func @powers(%x: tensor<7xf64>) -> tensor<7xf64> {
  %0 = math.exp %x : tensor<7xf64>
  return %0 : tensor<7xf64>
}

// A cast from an unsigned index kept the sign.
// RUN: moa-run %s --function=unsigned --device=cuda --input="4xi8=-1 5 -128 127" \
// RUN:   --expected_output="4xi64=255 5 128 127" | %{check}=UNSIGNED
// UNSIGNED: result0: OK
func.func @unsigned(%x: tensor<4xi8>) -> tensor<4xi64> {
  %empty = tensor.empty() : tensor<4xi64>
  %0 = linalg.generic {
      indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]}
      ins(%x : tensor<4xi8>) outs(%empty : tensor<4xi64>) {
  ^bb0(%a: i8, %o: i64):
    %index = arith.index_castui %a : i8 to index
    %wide = arith.index_castui %index : index to i64
    linalg.yield %wide : i64
  } -> tensor<4xi64>
  return %0 : tensor<4xi64>
}

// A long row had more tiles than a grid has blocks in its second dimension.
// RUN: moa-run %s --function=long --device=cuda --input="2097153xf32=1" \
// RUN:   --expected_output="2097153xf32=3" | %{check}=LONG
// LONG: result0: OK
func.func @long(%x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %two = arith.constant 2.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %empty = tensor.empty(%n) : tensor<?xf32>
  %twos = linalg.fill ins(%two : f32) outs(%empty : tensor<?xf32>) -> tensor<?xf32>
  %0 = linalg.add ins(%x, %twos : tensor<?xf32>, tensor<?xf32>) outs(%empty : tensor<?xf32>)
      -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// Tensors without elements whose other sizes are open had no place.
// RUN: moa-run %s --function=empty --device=cuda --input=2x0xf32= \
// RUN:   --expected_output=2x0xf32= | %{check}=EMPTY
// RUN: moa-run %s --function=empty --input=2x0xf32= --expected_output=2x0xf32= | %{check}=EMPTY
// EMPTY: result0: OK
func.func @empty(%x: tensor<?x0xf32>) -> tensor<?x0xf32> {
  %0 = arith.addf %x, %x : tensor<?x0xf32>
  return %0 : tensor<?x0xf32>
}

// A table that is a constant was a number of the kernel.
// RUN: moa-run %s --function=table --device=cuda --input="3xi32=2 0 1" \
// RUN:   --expected_output="3xf32=30 10 20" | %{check}=TABLE
// TABLE: result0: OK
func.func @table(%x: tensor<3xi32>) -> tensor<3xf32> {
  %table = arith.constant dense<[10.0, 20.0, 30.0]> : tensor<3xf32>
  %empty = tensor.empty() : tensor<3xf32>
  %0 = linalg.generic {
      indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]}
      ins(%x : tensor<3xi32>) outs(%empty : tensor<3xf32>) {
  ^bb0(%a: i32, %o: f32):
    %index = arith.index_cast %a : i32 to index
    %value = tensor.extract %table[%index] : tensor<3xf32>
    linalg.yield %value : f32
  } -> tensor<3xf32>
  return %0 : tensor<3xf32>
}
