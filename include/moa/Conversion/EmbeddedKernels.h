//===- EmbeddedKernels.h - Kernels in the code of a host --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_EMBEDDEDKERNELS_H
#define MOA_CONVERSION_EMBEDDEDKERNELS_H

#include "mlir/IR/BuiltinOps.h"

namespace moa {

/// The PTX that moa-embed-kernels has made constants of `module`: nothing where
/// there is none, an error where something else is embedded.
llvm::FailureOr<llvm::SmallVector<llvm::StringRef>>
getEmbeddedPtx(mlir::ModuleOp module);

} // namespace moa

#endif // MOA_CONVERSION_EMBEDDEDKERNELS_H
