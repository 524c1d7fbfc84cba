//===- Launch.cpp - What a function puts on its stream --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Launch.h"
#include "Modules.h"

#include <climits>
#include <cstring>
#include <vector>

using namespace moa::gpu;

namespace moa::gpu {

static thread_local LaunchLog *currentLog = nullptr;

LaunchLog::LaunchLog(std::vector<std::string> &names)
    : names(names), outer(currentLog) {
  currentLog = this;
}

LaunchLog::~LaunchLog() { currentLog = outer; }

/// Remember that `name` runs on the stream of the call in progress.
static void log(const char *name) {
  if (!currentLog)
    return;
  for (const std::string &known : currentLog->names)
    if (known == name)
      return;
  currentLog->names.push_back(name);
}

/// "2x1x1".
static std::string formatDims(const int64_t dims[3]) {
  return std::to_string(dims[0]) + "x" + std::to_string(dims[1]) + "x" +
         std::to_string(dims[2]);
}

/// Whether the current device can take the launch, which the driver's own error
/// says without a number.
static int32_t checkDims(const Driver &driver, const MoaKernel &kernel,
                         const int64_t grid[3], const int64_t block[3]) {
  CUdevice device = 0;
  driver.cuCtxGetDevice(&device);
  std::string what = "kernel '" + std::string(kernel.name) + "': ";
  for (int dim = 0; dim < 3; ++dim) {
    int limit = 0;
    driver.cuDeviceGetAttribute(
        &limit, CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X + dim, device);
    if (grid[dim] < 0 || grid[dim] > limit)
      return fail(MOA_GPU_INVALID, what + "the grid " + formatDims(grid) +
                                       " has more than " +
                                       std::to_string(limit) +
                                       " blocks in dimension " + "xyz"[dim]);
  }
  int limit = 0;
  driver.cuDeviceGetAttribute(&limit, CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK,
                              device);
  for (int dim = 0; dim < 3; ++dim)
    if (block[dim] < 1 || block[dim] > limit)
      return fail(MOA_GPU_INVALID, what + "a block of " + formatDims(block) +
                                       " threads; the device runs 1 to " +
                                       std::to_string(limit));
  if (block[0] * block[1] * block[2] > limit)
    return fail(MOA_GPU_INVALID, what + "a block of " + formatDims(block) +
                                     " threads; the device runs 1 to " +
                                     std::to_string(limit));
  return MOA_GPU_SUCCESS;
}

/// Whether each index fits the 32 bits that the kernel reads.
static int32_t checkIndices(const MoaKernel &kernel, const int64_t *slots) {
  for (int64_t i = 0; i < kernel.numArguments; ++i)
    if (kernel.kinds[i] == 'i' &&
        (slots[i] < INT32_MIN || slots[i] > INT32_MAX))
      return fail(MOA_GPU_INVALID, "kernel '" + std::string(kernel.name) +
                                       "': a size of " +
                                       std::to_string(slots[i]) +
                                       " does not fit the 32 bits that kernels "
                                       "count with");
  return MOA_GPU_SUCCESS;
}

} // namespace moa::gpu

int32_t moa_rt_launch(const MoaKernel *kernel, int64_t gridX, int64_t gridY,
                      int64_t gridZ, int64_t blockX, int64_t blockY,
                      int64_t blockZ, int64_t sharedMemory, int64_t *slots,
                      void *stream) {
  if (gridX == 0 || gridY == 0 || gridZ == 0)
    return MOA_GPU_SUCCESS;
  const Driver *driver = getDriver();
  if (!driver)
    return MOA_GPU_DRIVER;
  int64_t grid[3] = {gridX, gridY, gridZ};
  int64_t block[3] = {blockX, blockY, blockZ};
  CUfunction function;
  // First, as it finds out whether there is a device to ask.
  if (int32_t status = getKernel(*driver, *kernel, sharedMemory, function))
    return status;
  if (int32_t status = checkDims(*driver, *kernel, grid, block))
    return status;
  if (int32_t status = checkIndices(*kernel, slots))
    return status;
  std::vector<void *> parameters;
  for (int64_t i = 0; i < kernel->numArguments; ++i)
    parameters.push_back(&slots[i]);
  log(kernel->name);
  CUresult result = driver->cuLaunchKernel(
      function, gridX, gridY, gridZ, blockX, blockY, blockZ, sharedMemory,
      static_cast<CUstream>(stream), parameters.data(), nullptr);
  return check(*driver, result,
               "kernel '" + std::string(kernel->name) + "' (grid " +
                   formatDims(grid) + ", block " + formatDims(block) + ", " +
                   std::to_string(sharedMemory) +
                   " bytes of dynamic shared memory)");
}

int32_t moa_rt_fill(int64_t elementSize, int64_t count, void *target,
                    int64_t value, void *stream) {
  if (count == 0)
    return MOA_GPU_SUCCESS;
  const Driver *driver = getDriver();
  if (!driver)
    return MOA_GPU_DRIVER;
  auto address = reinterpret_cast<CUdeviceptr>(target);
  auto on = static_cast<CUstream>(stream);
  if (elementSize == 8) {
    // The driver fills with 32 bits at most; both halves have to be alike.
    if (static_cast<int32_t>(value) != static_cast<int32_t>(value >> 32))
      return fail(MOA_GPU_INVALID,
                  "cannot fill a buffer of 64-bit elements with a value other "
                  "than zero");
    elementSize = 4;
    count *= 2;
  }
  CUresult result =
      elementSize == 1   ? driver->cuMemsetD8Async(address, value, count, on)
      : elementSize == 2 ? driver->cuMemsetD16Async(address, value, count, on)
                         : driver->cuMemsetD32Async(address, value, count, on);
  return check(*driver, result, "cannot fill a device buffer");
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

namespace {
/// One dimension of a copy; strides in bytes.
struct Dimension {
  int64_t size, target, source;
};
} // namespace

/// The dimensions of a copy from the outermost, the last one over bytes, with
/// neighbours that lie alike in both buffers as one.
static std::vector<Dimension> collapse(int64_t elementSize, int64_t rank,
                                       const int64_t *sizes,
                                       const int64_t *targetStrides,
                                       const int64_t *sourceStrides) {
  // From the innermost.
  std::vector<Dimension> dims = {{elementSize, 1, 1}};
  for (int64_t i = rank; i-- > 0;) {
    if (sizes[i] == 1)
      continue;
    Dimension next = {sizes[i], targetStrides[i] * elementSize,
                      sourceStrides[i] * elementSize};
    Dimension &inner = dims.back();
    if (next.target == inner.size * inner.target &&
        next.source == inner.size * inner.source)
      inner.size *= next.size;
    else
      dims.push_back(next);
  }
  return {dims.rbegin(), dims.rend()};
}

/// Copy the dimensions from `first` on. The two innermost ones are one copy of
/// the driver's, the others a loop.
static CUresult copy(const Driver &driver, const std::vector<Dimension> &dims,
                     size_t first, CUdeviceptr target, CUdeviceptr source,
                     CUstream stream) {
  size_t left = dims.size() - first;
  if (left == 1)
    return driver.cuMemcpyDtoDAsync(target, source, dims[first].size, stream);
  const Dimension &outer = dims[first];
  bool isPitched = left == 2 && outer.target >= dims.back().size &&
                   outer.source >= dims.back().size;
  if (isPitched) {
    CUDA_MEMCPY2D rows = {};
    rows.srcMemoryType = rows.dstMemoryType = CU_MEMORYTYPE_DEVICE;
    rows.srcDevice = source;
    rows.srcPitch = outer.source;
    rows.dstDevice = target;
    rows.dstPitch = outer.target;
    rows.WidthInBytes = dims.back().size;
    rows.Height = outer.size;
    return driver.cuMemcpy2DAsync(&rows, stream);
  }
  for (int64_t i = 0; i < outer.size; ++i)
    if (CUresult result =
            copy(driver, dims, first + 1, target + i * outer.target,
                 source + i * outer.source, stream))
      return result;
  return CUDA_SUCCESS;
}

int32_t moa_rt_copy(int64_t elementSize, int64_t rank, const int64_t *sizes,
                    void *target, const int64_t *targetStrides,
                    const void *source, const int64_t *sourceStrides,
                    void *stream) {
  for (int64_t i = 0; i < rank; ++i)
    if (sizes[i] == 0)
      return MOA_GPU_SUCCESS;
  const Driver *driver = getDriver();
  if (!driver)
    return MOA_GPU_DRIVER;
  std::vector<Dimension> dims =
      collapse(elementSize, rank, sizes, targetStrides, sourceStrides);
  return check(*driver,
               copy(*driver, dims, 0, reinterpret_cast<CUdeviceptr>(target),
                    reinterpret_cast<CUdeviceptr>(source),
                    static_cast<CUstream>(stream)),
               "cannot copy between device buffers");
}
