// RUN: moa-opt %s --convert-moa-tile-launch --split-input-file --verify-diagnostics

func.func @tensors(%x: tensor<8xf32>, %n: index) -> tensor<8xf32> {
  // expected-error @below {{'moa_tile.launch' op is on tensors: bufferize it first}}
  %y = moa_tile.launch @kernels::@kernel blocks(%n, %n, %n) outs(%x : tensor<8xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}
gpu.module @kernels {
  gpu.func @kernel(%x: memref<8xf32>) kernel attributes {moa_tile.warps = array<i64: 1, 1>} {
    gpu.return
  }
}

// -----

func.func @warps(%x: memref<8xf32>, %n: index) {
  // expected-error @below {{'moa_tile.launch' op launches @kernels::@kernel, which has no 'moa_tile.warps': run moa-tile-stage on its module first}}
  moa_tile.launch @kernels::@kernel blocks(%n, %n, %n) outs(%x : memref<8xf32>)
  return
}
gpu.module @kernels {
  gpu.func @kernel(%x: memref<8xf32>) kernel {
    gpu.return
  }
}

// -----

func.func @lowered(%x: memref<8xf32>, %n: index) {
  // expected-error @below {{'moa_tile.launch' op launches @kernels::@kernel, which is no gpu.func: launches are lowered before kernels}}
  moa_tile.launch @kernels::@kernel blocks(%n, %n, %n) outs(%x : memref<8xf32>)
  return
}
gpu.module @kernels {
  func.func @kernel(%x: memref<8xf32>) {
    return
  }
}
