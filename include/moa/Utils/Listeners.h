//===- Listeners.h - What rewrites tell -------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_UTILS_LISTENERS_H
#define MOA_UTILS_LISTENERS_H

#include "mlir/Rewrite/PatternApplicator.h"

namespace moa {

/// Keeps the reason that a rewrite was refused for; the rest is passed on to
/// `next`, which may be null.
struct ReasonListener : mlir::RewriterBase::ForwardingListener {
  explicit ReasonListener(mlir::OpBuilder::Listener *next = nullptr)
      : ForwardingListener(next) {}

  void notifyMatchFailure(
      mlir::Location loc,
      llvm::function_ref<void(mlir::Diagnostic &)> reasonCallback) override {
    mlir::Diagnostic diagnostic(loc, mlir::DiagnosticSeverity::Remark);
    reasonCallback(diagnostic);
    reason = diagnostic.str();
  }

  std::string reason;
};

/// Apply one of `patterns` to `op`, and to nothing else.
inline llvm::LogicalResult
applyToOp(mlir::Operation *op, const mlir::FrozenRewritePatternSet &patterns,
          mlir::RewriterBase::Listener &listener) {
  mlir::PatternApplicator applicator(patterns);
  applicator.applyDefaultCostModel();
  mlir::PatternRewriter rewriter(op->getContext());
  rewriter.setListener(&listener);
  rewriter.setInsertionPoint(op);
  return applicator.matchAndRewrite(op, rewriter);
}

} // namespace moa

#endif // MOA_UTILS_LISTENERS_H
