// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func private @gate_attr_c1() attributes {
  // expected-error@below {{detach_divisor without normalize: there is no divisor}}
  moa.value = #moa.gate<activation = softmax, order = activation_then_topk, detach_divisor = true>
}

// -----

func.func private @gate_attr_c2() attributes {
  // expected-error@below {{gate scale (INF) must be finite}}
  moa.value = #moa.gate<activation = softmax, order = activation_then_topk, scale = 0x7FF0000000000000 : f64>
}

// -----

func.func private @rotary_attr_c1_odd() attributes {
  // expected-error@below {{rotary dim (7) must be even and positive}}
  moa.value = #moa.rotary<theta = 1.0e4, dim = 7>
}

// -----

func.func private @rotary_attr_c1_zero() attributes {
  // expected-error@below {{rotary dim (0) must be even and positive}}
  moa.value = #moa.rotary<theta = 1.0e4, dim = 0>
}

// -----

func.func private @rotary_attr_c2() attributes {
  // expected-error@below {{rotary theta (-1.000000e+00) must be finite and positive}}
  moa.value = #moa.rotary<theta = -1.0, dim = 8>
}
