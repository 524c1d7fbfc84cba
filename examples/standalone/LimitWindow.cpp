//===- LimitWindow.cpp - A pass between moa's -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a project of its own would do to a layer once it is decomposed: here,
// every attention gets a sliding window.
//
//===----------------------------------------------------------------------===//

#include "LimitWindow.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"
#include "moa/IR/Moa.h"
#include "moa/Pipelines/Pipelines.h"
#include "moa/Transforms/Passes.h"

using namespace mlir;

namespace {
class LimitWindowPass
    : public PassWrapper<LimitWindowPass, OperationPass<func::FuncOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LimitWindowPass)

  LimitWindowPass() = default;
  explicit LimitWindowPass(int64_t window) { this->window = window; }
  LimitWindowPass(const LimitWindowPass &other) : PassWrapper(other) {
    window = other.window;
  }

  StringRef getArgument() const final { return "standalone-limit-window"; }
  StringRef getDescription() const final {
    return "Let attention see the last keys alone";
  }

  void runOnOperation() final {
    if (window < 1) {
      getOperation().emitError() << "standalone-limit-window: window ("
                                 << window.getValue() << ") must be at least 1";
      return signalPassFailure();
    }
    getOperation().walk([&](moa::AttentionOp attention) {
      std::optional<uint64_t> present = attention.getWindow();
      if (!present || *present > static_cast<uint64_t>(window))
        attention.setWindow(window);
    });
  }

private:
  Option<int64_t> window{*this, "window",
                         llvm::cl::desc("Keys that a query sees at most"),
                         llvm::cl::init(128)};
};
} // namespace

void standalone::registerPasses() {
  PassRegistration<LimitWindowPass>();
  PassPipelineRegistration<>(
      "standalone-pipeline",
      "moa's CPU pipeline with windows of at most 4 keys",
      [](OpPassManager &manager) {
        manager.addPass(moa::createMoaDecomposePass());
        manager.addNestedPass<func::FuncOp>(
            std::make_unique<LimitWindowPass>(4));
        moa::buildMoaCpuPipeline(manager, moa::MoaCpuPipelineOptions());
      });
}
