// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @mma_c1_sum(%a: tensor<16x32xbf16>, %b: tensor<16x32xbf16>,
    %s: tensor<16x32xf32>) {
  // expected-error@below {{'moa_tile.mma' op sums over 32 columns of a and 16 of b}}
  %0 = moa_tile.mma %a, %b, %s : tensor<16x32xbf16>, tensor<16x32xbf16>, tensor<16x32xf32>
  return
}

// -----

func.func @mma_c1_transposed(%a: tensor<16x32xbf16>, %b: tensor<32x16xbf16>,
    %s: tensor<16x32xf32>) {
  // expected-error@below {{'moa_tile.mma' op sums over 32 columns of a and 16 of b}}
  %0 = moa_tile.mma %a, transposed %b, %s
      : tensor<16x32xbf16>, tensor<32x16xbf16>, tensor<16x32xf32>
  return
}

// -----

func.func @mma_c1_accumulator(%a: tensor<16x32xbf16>, %b: tensor<32x16xbf16>,
    %s: tensor<16x8xf32>) {
  // expected-error@below {{'moa_tile.mma' op has a product of 16 x 16 and an accumulator of 16 x 8}}
  %0 = moa_tile.mma %a, %b, %s : tensor<16x32xbf16>, tensor<32x16xbf16>, tensor<16x8xf32>
  return
}

// -----

func.func @mma_c2(%a: tensor<16x32xbf16>, %b: tensor<32x16xf16>, %s: tensor<16x16xf32>) {
  // expected-error@below {{'moa_tile.mma' op multiplies elements of 'bf16' and 'f16', must be the same}}
  %0 = moa_tile.mma %a, %b, %s : tensor<16x32xbf16>, tensor<32x16xf16>, tensor<16x16xf32>
  return
}

// -----

func.func @mma_c3_operands(%a: tensor<16x32xi32>, %b: tensor<32x16xi32>,
    %s: tensor<16x16xf32>) {
  // expected-error@below {{'moa_tile.mma' op multiplies f32, f16 or bf16, not 'i32'}}
  %0 = moa_tile.mma %a, %b, %s : tensor<16x32xi32>, tensor<32x16xi32>, tensor<16x16xf32>
  return
}

// -----

func.func @mma_c3_accumulator(%a: tensor<16x32xf16>, %b: tensor<32x16xf16>,
    %s: tensor<16x16xf16>) {
  // expected-error@below {{'moa_tile.mma' op operand #2 must be tile of 32-bit float values, but got 'tensor<16x16xf16>'}}
  %0 = moa_tile.mma %a, %b, %s : tensor<16x32xf16>, tensor<32x16xf16>, tensor<16x16xf16>
  return
}

// -----

func.func @mma_c4(%a: tensor<16x32xf16>, %b: tensor<32x16xf16>, %s: tensor<16x16xf32>) {
  // expected-error@below {{'moa_tile.mma' op rounds f32 operands to tf32, not 'f16'}}
  %0 = moa_tile.mma %a, %b, %s tf32
      : tensor<16x32xf16>, tensor<32x16xf16>, tensor<16x16xf32>
  return
}

// -----

func.func @mma_c5(%a: !moa_tile.buffer<4x16x32xf16>, %b: !moa_tile.buffer<32x16xf16>,
    %s: tensor<16x16xf32>) {
  // expected-error@below {{'moa_tile.mma' op multiplies one stage of a buffer, got '!moa_tile.buffer<4x16x32xf16>'}}
  %0 = moa_tile.mma %a, %b, %s
      : !moa_tile.buffer<4x16x32xf16>, !moa_tile.buffer<32x16xf16>, tensor<16x16xf32>
  return
}

// -----

func.func @mma_c6_rows(%a: tensor<16x32xf16>, %b: tensor<32x16xf16>, %s: tensor<16x16xf32>,
    %t: tensor<32x1xi32>) {
  // expected-error@below {{'moa_tile.mma' op has an accumulator of 16 rows and terms of 'tensor<32x1xi32>'}}
  %0 = moa_tile.mma %a, %b, %s terms %t
      : tensor<16x32xf16>, tensor<32x16xf16>, tensor<16x16xf32>, tensor<32x1xi32>
  return
}

// -----

func.func @mma_c6_columns(%a: tensor<16x32xf16>, %b: tensor<32x16xf16>, %s: tensor<16x16xf32>,
    %t: tensor<16x2xi32>) {
  // expected-error@below {{'moa_tile.mma' op has an accumulator of 16 rows and terms of 'tensor<16x2xi32>'}}
  %0 = moa_tile.mma %a, %b, %s terms %t
      : tensor<16x32xf16>, tensor<32x16xf16>, tensor<16x16xf32>, tensor<16x2xi32>
  return
}
