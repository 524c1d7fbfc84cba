//===- Benchmark.cpp - Timing a compiled function -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Runtime/Engine.h"

#include "llvm/ADT/STLExtras.h"
#include <chrono>
#include <sys/resource.h>

using namespace llvm;

namespace moa {

/// The most memory that the process has had, in KiB.
static int64_t getPeakMemory() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/// The value below which the share `part` of the sorted `times` lies.
static double getQuantile(ArrayRef<double> times, double part) {
  double position = part * (times.size() - 1);
  size_t below = position;
  if (below + 1 == times.size())
    return times[below];
  return times[below] + (position - below) * (times[below + 1] - times[below]);
}

Expected<Timings> benchmark(Engine &engine, ArrayRef<Tensor> arguments,
                            size_t runs, double seconds,
                            std::vector<Tensor> &results) {
  using Clock = std::chrono::steady_clock;
  using Milliseconds = std::chrono::duration<double, std::milli>;
  auto runOnce = [&]() -> Expected<double> {
    // Memory of the run before is free again, as it would be in a loop of a
    // user's program.
    results.clear();
    Clock::time_point start = Clock::now();
    auto outcome = engine.run(arguments);
    Milliseconds time = Clock::now() - start;
    if (!outcome)
      return outcome.takeError();
    results = std::move(*outcome);
    return time.count();
  };
  Expected<double> warmUp = runOnce();
  if (!warmUp)
    return warmUp.takeError();

  std::vector<double> times;
  times.reserve(runs);
  int64_t firstPeak = 0;
  Clock::time_point start = Clock::now();
  while (times.size() < runs ||
         std::chrono::duration<double>(Clock::now() - start).count() <
             seconds) {
    Expected<double> time = runOnce();
    if (!time)
      return time.takeError();
    times.push_back(*time);
    if (times.size() == 1)
      firstPeak = getPeakMemory();
  }
  int64_t growth = getPeakMemory() - firstPeak;
  llvm::sort(times);
  return Timings{times.size(), getQuantile(times, 0.5), times.front(),
                 getQuantile(times, 0.75) - getQuantile(times, 0.25), growth};
}

} // namespace moa
