// Arithmetic on bf16 around a layer is rounded once, to even, on CPUs that have
// none and that LLVM would have call a function which few C libraries have.
// RUN: moa-run %s --input="2xbf16=256 258" --expected_output="2xbf16=256 260" --rtol=0 --atol=0 | FileCheck %s
// CHECK: OK: 0 of 2 elements of 2xbf16 differ
// RUN: moa-opt --moa-cpu-pipeline=vectorize=false %s | FileCheck %s --check-prefix=IR
// IR-NOT: llvm.fadd {{.*}} : bf16
// IR: llvm.fadd {{.*}} : f32

func.func @around(%x: tensor<2xbf16>) -> tensor<2xbf16> {
  %one = arith.constant dense<1.0> : tensor<2xbf16>
  %sum = arith.addf %x, %one : tensor<2xbf16>
  return %sum : tensor<2xbf16>
}
