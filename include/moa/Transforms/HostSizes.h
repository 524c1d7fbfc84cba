//===- HostSizes.h - Sizes that the host computes ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_TRANSFORMS_HOSTSIZES_H
#define MOA_TRANSFORMS_HOSTSIZES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SetVector.h"

namespace moa {

/// What an argument of a function stands for after its results and its
/// workspace have become arguments.
inline constexpr llvm::StringLiteral kResultAttr = "moa.result";
inline constexpr llvm::StringLiteral kWorkspaceAttr = "moa.workspace";

/// The names of the functions that compute sizes for the function `name`.
std::string getResultSizesName(llvm::StringRef name);
std::string getWorkspaceSizeName(llvm::StringRef name);

/// Whether `function` computes on device memory for callers outside.
bool isDeviceFunction(mlir::func::FuncOp function);

/// The only block of `function`; an error if it has several, in which case
/// nothing is known about the order of its ops.
mlir::FailureOr<mlir::Block *> getBody(mlir::func::FuncOp function);

/// The ops of the function's block that `values` are computed from, and the
/// run-time checks that need no more than that, with what those are computed
/// from. An error where a value depends on what is in a buffer: that is device
/// memory.
mlir::FailureOr<llvm::SetVector<mlir::Operation *>>
getSizeComputation(mlir::Block *block, mlir::ValueRange values);

/// Create the private function `name` behind `function`, with its first
/// `numArguments` arguments, that computes and returns `values`.
mlir::FailureOr<mlir::func::FuncOp> outlineSizes(mlir::func::FuncOp function,
                                                 llvm::StringRef name,
                                                 unsigned numArguments,
                                                 mlir::ValueRange values);

} // namespace moa

#endif // MOA_TRANSFORMS_HOSTSIZES_H
