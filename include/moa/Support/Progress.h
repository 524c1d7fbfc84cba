//===- Progress.h - A sign of life during long work -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_SUPPORT_PROGRESS_H
#define MOA_SUPPORT_PROGRESS_H

#include "llvm/ADT/StringRef.h"
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace moa {

/// While it lives for more than two seconds it has printed one line on standard
/// error, if that is a terminal.
class Progress {
public:
  explicit Progress(llvm::StringRef text);
  ~Progress();
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

private:
  void wait();

  std::string text;
  bool done = false;
  std::mutex mutex;
  std::condition_variable condition;
  std::thread thread;
};

} // namespace moa

#endif // MOA_SUPPORT_PROGRESS_H
