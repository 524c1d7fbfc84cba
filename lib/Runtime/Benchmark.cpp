//===- Benchmark.cpp - Timing a compiled function -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FailedCheck.h"
#include "moa/Runtime/DeviceCall.h"
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

using Clock = std::chrono::steady_clock;

/// Repeat `runOnce`, which returns how many milliseconds it took.
static Expected<Timings> repeat(size_t runs, double seconds,
                                function_ref<Expected<double>()> runOnce) {
  Expected<double> warmUp = runOnce();
  if (!warmUp)
    return warmUp.takeError();

  // The times of so many runs are kept, the last ones. Their memory is written
  // to before the first run: it shall not pass for what runs take.
  constexpr size_t kMostTimes = 1 << 20;
  std::vector<double> times(kMostTimes);
  size_t count = 0;
  int64_t firstPeak = 0;
  Clock::time_point start = Clock::now();
  while (count < runs ||
         std::chrono::duration<double>(Clock::now() - start).count() <
             seconds) {
    Expected<double> time = runOnce();
    if (!time)
      return time.takeError();
    times[count++ % times.size()] = *time;
    if (count == 1)
      firstPeak = getPeakMemory();
  }
  int64_t growth = getPeakMemory() - firstPeak;
  times.resize(std::min(count, times.size()));
  llvm::sort(times);
  return Timings{count, getQuantile(times, 0.5), times.front(),
                 getQuantile(times, 0.75) - getQuantile(times, 0.25), growth};
}

/// With the sizes that `engine` was called with, as failed checks of other
/// runs.
static Error makeRuntimeError(const Engine &engine,
                              ArrayRef<Tensor> arguments) {
  CallInProgress call(engine.getArguments(), arguments);
  return makeError(moa_gpu_last_error() + call.describe());
}

/// As tensors, the results that a call has left in memory of malloc's.
static void takeResults(ArrayRef<Port> ports, ArrayRef<MoaTensor> returned,
                        std::vector<Tensor> &results) {
  results.clear();
  for (auto [port, tensor] : zip_equal(ports, returned)) {
    std::shared_ptr<void> owner(tensor.data, std::free);
    results.emplace_back(port.type, ArrayRef(tensor.sizes, port.shape.size()),
                         static_cast<char *>(tensor.data), owner);
  }
}

static Expected<Timings> benchmarkOnDevice(Engine &engine,
                                           ArrayRef<Tensor> arguments,
                                           size_t runs, double seconds,
                                           std::vector<Tensor> &results) {
  std::vector<std::vector<int64_t>> sizes;
  for (const Tensor &tensor : arguments)
    sizes.push_back(tensor.getShape().vec());
  for (const Port &port : engine.getResults())
    sizes.emplace_back(port.shape.size());
  std::vector<MoaTensor> taken, returned;
  for (auto [index, size] : enumerate(sizes)) {
    if (index < arguments.size())
      taken.push_back({arguments[index].getData(), size.data()});
    else
      returned.push_back({nullptr, size.data()});
  }
  auto fail = [&] { return makeRuntimeError(engine, arguments); };
  gpu::DeviceCall call(*engine.getDeviceFunction(), taken.data(),
                       returned.data());
  if (call.prepare())
    return fail();
  Expected<Timings> timings = repeat(runs, seconds, [&]() -> Expected<double> {
    double milliseconds;
    if (call.enqueueTimed(milliseconds))
      return fail();
    return milliseconds;
  });
  if (!timings)
    return timings.takeError();
  if (call.finish())
    return fail();
  takeResults(engine.getResults(), returned, results);
  return timings;
}

Expected<Timings> benchmark(Engine &engine, ArrayRef<Tensor> arguments,
                            size_t runs, double seconds,
                            std::vector<Tensor> &results) {
  using Milliseconds = std::chrono::duration<double, std::milli>;
  if (engine.getDeviceFunction())
    return benchmarkOnDevice(engine, arguments, runs, seconds, results);
  return repeat(runs, seconds, [&]() -> Expected<double> {
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
  });
}

} // namespace moa
