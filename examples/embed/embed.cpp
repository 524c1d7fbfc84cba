//===- embed.cpp - A program that calls a compiled function ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Calls `scale` of scale.mlir on device memory and a stream of its own. How it
// is built stands in docs/GPU.md.
//
//===----------------------------------------------------------------------===//

#include "moa/Runtime/moa_gpu.h"

#include <cstdio>
#include <cstdlib>
#include <cuda.h>
#include <vector>

extern "C" {
MOA_GPU_DECLARE(scale);
}

static void check(CUresult result, const char *what) {
  if (result == CUDA_SUCCESS)
    return;
  const char *name = "unknown error";
  cuGetErrorName(result, &name);
  std::fprintf(stderr, "embed: %s: %s\n", what, name);
  std::exit(1);
}

static void *allocate(size_t bytes) {
  CUdeviceptr address = 0;
  if (bytes)
    check(cuMemAlloc(&address, bytes), "cuMemAlloc");
  return reinterpret_cast<void *>(address);
}

static void release(void *memory) {
  check(cuMemFree(reinterpret_cast<CUdeviceptr>(memory)), "cuMemFree");
}

int main() {
  CUdevice device;
  CUcontext context;
  CUstream stream;
  check(cuInit(0), "cuInit");
  check(cuDeviceGet(&device, 0), "cuDeviceGet");
  check(cuDevicePrimaryCtxRetain(&context, device), "cuDevicePrimaryCtxRetain");
  check(cuCtxSetCurrent(context), "cuCtxSetCurrent");
  check(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING), "cuStreamCreate");

  std::vector<float> x = {1, 2, 3, 4, 5}, y(x.size());
  float factor = 10;
  size_t bytes = x.size() * sizeof(float);

  // What the function takes, and what it gives: sizes alone, so far.
  int64_t xSize = x.size(), ySize = 0;
  MoaTensor arguments[] = {{allocate(bytes), &xSize}, {&factor, nullptr}};
  MoaTensor results[] = {{nullptr, &ySize}};
  int64_t workspaceSize = scale_workspace_size(arguments, results);
  if (workspaceSize < 0) {
    std::fprintf(stderr, "embed: %s\n", moa_gpu_last_error());
    return 1;
  }
  std::printf("workspace: %lld bytes, result: %lld elements\n",
              static_cast<long long>(workspaceSize),
              static_cast<long long>(ySize));

  // Memory is the program's, and may serve for any number of calls.
  results[0].data = allocate(ySize * sizeof(float));
  void *workspace = allocate(workspaceSize);
  check(cuMemcpyHtoDAsync(reinterpret_cast<CUdeviceptr>(arguments[0].data),
                          x.data(), bytes, stream),
        "cuMemcpyHtoDAsync");
  for (int call = 0; call < 2; ++call) {
    if (scale_enqueue(arguments, results, workspace, workspaceSize, stream)) {
      std::fprintf(stderr, "embed: %s\n", moa_gpu_last_error());
      return 1;
    }
  }
  check(cuMemcpyDtoHAsync(y.data(),
                          reinterpret_cast<CUdeviceptr>(results[0].data), bytes,
                          stream),
        "cuMemcpyDtoHAsync");
  check(cuStreamSynchronize(stream), "cuStreamSynchronize");
  for (float value : y)
    std::printf("%g\n", value);

  // A workspace that is too small is an error, not a fault.
  if (scale_enqueue(arguments, results, workspace, 0, stream))
    std::printf("error: %s\n", moa_gpu_last_error());

  release(arguments[0].data);
  release(results[0].data);
  release(workspace);
  check(cuStreamDestroy(stream), "cuStreamDestroy");
  return 0;
}
