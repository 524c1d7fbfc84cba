gpu.module @kernels {
  llvm.func @__nv_expf(f32) -> f32
  llvm.func @k(%x: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
    %v = llvm.load %x : !llvm.ptr -> f32
    %e = llvm.call @__nv_expf(%v) : (f32) -> f32
    llvm.store %e, %x : f32, !llvm.ptr
    llvm.return
  }
}
