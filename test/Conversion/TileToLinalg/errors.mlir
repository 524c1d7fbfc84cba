// RUN: moa-opt %s --convert-moa-tile-to-linalg --split-input-file --verify-diagnostics

gpu.module @kernels {
  gpu.func @fill(%y: memref<4x4xf32>) kernel {
    gpu.return
  }
}
func.func @on_tensors(%y: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %c1 = arith.constant 1 : index
  // expected-error@below {{'moa_tile.launch' op has tensors: bufferize it first}}
  %0 = moa_tile.launch @kernels::@fill blocks(%c1, %c1, %c1)
      outs(%y : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// -----

gpu.module @kernels {
  llvm.func @lowered(i32) attributes {gpu.kernel}
}
func.func @on_target(%n: i32) {
  %c1 = arith.constant 1 : index
  // expected-error@below {{'moa_tile.launch' op launches @kernels::@lowered, which is already lowered for a target}}
  moa_tile.launch @kernels::@lowered blocks(%c1, %c1, %c1) ins(%n : i32)
  return
}

// -----

gpu.module @kernels {
  gpu.func @threads(%y: memref<4xindex>) kernel {
    // expected-error@below {{'gpu.thread_id' op has no meaning for a whole block on a CPU}}
    %x = gpu.thread_id x
    memref.store %x, %y[%x] : memref<4xindex>
    gpu.return
  }
}
