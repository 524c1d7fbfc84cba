// RUN: moa-opt %s --split-input-file --verify-diagnostics --moa-results-to-arguments

// expected-error @below {{result #0 is 'f32'; on a GPU results are tensors, of rank 0 for a number}}
func.func @number(%x: f32) -> f32 {
  return %x : f32
}

// -----

// expected-error @below {{result #0 is 'memref<3xf32, strided<[2]>>'; a result is dense: copy it to a new buffer first}}
func.func @strided(%x: memref<6xf32>) -> memref<3xf32, strided<[2]>> {
  %v = memref.subview %x[0] [3] [2] : memref<6xf32> to memref<3xf32, strided<[2]>>
  return %v : memref<3xf32, strided<[2]>>
}

// -----

// expected-error @below {{argument #0 is 'memref<3xf32, strided<[2]>>'; arguments are dense buffers of a known rank}}
func.func @argument(%x: memref<3xf32, strided<[2]>>) {
  return
}

// -----

func.func @data(%x: memref<index>) -> memref<?xf32> {
  // expected-error @below {{a size that the host needs depends on this op, which works on device memory}}
  %n = memref.load %x[] : memref<index>
  %a = memref.alloc(%n) : memref<?xf32>
  return %a : memref<?xf32>
}

// -----

// expected-error @below {{has several blocks: the GPU path takes structured control flow (scf)}}
func.func @blocks(%x: memref<3xf32>, %c: i1) -> memref<3xf32> {
  cf.cond_br %c, ^a, ^b
^a:
  return %x : memref<3xf32>
^b:
  %y = memref.alloc() : memref<3xf32>
  return %y : memref<3xf32>
}
