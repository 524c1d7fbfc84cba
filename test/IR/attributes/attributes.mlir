// RUN: moa-opt %s | moa-opt | FileCheck %s
// RUN: moa-opt %s -mlir-print-op-generic | moa-opt | FileCheck %s
// RUN: moa-opt %s -emit-bytecode | moa-opt | FileCheck %s

// Flags that are false and a factor that is absent are not printed.
// CHECK-LABEL: func.func private @gates()
// CHECK-SAME: moa.full = #moa.gate<activation = sigmoid, order = topk_then_activation, normalize = true, detach_divisor = true, scale = 2.500000e+00 : f64>
// CHECK-SAME: moa.plain = #moa.gate<activation = softmax, order = activation_then_topk>
func.func private @gates() attributes {
  moa.plain = #moa.gate<activation = softmax, order = activation_then_topk, normalize = false>,
  moa.full = #moa.gate<activation = sigmoid, order = topk_then_activation,
                       normalize = true, detach_divisor = true, scale = 2.5 : f64>
}

// CHECK-LABEL: func.func private @rotary()
// CHECK-SAME: moa.value = #moa.rotary<theta = 1.000000e+04 : f64, dim = 64>
func.func private @rotary() attributes {
  moa.value = #moa.rotary<theta = 1.0e4, dim = 64>
}

// CHECK-LABEL: func.func private @extras()
// CHECK-SAME: moa.none = #moa.extra<none>
// CHECK-SAME: moa.some = #moa.extra<logits, lse>
func.func private @extras() attributes {
  moa.none = #moa.extra<none>,
  moa.some = #moa.extra<lse, logits>
}
