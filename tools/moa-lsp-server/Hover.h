//===- Hover.h - Documentation of ops on hover ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_TOOLS_LSP_SERVER_HOVER_H
#define MOA_TOOLS_LSP_SERVER_HOVER_H

#include "llvm/ADT/StringRef.h"
#include <string>

/// What the reference says about the op `name`, in Markdown; empty for an op
/// that is not ours.
llvm::StringRef getDocumentation(llvm::StringRef name);

/// `message`, a body of the protocol. Where it answers a hover over one of our
/// ops, the op's documentation is added.
std::string addDocumentation(std::string message);

#endif // MOA_TOOLS_LSP_SERVER_HOVER_H
