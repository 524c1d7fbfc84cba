// Calls scale3 of scale.mlir as programs do: from several threads, and wrongly.

#include "moa/Runtime/moa_gpu.h"

#include <cstdio>
#include <cstdlib>
#include <cuda.h>
#include <thread>
#include <vector>

extern "C" {
MOA_GPU_DECLARE(scale3);
}

static void check(CUresult result) {
  if (result != CUDA_SUCCESS) {
    std::printf("driver: %d\n", result);
    std::exit(1);
  }
}

namespace {
/// A call with memory of its own.
struct Call {
  explicit Call(int64_t rows) : rows(rows), host(rows * 4) {
    check(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
    workspaceSize = scale3_workspace_size(arguments, results);
    for (MoaTensor *tensor : {&arguments[0], &results[0], &results[1]})
      tensor->data = allocate(rows * 16 + 16);
    workspace = allocate(workspaceSize);
    for (size_t i = 0; i < host.size(); ++i)
      host[i] = i;
    check(cuMemcpyHtoD(reinterpret_cast<CUdeviceptr>(arguments[0].data),
                       host.data(), rows * 16));
  }

  static void *allocate(size_t bytes) {
    CUdeviceptr address;
    check(cuMemAlloc(&address, bytes));
    return reinterpret_cast<void *>(address);
  }

  int enqueue() {
    return scale3_enqueue(arguments, results, workspace, workspaceSize, stream);
  }

  /// Whether both results are what they should be.
  bool isRight() {
    check(cuStreamSynchronize(stream));
    std::vector<float> y(host.size()), z(host.size());
    check(cuMemcpyDtoH(y.data(), reinterpret_cast<CUdeviceptr>(results[0].data),
                       rows * 16));
    check(cuMemcpyDtoH(z.data(), reinterpret_cast<CUdeviceptr>(results[1].data),
                       rows * 16));
    for (size_t i = 0; i < host.size(); ++i)
      if (y[i] != 8 * host[i] || z[i] != host[i])
        return false;
    return ySizes[0] == rows && ySizes[1] == 2 && ySizes[2] == 2 &&
           zSizes[0] == rows && zSizes[1] == 4;
  }

  int64_t rows;
  float factor = 2;
  int64_t xSizes[2] = {rows, 4}, ySizes[3] = {}, zSizes[2] = {};
  MoaTensor arguments[2] = {{nullptr, xSizes}, {&factor, nullptr}};
  MoaTensor results[2] = {{nullptr, ySizes}, {nullptr, zSizes}};
  int64_t workspaceSize;
  void *workspace;
  CUstream stream;
  std::vector<float> host;
};
} // namespace

static void expectError(const char *what, int status) {
  std::printf("%s: %d, %s\n", what, status, moa_gpu_last_error());
}

static void callWrongly() {
  Call call(3);
  call.xSizes[1] = 5;
  expectError("static size", call.enqueue());
  call.xSizes[1] = 4;
  call.xSizes[0] = -1;
  expectError("negative size", call.enqueue());
  call.xSizes[0] = 5000000000;
  expectError("size", scale3_workspace_size(call.arguments, call.results));
  call.xSizes[0] = 200000;
  expectError("check", scale3_workspace_size(call.arguments, call.results));
  call.xSizes[0] = 3;
  call.ySizes[0] = 2;
  expectError("result", call.enqueue());
  call.ySizes[0] = 3;
  void *data = call.arguments[0].data;
  call.arguments[0].data = static_cast<char *>(data) + 4;
  expectError("alignment", call.enqueue());
  call.arguments[0].data = nullptr;
  expectError("address", call.enqueue());
  call.arguments[0].data = data;
  call.arguments[1].data = nullptr;
  expectError("scalar", call.enqueue());
  call.arguments[1].data = &call.factor;
  CUcontext context;
  check(cuCtxPopCurrent(&context));
  expectError("context", call.enqueue());
  check(cuCtxPushCurrent(context));
  std::printf("at last: %d, %d\n", call.enqueue(), call.isRight());
}

int main() {
  // Sizes need no device.
  int64_t xSizes[2] = {100, 4}, ySizes[3], zSizes[2];
  MoaTensor arguments[] = {{nullptr, xSizes}, {&xSizes, nullptr}};
  MoaTensor results[] = {{nullptr, ySizes}, {nullptr, zSizes}};
  std::printf("workspace: %lld\n", static_cast<long long>(scale3_workspace_size(
                                       arguments, results)));

  CUdevice device;
  CUcontext context;
  check(cuInit(0));
  check(cuDeviceGet(&device, 0));
  check(cuDevicePrimaryCtxRetain(&context, device));
  check(cuCtxSetCurrent(context));
  callWrongly();

  std::vector<std::thread> threads;
  std::vector<int> right(4);
  for (size_t i = 0; i < right.size(); ++i)
    threads.emplace_back([&, i] {
      check(cuCtxSetCurrent(context));
      Call call(10 * i + 1);
      bool works = true;
      for (int repeat = 0; repeat < 5; ++repeat)
        works &= !call.enqueue() && call.isRight();
      right[i] = works;
    });
  for (std::thread &thread : threads)
    thread.join();
  for (int isRight : right)
    std::printf("thread: %d\n", isRight);

  // Kernels come back after they have been unloaded.
  moa_gpu_unload();
  Call again(7);
  std::printf("again: %d, %d\n", again.enqueue(), again.isRight());
  return 0;
}
