//===- Checks.cpp - Whether a call fits its function ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Checks.h"
#include "Driver.h"
#include "moa/Runtime/GpuAbi.h"

#include <climits>

namespace moa::gpu {

/// What kernels assume of their pointers, which lets them load vectors.
static constexpr uintptr_t kTensorAlignment = 16;
static constexpr uintptr_t kWorkspaceAlignment = 256;

std::optional<int64_t> countBytes(const MoaPort &port,
                                  const MoaTensor &tensor) {
  int64_t bytes = port.elementSize;
  for (int64_t i = 0; i < port.rank; ++i)
    if (tensor.sizes[i] == 0)
      return 0;
  for (int64_t i = 0; i < port.rank; ++i)
    if (__builtin_mul_overflow(bytes, tensor.sizes[i], &bytes))
      return std::nullopt;
  return bytes;
}

/// "layer: argument 'x'".
static std::string describe(const MoaFunction &function, const char *role,
                            const MoaPort &port) {
  return std::string(function.name) + ": " + role + " '" + port.name + "'";
}

static int32_t checkSizes(const MoaPort &port, const MoaTensor &tensor,
                          const std::string &what) {
  for (int64_t i = 0; i < port.rank; ++i) {
    int64_t size = tensor.sizes[i];
    std::string found = what + " has the size " + std::to_string(size) +
                        " in dimension " + std::to_string(i);
    if (port.sizes[i] >= 0 && size != port.sizes[i])
      return fail(MOA_GPU_INVALID,
                  found + "; its type says " + std::to_string(port.sizes[i]));
    if (size < 0 || size > INT32_MAX)
      return fail(MOA_GPU_INVALID, found + ", which is not between 0 and " +
                                       std::to_string(INT32_MAX));
  }
  if (!countBytes(port, tensor))
    return fail(MOA_GPU_INVALID, what + " has more bytes than memory can");
  return MOA_GPU_SUCCESS;
}

/// Whether the elements of `tensor`, if there are any, lie where kernels can
/// read them.
static int32_t checkData(const MoaPort &port, const MoaTensor &tensor,
                         const std::string &what) {
  if (port.rank < 0 || *countBytes(port, tensor) == 0)
    return MOA_GPU_SUCCESS;
  if (!tensor.data)
    return fail(MOA_GPU_INVALID, what + " has no data: its address is null");
  if (reinterpret_cast<uintptr_t>(tensor.data) % kTensorAlignment)
    return fail(MOA_GPU_INVALID, what + " does not begin at a multiple of " +
                                     std::to_string(kTensorAlignment) +
                                     " bytes");
  return MOA_GPU_SUCCESS;
}

static int32_t checkResults(const MoaFunction &function,
                            const MoaTensor *results, const Sizes &expected) {
  for (int64_t i = 0; i < function.numResults; ++i) {
    const MoaPort &port = function.results[i];
    std::string what = describe(function, "result", port);
    for (int64_t dim = 0; dim < port.rank; ++dim) {
      int64_t want = expected.tensors[i].sizes[dim];
      if (results[i].sizes[dim] != want)
        return fail(MOA_GPU_INVALID,
                    what + " has the size " +
                        std::to_string(results[i].sizes[dim]) +
                        " in dimension " + std::to_string(dim) +
                        "; for these arguments it is " + std::to_string(want));
    }
    if (int32_t status = checkData(port, results[i], what))
      return status;
  }
  return MOA_GPU_SUCCESS;
}

Sizes::Sizes(const MoaFunction &function) {
  size_t total = 0;
  for (int64_t i = 0; i < function.numResults; ++i)
    total += function.results[i].rank;
  storage.resize(total);
  int64_t *next = storage.data();
  for (int64_t i = 0; i < function.numResults; ++i) {
    tensors.push_back({nullptr, next});
    next += function.results[i].rank;
  }
}

} // namespace moa::gpu

using namespace moa::gpu;

int32_t moa_rt_fail(const char *message) {
  return fail(MOA_GPU_INVALID, message);
}

int32_t moa_rt_check_arguments(const MoaFunction *function,
                               const MoaTensor *arguments) {
  for (int64_t i = 0; i < function->numArguments; ++i) {
    const MoaPort &port = function->arguments[i];
    std::string what = describe(*function, "argument", port);
    if (port.rank < 0 && !arguments[i].data)
      return fail(MOA_GPU_INVALID, what + " has no value: its address is null");
    if (int32_t status = checkSizes(port, arguments[i], what))
      return status;
  }
  return MOA_GPU_SUCCESS;
}

int32_t moa_rt_check_call(const MoaFunction *function,
                          const MoaTensor *arguments, const MoaTensor *results,
                          void *workspace, int64_t workspaceSize) {
  Sizes expected(*function);
  // Checks the arguments, too.
  int64_t needed = function->workspaceSize(arguments, expected.tensors.data());
  if (needed < 0)
    return MOA_GPU_INVALID;
  for (int64_t i = 0; i < function->numArguments; ++i)
    if (int32_t status =
            checkData(function->arguments[i], arguments[i],
                      describe(*function, "argument", function->arguments[i])))
      return status;
  if (int32_t status = checkResults(*function, results, expected))
    return status;
  if (workspaceSize < needed)
    return fail(MOA_GPU_INVALID,
                std::string(function->name) + ": the workspace has " +
                    std::to_string(workspaceSize) + " bytes; it needs " +
                    std::to_string(needed));
  if (needed && (!workspace ||
                 reinterpret_cast<uintptr_t>(workspace) % kWorkspaceAlignment))
    return fail(MOA_GPU_INVALID,
                std::string(function->name) +
                    ": the workspace is null or does not begin at a multiple "
                    "of " +
                    std::to_string(kWorkspaceAlignment) + " bytes");
  return MOA_GPU_SUCCESS;
}
