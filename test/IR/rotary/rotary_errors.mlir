// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @rotary_c1(%input: tensor<2x33x4x16xf32>)
    -> tensor<2x33x4x16xf32> {
  // expected-error@below {{'moa.rotary' op rotary dim (18) exceeds 'input' dimension 3 (16)}}
  %r = moa.rotary %input rotary(<theta = 1.0e4 : f64, dim = 18>)
      : (tensor<2x33x4x16xf32>)
      -> tensor<2x33x4x16xf32>
  return %r : tensor<2x33x4x16xf32>
}

// -----

func.func @rotary_c2(%input: tensor<2x33x4x17xf32>)
    -> tensor<2x33x4x16xf32> {
  // expected-error@+2 {{'moa.rotary' op inferred type(s) 'tensor<2x33x4x17xf32>' are incompatible with return type(s) of operation 'tensor<2x33x4x16xf32>'}}
  // expected-error@below {{'moa.rotary' op failed to infer returned types}}
  %r = moa.rotary %input rotary(<theta = 1.0e4 : f64, dim = 16>)
      : (tensor<2x33x4x17xf32>)
      -> tensor<2x33x4x16xf32>
  return %r : tensor<2x33x4x16xf32>
}
