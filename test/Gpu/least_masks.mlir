// REQUIRES: cuda-driver
// Additive masks of the least numbers, as torch's finfo(dtype).min, hide keys
// from rows that see others; among each other they hide nothing.

// RUN: moa-run %s --device=cuda --function=few --input="q=1x3x1x4xf32=1" \
// RUN:   --input="k=1x2x1x4xf32=1" --input="v=1x2x1x4xf32=1 2 3 4 5 6 7 8" \
// RUN:   --input="m=1x3x2xf32=-3.4028235e38 -3.4028235e38 -3.4028235e38 0 -1e38 -1e38" \
// RUN:   --expected_output="o=1x3x1x4xf32=3 4 5 6 5 6 7 8 3 4 5 6" \
// RUN:   --expected_output="lse=1x3x1xf32=-3.4028235e38 2 -1e38" \
// RUN:   | FileCheck %s --implicit-check-not=note:

// Of 16 bits, and with keys that are split over blocks.
// RUN: moa-run %s --device=cuda --function=split --input="q=1x1x2x64xbf16=1" \
// RUN:   --input="k=1x2048x1x64xbf16=1" --input="v=1x2048x1x64xbf16=3" \
// RUN:   --input="m=1x1x2048xf32=-3.4028235e38" \
// RUN:   --expected_output="o=1x1x2x64xbf16=3" \
// RUN:   --expected_output="lse=1x1x2xf32=-3.4028235e38" \
// RUN:   | FileCheck %s --implicit-check-not=note:

// CHECK: o: OK
// CHECK: lse: OK

func.func @few(%q: tensor<1x3x1x4xf32> {moa.name = "q"}, %k: tensor<1x2x1x4xf32> {moa.name = "k"},
               %v: tensor<1x2x1x4xf32> {moa.name = "v"}, %m: tensor<1x3x2xf32> {moa.name = "m"})
    -> (tensor<1x3x1x4xf32> {moa.name = "o"}, tensor<1x3x1xf32> {moa.name = "lse"}) {
  %init = tensor.empty() : tensor<1x3x1x4xf32>
  %lse_init = tensor.empty() : tensor<1x3x1xf32>
  %o, %lse = moa.attention %q, %k, %v additive_mask(%m) into(%init, %lse_init)
      : (tensor<1x3x1x4xf32>, tensor<1x2x1x4xf32>, tensor<1x2x1x4xf32>, tensor<1x3x2xf32>,
         tensor<1x3x1x4xf32>, tensor<1x3x1xf32>) -> (tensor<1x3x1x4xf32>, tensor<1x3x1xf32>)
  return %o, %lse : tensor<1x3x1x4xf32>, tensor<1x3x1xf32>
}

func.func @split(%q: tensor<1x1x2x64xbf16> {moa.name = "q"}, %k: tensor<1x2048x1x64xbf16> {moa.name = "k"},
                 %v: tensor<1x2048x1x64xbf16> {moa.name = "v"}, %m: tensor<1x1x2048xf32> {moa.name = "m"})
    -> (tensor<1x1x2x64xbf16> {moa.name = "o"}, tensor<1x1x2xf32> {moa.name = "lse"}) {
  %init = tensor.empty() : tensor<1x1x2x64xbf16>
  %lse_init = tensor.empty() : tensor<1x1x2xf32>
  %o, %lse = moa.attention %q, %k, %v heads(2) additive_mask(%m) into(%init, %lse_init)
      : (tensor<1x1x2x64xbf16>, tensor<1x2048x1x64xbf16>, tensor<1x2048x1x64xbf16>, tensor<1x1x2048xf32>,
         tensor<1x1x2x64xbf16>, tensor<1x1x2xf32>) -> (tensor<1x1x2x64xbf16>, tensor<1x1x2xf32>)
  return %o, %lse : tensor<1x1x2x64xbf16>, tensor<1x1x2xf32>
}
