//===- Driver.h - The CUDA driver, opened when needed -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of the driver's interface that the runtime uses, declared here so
// that building needs no CUDA. Names and values are those of cuda.h.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_GPURUNTIME_DRIVER_H
#define MOA_GPURUNTIME_DRIVER_H

#include <cstddef>
#include <cstdint>
#include <string>

namespace moa::gpu {

using CUresult = int;
using CUdevice = int;
using CUdeviceptr = unsigned long long;
using CUcontext = struct CUctx_st *;
using CUmodule = struct CUmod_st *;
using CUfunction = struct CUfunc_st *;
using CUstream = struct CUstream_st *;
using CUevent = struct CUevent_st *;

enum : int {
  CUDA_SUCCESS = 0,

  CU_JIT_ERROR_LOG_BUFFER = 5,
  CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6,
  CU_JIT_GENERATE_LINE_INFO = 13,

  CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK = 1,
  CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X = 5, // and _Y, _Z
  CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75,
  CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76,
  CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN = 97,

  CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8,
  CU_STREAM_NON_BLOCKING = 1,
  CU_STREAM_CAPTURE_MODE_RELAXED = 2,
  CU_MEMORYTYPE_DEVICE = 2,
};

struct CUDA_MEMCPY2D {
  size_t srcXInBytes, srcY;
  int srcMemoryType;
  const void *srcHost;
  CUdeviceptr srcDevice;
  void *srcArray;
  size_t srcPitch;
  size_t dstXInBytes, dstY;
  int dstMemoryType;
  void *dstHost;
  CUdeviceptr dstDevice;
  void *dstArray;
  size_t dstPitch;
  size_t WidthInBytes, Height;
};

/// X(name, symbol, parameters...) for each function; the symbol has the version
/// that the parameters belong to.
#define MOA_CUDA_FUNCTIONS(X)                                                  \
  X(cuInit, "cuInit", unsigned)                                                \
  X(cuGetErrorName, "cuGetErrorName", CUresult, const char **)                 \
  X(cuGetErrorString, "cuGetErrorString", CUresult, const char **)             \
  X(cuDeviceGetCount, "cuDeviceGetCount", int *)                               \
  X(cuDeviceGet, "cuDeviceGet", CUdevice *, int)                               \
  X(cuDeviceGetName, "cuDeviceGetName", char *, int, CUdevice)                 \
  X(cuDeviceGetAttribute, "cuDeviceGetAttribute", int *, int, CUdevice)        \
  X(cuDevicePrimaryCtxRetain, "cuDevicePrimaryCtxRetain", CUcontext *,         \
    CUdevice)                                                                  \
  X(cuCtxGetCurrent, "cuCtxGetCurrent", CUcontext *)                           \
  X(cuCtxGetDevice, "cuCtxGetDevice", CUdevice *)                              \
  X(cuCtxPushCurrent, "cuCtxPushCurrent_v2", CUcontext)                        \
  X(cuCtxPopCurrent, "cuCtxPopCurrent_v2", CUcontext *)                        \
  X(cuModuleLoadDataEx, "cuModuleLoadDataEx", CUmodule *, const void *,        \
    unsigned, int *, void **)                                                  \
  X(cuModuleUnload, "cuModuleUnload", CUmodule)                                \
  X(cuModuleGetFunction, "cuModuleGetFunction", CUfunction *, CUmodule,        \
    const char *)                                                              \
  X(cuModuleGetGlobal, "cuModuleGetGlobal_v2", CUdeviceptr *, size_t *,        \
    CUmodule, const char *)                                                    \
  X(cuFuncSetAttribute, "cuFuncSetAttribute", CUfunction, int, int)            \
  X(cuLaunchKernel, "cuLaunchKernel", CUfunction, unsigned, unsigned,          \
    unsigned, unsigned, unsigned, unsigned, unsigned, CUstream, void **,       \
    void **)                                                                   \
  X(cuMemAlloc, "cuMemAlloc_v2", CUdeviceptr *, size_t)                        \
  X(cuMemFree, "cuMemFree_v2", CUdeviceptr)                                    \
  X(cuMemcpyHtoDAsync, "cuMemcpyHtoDAsync_v2", CUdeviceptr, const void *,      \
    size_t, CUstream)                                                          \
  X(cuMemcpyDtoHAsync, "cuMemcpyDtoHAsync_v2", void *, CUdeviceptr, size_t,    \
    CUstream)                                                                  \
  X(cuMemcpyDtoDAsync, "cuMemcpyDtoDAsync_v2", CUdeviceptr, CUdeviceptr,       \
    size_t, CUstream)                                                          \
  X(cuMemcpy2DAsync, "cuMemcpy2DAsync_v2", const CUDA_MEMCPY2D *, CUstream)    \
  X(cuMemsetD8Async, "cuMemsetD8Async", CUdeviceptr, unsigned char, size_t,    \
    CUstream)                                                                  \
  X(cuMemsetD16Async, "cuMemsetD16Async", CUdeviceptr, unsigned short, size_t, \
    CUstream)                                                                  \
  X(cuMemsetD32Async, "cuMemsetD32Async", CUdeviceptr, unsigned, size_t,       \
    CUstream)                                                                  \
  X(cuStreamCreate, "cuStreamCreate", CUstream *, unsigned)                    \
  X(cuStreamSynchronize, "cuStreamSynchronize", CUstream)                      \
  X(cuStreamDestroy, "cuStreamDestroy_v2", CUstream)                           \
  X(cuEventCreate, "cuEventCreate", CUevent *, unsigned)                       \
  X(cuEventRecord, "cuEventRecord", CUevent, CUstream)                         \
  X(cuEventSynchronize, "cuEventSynchronize", CUevent)                         \
  X(cuEventElapsedTime, "cuEventElapsedTime", float *, CUevent, CUevent)       \
  X(cuEventDestroy, "cuEventDestroy_v2", CUevent)

/// The same for functions that an older driver may lack.
#define MOA_CUDA_OPTIONAL_FUNCTIONS(X)                                         \
  X(cuCtxGetId, "cuCtxGetId", CUcontext, unsigned long long *)                 \
  X(cuThreadExchangeStreamCaptureMode, "cuThreadExchangeStreamCaptureMode",    \
    int *)

struct Driver {
#define MOA_CUDA_MEMBER(name, symbol, ...) CUresult (*name)(__VA_ARGS__);
  MOA_CUDA_FUNCTIONS(MOA_CUDA_MEMBER)
  MOA_CUDA_OPTIONAL_FUNCTIONS(MOA_CUDA_MEMBER)
#undef MOA_CUDA_MEMBER

  /// "CUDA_ERROR_INVALID_VALUE: invalid argument".
  std::string describe(CUresult result) const;
};

/// The driver, opened and initialised by the first call; null, with the reason
/// as this thread's last error, where that is impossible.
const Driver *getDriver();

/// Set this thread's last error and return `status`.
int32_t fail(int32_t status, const std::string &message);

/// MOA_GPU_SUCCESS, or fail with "WHAT: NAME: DESCRIPTION".
int32_t check(const Driver &driver, CUresult result, const std::string &what);

/// A compute capability: 90 for 9.0.
int getCapability(const Driver &driver, CUdevice device);

/// What the driver calls `device`.
std::string getDeviceName(const Driver &driver, CUdevice device);

} // namespace moa::gpu

#endif // MOA_GPURUNTIME_DRIVER_H
