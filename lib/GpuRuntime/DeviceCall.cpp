//===- DeviceCall.cpp - A call on a device from host memory ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Runtime/DeviceCall.h"

#include "Checks.h"
#include "Driver.h"
#include "Launch.h"
#include "moa/Runtime/GpuAbi.h"

#include <cstdlib>

namespace moa::gpu {

namespace {
/// Memory on the device. Each tensor has its own, so that tools which watch
/// memory see a kernel that leaves one.
struct DeviceMemory {
  CUdeviceptr address = 0;
  int64_t bytes = 0;

  void *get() const { return reinterpret_cast<void *>(address); }
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
  std::vector<DeviceMemory> argumentMemory, resultMemory;
  DeviceMemory workspace;
  std::vector<MoaTensor> deviceArguments, deviceResults;
  /// The kernels that may be running.
  std::vector<std::string> launched;

  int32_t enterContext();
  int32_t plan();
  int32_t allocate(DeviceMemory &memory, const std::string &what);
  int32_t allocate();
  int32_t upload();
  int32_t wait();
  void release(const DeviceMemory &memory);
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

/// Find out how many bytes everything takes.
int32_t DeviceCall::State::plan() {
  workspace.bytes = function.workspaceSize(arguments, results);
  if (workspace.bytes < 0)
    return MOA_GPU_INVALID;
  argumentMemory.resize(function.numArguments);
  resultMemory.resize(function.numResults);
  for (int64_t i = 0; i < function.numArguments; ++i)
    // A scalar stays in host memory. The sizes have been checked.
    if (function.arguments[i].rank >= 0)
      argumentMemory[i].bytes =
          *countBytes(function.arguments[i], arguments[i]);
  for (int64_t i = 0; i < function.numResults; ++i) {
    std::optional<int64_t> bytes = countBytes(function.results[i], results[i]);
    if (!bytes)
      return fail(MOA_GPU_INVALID, std::string(function.name) + ": result '" +
                                       function.results[i].name +
                                       "' has more bytes than memory can");
    resultMemory[i].bytes = *bytes;
  }
  return MOA_GPU_SUCCESS;
}

int32_t DeviceCall::State::allocate(DeviceMemory &memory,
                                    const std::string &what) {
  if (!memory.bytes)
    return MOA_GPU_SUCCESS;
  return check(*driver, driver->cuMemAlloc(&memory.address, memory.bytes),
               std::string(function.name) + ": cannot allocate " +
                   std::to_string(memory.bytes) + " bytes on the device " +
                   what);
}

int32_t DeviceCall::State::allocate() {
  for (int64_t i = 0; i < function.numArguments; ++i) {
    const MoaPort &port = function.arguments[i];
    if (int32_t status =
            allocate(argumentMemory[i], std::string("for '") + port.name + "'"))
      return status;
    MoaTensor tensor = arguments[i];
    if (port.rank >= 0)
      tensor.data = argumentMemory[i].get();
    deviceArguments.push_back(tensor);
  }
  for (int64_t i = 0; i < function.numResults; ++i) {
    if (int32_t status =
            allocate(resultMemory[i],
                     std::string("for '") + function.results[i].name + "'"))
      return status;
    deviceResults.push_back({resultMemory[i].get(), results[i].sizes});
  }
  return allocate(workspace, "as workspace");
}

int32_t DeviceCall::State::upload() {
  for (int64_t i = 0; i < function.numArguments; ++i) {
    const DeviceMemory &memory = argumentMemory[i];
    if (!memory.bytes)
      continue;
    CUresult result = driver->cuMemcpyHtoDAsync(
        memory.address, arguments[i].data, memory.bytes, stream);
    if (int32_t status =
            check(*driver, result,
                  std::string(function.name) + ": cannot copy '" +
                      function.arguments[i].name + "' to the device"))
      return status;
  }
  return MOA_GPU_SUCCESS;
}

void DeviceCall::State::release(const DeviceMemory &memory) {
  if (memory.address)
    driver->cuMemFree(memory.address);
}

int32_t DeviceCall::State::wait() {
  std::string what = function.name;
  for (const std::string &name : launched)
    what += (&name == &launched.front() ? ": one of its kernels failed: '"
                                        : ", '") +
            name + "'";
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
  for (const DeviceMemory &memory : state->argumentMemory)
    state->release(memory);
  for (const DeviceMemory &memory : state->resultMemory)
    state->release(memory);
  state->release(state->workspace);
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
  LaunchLog log(state->launched);
  return state->function.enqueue(
      state->deviceArguments.data(), state->deviceResults.data(),
      state->workspace.get(), state->workspace.bytes, state->stream);
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
    const DeviceMemory &memory = state->resultMemory[i];
    // Something to free even where the result is empty.
    void *data = std::malloc(memory.bytes ? memory.bytes : 1);
    state->results[i].data = data;
    if (!data)
      status = fail(MOA_GPU_DRIVER,
                    std::string(function.name) + ": no memory for the " +
                        std::to_string(memory.bytes) + " bytes of '" +
                        function.results[i].name + "'");
    else if (memory.bytes)
      status = check(*state->driver,
                     state->driver->cuMemcpyDtoHAsync(
                         data, memory.address, memory.bytes, state->stream),
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
