// RUN: moa-opt %s --allow-unregistered-dialect --split-input-file --verify-diagnostics --moa-plan-workspace

func.func @inside(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    // expected-error @below {{the size of this buffer is computed inside a loop or a branch; the workspace is planned before the function runs}}
    %b = memref.alloc(%i) : memref<?xf32>
    "test.write"(%b) : (memref<?xf32>) -> ()
  }
  return
}

// -----

func.func @data(%x: memref<index>) {
  // expected-error @below {{a size that the host needs depends on this op, which works on device memory}}
  %n = memref.load %x[] : memref<index>
  %a = memref.alloc(%n) : memref<?xf32>
  "test.write"(%a) : (memref<?xf32>) -> ()
  return
}

// -----

func.func @strided() {
  // expected-error @below {{a buffer of the workspace has to be dense}}
  %a = memref.alloc() : memref<3xf32, strided<[2]>>
  "test.write"(%a) : (memref<3xf32, strided<[2]>>) -> ()
  return
}
