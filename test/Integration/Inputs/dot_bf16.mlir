// What vdpbf16ps computes: sum + a[2i] * b[2i] + a[2i + 1] * b[2i + 1].
llvm.func @dot(%sum: vector<16xf32>, %a: vector<32xbf16>, %b: vector<32xbf16>)
    -> vector<16xf32> attributes {always_inline} {
  %aw = llvm.fpext %a : vector<32xbf16> to vector<32xf32>
  %bw = llvm.fpext %b : vector<32xbf16> to vector<32xf32>
  %a0 = llvm.shufflevector %aw, %aw [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30] : vector<32xf32>
  %b0 = llvm.shufflevector %bw, %bw [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30] : vector<32xf32>
  %a1 = llvm.shufflevector %aw, %aw [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31] : vector<32xf32>
  %b1 = llvm.shufflevector %bw, %bw [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31] : vector<32xf32>
  %odd = llvm.intr.fma(%a1, %b1, %sum) : (vector<16xf32>, vector<16xf32>, vector<16xf32>) -> vector<16xf32>
  %both = llvm.intr.fma(%a0, %b0, %odd) : (vector<16xf32>, vector<16xf32>, vector<16xf32>) -> vector<16xf32>
  llvm.return %both : vector<16xf32>
}

// What a CPU without AVX-512 has no instruction for either: rounding to the
// nearest bf16, to even in the middle. Values are finite.
llvm.func @__truncsfbf2(%x: f32) -> bf16 {
  %one = llvm.mlir.constant(1 : i32) : i32
  %half = llvm.mlir.constant(16 : i32) : i32
  %below = llvm.mlir.constant(32767 : i32) : i32
  %bits = llvm.bitcast %x : f32 to i32
  %upper = llvm.lshr %bits, %half : i32
  %odd = llvm.and %upper, %one : i32
  %step = llvm.add %below, %odd : i32
  %moved = llvm.add %bits, %step : i32
  %rounded = llvm.lshr %moved, %half : i32
  %narrow = llvm.trunc %rounded : i32 to i16
  %y = llvm.bitcast %narrow : i16 to bf16
  llvm.return %y : bf16
}
