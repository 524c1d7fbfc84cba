//===- DeviceCall.h - A call on a device from host memory -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_RUNTIME_DEVICECALL_H
#define MOA_RUNTIME_DEVICECALL_H

#include "moa/Runtime/moa_gpu.h"
#include <memory>
#include <string>
#include <vector>

struct MoaFunction;

namespace moa::gpu {

/// One call of a compiled function: its memory on the device and its stream.
/// Uses the context that is current in this thread, or else the primary one of
/// device 0. What fails returns a status and leaves the reason in
/// moa_gpu_last_error.
class DeviceCall {
public:
  /// `arguments` and `results` are in host memory and outlive the call.
  DeviceCall(const MoaFunction &function, const MoaTensor *arguments,
             MoaTensor *results);
  ~DeviceCall();

  /// Find out the sizes of the results, allocate on the device, and copy the
  /// arguments there.
  int32_t prepare();
  /// Enqueue the function.
  int32_t enqueue();
  /// Enqueue the function between two events, wait for them, and measure the
  /// time from one to the other.
  int32_t enqueueTimed(double &milliseconds);
  /// Copy the results to memory of malloc's, and wait.
  int32_t finish();

private:
  struct State;
  std::unique_ptr<State> state;
};

/// A device that the driver knows.
struct Device {
  std::string name;
  /// 90 for compute capability 9.0.
  int capability;
};

/// All devices; a status and a reason where there is no driver.
int32_t listDevices(std::vector<Device> &devices);

} // namespace moa::gpu

#endif // MOA_RUNTIME_DEVICECALL_H
