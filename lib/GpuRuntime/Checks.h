//===- Checks.h - Whether a call fits its function --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_GPURUNTIME_CHECKS_H
#define MOA_GPURUNTIME_CHECKS_H

#include "moa/Runtime/GpuAbi.h"

#include <optional>
#include <vector>

namespace moa::gpu {

/// The bytes that `tensor` takes, or nothing where they do not fit 63 bits.
std::optional<int64_t> countBytes(const MoaPort &port, const MoaTensor &tensor);

/// Results without data, with room for the sizes of each.
struct Sizes {
  explicit Sizes(const MoaFunction &function);

  std::vector<int64_t> storage;
  std::vector<MoaTensor> tensors;
};

} // namespace moa::gpu

#endif // MOA_GPURUNTIME_CHECKS_H
