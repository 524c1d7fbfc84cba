//===- Refusal.h - Why transform ops do nothing -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_TRANSFORMOPS_REFUSAL_H
#define MOA_LIB_TRANSFORMOPS_REFUSAL_H

#include "mlir/Dialect/Transform/Interfaces/TransformInterfaces.h"

namespace moa {

/// A silenceable failure of `transformOp` that says why `target` was refused.
inline mlir::DiagnosedSilenceableFailure refuse(mlir::Operation *transformOp,
                                                mlir::Operation *target,
                                                llvm::StringRef reason) {
  mlir::DiagnosedSilenceableFailure failure =
      mlir::emitSilenceableFailure(transformOp) << "refused: " << reason;
  failure.attachNote(target->getLoc()) << "target op";
  return failure;
}

/// A silenceable failure of `transformOp`, which is for ops of another kind
/// than `target`: `message` says for which.
inline mlir::DiagnosedSilenceableFailure
refuseKind(mlir::Operation *transformOp, mlir::Operation *target,
           llvm::StringRef message) {
  mlir::DiagnosedSilenceableFailure failure =
      mlir::emitSilenceableFailure(transformOp) << message;
  failure.attachNote(target->getLoc())
      << "this is '" << target->getName() << "'";
  return failure;
}

} // namespace moa

#endif // MOA_LIB_TRANSFORMOPS_REFUSAL_H
