// REQUIRES: cuda-driver
// Scores that grow from one tile of keys to the next, by less and by more than
// what sums of attention are scaled down for.

// RUN: %python %S/Inputs/growing_scores.py %t F16
// RUN: moa-run %s --device=cuda --function=half --input=@%t/inputs.safetensors \
// RUN:   --expected_output=@%t/expected.safetensors --atol=2e-3 --rtol=2e-3 \
// RUN:   | FileCheck %s --implicit-check-not=note:
// RUN: %python %S/Inputs/growing_scores.py %t F32
// RUN: moa-run %s --device=cuda --function=single --input=@%t/inputs.safetensors \
// RUN:   --expected_output=@%t/expected.safetensors --atol=2e-5 --rtol=2e-5 \
// RUN:   | FileCheck %s --implicit-check-not=note:

// CHECK: o: OK

func.func @half(%q: tensor<1x100x2x16xf16> {moa.name = "q"}, %k: tensor<1x100x2x16xf16> {moa.name = "k"},
                %v: tensor<1x100x2x16xf16> {moa.name = "v"})
    -> (tensor<1x100x2x16xf16> {moa.name = "o"}) {
  %init = tensor.empty() : tensor<1x100x2x16xf16>
  %o = moa.attention %q, %k, %v heads(2) causal into(%init)
      : (tensor<1x100x2x16xf16>, tensor<1x100x2x16xf16>, tensor<1x100x2x16xf16>,
         tensor<1x100x2x16xf16>) -> tensor<1x100x2x16xf16>
  return %o : tensor<1x100x2x16xf16>
}

func.func @single(%q: tensor<1x100x2x16xf32> {moa.name = "q"}, %k: tensor<1x100x2x16xf32> {moa.name = "k"},
                  %v: tensor<1x100x2x16xf32> {moa.name = "v"})
    -> (tensor<1x100x2x16xf32> {moa.name = "o"}) {
  %init = tensor.empty() : tensor<1x100x2x16xf32>
  %o = moa.attention %q, %k, %v heads(2) causal into(%init)
      : (tensor<1x100x2x16xf32>, tensor<1x100x2x16xf32>, tensor<1x100x2x16xf32>,
         tensor<1x100x2x16xf32>) -> tensor<1x100x2x16xf32>
  return %o : tensor<1x100x2x16xf32>
}
