// RUN: moa-opt %s --moa-require-features | FileCheck %s
// RUN: moa-opt %s --moa-require-features --moa-require-features | FileCheck %s

// What LLVM makes of it for the baseline of x86-64.
// RUN: moa-opt %s --moa-require-features | mlir-translate --mlir-to-llvmir \
// RUN:   | clang --target=x86_64-linux-gnu -Wno-override-module -O1 -x ir - -S \
// RUN:       -o - | FileCheck %s --check-prefix=ASM
// ASM-LABEL: dot:
// ASM: vdpbf16ps

// CHECK-LABEL: llvm.func @dot(
// CHECK-SAME: attributes {target_features = #llvm.target_features<["+avx512bf16", "+avx512vl"]>}
llvm.func @dot(%a: vector<16xf32>, %b: vector<32xbf16>) -> vector<16xf32> {
  %0 = llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"(%a, %b, %b)
      : (vector<16xf32>, vector<32xbf16>, vector<32xbf16>) -> vector<16xf32>
  llvm.return %0 : vector<16xf32>
}

// With what was asked for before; in a region of OpenMP.
// CHECK-LABEL: llvm.func @more(
// CHECK-SAME: attributes {target_features = #llvm.target_features<["+avx512f", "+avx512bf16", "+avx512vl"]>}
llvm.func @more(%to: !llvm.ptr, %a: vector<16xf32>, %b: vector<32xbf16>)
    attributes {target_features = #llvm.target_features<["+avx512f"]>} {
  omp.parallel {
    %0 = llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"(%a, %b, %b)
        : (vector<16xf32>, vector<32xbf16>, vector<32xbf16>) -> vector<16xf32>
    llvm.store %0, %to : vector<16xf32>, !llvm.ptr
    omp.terminator
  }
  llvm.return
}

// Narrower vectors.
// ASM-LABEL: narrow:
// ASM: vdpbf16ps
// CHECK-LABEL: llvm.func @narrow(
llvm.func @narrow(%a: vector<8xf32>, %b: vector<16xbf16>) -> vector<8xf32> {
  %0 = llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.256"(%a, %b, %b)
      : (vector<8xf32>, vector<16xbf16>, vector<16xbf16>) -> vector<8xf32>
  llvm.return %0 : vector<8xf32>
}

// CHECK-LABEL: llvm.func @other(
// CHECK-NOT: target_features
llvm.func @other(%a: vector<16xf32>) -> vector<16xf32> {
  %0 = llvm.call_intrinsic "llvm.fabs"(%a) : (vector<16xf32>) -> vector<16xf32>
  llvm.return %0 : vector<16xf32>
}
