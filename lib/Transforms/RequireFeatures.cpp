//===- RequireFeatures.cpp - CPU features of functions --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Transforms/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace moa {
#define GEN_PASS_DEF_MOAREQUIREFEATURESPASS
#include "moa/Transforms/Passes.h.inc"
} // namespace moa

static constexpr StringRef kDotPrefix = "llvm.x86.avx512bf16.";
/// The second one for vectors below 512 bits.
static constexpr StringRef kDotFeatures[] = {"+avx512bf16", "+avx512vl"};

/// Add the features of dot products to those of `function`.
static void addFeatures(LLVM::LLVMFuncOp function) {
  llvm::SmallSetVector<StringRef, 4> features;
  if (LLVM::TargetFeaturesAttr before = function.getTargetFeaturesAttr())
    for (StringAttr feature : before.getFeatures())
      features.insert(feature.getValue());
  features.insert(std::begin(kDotFeatures), std::end(kDotFeatures));
  function.setTargetFeaturesAttr(LLVM::TargetFeaturesAttr::get(
      function.getContext(), features.getArrayRef()));
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
        addFeatures(function);
    });
  }
};
} // namespace
