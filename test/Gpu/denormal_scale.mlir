// REQUIRES: cuda-driver
// A scale that f32 holds as a denormal number made all results NaN: instructions
// take it for zero, and the maximum before the first key is as low as f32 goes.
// RUN: moa-run %s --device=cuda --input=1x4x1x16xbf16=1 --input=1x4x1x16xbf16=2 --input=1x4x1x16xbf16=0 \
// RUN:   --expected_output=1x4x1x16xbf16=2 | FileCheck %s
// RUN: moa-run %s --input=1x4x1x16xbf16=1 --input=1x4x1x16xbf16=2 --input=1x4x1x16xbf16=0 \
// RUN:   --expected_output=1x4x1x16xbf16=2 | FileCheck %s
// CHECK: result0: OK: 0 of 64 elements of 1x4x1x16xbf16 differ
func.func @attend(%query: tensor<1x4x1x16xbf16>, %key: tensor<1x4x1x16xbf16>,
                  %init: tensor<1x4x1x16xbf16>) -> tensor<1x4x1x16xbf16> {
  %result = moa.attention %query, %key, %key scale(1.0e-39) causal into(%init)
      : (tensor<1x4x1x16xbf16>, tensor<1x4x1x16xbf16>, tensor<1x4x1x16xbf16>,
         tensor<1x4x1x16xbf16>) -> tensor<1x4x1x16xbf16>
  return %result : tensor<1x4x1x16xbf16>
}
