// RUN: moa-opt %s --split-input-file --verify-diagnostics --convert-gpu-to-moa-runtime

// expected-error @below {{has no workspace: run moa-plan-workspace first}}
func.func @unplanned(%x: memref<4xf32>) {
  return
}

// -----

module attributes {gpu.container_module} {
  gpu.module @kernels {
    llvm.func @k(%x: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      llvm.return
    }
  }
  func.func @f(%x: memref<?xf32>, %w: memref<?xi8> {moa.workspace}) {
    %c1 = arith.constant 1 : index
    // expected-error @below {{passes 2 values to "k", which takes 1; a buffer is an address and its dynamic sizes}}
    gpu.launch_func @kernels::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%x : memref<?xf32>)
    return
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.module @kernels {
    llvm.func @k(%x: !llvm.ptr, %n: i64) attributes {gpu.kernel, nvvm.kernel} {
      llvm.return
    }
  }
  func.func @f(%x: memref<?xf32>, %w: memref<?xi8> {moa.workspace}) {
    %c1 = arith.constant 1 : index
    // expected-error @below {{passes 'i32' as value #1 to "k", which takes 'i64'}}
    gpu.launch_func @kernels::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%x : memref<?xf32>)
    return
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @k() kernel {
      gpu.return
    }
  }
  func.func @f(%w: memref<?xi8> {moa.workspace}) {
    %c1 = arith.constant 1 : index
    // expected-error @below {{launches a gpu.func: lower kernels to llvm.func first}}
    gpu.launch_func @kernels::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    return
  }
}

// -----

func.func @load(%x: memref<f32>, %y: memref<f32>, %w: memref<?xi8> {moa.workspace}) {
  // expected-error @below {{cannot run on the host, which does not see device memory: it has to be part of a kernel}}
  %v = memref.load %x[] : memref<f32>
  return
}

// -----

func.func @loop(%x: memref<4xf32>, %y: memref<4xf32>, %n: index, %w: memref<?xi8> {moa.workspace}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    // expected-error @below {{stands in structured control flow: convert scf to cf first}}
    memref.copy %x, %y : memref<4xf32> to memref<4xf32>
  }
  return
}

// -----

func.func private @other(memref<4xf32>)
func.func @call(%x: memref<4xf32>, %w: memref<?xi8> {moa.workspace}) {
  // expected-error @below {{calls a function that cannot be inlined: on the GPU path a function is its own launches}}
  call @other(%x) : (memref<4xf32>) -> ()
  return
}

// -----

// expected-error @below {{the GPU path needs the name 'f_enqueue' for an entry of 'f': rename this function}}
func.func private @f_enqueue()
func.func @f(%w: memref<?xi8> {moa.workspace})
    attributes {moa.signature = () -> (), moa.arg_names = [], moa.result_names = []} {
  return
}
func.func private @f.workspace_size() -> index {
  %c0 = arith.constant 0 : index
  return %c0 : index
}

// -----

func.func @strided(%x: memref<8xf32>, %w: memref<?xi8> {moa.workspace}) {
  %zero = arith.constant 0.0 : f32
  %v = memref.subview %x[0] [4] [2] : memref<8xf32> to memref<4xf32, strided<[2]>>
  // expected-error @below {{fills a buffer that is not dense: 'memref<4xf32, strided<[2]>>'}}
  linalg.fill ins(%zero : f32) outs(%v : memref<4xf32, strided<[2]>>)
  return
}
