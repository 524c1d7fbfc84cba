//===- Launch.h - What a function puts on its stream ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_GPURUNTIME_LAUNCH_H
#define MOA_GPURUNTIME_LAUNCH_H

#include <string>
#include <vector>

namespace moa::gpu {

/// While it lives, records the kernels that this thread launches: what a kernel
/// does wrong is known only when the stream is waited for.
class LaunchLog {
public:
  LaunchLog();
  ~LaunchLog();
  LaunchLog(const LaunchLog &) = delete;
  LaunchLog &operator=(const LaunchLog &) = delete;

  /// "'route', 'dispatch'"; empty if nothing was launched.
  std::string format() const;

  std::vector<std::string> names;

private:
  LaunchLog *outer;
};

} // namespace moa::gpu

#endif // MOA_GPURUNTIME_LAUNCH_H
