//===- Json.h - What LLVM's JSON parser lets pass ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_SUPPORT_JSON_H
#define MOA_SUPPORT_JSON_H

#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace moa {

/// How deep brackets nest outside of strings. LLVM's parser recurses, so that
/// deep text, which need not be JSON here, would exhaust the stack.
unsigned getJsonNesting(llvm::StringRef text);

/// The first key that one object of `text`, which is JSON, has twice: with the
/// keys of the objects around it, "gate.scale". LLVM's parser keeps the last
/// value of such a key, other parsers the first.
std::optional<std::string> findRepeatedJsonKey(llvm::StringRef text);

/// `text` with what is no printable character escaped: it takes one line.
std::string escapeForMessage(llvm::StringRef text);

} // namespace moa

#endif // MOA_SUPPORT_JSON_H
