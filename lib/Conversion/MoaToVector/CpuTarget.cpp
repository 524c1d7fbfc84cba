//===- CpuTarget.cpp - The vector registers of a CPU ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Conversion/CpuTarget.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace moa;

static constexpr CpuTarget kAvx512 = {64, 32};
static constexpr CpuTarget kAvx512Bf16 = {64, 32, /*dotsBf16=*/true};
static constexpr CpuTarget kAvx2 = {32, 16};
static constexpr CpuTarget kPortable = {16, 16};

/// Sapphire Rapids and its successors have dot products that start every other
/// cycle, in which two multiply-adds start every cycle: pairs take twice as
/// long as their terms one by one.
static bool hasSlowDots(llvm::StringRef cpu) {
  return llvm::StringSwitch<bool>(cpu)
      .Cases({"sapphirerapids", "emeraldrapids", "graniterapids",
              "graniterapids-d"},
             true)
      .Default(false);
}

/// What decoding is fastest with; see docs/Rationale.md.
static int64_t getStreams(llvm::StringRef cpu) {
  return llvm::StringSwitch<int64_t>(cpu)
      .Case("znver5", 2)
      .Case("znver4", 8)
      .Default(kPortable.streams);
}

static CpuTarget getHost() {
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  llvm::StringRef cpu = llvm::sys::getHostCPUName();
  if (features.lookup("avx512f")) {
    bool dots = features.lookup("avx512bf16") && !hasSlowDots(cpu);
    CpuTarget target = dots ? kAvx512Bf16 : kAvx512;
    target.streams = getStreams(cpu);
    return target;
  }
  if (features.lookup("avx2") && features.lookup("fma"))
    return kAvx2;
  // NEON has twice the registers of SSE.
  if (llvm::Triple(llvm::sys::getProcessTriple()).isAArch64())
    return {16, 32};
  return kPortable;
}

std::optional<CpuTarget> CpuTarget::parse(llvm::StringRef name) {
  return llvm::StringSwitch<std::optional<CpuTarget>>(name)
      .Case("host", getHost())
      .Case("avx512bf16", kAvx512Bf16)
      .Case("avx512", kAvx512)
      .Case("avx2", kAvx2)
      .Case("portable", kPortable)
      .Default(std::nullopt);
}
