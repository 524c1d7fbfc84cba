//===- GpuAbi.h - What compiled code and the runtime agree on ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Constants that the compiler writes into host code and functions that the code
// calls. lib/Conversion/GpuToMoaRuntime writes them; both sides change
// together. Every member takes 8 bytes, so that the compiler needs no layout
// rules.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_RUNTIME_GPUABI_H
#define MOA_RUNTIME_GPUABI_H

#include "moa/Runtime/moa_gpu.h"

extern "C" {

/// Kernels compiled for one chip.
struct MoaObject {
  /// "sm_80", "sm_90a".
  const char *chip;
  /// PTX, which ends in a zero byte; a cubin; or a fat binary.
  enum Kind : int64_t { Ptx, Cubin, Fatbin } kind;
  const void *data;
};

/// The objects of one gpu.module, for different chips.
struct MoaModule {
  const char *name;
  int64_t numObjects;
  const MoaObject *objects;
};

struct MoaKernel {
  const MoaModule *module;
  const char *name;
  int64_t numArguments;
  /// A letter for each argument: 'i' is an index, which the kernel takes as
  /// 32 bits; 'v' is passed as it is.
  const char *kinds;
};

/// An argument or a result of a function.
struct MoaPort {
  const char *name;
  int64_t elementSize;
  /// -1 for a scalar.
  int64_t rank;
  /// -1 where the type leaves a size open.
  const int64_t *sizes;
};

struct MoaFunction {
  const char *name;
  int64_t numArguments;
  const MoaPort *arguments;
  int64_t numResults;
  const MoaPort *results;
  int64_t (*workspaceSize)(const MoaTensor *arguments, MoaTensor *results);
  int32_t (*enqueue)(const MoaTensor *arguments, const MoaTensor *results,
                     void *workspace, int64_t workspaceSize, void *stream);
};

/// Fail because a check of the function's own does not hold.
int32_t moa_rt_fail(const char *message);

/// Whether `arguments` fit the types of `function`; with that, `workspaceSize`
/// may read them.
int32_t moa_rt_check_arguments(const MoaFunction *function,
                               const MoaTensor *arguments);

/// Whether `enqueue` may run: as above, and results and workspace are as
/// `workspaceSize` says.
int32_t moa_rt_check_call(const MoaFunction *function,
                          const MoaTensor *arguments, const MoaTensor *results,
                          void *workspace, int64_t workspaceSize);

/// Launch `kernel`, unless the grid is empty. Each argument lies at the begin
/// of its 64-bit slot.
int32_t moa_rt_launch(const MoaKernel *kernel, int64_t gridX, int64_t gridY,
                      int64_t gridZ, int64_t blockX, int64_t blockY,
                      int64_t blockZ, int64_t sharedMemory, int64_t *slots,
                      void *stream);

/// Copy elements between device buffers. Sizes and strides count elements.
int32_t moa_rt_copy(int64_t elementSize, int64_t rank, const int64_t *sizes,
                    void *target, const int64_t *targetStrides,
                    const void *source, const int64_t *sourceStrides,
                    void *stream);

/// Set `count` elements of 1, 2, 4 or 8 bytes to the low bytes of `value`.
int32_t moa_rt_fill(int64_t elementSize, int64_t count, void *target,
                    int64_t value, void *stream);

/// The address of a variable of `module` in the current context; null, with the
/// reason as last error, where there is none.
void *moa_rt_global(const MoaModule *module, const char *name);

/// Call `function` on host memory: copy the arguments to the device, run, copy
/// the results to memory of malloc's, whose addresses become their `data`.
int32_t moa_rt_call_on_host(const MoaFunction *function,
                            const MoaTensor *arguments, MoaTensor *results);

} // extern "C"

#endif // MOA_RUNTIME_GPUABI_H
