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

/// While it lives, adds the names of kernels that this thread launches to
/// `names`, each once: what a kernel does wrong is known only when the stream
/// is waited for.
class LaunchLog {
public:
  explicit LaunchLog(std::vector<std::string> &names);
  ~LaunchLog();
  LaunchLog(const LaunchLog &) = delete;
  LaunchLog &operator=(const LaunchLog &) = delete;

  std::vector<std::string> &names;

private:
  LaunchLog *outer;
};

} // namespace moa::gpu

#endif // MOA_GPURUNTIME_LAUNCH_H
