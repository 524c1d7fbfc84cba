//===- Progress.cpp - A sign of life during long work ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Support/Progress.h"

#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>

namespace moa {

Progress::Progress(llvm::StringRef text) : text(text) {
  if (llvm::sys::Process::StandardErrIsDisplayed())
    thread = std::thread([this] { wait(); });
}

Progress::~Progress() {
  if (!thread.joinable())
    return;
  {
    std::lock_guard<std::mutex> lock(mutex);
    done = true;
  }
  condition.notify_one();
  thread.join();
}

void Progress::wait() {
  std::unique_lock<std::mutex> lock(mutex);
  if (!condition.wait_for(lock, std::chrono::seconds(2), [&] { return done; }))
    llvm::errs() << text << '\n';
}

} // namespace moa
