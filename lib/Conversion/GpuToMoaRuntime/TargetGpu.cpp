//===- TargetGpu.cpp - The chip that kernels are compiled for -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Conversion/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Target/LLVM/NVVM/Utils.h"
#include "moa/Support/Chips.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

using namespace mlir;

namespace moa {
#define GEN_PASS_DEF_MOATARGETGPUPASS
#include "moa/Conversion/Passes.h.inc"
} // namespace moa

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

namespace {
struct MoaTargetGpuPass : moa::impl::MoaTargetGpuPassBase<MoaTargetGpuPass> {
  using MoaTargetGpuPassBase::MoaTargetGpuPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<const moa::Chip *> target =
        moa::findChip(chip, [&] { return emitError(module.getLoc()); });
    if (failed(target) || failed(checkFeatures(**target)) ||
        failed(checkFormat()))
      return signalPassFailure();
    StringRef chosen = features;
    if (chosen.empty())
      chosen = (*target)->features;
    // At levels 2 and 3 LLVM takes longer, for code of as many instructions to
    // a hundredth, and at most three registers fewer: little is redundant.
    auto attribute = NVVM::NVVMTargetAttr::get(
        &getContext(), /*optLevel=*/1, "nvptx64-nvidia-cuda", chip, chosen);
    for (auto kernels : module.getOps<gpu::GPUModuleOp>()) {
      if (failed(checkDeviceLibrary(kernels)))
        return signalPassFailure();
      if (!kernels.getTargetsAttr())
        kernels.setTargetsAttr(ArrayAttr::get(&getContext(), attribute));
    }
  }

private:
  /// LLVM aborts where a chip needs a later PTX than the features name.
  LogicalResult checkFeatures(const moa::Chip &target) {
    if (features.empty())
      return success();
    auto version = moa::getPtxVersion(features);
    if (!version)
      return emitError(getOperation().getLoc(), "features '")
             << features << "' name no version of PTX; " << target.name
             << " takes " << target.features << " or later";
    int least = *moa::getPtxVersion(target.features);
    if (*version < least)
      return emitError(getOperation().getLoc(), "features '")
             << features << "' name PTX " << *version / 10 << "."
             << *version % 10 << "; " << target.name << " takes " << least / 10
             << "." << least % 10 << " or later";
    return success();
  }

  LogicalResult checkFormat() {
    if (format == "isa")
      return success();
    if (format != "bin" && format != "fatbin")
      return emitError(getOperation().getLoc(), "format '")
             << format << "' is none of isa, bin, fatbin";
    if (llvm::sys::findProgramByName("ptxas") || isInToolkit({"bin", "ptxas"}))
      return success();
    return emitError(getOperation().getLoc(), "format=")
           << format
           << " needs ptxas, which is neither on PATH nor in the folder that "
              "CUDA_ROOT, CUDA_HOME or CUDA_PATH names: install the CUDA "
              "toolkit, or use format=isa, which the driver compiles";
  }
};
} // namespace
