// Sorting slots, several chunks of them where their number is not known: more
// experts than a tile has columns, none and one token, all slots on one expert.
// RUN: %python %S/against_cpu.py %s %t none=0x2xi32:0:0 one=1x2xi32:-1:69 \
// RUN:     few=129x2xi32:-1:69 many=1100x2xi32:-1:69 same=300x2xi32:69:69 \
// RUN:     skipped=17x2xi32:-1:-1 static=600x2xi32:-1:5 | FileCheck %s
// CHECK: agree

func.func @main(%none: tensor<?x2xi32> {moa.name = "none"},
                %one: tensor<?x2xi32> {moa.name = "one"},
                %few: tensor<?x2xi32> {moa.name = "few"},
                %many: tensor<?x2xi32> {moa.name = "many"},
                %same: tensor<?x2xi32> {moa.name = "same"},
                %skipped: tensor<?x2xi32> {moa.name = "skipped"},
                %static: tensor<600x2xi32> {moa.name = "static"})
    -> (tensor<71xi32>, tensor<?xi32>, tensor<71xi32>, tensor<?xi32>,
        tensor<71xi32>, tensor<?xi32>, tensor<71xi32>, tensor<?xi32>,
        tensor<71xi32>, tensor<?xi32>, tensor<71xi32>, tensor<?xi32>,
        tensor<7xi32>, tensor<1200xi32>) {
  %o0, %p0 = moa.dispatch %none experts(70) : (tensor<?x2xi32>) -> (tensor<71xi32>, tensor<?xi32>)
  %o1, %p1 = moa.dispatch %one experts(70) : (tensor<?x2xi32>) -> (tensor<71xi32>, tensor<?xi32>)
  %o2, %p2 = moa.dispatch %few experts(70) : (tensor<?x2xi32>) -> (tensor<71xi32>, tensor<?xi32>)
  %o3, %p3 = moa.dispatch %many experts(70) : (tensor<?x2xi32>) -> (tensor<71xi32>, tensor<?xi32>)
  %o4, %p4 = moa.dispatch %same experts(70) : (tensor<?x2xi32>) -> (tensor<71xi32>, tensor<?xi32>)
  %o5, %p5 = moa.dispatch %skipped experts(70) : (tensor<?x2xi32>) -> (tensor<71xi32>, tensor<?xi32>)
  %o6, %p6 = moa.dispatch %static experts(6) : (tensor<600x2xi32>) -> (tensor<7xi32>, tensor<1200xi32>)
  return %o0, %p0, %o1, %p1, %o2, %p2, %o3, %p3, %o4, %p4, %o5, %p5, %o6, %p6
      : tensor<71xi32>, tensor<?xi32>, tensor<71xi32>, tensor<?xi32>,
        tensor<71xi32>, tensor<?xi32>, tensor<71xi32>, tensor<?xi32>,
        tensor<71xi32>, tensor<?xi32>, tensor<71xi32>, tensor<?xi32>,
        tensor<7xi32>, tensor<1200xi32>
}
