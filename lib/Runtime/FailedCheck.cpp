//===- FailedCheck.cpp - What compiled code says before it ends -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FailedCheck.h"

#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <cstdlib>

using namespace llvm;

namespace moa {

/// Compiled code passes a text alone: what it was called with is found here.
static const CallInProgress *current = nullptr;

CallInProgress::CallInProgress(ArrayRef<Port> ports, ArrayRef<Tensor> arguments)
    : ports(ports), arguments(arguments) {
  current = this;
}

CallInProgress::~CallInProgress() { current = nullptr; }

std::string CallInProgress::describe() const {
  std::string text;
  for (auto [port, argument] : zip_equal(ports, arguments)) {
    if (!is_contained(port.shape, kAnySize))
      continue;
    text += (text.empty() ? "; called with " : ", ") + port.name + " of " +
            formatType(argument.getType(), argument.getShape());
  }
  return text;
}

int reportFailedCheck(const char *message) {
  outs().flush();
  errs() << "moa-run: error: " << message
         << (current ? current->describe() : "") << '\n';
  return 0;
}

void *allocateOrExit(size_t bytes) {
  if (void *memory = std::malloc(std::max<size_t>(bytes, 1)))
    return memory;
  std::string message =
      "the function asks for " + std::to_string(bytes) + " bytes of memory";
  reportFailedCheck((message + ", which there are not").c_str());
  exitOnFailedCheck();
}

void exitOnFailedCheck() {
  outs().flush();
  errs().flush();
  std::_Exit(1);
}

} // namespace moa
