//===- DeviceCall.cpp - A call on a device from host memory ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Runtime/DeviceCall.h"

#include "moa/Runtime/GpuAbi.h"
#include "Checks.h"
#include "Driver.h"
#include "Launch.h"

#include <cstdlib>

namespace moa::gpu {

/// Where each tensor and the workspace begin, as cuMemAlloc's memory does.
static constexpr int64_t kAlignment = 256;

namespace {
/// Something in host memory and its copy on the device.
struct Part {
  int64_t offset, bytes;
};
} // namespace

struct DeviceCall::State {
  State(const MoaFunction &function, const MoaTensor *arguments,
        MoaTensor *results)
      : function(function), arguments(arguments), results(results) {}

  const MoaFunction &function;
  const MoaTensor *arguments;
  MoaTensor *results;

  const Driver *driver = nullptr;
  bool pushedContext = false;
  CUstream stream = nullptr;
  CUevent start = nullptr, stop = nullptr;
  /// One allocation, in which everything has its offset.
  CUdeviceptr memory = 0;
  int64_t total = 0;
  std::vector<Part> argumentParts, resultParts;
  Part workspace = {0, 0};
  std::vector<MoaTensor> deviceArguments, deviceResults;
  LaunchLog launches;

  int32_t enterContext();
  int32_t addPart(const MoaPort &port, const MoaTensor &tensor,
                  std::vector<Part> &parts);
  int32_t plan();
  int32_t allocate();
  int32_t upload();
  int32_t wait();
  void *at(const Part &part) const {
    return reinterpret_cast<void *>(memory + part.offset);
  }
};

int32_t DeviceCall::State::enterContext() {
  driver = getDriver();
  if (!driver)
    return MOA_GPU_DRIVER;
  CUcontext context = nullptr;
  driver->cuCtxGetCurrent(&context);
  if (context)
    return MOA_GPU_SUCCESS;
  CUdevice device;
  if (int32_t status =
          check(*driver, driver->cuDeviceGet(&device, 0), "no CUDA device"))
    return status;
  // Retained once per process and never released, as the CUDA runtime does: its
  // kernels stay loaded for the next call.
  static CUresult retained;
  static CUcontext primary = [&] {
    CUcontext context = nullptr;
    retained = driver->cuDevicePrimaryCtxRetain(&context, device);
    return context;
  }();
  if (int32_t status = check(*driver, retained, "no context on device 0"))
    return status;
  if (int32_t status = check(*driver, driver->cuCtxPushCurrent(primary),
                             "cannot enter the context of device 0"))
    return status;
  pushedContext = true;
  return MOA_GPU_SUCCESS;
}

int32_t DeviceCall::State::addPart(const MoaPort &port, const MoaTensor &tensor,
                                   std::vector<Part> &parts) {
  // A scalar stays in host memory.
  std::optional<int64_t> bytes = 0;
  if (port.rank >= 0)
    bytes = countBytes(port, tensor);
  int64_t end;
  if (!bytes || __builtin_add_overflow(total, *bytes + kAlignment - 1, &end))
    return fail(MOA_GPU_INVALID, std::string(function.name) + ": '" +
                                     port.name +
                                     "' has more bytes than memory can");
  parts.push_back({total, *bytes});
  total = end / kAlignment * kAlignment;
  return MOA_GPU_SUCCESS;
}

int32_t DeviceCall::State::plan() {
  workspace.bytes = function.workspaceSize(arguments, results);
  if (workspace.bytes < 0)
    return MOA_GPU_INVALID;
  for (int64_t i = 0; i < function.numArguments; ++i)
    if (int32_t status =
            addPart(function.arguments[i], arguments[i], argumentParts))
      return status;
  for (int64_t i = 0; i < function.numResults; ++i)
    if (int32_t status = addPart(function.results[i], results[i], resultParts))
      return status;
  workspace.offset = total;
  if (__builtin_add_overflow(total, workspace.bytes, &total))
    return fail(MOA_GPU_INVALID, std::string(function.name) +
                                     ": the workspace has more bytes than "
                                     "memory can");
  return MOA_GPU_SUCCESS;
}

int32_t DeviceCall::State::allocate() {
  if (total)
    if (int32_t status = check(
            *driver, driver->cuMemAlloc(&memory, total),
            std::string(function.name) + ": cannot allocate " +
                std::to_string(total) + " bytes on the device (" +
                std::to_string(workspace.bytes) + " of them as workspace)"))
      return status;
  for (int64_t i = 0; i < function.numArguments; ++i) {
    MoaTensor tensor = arguments[i];
    if (function.arguments[i].rank >= 0)
      tensor.data = at(argumentParts[i]);
    deviceArguments.push_back(tensor);
  }
  for (int64_t i = 0; i < function.numResults; ++i)
    deviceResults.push_back({at(resultParts[i]), results[i].sizes});
  return MOA_GPU_SUCCESS;
}

int32_t DeviceCall::State::upload() {
  for (int64_t i = 0; i < function.numArguments; ++i) {
    const Part &part = argumentParts[i];
    if (!part.bytes)
      continue;
    CUresult result = driver->cuMemcpyHtoDAsync(
        memory + part.offset, arguments[i].data, part.bytes, stream);
    if (int32_t status =
            check(*driver, result,
                  std::string(function.name) + ": cannot copy '" +
                      function.arguments[i].name + "' to the device"))
      return status;
  }
  return MOA_GPU_SUCCESS;
}

int32_t DeviceCall::State::wait() {
  std::string what = function.name;
  if (!launches.names.empty())
    what += ": one of its kernels (" + launches.format() + ") failed";
  return check(*driver, driver->cuStreamSynchronize(stream), what);
}

DeviceCall::DeviceCall(const MoaFunction &function, const MoaTensor *arguments,
                       MoaTensor *results)
    : state(new State(function, arguments, results)) {}

DeviceCall::~DeviceCall() {
  const Driver *driver = state->driver;
  if (!driver)
    return;
  // After a failure as after success: nothing may run in memory that is freed.
  if (state->stream) {
    driver->cuStreamSynchronize(state->stream);
    driver->cuStreamDestroy(state->stream);
  }
  if (state->start)
    driver->cuEventDestroy(state->start);
  if (state->stop)
    driver->cuEventDestroy(state->stop);
  if (state->memory)
    driver->cuMemFree(state->memory);
  CUcontext popped;
  if (state->pushedContext)
    driver->cuCtxPopCurrent(&popped);
}

int32_t DeviceCall::prepare() {
  // Before the driver, so that wrong arguments are found without one.
  if (int32_t status = state->plan())
    return status;
  if (int32_t status = state->enterContext())
    return status;
  if (int32_t status = check(
          *state->driver,
          state->driver->cuStreamCreate(&state->stream, CU_STREAM_NON_BLOCKING),
          "cannot create a stream"))
    return status;
  if (int32_t status = state->allocate())
    return status;
  return state->upload();
}

int32_t DeviceCall::enqueue() {
  return state->function.enqueue(
      state->deviceArguments.data(), state->deviceResults.data(),
      state->at(state->workspace), state->workspace.bytes, state->stream);
}

int32_t DeviceCall::enqueueTimed(double &milliseconds) {
  const Driver &driver = *state->driver;
  const char *what = "cannot time a call";
  if (!state->start) {
    if (int32_t status =
            check(driver, driver.cuEventCreate(&state->start, 0), what))
      return status;
    if (int32_t status =
            check(driver, driver.cuEventCreate(&state->stop, 0), what))
      return status;
  }
  if (int32_t status = check(
          driver, driver.cuEventRecord(state->start, state->stream), what))
    return status;
  if (int32_t status = enqueue())
    return status;
  if (int32_t status =
          check(driver, driver.cuEventRecord(state->stop, state->stream), what))
    return status;
  if (int32_t status = state->wait())
    return status;
  float time = 0;
  int32_t status =
      check(driver, driver.cuEventElapsedTime(&time, state->start, state->stop),
            what);
  milliseconds = time;
  return status;
}

int32_t DeviceCall::finish() {
  const MoaFunction &function = state->function;
  int32_t status = MOA_GPU_SUCCESS;
  for (int64_t i = 0; i < function.numResults; ++i)
    state->results[i].data = nullptr;
  for (int64_t i = 0; i < function.numResults && !status; ++i) {
    const Part &part = state->resultParts[i];
    // Something to free even where the result is empty.
    void *data = std::malloc(part.bytes ? part.bytes : 1);
    state->results[i].data = data;
    if (!data)
      status = fail(MOA_GPU_DRIVER,
                    std::string(function.name) + ": no memory for the " +
                        std::to_string(part.bytes) + " bytes of '" +
                        function.results[i].name + "'");
    else if (part.bytes)
      status = check(
          *state->driver,
          state->driver->cuMemcpyDtoHAsync(data, state->memory + part.offset,
                                           part.bytes, state->stream),
          std::string(function.name) + ": cannot copy '" +
              function.results[i].name + "' from the device");
  }
  // A fault of a kernel may show in a copy; the wait says whose it is.
  if (int32_t waited = state->wait())
    status = waited;
  if (!status)
    return status;
  for (int64_t i = 0; i < function.numResults; ++i) {
    std::free(state->results[i].data);
    state->results[i].data = nullptr;
  }
  return status;
}

int32_t listDevices(std::vector<Device> &devices) {
  const Driver *driver = getDriver();
  if (!driver)
    return MOA_GPU_DRIVER;
  int count = 0;
  if (int32_t status = check(*driver, driver->cuDeviceGetCount(&count),
                             "cannot count the CUDA devices"))
    return status;
  for (int index = 0; index < count; ++index) {
    CUdevice device;
    if (int32_t status = check(*driver, driver->cuDeviceGet(&device, index),
                               "no CUDA device " + std::to_string(index)))
      return status;
    devices.push_back(
        {getDeviceName(*driver, device), getCapability(*driver, device)});
  }
  return MOA_GPU_SUCCESS;
}

} // namespace moa::gpu

int32_t moa_rt_call_on_host(const MoaFunction *function,
                            const MoaTensor *arguments, MoaTensor *results) {
  moa::gpu::DeviceCall call(*function, arguments, results);
  if (int32_t status = call.prepare())
    return status;
  if (int32_t status = call.enqueue())
    return status;
  return call.finish();
}
