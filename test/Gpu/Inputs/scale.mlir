// y = x * s, three times over: through two buffers of the function's own and
// into the result, which has another shape. The second result is x.

module attributes {gpu.container_module} {
  gpu.module @kernels {
    llvm.func @scale(%x: !llvm.ptr, %n: i32, %y: !llvm.ptr, %m: i32, %s: f32)
        attributes {gpu.kernel, nvvm.kernel} {
      %block = nvvm.read.ptx.sreg.ctaid.x : i32
      %width = nvvm.read.ptx.sreg.ntid.x : i32
      %thread = nvvm.read.ptx.sreg.tid.x : i32
      %first = llvm.mul %block, %width : i32
      %i = llvm.add %first, %thread : i32
      %four = llvm.mlir.constant(4 : i32) : i32
      %count = llvm.mul %n, %four : i32
      %inside = llvm.icmp "slt" %i, %count : i32
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

  func.func @scale3(%x: memref<?x4xf32> {moa.name = "x"},
                    %s: f32 {moa.name = "s"})
      -> (memref<?x2x2xf32> {moa.name = "y"}, memref<?x4xf32> {moa.name = "z"}) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c4 = arith.constant 4 : index
    %c32 = arith.constant 32 : index
    %n = memref.dim %x, %c0 : memref<?x4xf32>
    %limit = arith.constant 100000 : index
    %ok = arith.cmpi sle, %n, %limit : index
    cf.assert %ok, "x has more than 100000 rows"
    %count = arith.muli %n, %c4 : index
    %blocks = arith.ceildivui %count, %c32 : index
    %a = memref.alloc(%n) : memref<?x4xf32>
    %b = memref.alloc(%n) : memref<?x4xf32>
    %y = memref.alloc(%n) : memref<?x4xf32>
    gpu.launch_func @kernels::@scale blocks in (%blocks, %c1, %c1)
        threads in (%c32, %c1, %c1)
        args(%x : memref<?x4xf32>, %a : memref<?x4xf32>, %s : f32)
    gpu.launch_func @kernels::@scale blocks in (%blocks, %c1, %c1)
        threads in (%c32, %c1, %c1)
        args(%a : memref<?x4xf32>, %b : memref<?x4xf32>, %s : f32)
    gpu.launch_func @kernels::@scale blocks in (%blocks, %c1, %c1)
        threads in (%c32, %c1, %c1)
        args(%b : memref<?x4xf32>, %y : memref<?x4xf32>, %s : f32)
    %r = memref.expand_shape %y [[0], [1, 2]] output_shape [%n, 2, 2]
        : memref<?x4xf32> into memref<?x2x2xf32>
    return %r, %x : memref<?x2x2xf32>, memref<?x4xf32>
  }
}
