// Queries that attention projects for heads of 256 are as wide as its sums: they
// wait in shared memory, not in registers, for which there were too many. Rotated
// ones of f32 and heads of 224 had no registers either.
// REQUIRES: ptxas
// RUN: moa-opt %s --moa-gpu-kernel-pipeline="chip=sm_80 fuse-query-projection=on" -o %t.mlir
// RUN: FileCheck %s --input-file=%t.mlir --check-prefix=KERNEL
// RUN: moa-translate --moa-to-ptx %t.mlir -o %t.ptx
// RUN: ptxas -v -arch=sm_80 %t.ptx -o %t.cubin 2>&1 \
// RUN:   | FileCheck %s --implicit-check-not=warning --implicit-check-not="{{[1-9][0-9]*}} bytes s"
// RUN: moa-opt %s -o %t.tf32.mlir \
// RUN:   --moa-gpu-kernel-pipeline="chip=sm_80 fuse-query-projection=on tf32=true"
// RUN: moa-translate --moa-to-ptx %t.tf32.mlir -o %t.ptx
// RUN: ptxas -v -arch=sm_80 %t.ptx -o %t.cubin 2>&1 \
// RUN:   | FileCheck %s --implicit-check-not=warning --implicit-check-not="{{[1-9][0-9]*}} bytes s"
// KERNEL: llvm.func @routed_attention
// CHECK: 0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads

func.func @layer(%x: tensor<2x128x512xbf16>, %router: tensor<512x32xbf16>,
                 %wq: tensor<32x512x256xbf16>, %wk: tensor<512x256xbf16>,
                 %wv: tensor<512x256xbf16>, %wo: tensor<32x256x512xbf16>)
    -> tensor<2x128x512xbf16> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(8) gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<2x128x512xbf16>, tensor<512x32xbf16>, tensor<32x512x256xbf16>,
         tensor<512x256xbf16>, tensor<512x256xbf16>, tensor<32x256x512xbf16>)
      -> tensor<2x128x512xbf16>
  return %y : tensor<2x128x512xbf16>
}

func.func @rotary(%x: tensor<2x128x512xf32>, %router: tensor<512x32xf32>,
                  %wq: tensor<32x512x224xf32>, %wk: tensor<512x224xf32>,
                  %wv: tensor<512x224xf32>, %wo: tensor<32x224x512xf32>)
    -> tensor<2x128x512xf32> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(8) gate(<activation = softmax, order = topk_then_activation>)
      rotary(<theta = 1.0e4, dim = 224>) causal
      : (tensor<2x128x512xf32>, tensor<512x32xf32>, tensor<32x512x224xf32>,
         tensor<512x224xf32>, tensor<512x224xf32>, tensor<32x224x512xf32>)
      -> tensor<2x128x512xf32>
  return %y : tensor<2x128x512xf32>
}
