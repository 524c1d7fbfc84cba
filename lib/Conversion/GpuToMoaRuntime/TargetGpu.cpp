//===- TargetGpu.cpp - The chip that kernels are compiled for -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Conversion/GpuTarget.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Target/LLVM/NVVM/Utils.h"
#include "moa/Conversion/Passes.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

using namespace mlir;

namespace moa {
#define GEN_PASS_DEF_MOATARGETGPUPASS
#include "moa/Conversion/Passes.h.inc"
} // namespace moa

static constexpr llvm::StringLiteral kTriple = "nvptx64-nvidia-cuda";

/// PATH joined to the folder of the CUDA toolkit, if there is one and the file
/// exists.
static bool isInToolkit(std::initializer_list<StringRef> path) {
  SmallString<128> file(NVVM::getCUDAToolkitPath());
  if (file.empty())
    return false;
  for (StringRef part : path)
    llvm::sys::path::append(file, part);
  return llvm::sys::fs::exists(file);
}

/// LLVM would leave the call as it is, and the driver would not know it.
static LogicalResult checkDeviceLibrary(gpu::GPUModuleOp kernels) {
  if (isInToolkit({"nvvm", "libdevice", "libdevice.10.bc"}))
    return success();
  for (auto function : kernels.getOps<LLVM::LLVMFuncOp>())
    if (function.isExternal() && function.getName().starts_with("__nv_"))
      return function.emitError("kernels call '")
             << function.getName()
             << "' of CUDA's libdevice, which was not found: set CUDA_HOME to "
                "the folder of a CUDA toolkit";
  return success();
}

/// The features that LLVM knows, versions of PTX among them.
static SmallVector<StringRef> getKnownFeatures(const moa::Chip &chip) {
  NVVM::SerializeGPUModuleBase::init();
  llvm::Triple triple(kTriple);
  std::string problem;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, problem);
  if (!target)
    return {};
  std::unique_ptr<llvm::MCSubtargetInfo> info(
      target->createMCSubtargetInfo(triple, chip.name, /*Features=*/""));
  SmallVector<StringRef> known;
  for (const llvm::SubtargetFeatureKV &feature :
       info->getAllProcessorFeatures())
    known.push_back(feature.Key);
  return known;
}

/// The latest version of PTX among `features`.
static int getLatestPtx(ArrayRef<StringRef> features) {
  int latest = 0;
  for (StringRef feature : features)
    if (auto version = moa::getPtxVersion(("+" + feature).str()))
      latest = std::max(latest, *version);
  return latest;
}

/// LLVM aborts where a chip needs a later PTX than the features name, and takes
/// another one where it does not know theirs.
static LogicalResult checkFeatures(StringRef features, const moa::Chip &chip,
                                   moa::ReportFailure fail) {
  if (features.empty())
    return success();
  SmallVector<StringRef> known = getKnownFeatures(chip);
  std::string range = (chip.name + " takes " + chip.features).str();
  if (!known.empty())
    range += " to +ptx" + std::to_string(getLatestPtx(known));
  auto version = moa::getPtxVersion(features);
  if (!version)
    return fail("features '" + features + "' name no version of PTX; " + range);
  for (StringRef feature : llvm::split(features, ','))
    if (feature.empty() || !llvm::is_contained(known, feature.drop_front()))
      return fail("features '" + features + "' name '" + feature +
                  "', which LLVM does not know; " + range);
  if (*version >= *moa::getPtxVersion(chip.features))
    return success();
  return fail("features '" + features + "' name PTX " + Twine(*version / 10) +
              "." + Twine(*version % 10) + "; " + range);
}

static LogicalResult checkFormat(StringRef format, moa::ReportFailure fail) {
  if (format == "isa")
    return success();
  if (format != "bin" && format != "fatbin")
    return fail("format '" + format + "' is none of isa, bin, fatbin");
  if (llvm::sys::findProgramByName("ptxas") || isInToolkit({"bin", "ptxas"}))
    return success();
  return fail("format=" + format +
              " needs ptxas, which is neither on PATH nor in the folder that "
              "CUDA_ROOT, CUDA_HOME or CUDA_PATH names: install the CUDA "
              "toolkit, or use format=isa, which the driver compiles");
}

FailureOr<const moa::Chip *> moa::findGpuTarget(StringRef chip,
                                                StringRef features,
                                                StringRef format,
                                                ReportFailure fail) {
  FailureOr<const Chip *> target = findChip(chip, fail);
  if (failed(target) || failed(checkFeatures(features, **target, fail)) ||
      failed(checkFormat(format, fail)))
    return failure();
  return target;
}

namespace {
struct MoaTargetGpuPass : moa::impl::MoaTargetGpuPassBase<MoaTargetGpuPass> {
  using MoaTargetGpuPassBase::MoaTargetGpuPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<const moa::Chip *> target = moa::findGpuTarget(
        chip, features, format, moa::failAt(module.getLoc()));
    if (failed(target))
      return signalPassFailure();
    StringRef chosen = features;
    if (chosen.empty())
      chosen = (*target)->features;
    // At levels 2 and 3 LLVM takes longer, for code of as many instructions to
    // a hundredth, and at most three registers fewer: little is redundant.
    auto attribute = NVVM::NVVMTargetAttr::get(&getContext(), /*optLevel=*/1,
                                               kTriple, chip, chosen);
    for (auto kernels : module.getOps<gpu::GPUModuleOp>()) {
      if (failed(checkDeviceLibrary(kernels)))
        return signalPassFailure();
      if (!kernels.getTargetsAttr())
        kernels.setTargetsAttr(ArrayAttr::get(&getContext(), attribute));
    }
  }
};
} // namespace
