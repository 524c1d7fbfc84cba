// RUN: moa-opt %s --moa-target-gpu | FileCheck %s --check-prefix=SM80
// RUN: moa-opt %s --moa-target-gpu=chip=sm_100a | FileCheck %s --check-prefix=SM100
// RUN: moa-opt %s --moa-target-gpu="chip=sm_90a features=+ptx83" | FileCheck %s --check-prefix=SM90

// What a chip cannot be compiled for is found before LLVM aborts.
// RUN: not moa-opt %s --moa-target-gpu=chip=sm_75 2>&1 | FileCheck %s --check-prefix=CHIP --implicit-check-not="see current operation"
// CHIP: error: chip 'sm_75' is none of sm_80, sm_86, sm_89, sm_90, sm_90a, sm_100a, sm_120a
// RUN: not moa-opt %s --moa-target-gpu="chip=sm_100a features=+ptx60" 2>&1 | FileCheck %s --check-prefix=PTX --implicit-check-not="see current operation"
// PTX: error: features '+ptx60' name PTX 6.0; sm_100a takes +ptx86 to +ptx{{[0-9]+$}}
// RUN: not moa-opt %s --moa-target-gpu=features=fast 2>&1 | FileCheck %s --check-prefix=FEATURES --implicit-check-not="see current operation"
// FEATURES: error: features 'fast' name no version of PTX; sm_80 takes +ptx80 to +ptx{{[0-9]+$}}
// RUN: not moa-opt %s --moa-target-gpu=format=elf 2>&1 | FileCheck %s --check-prefix=FORMAT --implicit-check-not="see current operation"
// FORMAT: error: format 'elf' is none of isa, bin, fatbin

// Without a toolkit.
// RUN: not env -u CUDA_HOME -u CUDA_ROOT -u CUDA_PATH PATH=%moa_build/bin moa-opt %s --moa-target-gpu=format=bin 2>&1 | FileCheck %s --check-prefix=PTXAS
// PTXAS: error: format=bin needs ptxas, which is neither on PATH nor in the folder that CUDA_ROOT, CUDA_HOME or CUDA_PATH names: install the CUDA toolkit, or use format=isa, which the driver compiles
// RUN: not env -u CUDA_HOME -u CUDA_ROOT -u CUDA_PATH moa-opt %S/Inputs/libdevice.mlir --moa-target-gpu 2>&1 | FileCheck %s --check-prefix=LIBDEVICE
// LIBDEVICE: error: kernels call '__nv_expf' of CUDA's libdevice, which was not found: set CUDA_HOME to the folder of a CUDA toolkit

// SM80: gpu.module @kernels [#nvvm.target<O = 1, chip = "sm_80", features = "+ptx80">]
// SM90: gpu.module @kernels [#nvvm.target<O = 1, chip = "sm_90a", features = "+ptx83">]
// SM100: gpu.module @kernels [#nvvm.target<O = 1, chip = "sm_100a", features = "+ptx86">]
gpu.module @kernels {
}

// One that has a target keeps it.
// SM100: gpu.module @chosen [#nvvm.target<chip = "sm_90">]
gpu.module @chosen [#nvvm.target<chip = "sm_90">] {
}
