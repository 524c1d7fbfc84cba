// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @launch_c1_missing(%x: memref<4xf32>, %g: index) {
  // expected-error@below {{'moa_tile.launch' op launches @kernels::@copy, which is not a function of a gpu.module}}
  moa_tile.launch @kernels::@copy blocks(%g, %g, %g) ins(%x : memref<4xf32>)
  return
}

// -----

func.func private @host(memref<4xf32>)
func.func @launch_c1_host(%x: memref<4xf32>, %g: index) {
  // expected-error@below {{'moa_tile.launch' op launches @host, which is not a function of a gpu.module}}
  moa_tile.launch @host blocks(%g, %g, %g) ins(%x : memref<4xf32>)
  return
}

// -----

gpu.module @kernels {
  gpu.func @project(%x: memref<?x512xf32>, %n: i32, %y: memref<?x512xf32>) kernel {
    gpu.return
  }
}
func.func @launch_c2_count(%x: memref<?x512xf32>, %n: i32, %g: index) {
  // expected-error@below {{'moa_tile.launch' op passes 2 arguments to @kernels::@project, which takes 3}}
  moa_tile.launch @kernels::@project blocks(%g, %g, %g) ins(%x, %n
      : memref<?x512xf32>, i32)
  return
}

// -----

gpu.module @kernels {
  gpu.func @project(%x: memref<?x512xf32>, %n: i32, %y: memref<?x512xf32>) kernel {
    gpu.return
  }
}
func.func @launch_c2_type(%x: memref<?x512xf32>, %n: i64, %y: memref<?x512xf32>,
    %g: index) {
  // expected-error@below {{'moa_tile.launch' op passes 'i64' as argument 1 of @kernels::@project, which takes 'i32'}}
  moa_tile.launch @kernels::@project blocks(%g, %g, %g) ins(%x, %n : memref<?x512xf32>, i64) outs(%y
      : memref<?x512xf32>)
  return
}

// -----

gpu.module @kernels {
  gpu.func @project(%x: memref<?x512xf32>, %n: i32, %y: memref<?x512xf32>) kernel {
    gpu.return
  }
}
func.func @launch_c2_shape(%x: tensor<?x256xf32>, %n: i32, %y: memref<?x512xf32>,
    %g: index) {
  // expected-error@below {{'moa_tile.launch' op passes 'tensor<?x256xf32>' as argument 0 of @kernels::@project, which takes 'memref<?x512xf32>'}}
  moa_tile.launch @kernels::@project blocks(%g, %g, %g) ins(%x, %n : tensor<?x256xf32>, i32) outs(%y
      : memref<?x512xf32>)
  return
}

// -----

gpu.module @kernels {
  gpu.func @project(%x: memref<?x512xf32>, %n: i32, %y: memref<?x512xf32>) kernel {
    gpu.return
  }
}
func.func @launch_c3(%x: memref<?x512xf32>, %n: i32, %y: tensor<?x512xf32>, %g: index) {
  // expected-error@below {{'moa_tile.launch' op has () as results, its outs ask for ('tensor<?x512xf32>')}}
  moa_tile.launch @kernels::@project blocks(%g, %g, %g) ins(%x, %n : memref<?x512xf32>, i32) outs(%y
      : tensor<?x512xf32>)
  return
}
