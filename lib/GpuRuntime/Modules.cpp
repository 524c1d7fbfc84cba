//===- Modules.cpp - Kernels of the current context -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Modules.h"

#include <cstdlib>
#include <map>
#include <mutex>

namespace moa::gpu {

namespace {
/// A context, by a number that no later context has where the driver counts
/// them: an address may come back for another context.
using ContextId = unsigned long long;

struct LoadedModule {
  CUcontext context;
  CUmodule module;
};

struct LoadedKernel {
  CUfunction function;
  /// How much dynamic shared memory the function has been allowed.
  int64_t sharedMemory;
};

struct Cache {
  std::mutex mutex;
  std::map<std::pair<ContextId, const MoaModule *>, LoadedModule> modules;
  std::map<std::pair<ContextId, const MoaKernel *>, LoadedKernel> kernels;
};

/// Lets a module be loaded while this thread captures a stream: loading is not
/// part of the graph.
class RelaxedCapture {
public:
  explicit RelaxedCapture(const Driver &driver) : driver(driver) { exchange(); }
  ~RelaxedCapture() { exchange(); }

private:
  void exchange() {
    if (driver.cuThreadExchangeStreamCaptureMode)
      driver.cuThreadExchangeStreamCaptureMode(&mode);
  }

  const Driver &driver;
  int mode = CU_STREAM_CAPTURE_MODE_RELAXED;
};
} // namespace

/// Never destroyed: threads may launch while the process exits.
static Cache &getCache() {
  static Cache &cache = *new Cache();
  return cache;
}

static int32_t getContext(const Driver &driver, CUcontext &context,
                          ContextId &id) {
  if (int32_t status =
          check(driver, driver.cuCtxGetCurrent(&context), "no CUDA context"))
    return status;
  if (!context)
    return fail(MOA_GPU_INVALID,
                "no CUDA context is current in this thread: call cudaSetDevice "
                "or cuCtxSetCurrent first");
  id = reinterpret_cast<uintptr_t>(context);
  if (driver.cuCtxGetId)
    driver.cuCtxGetId(context, &id);
  return MOA_GPU_SUCCESS;
}

//===----------------------------------------------------------------------===//
// Choosing an object
//===----------------------------------------------------------------------===//

/// The number of a chip such as sm_90a, 0 if it is none.
static int parseChip(const std::string &chip, std::string &suffix) {
  if (chip.rfind("sm_", 0) != 0)
    return 0;
  char *end;
  int number = std::strtol(chip.c_str() + 3, &end, 10);
  suffix = end;
  return number;
}

/// Whether a device of `capability` runs `object`: PTX is compiled for any
/// later device, a cubin runs on later ones of its generation, and what is
/// specific to an architecture runs on that one alone.
static bool runsOn(const MoaObject &object, int number,
                   const std::string &suffix, int capability) {
  if (!suffix.empty())
    return number == capability;
  if (object.kind == MoaObject::Cubin)
    return number / 10 == capability / 10 && number <= capability;
  return number <= capability;
}

/// The object of `module` that is closest to the current device.
static int32_t selectObject(const Driver &driver, const MoaModule &module,
                            const MoaObject *&selected) {
  CUdevice device = 0;
  if (int32_t status =
          check(driver, driver.cuCtxGetDevice(&device), "no CUDA device"))
    return status;
  int capability = getCapability(driver, device);
  int best = 0;
  std::string chips;
  selected = nullptr;
  for (int64_t i = 0; i < module.numObjects; ++i) {
    const MoaObject &object = module.objects[i];
    std::string suffix;
    int number = parseChip(object.chip, suffix);
    chips += (i ? ", " : "") + std::string(object.chip);
    if (!runsOn(object, number, suffix, capability))
      continue;
    // Of two for one chip, the specific one.
    int rank = 2 * number + !suffix.empty();
    if (selected && rank <= best)
      continue;
    best = rank;
    selected = &object;
  }
  if (selected)
    return MOA_GPU_SUCCESS;
  return fail(
      MOA_GPU_DRIVER,
      "the kernels of '" + std::string(module.name) + "' are compiled for " +
          chips + "; the device " + getDeviceName(driver, device) + " is sm_" +
          std::to_string(capability) + ": compile with a chip= that it runs");
}

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

static int32_t loadModule(const Driver &driver, const MoaModule &module,
                          CUmodule &loaded) {
  const MoaObject *object;
  if (int32_t status = selectObject(driver, module, object))
    return status;
  std::string log(8192, '\0');
  // What PTX says of lines is kept, for profilers; most of it says nothing.
  int options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES,
                   CU_JIT_GENERATE_LINE_INFO};
  void *values[] = {log.data(), reinterpret_cast<void *>(log.size()),
                    reinterpret_cast<void *>(1)};
  RelaxedCapture relaxed(driver);
  CUresult result =
      driver.cuModuleLoadDataEx(&loaded, object->data, 3, options, values);
  if (result == CUDA_SUCCESS)
    return MOA_GPU_SUCCESS;
  log.resize(log.find('\0') == log.npos ? log.size() : log.find('\0'));
  while (!log.empty() && std::isspace(static_cast<unsigned char>(log.back())))
    log.pop_back();
  return fail(MOA_GPU_DRIVER,
              "cannot load the kernels of '" + std::string(module.name) +
                  "' for " + object->chip + ": " + driver.describe(result) +
                  (log.empty() ? "" : "\n" + log));
}

/// With the cache locked.
static int32_t getModuleIn(Cache &cache, CUcontext context, ContextId id,
                           const Driver &driver, const MoaModule &module,
                           CUmodule &loaded) {
  auto found = cache.modules.find({id, &module});
  if (found != cache.modules.end()) {
    loaded = found->second.module;
    return MOA_GPU_SUCCESS;
  }
  if (int32_t status = loadModule(driver, module, loaded))
    return status;
  cache.modules[{id, &module}] = {context, loaded};
  return MOA_GPU_SUCCESS;
}

/// Allow `kernel` more than the 48 KiB that need no permission.
static int32_t allowSharedMemory(const Driver &driver, const MoaKernel &kernel,
                                 LoadedKernel &loaded, int64_t sharedMemory) {
  if (sharedMemory <= loaded.sharedMemory)
    return MOA_GPU_SUCCESS;
  CUdevice device = 0;
  int limit = 0;
  driver.cuCtxGetDevice(&device);
  driver.cuDeviceGetAttribute(
      &limit, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, device);
  std::string what = "kernel '" + std::string(kernel.name) + "' needs " +
                     std::to_string(sharedMemory) +
                     " bytes of dynamic shared memory";
  if (sharedMemory > limit)
    return fail(MOA_GPU_DRIVER, what + "; the device " +
                                    getDeviceName(driver, device) + " has " +
                                    std::to_string(limit) + " for a block");
  if (int32_t status = check(
          driver,
          driver.cuFuncSetAttribute(
              loaded.function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
              static_cast<int>(sharedMemory)),
          what))
    return status;
  loaded.sharedMemory = sharedMemory;
  return MOA_GPU_SUCCESS;
}

int32_t getModule(const Driver &driver, const MoaModule &module,
                  CUmodule &loaded) {
  CUcontext context;
  ContextId id;
  if (int32_t status = getContext(driver, context, id))
    return status;
  Cache &cache = getCache();
  std::lock_guard<std::mutex> lock(cache.mutex);
  return getModuleIn(cache, context, id, driver, module, loaded);
}

int32_t getKernel(const Driver &driver, const MoaKernel &kernel,
                  int64_t sharedMemory, CUfunction &function) {
  CUcontext context;
  ContextId id;
  if (int32_t status = getContext(driver, context, id))
    return status;
  Cache &cache = getCache();
  std::lock_guard<std::mutex> lock(cache.mutex);
  auto found = cache.kernels.find({id, &kernel});
  if (found == cache.kernels.end()) {
    CUmodule module;
    if (int32_t status =
            getModuleIn(cache, context, id, driver, *kernel.module, module))
      return status;
    LoadedKernel loaded = {nullptr, 48 * 1024};
    if (int32_t status = check(
            driver,
            driver.cuModuleGetFunction(&loaded.function, module, kernel.name),
            "no kernel '" + std::string(kernel.name) + "' in '" +
                kernel.module->name + "'"))
      return status;
    found = cache.kernels.insert({{id, &kernel}, loaded}).first;
  }
  function = found->second.function;
  return allowSharedMemory(driver, kernel, found->second, sharedMemory);
}

} // namespace moa::gpu

using namespace moa::gpu;

void moa_gpu_unload(void) {
  Cache &cache = getCache();
  std::lock_guard<std::mutex> lock(cache.mutex);
  if (cache.modules.empty())
    return;
  const Driver *driver = getDriver();
  for (auto &[key, loaded] : cache.modules) {
    // A context that is gone has taken its modules with it.
    if (driver->cuCtxPushCurrent(loaded.context) != CUDA_SUCCESS)
      continue;
    driver->cuModuleUnload(loaded.module);
    CUcontext popped;
    driver->cuCtxPopCurrent(&popped);
  }
  cache.modules.clear();
  cache.kernels.clear();
}

void *moa_rt_global(const MoaModule *module, const char *name) {
  const Driver *driver = getDriver();
  CUmodule loaded;
  if (!driver || getModule(*driver, *module, loaded))
    return nullptr;
  CUdeviceptr address = 0;
  size_t size = 0;
  if (check(*driver, driver->cuModuleGetGlobal(&address, &size, loaded, name),
            "no variable '" + std::string(name) + "' in '" + module->name +
                "'"))
    return nullptr;
  return reinterpret_cast<void *>(address);
}
