//===- Signature.h - What a function takes and returns ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_SUPPORT_SIGNATURE_H
#define MOA_SUPPORT_SIGNATURE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include <string>

namespace moa {

/// One argument or result of a function.
struct Parameter {
  std::string name;
  mlir::Type type;
};

/// The arguments and results of a function on tensors, with their names: from
/// `moa.name` attributes, otherwise arg0, arg1, ... and result0, result1, ...
struct Signature {
  llvm::SmallVector<Parameter> arguments;
  llvm::SmallVector<Parameter> results;
};

/// Keep the signature of `function` in attributes that survive its lowering,
/// give it a C interface, and forbid writing to its arguments.
void exportFunction(mlir::func::FuncOp function);

/// The signature of a func.func, or the one that `exportFunction` kept on what
/// it was lowered to; failure, without a message, where there is none.
llvm::FailureOr<Signature> readSignature(mlir::Operation *function);

} // namespace moa

#endif // MOA_SUPPORT_SIGNATURE_H
