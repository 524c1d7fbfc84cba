//===- Json.cpp - What LLVM's JSON parser lets pass -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Support/Json.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace moa {

/// Where the string that begins at `begin` of `text` ends: at its quote.
static size_t findEndOfString(StringRef text, size_t begin) {
  size_t end = begin + 1;
  while (end < text.size() && text[end] != '"')
    end += text[end] == '\\' ? 2 : 1;
  return end;
}

unsigned getJsonNesting(StringRef text) {
  unsigned depth = 0, deepest = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '"')
      i = findEndOfString(text, i);
    else if (c == '[' || c == '{')
      deepest = std::max(deepest, ++depth);
    else if ((c == ']' || c == '}') && depth)
      --depth;
  }
  return deepest;
}

namespace {
/// An object or array that is open: the keys so far.
struct Scope {
  StringSet<> keys;
  std::string last;
};
} // namespace

std::optional<std::string> findRepeatedJsonKey(StringRef text) {
  std::vector<Scope> scopes;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '[' || c == '{')
      scopes.emplace_back();
    if (c == ']' || c == '}')
      scopes.pop_back();
    if (c != '"')
      continue;
    size_t end = findEndOfString(text, i);
    StringRef literal = text.slice(i, end + 1);
    i = end;
    if (!text.substr(end + 1).ltrim(" \t\r\n").starts_with(":"))
      continue;
    // "a" and "\u0061" are the same key.
    Expected<json::Value> key = json::parse(literal);
    if (!key) {
      consumeError(key.takeError());
      continue;
    }
    Scope &scope = scopes.back();
    scope.last = key->getAsString()->str();
    if (scope.keys.insert(scope.last).second)
      continue;
    std::string path;
    for (const Scope &outer : scopes)
      if (!outer.last.empty())
        path += (path.empty() ? "" : ".") + outer.last;
    return path;
  }
  return std::nullopt;
}

std::string escapeForMessage(StringRef text) {
  std::string escaped;
  raw_string_ostream os(escaped);
  for (char c : text)
    // Bytes of UTF-8 are as they are.
    if (isPrint(c) || uint8_t(c) >= 0x80)
      os << c;
    else
      os << "\\x" << utohexstr(uint8_t(c), /*LowerCase=*/true, /*Width=*/2);
  return escaped;
}

} // namespace moa
