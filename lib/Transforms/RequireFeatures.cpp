//===- RequireFeatures.cpp - CPU features of functions --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Transforms/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace moa {
#define GEN_PASS_DEF_MOAREQUIREFEATURESPASS
#include "moa/Transforms/Passes.h.inc"
} // namespace moa

static constexpr StringRef kDotPrefix = "llvm.x86.avx512bf16.";
static constexpr StringRef kDotFeature = "+avx512bf16";

/// Add `feature` to those of `function`.
static void addFeature(LLVM::LLVMFuncOp function, StringRef feature) {
  MLIRContext *context = function.getContext();
  SmallVector<StringRef> features;
  if (LLVM::TargetFeaturesAttr before = function.getTargetFeaturesAttr()) {
    if (before.contains(feature))
      return;
    for (StringAttr other : before.getFeatures())
      features.push_back(other.getValue());
  }
  features.push_back(feature);
  function.setTargetFeaturesAttr(
      LLVM::TargetFeaturesAttr::get(context, features));
}

namespace {
struct MoaRequireFeaturesPass
    : moa::impl::MoaRequireFeaturesPassBase<MoaRequireFeaturesPass> {
  using MoaRequireFeaturesPassBase::MoaRequireFeaturesPassBase;

  void runOnOperation() override {
    getOperation()->walk([](LLVM::CallIntrinsicOp call) {
      if (!call.getIntrin().starts_with(kDotPrefix))
        return;
      if (auto function = call->getParentOfType<LLVM::LLVMFuncOp>())
        addFeature(function, kDotFeature);
    });
  }
};
} // namespace
