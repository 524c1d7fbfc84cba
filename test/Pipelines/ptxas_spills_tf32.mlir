// Attention through tf32 whose heads are wider than 224: the columns of a right
// operand took an address each.
// REQUIRES: ptxas
// RUN: moa-opt %s --moa-gpu-kernel-pipeline="chip=sm_80 tf32=true" \
// RUN:   | moa-translate --moa-to-ptx -o %t.ptx
// RUN: ptxas -v -arch=sm_80 %t.ptx -o %t.cubin 2>&1 \
// RUN:   | FileCheck %s --implicit-check-not=warning --implicit-check-not="{{[1-9][0-9]*}} bytes s"
// CHECK: 0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads

func.func @heads_232(%q: tensor<2x?x4x232xf32>, %k: tensor<2x?x4x232xf32>,
                     %v: tensor<2x?x4x232xf32>, %init: tensor<2x?x4x232xf32>)
    -> tensor<2x?x4x232xf32> {
  %o = moa.attention %q, %k, %v heads(4) causal window(40) into(%init)
      : (tensor<2x?x4x232xf32>, tensor<2x?x4x232xf32>, tensor<2x?x4x232xf32>,
         tensor<2x?x4x232xf32>) -> tensor<2x?x4x232xf32>
  return %o : tensor<2x?x4x232xf32>
}

func.func @heads_255(%q: tensor<2x?x4x255xf32>, %k: tensor<2x?x4x255xf32>,
                     %v: tensor<2x?x4x255xf32>, %init: tensor<2x?x4x255xf32>)
    -> tensor<2x?x4x255xf32> {
  %o = moa.attention %q, %k, %v heads(4) into(%init)
      : (tensor<2x?x4x255xf32>, tensor<2x?x4x255xf32>, tensor<2x?x4x255xf32>,
         tensor<2x?x4x255xf32>) -> tensor<2x?x4x255xf32>
  return %o : tensor<2x?x4x255xf32>
}

func.func @heads_256(%q: tensor<2x?x4x256xf32>, %k: tensor<2x?x4x256xf32>,
                     %v: tensor<2x?x4x256xf32>, %init: tensor<2x?x4x256xf32>)
    -> tensor<2x?x4x256xf32> {
  %o = moa.attention %q, %k, %v heads(4) causal into(%init)
      : (tensor<2x?x4x256xf32>, tensor<2x?x4x256xf32>, tensor<2x?x4x256xf32>,
         tensor<2x?x4x256xf32>) -> tensor<2x?x4x256xf32>
  return %o : tensor<2x?x4x256xf32>
}
