// Operands of products go into buffers, some iterations ahead where the loop
// has stages.
// RUN: moa-opt %s --pass-pipeline='builtin.module(gpu.module(moa-tile-stage,gpu.func(canonicalize,cse)))' \
// RUN:   --split-input-file | FileCheck %s

// Three stages: copies for two iterations before the loop, one iteration's in
// it, two ahead. The row index stays outside.

// CHECK-LABEL: gpu.func @pipelined
// CHECK-SAME: %[[X:[a-z0-9]+]]: memref<?x512xbf16>, %[[W:[a-z0-9]+]]: memref<512x512xbf16>
// CHECK-SAME: %[[ROWS:[a-z0-9]+]]: memref<?xi32>, %[[K:[a-z0-9]+]]: index
// CHECK-SAME: moa_tile.shared_bytes = 24576
// CHECK-DAG: %[[B:.*]] = moa_tile.alloc offset(0) : <3x32x64xbf16, swizzle = 8>
// CHECK-DAG: %[[A:.*]] = moa_tile.alloc offset(12288) : <3x64x32xbf16, swizzle = 4>
// CHECK: %[[INDEX:.*]] = moa_tile.load %[[ROWS]]
// CHECK: %[[SOME:.*]] = arith.cmpi sgt, %[[K]], %c0
// CHECK: %[[A0:.*]] = moa_tile.stage %[[A]][%c0]
// CHECK: moa_tile.copy %[[X]][%c0] rows %[[INDEX]] to %[[A0]] when %[[SOME]]
// CHECK: %[[B0:.*]] = moa_tile.stage %[[B]][%c0]
// CHECK: moa_tile.copy %[[W]][%c0, %c0] to %[[B0]] when %[[SOME]]
// CHECK: moa_tile.commit
// CHECK: %[[MORE:.*]] = arith.cmpi sgt, %[[K]], %c32
// CHECK: moa_tile.copy %[[X]][%c32] rows %[[INDEX]] to %{{.*}} when %[[MORE]]
// CHECK: moa_tile.copy %[[W]][%c32, %c0] to %{{.*}} when %[[MORE]]
// CHECK: moa_tile.commit
// CHECK: scf.for %[[I:.*]] = %c0 to %[[K]] step %c32 iter_args(%[[ACC:.*]] = %{{.*}}, %[[READ:.*]] = %c0, %[[WRITE:.*]] = %c2)
// CHECK-NEXT: moa_tile.wait pending(1)
// CHECK-NEXT: %[[AHEAD:.*]] = arith.addi %[[I]], %c64
// CHECK-NEXT: %[[EXISTS:.*]] = arith.cmpi slt, %[[AHEAD]], %[[K]]
// CHECK-NEXT: %[[AW:.*]] = moa_tile.stage %[[A]][%[[WRITE]]]
// CHECK-NEXT: moa_tile.copy %[[X]][%[[AHEAD]]] rows %[[INDEX]] to %[[AW]] when %[[EXISTS]]
// CHECK-NEXT: %[[BW:.*]] = moa_tile.stage %[[B]][%[[WRITE]]]
// CHECK-NEXT: moa_tile.copy %[[W]][%[[AHEAD]], %c0] to %[[BW]] when %[[EXISTS]]
// CHECK-NEXT: moa_tile.commit
// CHECK-NEXT: %[[AR:.*]] = moa_tile.stage %[[A]][%[[READ]]]
// CHECK-NEXT: %[[BR:.*]] = moa_tile.stage %[[B]][%[[READ]]]
// CHECK-NEXT: %[[SUM:.*]] = moa_tile.mma %[[AR]], %[[BR]], %[[ACC]]
// CHECK-NEXT: %[[NEXT:.*]] = arith.addi %[[READ]], %c1
// CHECK-NEXT: %[[WRAPS:.*]] = arith.cmpi eq, %[[NEXT]], %c3
// CHECK-NEXT: %[[NEW:.*]] = arith.select %[[WRAPS]], %c0, %[[NEXT]]
// CHECK-NEXT: scf.yield %[[SUM]], %[[NEW]], %[[READ]]
// CHECK-NOT: moa_tile.wait
gpu.module @kernels {
  gpu.func @pipelined(%x: memref<?x512xbf16>, %w: memref<512x512xbf16>,
                      %rows: memref<?xi32>, %k: index, %y: memref<?x512xf32>) kernel
      attributes {moa_tile.warps = array<i64: 4, 1>} {
    %c0 = arith.constant 0 : index
    %c32 = arith.constant 32 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %index = moa_tile.load %rows[%c0] : memref<?xi32> -> tensor<64x1xi32>
    %sum = scf.for %i = %c0 to %k step %c32 iter_args(%acc = %zero) -> tensor<64x64xf32> {
      %a = moa_tile.gather %x[%i] rows %index
          : memref<?x512xbf16>, tensor<64x1xi32> -> tensor<64x32xbf16>
      %b = moa_tile.load %w[%i, %c0] : memref<512x512xbf16> -> tensor<32x64xbf16>
      %next = moa_tile.mma %a, %b, %acc : tensor<64x32xbf16>, tensor<32x64xbf16>, tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    } {moa_tile.stages = 3}
    moa_tile.scatter %sum, %y[%c0] rows %index : tensor<64x64xf32>, memref<?x512xf32>, tensor<64x1xi32>
    gpu.return
  }
}

// -----

// Two stages change places, with four the next is found by a mask. Iterations
// that are known to exist need no guard.

// CHECK-LABEL: gpu.func @stages
// CHECK: moa_tile.copy %{{.*}}[%c0, %c0] to %{{[0-9]+}} :
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %{{.*}}, %[[R:.*]] = %c1, %[[W:.*]] = %c0)
// CHECK-NEXT: moa_tile.wait pending(0)
// CHECK: scf.yield %{{.*}}, %[[W]], %[[R]]
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %{{.*}}, %[[R:.*]] = %c0, %[[W:.*]] = %c3)
// CHECK-NEXT: moa_tile.wait pending(2)
// CHECK: %[[N:.*]] = arith.addi %[[R]], %c1
// CHECK: %[[M:.*]] = arith.andi %[[N]], %c3
// CHECK: scf.yield %{{.*}}, %[[M]], %[[R]]
gpu.module @kernels {
  gpu.func @stages(%x: memref<64x512xf16>, %y: memref<64x64xf32>) kernel
      attributes {moa_tile.warps = array<i64: 4, 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %c512 = arith.constant 512 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %two = scf.for %i = %c0 to %c512 step %c64 iter_args(%acc = %zero) -> tensor<64x64xf32> {
      %a = moa_tile.load %x[%c0, %i] : memref<64x512xf16> -> tensor<64x64xf16>
      %next = moa_tile.mma %a, transposed %a, %acc : tensor<64x64xf16>, tensor<64x64xf16>, tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    } {moa_tile.stages = 2}
    %four = scf.for %i = %c0 to %c512 step %c64 iter_args(%acc = %two) -> tensor<64x64xf32> {
      %a = moa_tile.load %x[%c0, %i] : memref<64x512xf16> -> tensor<64x64xf16>
      %next = moa_tile.mma %a, transposed %a, %acc : tensor<64x64xf16>, tensor<64x64xf16>, tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    } {moa_tile.stages = 4}
    moa_tile.store %four, %y[%c0, %c0] : tensor<64x64xf32>, memref<64x64xf32>
    gpu.return
  }
}

// -----

// Without stages: a wait on both sides of the copies.

// CHECK-LABEL: gpu.func @one_stage
// CHECK: scf.for
// CHECK-NEXT: moa_tile.wait pending(0)
// CHECK-NEXT: moa_tile.copy
// CHECK-NEXT: moa_tile.commit
// CHECK-NEXT: moa_tile.copy
// CHECK-NEXT: moa_tile.commit
// CHECK-NEXT: moa_tile.wait pending(0)
// CHECK-NEXT: moa_tile.mma
// CHECK-NEXT: scf.yield
gpu.module @kernels {
  gpu.func @one_stage(%x: memref<64x512xf32>, %w: memref<512x64xf32>, %y: memref<64x64xf32>) kernel
      attributes {moa_tile.warps = array<i64: 4, 1>} {
    %c0 = arith.constant 0 : index
    %c32 = arith.constant 32 : index
    %c512 = arith.constant 512 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %sum = scf.for %i = %c0 to %c512 step %c32 iter_args(%acc = %zero) -> tensor<64x64xf32> {
      %a = moa_tile.load %x[%c0, %i] : memref<64x512xf32> -> tensor<64x32xf32>
      %b = moa_tile.load %w[%i, %c0] : memref<512x64xf32> -> tensor<32x64xf32>
      %next = moa_tile.mma %a, %b, %acc : tensor<64x32xf32>, tensor<32x64xf32>, tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    }
    moa_tile.store %sum, %y[%c0, %c0] : tensor<64x64xf32>, memref<64x64xf32>
    gpu.return
  }
}

// -----

// Tiles that are computed: a left operand stays in registers where its rows
// belong to one warp, a right operand does not. What is only used in arithmetic
// is a load.

// CHECK-LABEL: gpu.func @computed
// CHECK-DAG: %[[BUFFER:.*]] = moa_tile.alloc offset(0) : <32x64xbf16, swizzle = 8>
// CHECK: %[[X:.*]] = moa_tile.load
// CHECK: %[[LEFT:.*]] = arith.truncf
// CHECK: %[[W:.*]] = moa_tile.load
// CHECK: %[[RIGHT:.*]] = arith.addf
// CHECK-NEXT: moa_tile.put %[[RIGHT]] to %[[BUFFER]]
// CHECK-NEXT: moa_tile.wait pending(0)
// CHECK-NEXT: moa_tile.mma %[[LEFT]], %[[BUFFER]]
// CHECK-LABEL: gpu.func @computed_wide
// CHECK: %[[LEFT:.*]] = arith.truncf
// CHECK-NEXT: moa_tile.put %[[LEFT]] to %[[LEFT_BUFFER:.*]] :
// CHECK: moa_tile.mma %[[LEFT_BUFFER]], %{{.*}}, %{{.*}} : !moa_tile.buffer<64x32xbf16, swizzle = 4>, !moa_tile.buffer
gpu.module @kernels {
  gpu.func @computed(%x: memref<64x32xf32>, %w: memref<32x64xbf16>, %y: memref<64x64xf32>) kernel
      attributes {moa_tile.warps = array<i64: 4, 1>} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %a = moa_tile.load %x[%c0, %c0] : memref<64x32xf32> -> tensor<64x32xf32>
    %left = arith.truncf %a : tensor<64x32xf32> to tensor<64x32xbf16>
    %b = moa_tile.load %w[%c0, %c0] : memref<32x64xbf16> -> tensor<32x64xbf16>
    %right = arith.addf %b, %b : tensor<32x64xbf16>
    %sum = moa_tile.mma %left, %right, %zero : tensor<64x32xbf16>, tensor<32x64xbf16>, tensor<64x64xf32>
    moa_tile.store %sum, %y[%c0, %c0] : tensor<64x64xf32>, memref<64x64xf32>
    gpu.return
  }
  gpu.func @computed_wide(%x: memref<64x32xf32>, %w: memref<32x64xbf16>, %y: memref<64x64xf32>) kernel
      attributes {moa_tile.warps = array<i64: 2, 2>} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %a = moa_tile.load %x[%c0, %c0] : memref<64x32xf32> -> tensor<64x32xf32>
    %left = arith.truncf %a : tensor<64x32xf32> to tensor<64x32xbf16>
    %b = moa_tile.load %w[%c0, %c0] : memref<32x64xbf16> -> tensor<32x64xbf16>
    %sum = moa_tile.mma %left, %b, %zero : tensor<64x32xbf16>, tensor<32x64xbf16>, tensor<64x64xf32>
    moa_tile.store %sum, %y[%c0, %c0] : tensor<64x64xf32>, memref<64x64xf32>
    gpu.return
  }
}

// -----

// As in attention: the wait for the left operand, which is loaded before the
// loop, is the loop's own; weights of f32 go through a buffer, and neither that
// nor the exchange of maxima waits for the copies ahead.

// CHECK-LABEL: gpu.func @attention_like
// CHECK: moa_tile.copy %{{.*}} to %[[Q:.*]] :
// CHECK: moa_tile.commit
// CHECK: moa_tile.copy
// CHECK: moa_tile.commit
// CHECK-NOT: moa_tile.wait
// CHECK: scf.for
// CHECK-NEXT: moa_tile.wait pending(0)
// CHECK: moa_tile.commit
// CHECK-NOT: moa_tile.wait
// CHECK: moa_tile.mma %[[Q]], transposed
// CHECK-NEXT: moa_tile.reduce max %{{.*}} along 1 through
// CHECK: %[[P:.*]] = arith.subf
// CHECK-NEXT: moa_tile.put %[[P]] to %[[BUFFER:.*]] :
// CHECK-NEXT: moa_tile.wait pending(1)
// CHECK-NEXT: moa_tile.mma %[[BUFFER]]
gpu.module @kernels {
  gpu.func @attention_like(%q: memref<32x32xf32>, %k: memref<?x32xf32>, %y: memref<32x32xf32>) kernel
      attributes {moa_tile.warps = array<i64: 2, 2>} {
    %c0 = arith.constant 0 : index
    %c32 = arith.constant 32 : index
    %n = memref.dim %k, %c0 : memref<?x32xf32>
    %zero = arith.constant dense<0.0> : tensor<32x32xf32>
    %left = moa_tile.load %q[%c0, %c0] : memref<32x32xf32> -> tensor<32x32xf32>
    %sum = scf.for %i = %c0 to %n step %c32 iter_args(%acc = %zero) -> tensor<32x32xf32> {
      %right = moa_tile.load %k[%i, %c0] : memref<?x32xf32> -> tensor<32x32xf32>
      %s = moa_tile.mma %left, transposed %right, %zero : tensor<32x32xf32>, tensor<32x32xf32>, tensor<32x32xf32>
      %m = moa_tile.reduce max %s along 1 : tensor<32x32xf32> -> tensor<32x1xf32>
      %mm = moa_tile.broadcast %m : tensor<32x1xf32> -> tensor<32x32xf32>
      %p = arith.subf %s, %mm : tensor<32x32xf32>
      %next = moa_tile.mma %p, %right, %acc : tensor<32x32xf32>, tensor<32x32xf32>, tensor<32x32xf32>
      scf.yield %next : tensor<32x32xf32>
    } {moa_tile.stages = 2}
    moa_tile.store %sum, %y[%c0, %c0] : tensor<32x32xf32>, memref<32x32xf32>
    gpu.return
  }
}

// -----

// Branches use the same memory; a loop around makes the next iteration wait for
// the readers of the one before.

// CHECK-LABEL: gpu.func @branches
// CHECK-SAME: moa_tile.shared_bytes = 8192
// CHECK: scf.for
// CHECK: scf.if
// CHECK-NEXT: moa_tile.wait pending(0)
// CHECK-NEXT: moa_tile.copy
// CHECK: } else {
// CHECK-NEXT: moa_tile.wait pending(0)
// CHECK-NEXT: moa_tile.copy
gpu.module @kernels {
  gpu.func @branches(%x: memref<?x64xbf16>, %n: index, %y: memref<?x64xf32>) kernel
      attributes {moa_tile.warps = array<i64: 1, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %large = arith.constant dense<0.0> : tensor<64x64xf32>
    %small = arith.constant dense<0.0> : tensor<16x16xf32>
    scf.for %i = %c0 to %n step %c1 {
      %many = arith.cmpi sgt, %i, %c8 : index
      scf.if %many {
        %a = moa_tile.load %x[%i, %c0] : memref<?x64xbf16> -> tensor<64x64xbf16>
        %s = moa_tile.mma %a, %a, %large : tensor<64x64xbf16>, tensor<64x64xbf16>, tensor<64x64xf32>
        moa_tile.store %s, %y[%i, %c0] : tensor<64x64xf32>, memref<?x64xf32>
      } else {
        %a = moa_tile.load %x[%i, %c0] : memref<?x64xbf16> -> tensor<16x16xbf16>
        %s = moa_tile.mma %a, %a, %small : tensor<16x16xbf16>, tensor<16x16xbf16>, tensor<16x16xf32>
        moa_tile.store %s, %y[%i, %c0] : tensor<16x16xf32>, memref<?x64xf32>
      }
    }
    gpu.return
  }
}

// -----

// A tile that is multiplied and used otherwise is read from its buffer.

// CHECK-LABEL: gpu.func @also_read
// CHECK: moa_tile.copy %{{.*}} to %[[A:.*]] :
// CHECK: moa_tile.commit
// CHECK-NEXT: moa_tile.wait pending(0)
// CHECK-NEXT: moa_tile.mma %[[A]], %[[A]]
// CHECK-NEXT: %[[TILE:.*]] = moa_tile.get %[[A]]
// CHECK-NEXT: moa_tile.store %[[TILE]]
gpu.module @kernels {
  gpu.func @also_read(%x: memref<16x16xf16>, %y: memref<16x16xf32>, %z: memref<16x16xf16>) kernel {
    %c0 = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<16x16xf32>
    %a = moa_tile.load %x[%c0, %c0] : memref<16x16xf16> -> tensor<16x16xf16>
    %s = moa_tile.mma %a, %a, %zero : tensor<16x16xf16>, tensor<16x16xf16>, tensor<16x16xf32>
    moa_tile.store %a, %z[%c0, %c0] : tensor<16x16xf16>, memref<16x16xf16>
    moa_tile.store %s, %y[%c0, %c0] : tensor<16x16xf32>, memref<16x16xf32>
    gpu.return
  }
}

// -----

// A left operand that does not change is read before the loop, after the copies
// ahead are issued, if it takes no more registers than allowed.
// An arrival is a barrier of the block: nothing else has to wait for what was put
// before it.
// CHECK-LABEL: gpu.func @arrival
// CHECK: moa_tile.put
// CHECK: moa_tile.put
// CHECK-NEXT: moa_tile.arrive
// CHECK-NEXT: moa_tile.mma
// CHECK-LABEL: gpu.func @no_arrival
// CHECK: moa_tile.put
// CHECK: moa_tile.put
// CHECK-NEXT: moa_tile.wait
// CHECK-NEXT: moa_tile.mma
gpu.module @kernels {
  gpu.func @arrival(%x: memref<32x32xf32>, %y: memref<32x32xf32>,
                    %counter: memref<i32>, %n: index) kernel
      attributes {moa_tile.warps = array<i64: 2, 1>} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<32x32xf32>
    %a = moa_tile.load %x[%c0, %c0] : memref<32x32xf32> -> tensor<32x32xf32>
    %b = arith.negf %a : tensor<32x32xf32>
    %c = arith.addf %a, %a : tensor<32x32xf32>
    moa_tile.arrive %counter[] of %n : memref<i32>
    %d = moa_tile.mma %b, %c, %zero : tensor<32x32xf32>, tensor<32x32xf32>, tensor<32x32xf32>
    moa_tile.store %d, %y[%c0, %c0] : tensor<32x32xf32>, memref<32x32xf32>
    gpu.return
  }
  gpu.func @no_arrival(%x: memref<32x32xf32>, %y: memref<32x32xf32>) kernel
      attributes {moa_tile.warps = array<i64: 2, 1>} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<32x32xf32>
    %a = moa_tile.load %x[%c0, %c0] : memref<32x32xf32> -> tensor<32x32xf32>
    %b = arith.negf %a : tensor<32x32xf32>
    %c = arith.addf %a, %a : tensor<32x32xf32>
    %d = moa_tile.mma %b, %c, %zero : tensor<32x32xf32>, tensor<32x32xf32>, tensor<32x32xf32>
    moa_tile.store %d, %y[%c0, %c0] : tensor<32x32xf32>, memref<32x32xf32>
    gpu.return
  }
}

// -----

// RUN: moa-opt %s --pass-pipeline='builtin.module(gpu.module(moa-tile-stage{operand-registers=15}))' \
// RUN:   --split-input-file | FileCheck %s --check-prefix=FEW

// CHECK-LABEL: gpu.func @kept
// CHECK: moa_tile.copy %{{.*}} to %[[Q:.*]] :
// CHECK: moa_tile.commit
// CHECK: moa_tile.copy
// CHECK: moa_tile.commit
// CHECK-NEXT: moa_tile.wait pending(1)
// CHECK-NEXT: %[[TILE:.*]] = moa_tile.get %[[Q]]
// CHECK-NEXT: scf.for
// CHECK: moa_tile.mma %[[TILE]], transposed
// FEW-LABEL: gpu.func @kept
// FEW: moa_tile.copy %{{.*}} to %[[Q:.*]] :
// FEW-NOT: moa_tile.get
// FEW: moa_tile.mma %[[Q]], transposed
gpu.module @kernels {
  gpu.func @kept(%q: memref<64x64xbf16>, %k: memref<?x64xbf16>, %n: index, %y: memref<64x64xf32>) kernel
      attributes {moa_tile.warps = array<i64: 4, 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %left = moa_tile.load %q[%c0, %c0] : memref<64x64xbf16> -> tensor<64x64xbf16>
    %sum = scf.for %i = %c0 to %n step %c64 iter_args(%acc = %zero) -> tensor<64x64xf32> {
      %right = moa_tile.load %k[%i, %c0] : memref<?x64xbf16> -> tensor<64x64xbf16>
      %next = moa_tile.mma %left, transposed %right, %acc : tensor<64x64xbf16>, tensor<64x64xbf16>, tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    } {moa_tile.stages = 2}
    moa_tile.store %sum, %y[%c0, %c0] : tensor<64x64xf32>, memref<64x64xf32>
    gpu.return
  }
}

// -----

// So is one that is computed before the loop: it goes to memory if it takes more.

// CHECK-LABEL: gpu.func @computed_before
// CHECK-NOT: moa_tile.put
// CHECK: return
// FEW-LABEL: gpu.func @computed_before
// FEW: %[[LEFT:.*]] = arith.truncf
// FEW-NEXT: moa_tile.put %[[LEFT]] to %[[Q:.*]] :
// FEW: scf.for
// FEW: moa_tile.mma %[[Q]], transposed
gpu.module @kernels {
  gpu.func @computed_before(%q: memref<64x64xf32>, %k: memref<?x64xbf16>, %n: index, %y: memref<64x64xf32>) kernel
      attributes {moa_tile.warps = array<i64: 4, 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %loaded = moa_tile.load %q[%c0, %c0] : memref<64x64xf32> -> tensor<64x64xf32>
    %left = arith.truncf %loaded : tensor<64x64xf32> to tensor<64x64xbf16>
    %sum = scf.for %i = %c0 to %n step %c64 iter_args(%acc = %zero) -> tensor<64x64xf32> {
      %right = moa_tile.load %k[%i, %c0] : memref<?x64xbf16> -> tensor<64x64xbf16>
      %next = moa_tile.mma %left, transposed %right, %acc : tensor<64x64xbf16>, tensor<64x64xbf16>, tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    } {moa_tile.stages = 2}
    moa_tile.store %sum, %y[%c0, %c0] : tensor<64x64xf32>, memref<64x64xf32>
    gpu.return
  }
}

// -----

// A branch that each warp takes by itself has nothing to wait for within.

// CHECK-LABEL: gpu.func @own_branch
// CHECK: moa_tile.any
// CHECK-COUNT-2: moa_tile.copy
// CHECK: moa_tile.wait pending(0)
// CHECK: scf.if
// CHECK-NOT: moa_tile.wait
// CHECK: moa_tile.mma
// CHECK-NOT: moa_tile.wait
gpu.module @kernels {
  gpu.func @own_branch(%x: memref<32x16xbf16>, %w: memref<16x16xbf16>,
                       %n: memref<32x1xi1>, %y: memref<32x16xf32>) kernel
      attributes {moa_tile.warps = array<i64: 2, 1>} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<32x16xf32>
    %rows = moa_tile.load %n[%c0, %c0] : memref<32x1xi1> -> tensor<32x1xi1>
    %any = moa_tile.any %rows : tensor<32x1xi1>
    %a = moa_tile.load %x[%c0, %c0] : memref<32x16xbf16> -> tensor<32x16xbf16>
    %b = moa_tile.load %w[%c0, %c0] : memref<16x16xbf16> -> tensor<16x16xbf16>
    scf.if %any {
      %s = moa_tile.mma %a, %b, %zero : tensor<32x16xbf16>, tensor<16x16xbf16>, tensor<32x16xf32>
      moa_tile.store %s, %y[%c0, %c0] : tensor<32x16xf32>, memref<32x16xf32>
    }
    gpu.return
  }
}
