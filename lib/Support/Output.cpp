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
/// a device, or a name for a file that is open already, as /dev/stdout is.
static bool isSpecial(StringRef path) {
  std::error_code error;
  return path.starts_with("/dev/") || fs::is_other(path.str(), error);
}

Error writeOutput(StringRef path, function_ref<void(raw_ostream &)> write) {
  if (path != "-" && isSpecial(path)) {
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
  std::string file =
      path == "-" ? path.str() : followLinks(path.str()).string();
  return writeToOutput(file, [&](raw_ostream &os) {
    write(os);
    return Error::success();
  });
}

} // namespace moa
