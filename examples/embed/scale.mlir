// y = x * s on the device, in two steps, to have a workspace. The kernel is
// written by hand; what matters here is how the function is called.

module attributes {gpu.container_module} {
  gpu.module @kernels {
    llvm.func @multiply(%x: !llvm.ptr, %n: i32, %y: !llvm.ptr, %m: i32, %s: f32)
        attributes {gpu.kernel, nvvm.kernel} {
      %block = nvvm.read.ptx.sreg.ctaid.x : i32
      %width = nvvm.read.ptx.sreg.ntid.x : i32
      %thread = nvvm.read.ptx.sreg.tid.x : i32
      %first = llvm.mul %block, %width : i32
      %i = llvm.add %first, %thread : i32
      %inside = llvm.icmp "slt" %i, %n : i32
      llvm.cond_br %inside, ^work, ^done
    ^work:
      %from = llvm.getelementptr %x[%i] : (!llvm.ptr, i32) -> !llvm.ptr, f32
      %to = llvm.getelementptr %y[%i] : (!llvm.ptr, i32) -> !llvm.ptr, f32
      %value = llvm.load %from : !llvm.ptr -> f32
      %scaled = llvm.fmul %value, %s : f32
      llvm.store %scaled, %to : f32, !llvm.ptr
      llvm.br ^done
    ^done:
      llvm.return
    }
  }

  func.func @scale(%x: memref<?xf32> {moa.name = "x"},
                   %s: f32 {moa.name = "s"})
      -> (memref<?xf32> {moa.name = "y"}) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c128 = arith.constant 128 : index
    %two = arith.constant 2.0 : f32
    %half = arith.divf %s, %two : f32
    %n = memref.dim %x, %c0 : memref<?xf32>
    %blocks = arith.ceildivui %n, %c128 : index
    %t = memref.alloc(%n) : memref<?xf32>
    %y = memref.alloc(%n) : memref<?xf32>
    gpu.launch_func @kernels::@multiply blocks in (%blocks, %c1, %c1)
        threads in (%c128, %c1, %c1)
        args(%x : memref<?xf32>, %t : memref<?xf32>, %half : f32)
    gpu.launch_func @kernels::@multiply blocks in (%blocks, %c1, %c1)
        threads in (%c128, %c1, %c1)
        args(%t : memref<?xf32>, %y : memref<?xf32>, %two : f32)
    return %y : memref<?xf32>
  }
}
