//===- FailedCheck.h - What compiled code says before it ends ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_RUNTIME_FAILEDCHECK_H
#define MOA_LIB_RUNTIME_FAILEDCHECK_H

#include "moa/Runtime/Arguments.h"

namespace moa {

/// While it lives, messages of failed checks say which sizes `arguments` have
/// where the types of `ports` leave them open. One at a time.
class CallInProgress {
public:
  CallInProgress(llvm::ArrayRef<Port> ports, llvm::ArrayRef<Tensor> arguments);
  ~CallInProgress();
  CallInProgress(const CallInProgress &) = delete;
  CallInProgress &operator=(const CallInProgress &) = delete;

  /// "; called with x of 2x33x48xf32", or nothing.
  std::string describe() const;

private:
  llvm::ArrayRef<Port> ports;
  llvm::ArrayRef<Tensor> arguments;
};

/// Called by compiled code, before abort, with the message of a failed check.
int reportFailedCheck(const char *message);

/// Memory for compiled code, which does not ask whether there is any: where
/// there is none, the process ends as it does on a failed check.
void *allocateOrExit(size_t bytes);

/// Called by compiled code when a check has failed. Nothing is cleaned up:
/// other threads may be in the middle of the function.
[[noreturn]] void exitOnFailedCheck();

} // namespace moa

#endif // MOA_LIB_RUNTIME_FAILEDCHECK_H
