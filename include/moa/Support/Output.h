//===- Output.h - Writing a file whole or not at all ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_SUPPORT_OUTPUT_H
#define MOA_SUPPORT_OUTPUT_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace moa {

/// Write to `path`, or to standard output if it is "-". A file is written under
/// a temporary name that then takes its own; a symbolic link stays and what it
/// points to is written. Pipes and devices are written as they are. The error
/// names the path.
llvm::Error writeOutput(llvm::StringRef path,
                        llvm::function_ref<void(llvm::raw_ostream &)> write);

/// Write what standard output holds back; the error if it, or an earlier part,
/// could not be written. Otherwise LLVM reports that as its own at the exit.
llvm::Error flushStandardOutput();

} // namespace moa

#endif // MOA_SUPPORT_OUTPUT_H
