//===- Driver.cpp - The CUDA driver, opened when needed -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver.h"

#include "moa/Runtime/moa_gpu.h"
#include <cstdlib>
#include <dlfcn.h>

namespace moa::gpu {

static thread_local std::string lastError;

int32_t fail(int32_t status, const std::string &message) {
  lastError = message;
  return status;
}

std::string Driver::describe(CUresult result) const {
  const char *name = nullptr, *text = nullptr;
  cuGetErrorName(result, &name);
  cuGetErrorString(result, &text);
  std::string description = name ? name : "error " + std::to_string(result);
  if (text)
    description += std::string(": ") + text;
  return description;
}

int32_t check(const Driver &driver, CUresult result, const std::string &what) {
  if (result == CUDA_SUCCESS)
    return MOA_GPU_SUCCESS;
  return fail(MOA_GPU_DRIVER, what + ": " + driver.describe(result));
}

namespace {
/// The driver, or why there is none.
struct Opened {
  Driver driver = {};
  std::string problem;

  Opened() {
    const char *path = std::getenv("MOA_CUDA_DRIVER");
    if (!path || !*path)
      path = "libcuda.so.1";
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
      const char *reason = dlerror();
      problem = std::string("cannot open the CUDA driver: ") +
                (reason ? reason : path) +
                "; install NVIDIA's driver, or set MOA_CUDA_DRIVER to the path "
                "of its libcuda.so.1";
      return;
    }
    // The library stays open: contexts and modules live in it.
#define MOA_CUDA_RESOLVE(name, symbol, ...)                                    \
  driver.name =                                                                \
      reinterpret_cast<CUresult (*)(__VA_ARGS__)>(dlsym(library, symbol));
#define MOA_CUDA_REQUIRE(name, symbol, ...)                                    \
  if (!driver.name && problem.empty())                                         \
    problem = std::string("the CUDA driver ") + path + " has no function " +   \
              symbol + ": update the driver";
    MOA_CUDA_FUNCTIONS(MOA_CUDA_RESOLVE)
    MOA_CUDA_OPTIONAL_FUNCTIONS(MOA_CUDA_RESOLVE)
    MOA_CUDA_FUNCTIONS(MOA_CUDA_REQUIRE)
#undef MOA_CUDA_RESOLVE
#undef MOA_CUDA_REQUIRE
    if (!problem.empty())
      return;
    if (CUresult result = driver.cuInit(0))
      problem = std::string("the CUDA driver ") + path +
                " does not start: " + driver.describe(result);
  }
};
} // namespace

const Driver *getDriver() {
  static const Opened opened;
  if (opened.problem.empty())
    return &opened.driver;
  fail(MOA_GPU_DRIVER, opened.problem);
  return nullptr;
}

int getCapability(const Driver &driver, CUdevice device) {
  int major = 0, minor = 0;
  driver.cuDeviceGetAttribute(
      &major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device);
  driver.cuDeviceGetAttribute(
      &minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device);
  return 10 * major + minor;
}

std::string getDeviceName(const Driver &driver, CUdevice device) {
  char name[256] = "";
  driver.cuDeviceGetName(name, sizeof(name), device);
  return name;
}

} // namespace moa::gpu

extern "C" const char *moa_gpu_last_error(void) {
  return moa::gpu::lastError.c_str();
}
