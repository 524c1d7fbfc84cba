// RUN: moa-opt %s --split-input-file --verify-diagnostics

// expected-error@below {{'func.func' op has 3 : i64 for 'moa.name': give a string that is not empty}}
func.func @number(%x: tensor<2xf32> {moa.name = 3}) {
  return
}

// -----

// expected-error@below {{'func.func' op has "" for 'moa.name': give a string that is not empty}}
func.func @empty(%x: tensor<2xf32>) -> (tensor<2xf32> {moa.name = ""}) {
  return %x : tensor<2xf32>
}
