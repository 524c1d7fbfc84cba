//===- Modules.h - Kernels of the current context ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_GPURUNTIME_MODULES_H
#define MOA_GPURUNTIME_MODULES_H

#include "Driver.h"
#include "moa/Runtime/GpuAbi.h"

namespace moa::gpu {

/// `module` in the current context, loaded by the first call.
int32_t getModule(const Driver &driver, const MoaModule &module,
                  CUmodule &loaded);

/// `kernel` in the current context, ready to be launched with `sharedMemory`
/// bytes of dynamic shared memory.
int32_t getKernel(const Driver &driver, const MoaKernel &kernel,
                  int64_t sharedMemory, CUfunction &function);

} // namespace moa::gpu

#endif // MOA_GPURUNTIME_MODULES_H
