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
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

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
           << target << "': use host, avx512, avx2 or portable";
  return MoaToVectorOptions{*parsed, runtimeChecks};
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
    // A walk does not see the ops that its rewrites create.
    RewritePatternSet groups(&getContext());
    populateGroupSlotsPatterns(groups);
    walkAndApplyPatterns(getOperation(), std::move(groups));
    RewritePatternSet patterns(&getContext());
    populateGroupedMatmulToVectorPatterns(patterns, *options);
    populateAttentionToVectorPatterns(patterns, *options);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
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
    IRRewriter rewriter(&getContext());
    for (linalg::LinalgOp op : ops)
      (void)convertContraction(rewriter, op, *options);
  }
};
} // namespace
