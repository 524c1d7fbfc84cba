//===- MoaToVector.cpp - Kernels of vectors for a CPU ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Conversion/MoaToVector.h"
#include "moa/Conversion/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"
#include "moa/Utils/Listeners.h"
#include "moa/Utils/Remarks.h"

using namespace mlir;
using namespace moa;

namespace moa {
#define GEN_PASS_DEF_CONVERTMOATOVECTORPASS
#define GEN_PASS_DEF_CONVERTLINALGTOKERNELSPASS
#include "moa/Conversion/Passes.h.inc"
} // namespace moa

/// The options of a pass; an error on `op` where the target is unknown.
static FailureOr<MoaToVectorOptions> getOptions(Operation *op, StringRef target,
                                                bool runtimeChecks) {
  std::optional<CpuTarget> parsed = CpuTarget::parse(target);
  if (!parsed)
    return op->emitError("there is no target '")
           << target << "': use " << CpuTarget::getNames();
  return MoaToVectorOptions{*parsed, runtimeChecks};
}

void moa::populateMoaToVectorPatterns(RewritePatternSet &patterns,
                                      const MoaToVectorOptions &options) {
  populateGroupedMatmulToVectorPatterns(patterns, options);
  populateRouterProductToVectorPatterns(patterns, options);
  populateAttentionToVectorPatterns(patterns, options);
}

/// Apply `patterns` once to each moa op below `root`. Which ops they rewrote,
/// as `text`, and why they refused others, is said in remarks of `category`.
static void rewriteAll(Operation *root, RewritePatternSet patterns,
                       StringRef category, StringRef text) {
  FrozenRewritePatternSet frozen(std::move(patterns));
  SmallVector<Operation *> ops;
  root->walk([&](Operation *op) {
    if (isa_and_nonnull<MoaDialect>(op->getDialect()))
      ops.push_back(op);
  });
  for (Operation *op : ops) {
    // Now, as the op may be gone later.
    Location loc = op->getLoc();
    remark::RemarkOpts options =
        getRemarkOptions(op, op->getName().stripDialect(), category);
    ReasonListener listener;
    if (succeeded(applyToOp(op, frozen, listener)))
      remark::passed(loc, options) << text;
    else if (!listener.reason.empty())
      remark::missed(loc, options) << listener.reason;
  }
}

namespace {
struct ConvertMoaToVectorPass
    : moa::impl::ConvertMoaToVectorPassBase<ConvertMoaToVectorPass> {
  using ConvertMoaToVectorPassBase::ConvertMoaToVectorPassBase;

  void runOnOperation() override {
    FailureOr<MoaToVectorOptions> options =
        getOptions(getOperation(), target, runtimeChecks);
    if (failed(options))
      return signalPassFailure();
    RewritePatternSet groups(&getContext());
    populateGroupSlotsPatterns(groups);
    rewriteAll(getOperation(), std::move(groups), getArgument(),
               "grouped: slots that share an expert read its weights once");
    RewritePatternSet patterns(&getContext());
    populateMoaToVectorPatterns(patterns, *options);
    rewriteAll(getOperation(), std::move(patterns), getArgument(),
               "a kernel of vectors");
  }
};

struct ConvertLinalgToKernelsPass
    : moa::impl::ConvertLinalgToKernelsPassBase<ConvertLinalgToKernelsPass> {
  using ConvertLinalgToKernelsPassBase::ConvertLinalgToKernelsPassBase;

  void runOnOperation() override {
    FailureOr<MoaToVectorOptions> options =
        getOptions(getOperation(), target, /*runtimeChecks=*/false);
    if (failed(options))
      return signalPassFailure();
    SmallVector<linalg::LinalgOp> ops;
    getOperation().walk([&](linalg::LinalgOp op) { ops.push_back(op); });
    for (linalg::LinalgOp op : ops) {
      // What is no contraction takes loops in any case, which is no news.
      if (!linalg::isaContractionOpInterface(op))
        continue;
      Location loc = op.getLoc();
      remark::RemarkOpts remarkOptions =
          getRemarkOptions(op, op->getName().stripDialect(), getArgument());
      ReasonListener listener;
      IRRewriter rewriter(&getContext(), &listener);
      if (succeeded(convertContraction(rewriter, op, *options)))
        remark::passed(loc, remarkOptions) << "a kernel of vectors";
      else
        remark::missed(loc, remarkOptions) << listener.reason;
    }
  }
};
} // namespace
