//===- Remarks.h - Remarks of passes ----------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_UTILS_REMARKS_H
#define MOA_UTILS_REMARKS_H

#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace moa {

/// Remark `name` about `op`. `category` is the pass, by which remarks are
/// filtered. Both outlive the remark.
inline mlir::remark::RemarkOpts getRemarkOptions(mlir::Operation *op,
                                                 llvm::StringRef name,
                                                 llvm::StringRef category) {
  auto function = op->getParentOfType<mlir::FunctionOpInterface>();
  return mlir::remark::RemarkOpts::name(name).category(category).function(
      function ? function.getName() : llvm::StringRef());
}

} // namespace moa

#endif // MOA_UTILS_REMARKS_H
