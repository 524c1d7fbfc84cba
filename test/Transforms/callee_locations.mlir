// RUN: moa-opt %s --moa-callee-locations --mlir-print-debuginfo | FileCheck %s --implicit-check-not=callsite

// What was inlined has the line of the function it came from: of the innermost
// one, and also where the location is part of another.
// CHECK-LABEL: func.func @inlined
func.func @inlined(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-DAG: arith.negf {{.*}} loc(#[[BLOCK:loc[0-9]*]])
  %0 = arith.negf %x : tensor<4xf32>
      loc(callsite("block.py":7:1 at "model.py":3:1))
  // CHECK-DAG: math.absf {{.*}} loc(#[[BLOCK]])
  %1 = math.absf %0 : tensor<4xf32>
      loc(callsite(callsite("block.py":7:1 at "net.py":5:1) at "model.py":3:1))
  // CHECK-DAG: math.exp {{.*}} loc(#[[NAMED:loc[0-9]*]])
  %2 = math.exp %1 : tensor<4xf32>
      loc("exp"(callsite("block.py":7:1 at "model.py":3:1)))
  return %2 : tensor<4xf32>
}
// CHECK-DAG: #[[BLOCK]] = loc("block.py":7:1)
// CHECK-DAG: #[[NAMED]] = loc("exp"(#[[BLOCK]]))
