//===- Output.cpp - Writing a file whole or not at all --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Support/Output.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include <filesystem>

using namespace llvm;
namespace fs = std::filesystem;

namespace moa {

/// What `path` points to, which need not exist. A rename onto a link would
/// replace the link.
static fs::path followLinks(fs::path path) {
  std::error_code error;
  constexpr int mostLinks = 40; // As Linux.
  for (int i = 0; i < mostLinks && fs::is_symlink(path, error); ++i)
    path = path.parent_path() / fs::read_symlink(path, error);
  return path;
}

/// Whether there is something at `path` that a rename must not replace: a pipe,
/// a device, or a name for a file that is open already.
static bool isSpecial(StringRef path) {
  std::error_code error;
  return path == "/dev/stdout" || path == "/dev/stderr" ||
         path.starts_with("/dev/fd/") || path.starts_with("/proc/self/fd/") ||
         fs::is_other(path.str(), error);
}

/// Write to what is at `path` already.
static Error writeSpecial(StringRef path,
                          function_ref<void(raw_ostream &)> write) {
  std::error_code error;
  raw_fd_ostream os(path, error, sys::fs::CD_OpenAlways, sys::fs::FA_Write,
                    sys::fs::OF_Append);
  if (!error) {
    write(os);
    os.flush();
    error = os.error();
    os.clear_error();
  }
  return errorCodeToError(error);
}

Error flushStandardOutput() {
  outs().flush();
  std::error_code error = outs().error();
  outs().clear_error();
  if (!error)
    return Error::success();
  return createStringError("cannot write to standard output: " +
                           error.message());
}

/// Write a new file, which takes the place of what is at `path`.
static Error writeNew(StringRef path, function_ref<void(raw_ostream &)> write) {
  return writeToOutput(followLinks(path.str()).string(), [&](raw_ostream &os) {
    write(os);
    return Error::success();
  });
}

Error writeOutput(StringRef path, function_ref<void(raw_ostream &)> write) {
  if (path == "-") {
    write(outs());
    return flushStandardOutput();
  }
  if (Error error =
          isSpecial(path) ? writeSpecial(path, write) : writeNew(path, write))
    return createStringError("cannot write '" + path +
                             "': " + toString(std::move(error)));
  return Error::success();
}

} // namespace moa
