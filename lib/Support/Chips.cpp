//===- Chips.cpp - What kernels can be compiled for -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Support/Chips.h"

#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace moa {

/// In order of capability.
static constexpr Chip kChips[] = {
    {"sm_80", "+ptx80", 80, 163 * 1024},
    {"sm_86", "+ptx80", 86, 99 * 1024},
    {"sm_89", "+ptx80", 89, 99 * 1024},
    {"sm_90", "+ptx80", 90, 227 * 1024},
    {"sm_90a", "+ptx80", 90, 227 * 1024},
    {"sm_100a", "+ptx86", 100, 227 * 1024},
    {"sm_120a", "+ptx87", 120, 99 * 1024},
};

/// Code for such a chip runs on that chip alone.
static bool isSpecific(const Chip &chip) { return chip.name.ends_with("a"); }

ArrayRef<Chip> getChips() { return kChips; }

FailureOr<const Chip *> findChip(StringRef name, ReportFailure fail) {
  for (const Chip &chip : kChips)
    if (chip.name == name)
      return &chip;
  std::string names =
      join(map_range(kChips, [](const Chip &chip) { return chip.name.str(); }),
           ", ");
  return fail("chip '" + name + "' is none of " + names);
}

LogicalResult checkSharedBytes(int64_t bytes, const Chip *chip,
                               ReportFailure fail) {
  StringRef name = "any chip";
  int most = 0;
  if (chip) {
    name = chip->name;
    most = chip->sharedMemory;
  } else {
    for (const Chip &known : kChips)
      most = std::max(most, known.sharedMemory);
  }
  if (0 < bytes && bytes <= most)
    return success();
  return fail("shared-bytes=" + Twine(bytes) + " is not from 1 to " +
              Twine(most) + ", what a block of " + name + " may have");
}

const Chip *findChipOf(int capability) {
  const Chip *best = nullptr;
  for (const Chip &chip : kChips)
    if (isSpecific(chip) ? chip.capability == capability
                         : chip.capability <= capability)
      best = &chip;
  return best;
}

std::optional<int> getPtxVersion(StringRef features) {
  size_t at = features.find("+ptx");
  int version;
  if (at == StringRef::npos ||
      features.drop_front(at + 4).consumeInteger(10, version))
    return std::nullopt;
  return version;
}

std::optional<StringRef> findUnresolved(StringRef ptx) {
  // What the driver links to every module.
  static constexpr StringLiteral kKnown[] = {"vprintf", "malloc", "free",
                                             "__assertfail"};
  while (true) {
    size_t at = ptx.find(".extern .func");
    if (at == StringRef::npos)
      return std::nullopt;
    ptx = ptx.drop_front(at + strlen(".extern .func"));
    StringRef name = ptx.ltrim();
    // "(.param .b32 func_retval0) name".
    if (name.consume_front("("))
      name = name.split(')').second.ltrim();
    name = name.take_until([](char c) { return isSpace(c) || c == '('; });
    if (!is_contained(kKnown, name))
      return name;
  }
}

} // namespace moa
