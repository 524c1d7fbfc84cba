// RUN: moa-opt %s -verify-diagnostics -split-input-file

// expected-error@below {{a buffer has 2 dimensions, or 3 with stages, not 1}}
func.func private @buffer_type_c1_rank(!moa_tile.buffer<16xf32>)

// -----

// expected-error@below {{size 0 of a buffer is below 1}}
func.func private @buffer_type_c1_size(!moa_tile.buffer<0x16xf32>)

// -----

// expected-error@below {{a buffer holds f32, f16, bf16 or i32, not 'f64'}}
func.func private @buffer_type_c2(!moa_tile.buffer<16x16xf64>)

// -----

// expected-error@below {{swizzle 3 is not 1, 2, 4 or 8}}
func.func private @buffer_type_c3_value(!moa_tile.buffer<16x64xbf16, swizzle = 3>)

// -----

// expected-error@below {{a swizzle of 8 pieces of 16 bytes does not divide a row of 64 bytes}}
func.func private @buffer_type_c3_row(!moa_tile.buffer<16x32xbf16, swizzle = 8>)

// -----

// expected-error@below {{expected 'swizzle'}}
func.func private @buffer_type_keyword(!moa_tile.buffer<16x32xbf16, stages = 8>)
