// RUN: moa-opt %s --split-input-file --verify-diagnostics --moa-embed-kernels | FileCheck %s

// One object for each target: chip, format, code with a zero byte at its end.
// CHECK-LABEL: llvm.mlir.global internal constant @moa.module.kernels()
// CHECK-DAG: llvm.mlir.addressof @moa.objects.kernels
// CHECK-DAG: llvm.mlir.constant(2 : i64)
// CHECK-LABEL: llvm.mlir.global internal constant @moa.objects.kernels()
// CHECK-DAG: llvm.mlir.constant(0 : i64)
// CHECK-DAG: llvm.mlir.constant(1 : i64)
// CHECK-DAG: llvm.mlir.global internal constant @{{.*}}("PTX\00")
// CHECK-DAG: llvm.mlir.global internal constant @{{.*}}("\7FELF\00")
// CHECK-DAG: llvm.mlir.global internal constant @{{.*}}("sm_80\00")
// CHECK-DAG: llvm.mlir.global internal constant @{{.*}}("sm_90a\00")
// CHECK-NOT: gpu.binary
gpu.binary @kernels [
  #gpu.object<#nvvm.target<chip = "sm_80">, assembly = "PTX">,
  #gpu.object<#nvvm.target<chip = "sm_90a">, bin = "\7FELF">]

// -----

// expected-error @below {{kernels call '__nv_expf', which nothing defines: the driver could not load them}}
gpu.binary @unresolved [#gpu.object<#nvvm.target<chip = "sm_80">,
  assembly = ".extern .func  (.param .b32 func_retval0) vprintf\0A(\0A);\0A.extern .func  (.param .b32 func_retval0) __nv_expf\0A(\0A);">]

// -----

// expected-error @below {{has an object that no CUDA driver loads: #nvvm.target<chip = "sm_80">}}
gpu.binary @bitcode [#gpu.object<#nvvm.target<chip = "sm_80">, offload = "BC">]
