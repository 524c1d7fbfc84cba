//===- Listeners.h - What rewrites tell -------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_UTILS_LISTENERS_H
#define MOA_UTILS_LISTENERS_H

#include "mlir/IR/PatternMatch.h"

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

} // namespace moa

#endif // MOA_UTILS_LISTENERS_H
