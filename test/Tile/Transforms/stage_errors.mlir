// RUN: moa-opt %s --pass-pipeline='builtin.module(gpu.module(moa-tile-stage{max-shared-bytes=4096}))' \
// RUN:   --split-input-file --verify-diagnostics

gpu.module @kernels {
  // expected-error@below {{'gpu.func' op @too_large needs 12288 bytes of shared memory, a block has 4096: take smaller tiles or fewer stages}}
  gpu.func @too_large(%x: memref<64x512xbf16>, %n: index, %y: memref<64x64xf32>) kernel {
    %c0 = arith.constant 0 : index
    %c32 = arith.constant 32 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %sum = scf.for %i = %c0 to %n step %c32 iter_args(%acc = %zero) -> tensor<64x64xf32> {
      %a = moa_tile.load %x[%c0, %i] : memref<64x512xbf16> -> tensor<64x32xbf16>
      %next = moa_tile.mma %a, transposed %a, %acc : tensor<64x32xbf16>, tensor<64x32xbf16>, tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    } {moa_tile.stages = 3}
    moa_tile.store %sum, %y[%c0, %c0] : tensor<64x64xf32>, memref<64x64xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @other_control_flow(%c: i1) kernel {
    // expected-error@below {{'scf.while' op is control flow other than scf.for and scf.if, which moa-tile-stage cannot plan shared memory for}}
    scf.while : () -> () {
      scf.condition(%c)
    } do {
      scf.yield
    }
    gpu.return
  }
}
