// REQUIRES: cuda-driver
// Blocks of several warps store their parts, and the one that arrives last adds them
// up, in the order of their numbers, whichever it is: in any other order the sum is
// another one. A call counts from zero, however many there were.
// DEFINE: %{x} = --input="x=9xf32=1e8 1 -1e8 3 0.5 1e7 -1e7 2.25 7"
// DEFINE: %{y} = --expected_output=y=5x32x64xf32=13.25 --atol=0 --rtol=0
// RUN: moa-run %s --pipeline=moa-tile-cpu-pipeline %{x} %{y}
// RUN: env PTXSIM_SEED=1 moa-run %s --device=cuda %{x} %{y}
// RUN: env PTXSIM_SEED=2 PTXSIM_RACECHECK=1 moa-run %s --device=cuda %{x} %{y}
// RUN: env PTXSIM_THREADS=1 moa-run %s --device=cuda %{x} %{y}
// RUN: moa-run %s --device=cuda --benchmark --benchmark_repetitions=3 --benchmark_min_time=0 %{x} %{y}

gpu.module @own {
  gpu.func @sum(%x: memref<9xf32>, %y: memref<5x32x64xf32>, %parts: memref<5x9x32x64xf32>,
                %counters: memref<5xi32>) kernel
      attributes {moa_tile.warps = array<i64: 2, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c9 = arith.constant 9 : index
    %zero = arith.constant dense<0.0> : tensor<32x64xf32>
    %i = gpu.block_id x
    %group = gpu.block_id y
    %number = memref.load %x[%i] : memref<9xf32>
    %part = tensor.splat %number : tensor<32x64xf32>
    moa_tile.store %part, %parts[%group, %i, %c0, %c0] : tensor<32x64xf32>, memref<5x9x32x64xf32>
    %last = moa_tile.arrive %counters[%group] of %c9 : memref<5xi32>
    scf.if %last {
      %sum = scf.for %j = %c0 to %c9 step %c1 iter_args(%before = %zero) -> tensor<32x64xf32> {
        %other = moa_tile.load %parts[%group, %j, %c0, %c0]
            : memref<5x9x32x64xf32> -> tensor<32x64xf32>
        %next = arith.addf %before, %other : tensor<32x64xf32>
        scf.yield %next : tensor<32x64xf32>
      }
      moa_tile.store %sum, %y[%group, %c0, %c0] : tensor<32x64xf32>, memref<5x32x64xf32>
    }
    gpu.return
  }
}

func.func @main(%x: tensor<9xf32> {moa.name = "x"})
    -> (tensor<5x32x64xf32> {moa.name = "y"}) {
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %c9 = arith.constant 9 : index
  %zero = arith.constant 0 : i32
  %y = tensor.empty() : tensor<5x32x64xf32>
  %parts = tensor.empty() : tensor<5x9x32x64xf32>
  %counters = tensor.empty() : tensor<5xi32>
  %zeros = linalg.fill ins(%zero : i32) outs(%counters : tensor<5xi32>) -> tensor<5xi32>
  %sums:3 = moa_tile.launch @own::@sum blocks(%c9, %c5, %c1)
      ins(%x : tensor<9xf32>)
      outs(%y, %parts, %zeros
        : tensor<5x32x64xf32>, tensor<5x9x32x64xf32>, tensor<5xi32>)
      -> tensor<5x32x64xf32>, tensor<5x9x32x64xf32>, tensor<5xi32>
  return %sums#0 : tensor<5x32x64xf32>
}
