//===- Hover.cpp - Documentation of ops on hover --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Hover.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using llvm::StringRef;

/// Sections of ops, as mlir-tblgen generates them for the reference.
static constexpr char references[] = {
#include "References.inc"
};

StringRef getDocumentation(StringRef name) {
  StringRef text(references, sizeof(references));
  size_t begin = text.find(("\n### `" + name + "` (").str());
  if (begin == StringRef::npos)
    return "";
  StringRef section = text.substr(begin + 1);
  section = section.split('\n').second;
  return section.take_front(section.find("\n### `")).trim();
}

std::string addDocumentation(std::string message) {
  llvm::Expected<llvm::json::Value> parsed = llvm::json::parse(message);
  if (!parsed) {
    llvm::consumeError(parsed.takeError());
    return message;
  }
  // {"result": {"contents": {"value": "\"moa.route\"\n..."}}}
  llvm::json::Object *object = parsed->getAsObject();
  object = object ? object->getObject("result") : nullptr;
  object = object ? object->getObject("contents") : nullptr;
  StringRef hover = object ? object->getString("value").value_or("") : "";
  if (!hover.consume_front("\""))
    return message;
  auto [name, rest] = hover.split('"');
  StringRef documentation = getDocumentation(name);
  if (documentation.empty())
    return message;
  (*object)["value"] =
      ("`" + name + "`\n\n" + documentation + "\n\n" + rest.trim() + "\n")
          .str();
  return llvm::formatv("{0}", *parsed);
}
