// What the lowering cannot serve, in words.
// RUN: moa-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(gpu.module(convert-moa-tile-to-nvvm{chip=sm_86}))'
// RUN: not moa-opt %s --split-input-file \
// RUN:   --pass-pipeline='builtin.module(gpu.module(convert-moa-tile-to-nvvm{chip=sm_70}))' 2>&1 \
// RUN:   | FileCheck %s --check-prefix=CHIP

// CHIP: error: chip 'sm_70' is none of sm_80, sm_86, sm_89

gpu.module @kernels {
  // expected-error @below {{'gpu.func' op @shared needs 102400 bytes of shared memory, a block of sm_86 has 101376: take smaller tiles or fewer stages}}
  gpu.func @shared() kernel
      attributes {moa_tile.warps = array<i64: 1, 1>, moa_tile.shared_bytes = 102400 : i64} {
    gpu.return
  }
}

// -----

gpu.module @kernels {
  // expected-error @below {{'gpu.func' op has no 'moa_tile.warps': how tiles are dealt to warps is not known}}
  gpu.func @warps() kernel {
    gpu.return
  }
}

// -----

gpu.module @kernels {
  // expected-error @below {{'gpu.func' op is not a kernel: only kernels are lowered}}
  gpu.func @function() attributes {moa_tile.warps = array<i64: 1, 1>} {
    gpu.return
  }
}

// -----

gpu.module @kernels {
  // expected-error @below {{'gpu.func' op has 'memref<8xf32, strided<[2]>>' as argument 0, must be a number or a memref without a layout}}
  gpu.func @layout(%x: memref<8xf32, strided<[2]>>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @rows(%x: memref<?x64xf32>, %i: index) kernel
      attributes {moa_tile.warps = array<i64: 4, 1>} {
    // expected-error @below {{'moa_tile.load' op has a tile of 24 x 64: 24 rows must be 1 or a multiple of 16}}
    %t = moa_tile.load %x[%i, %i] : memref<?x64xf32> -> tensor<24x64xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @columns(%x: memref<?x64xf32>, %i: index) kernel
      attributes {moa_tile.warps = array<i64: 1, 4>} {
    // expected-error @below {{'moa_tile.load' op has a tile of 16 x 4: 4 columns must be 1 or a multiple of 8}}
    %t = moa_tile.load %x[%i, %i] : memref<?x64xf32> -> tensor<16x4xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @right(%a: tensor<16x16xbf16>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    gpu.return
  }
}
// expected-error @-5 {{'gpu.func' op has 'tensor<16x16xbf16>' as argument 0, must be a number or a memref without a layout}}

// -----

gpu.module @kernels {
  gpu.func @registers(%x: memref<16x16xbf16>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<16x16xf32>
    %t = moa_tile.load %x[%c0, %c0] : memref<16x16xbf16> -> tensor<16x16xbf16>
    // expected-error @below {{'moa_tile.mma' op has a right operand in registers: moa-tile-stage puts it into a buffer}}
    %s = moa_tile.mma %t, %t, %zero : tensor<16x16xbf16>, tensor<16x16xbf16>, tensor<16x16xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @left(%x: memref<16x16xbf16>) kernel
      attributes {moa_tile.warps = array<i64: 1, 2>} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<16x16xf32>
    %t = moa_tile.load %x[%c0, %c0] : memref<16x16xbf16> -> tensor<16x16xbf16>
    %b = moa_tile.alloc offset(0) : !moa_tile.buffer<16x16xbf16>
    // expected-error @below {{'moa_tile.mma' op has a left operand in registers, whose rows are divided among 2 warps: must be 1, or the operand in a buffer}}
    %s = moa_tile.mma %t, %b, %zero : tensor<16x16xbf16>, !moa_tile.buffer<16x16xbf16>, tensor<16x16xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @sum() kernel attributes {moa_tile.warps = array<i64: 1, 1>} {
    %zero = arith.constant dense<0.0> : tensor<16x16xf32>
    %a = moa_tile.alloc offset(0) : !moa_tile.buffer<16x8xbf16>
    %b = moa_tile.alloc offset(256) : !moa_tile.buffer<8x16xbf16>
    // expected-error @below {{'moa_tile.mma' op sums over 8 products of 'bf16', must be a multiple of 16}}
    %s = moa_tile.mma %a, %b, %zero : !moa_tile.buffer<16x8xbf16>, !moa_tile.buffer<8x16xbf16>, tensor<16x16xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @index(%x: memref<?x16xbf16>) kernel attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %rows = moa_tile.position : tensor<16x1xi32>
    %carried = scf.for %i = %c0 to %c1 step %c1 iter_args(%r = %rows) -> tensor<16x1xi32> {
      scf.yield %r : tensor<16x1xi32>
    }
    %b = moa_tile.alloc offset(0) : !moa_tile.buffer<16x16xbf16>
    // expected-error @below {{'moa_tile.copy' op has a row index that other threads cannot compute: it must come from loads, positions, constants and arithmetic, not from a loop or a reduction}}
    moa_tile.copy %x[%c0] rows %carried to %b : memref<?x16xbf16>, !moa_tile.buffer<16x16xbf16>, tensor<16x1xi32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @exchange(%x: memref<16x64xf32>, %y: memref<16xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 2>} {
    %c0 = arith.constant 0 : index
    %t = moa_tile.load %x[%c0, %c0] : memref<16x64xf32> -> tensor<16x64xf32>
    // expected-error @below {{'moa_tile.reduce' op runs along a dimension that 2 warps share, without a buffer to exchange through: moa-tile-stage adds it}}
    %s = moa_tile.reduce add %t along 1 : tensor<16x64xf32> -> tensor<16x1xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @wait_in_branch(%x: memref<16x1xi1>) kernel
      attributes {moa_tile.warps = array<i64: 2, 1>} {
    %rows = arith.constant dense<true> : tensor<16x1xi1>
    %any = moa_tile.any %rows : tensor<16x1xi1>
    scf.if %any {
      // expected-error @below {{'moa_tile.wait' op is in a branch on moa_tile.any, which each warp takes by itself}}
      moa_tile.wait pending(0)
    }
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @arrive_in_branch(%counters: memref<1xi32>) kernel
      attributes {moa_tile.warps = array<i64: 2, 1>} {
    %c0 = arith.constant 0 : index
    %c2 = arith.constant 2 : index
    %rows = arith.constant dense<true> : tensor<16x1xi1>
    %any = moa_tile.any %rows : tensor<16x1xi1>
    scf.if %any {
      // expected-error @below {{'moa_tile.arrive' op is in a branch on moa_tile.any, which each warp takes by itself}}
      moa_tile.arrive %counters[%c0] of %c2 : memref<1xi32>
    }
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @exchange_in_branch(%t: memref<32x16xf32>) kernel
      attributes {moa_tile.warps = array<i64: 2, 1>} {
    %c0 = arith.constant 0 : index
    %rows = arith.constant dense<true> : tensor<32x1xi1>
    %any = moa_tile.any %rows : tensor<32x1xi1>
    %s = moa_tile.alloc offset(0) : !moa_tile.buffer<2x16xf32>
    scf.if %any {
      %a = moa_tile.load %t[%c0, %c0] : memref<32x16xf32> -> tensor<32x16xf32>
      // expected-error @below {{'moa_tile.reduce' op is in a branch on moa_tile.any, which each warp takes by itself}}
      %r = moa_tile.reduce add %a along 0 through %s : tensor<32x16xf32>, !moa_tile.buffer<2x16xf32> -> tensor<1x16xf32>
      moa_tile.store %r, %t[%c0, %c0] : tensor<1x16xf32>, memref<32x16xf32>
    }
    gpu.return
  }
}
