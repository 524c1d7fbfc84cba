//===- DialectExtension.h - moa in transform scripts ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_TRANSFORMOPS_DIALECTEXTENSION_H
#define MOA_TRANSFORMOPS_DIALECTEXTENSION_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace moa {

/// Add the `transform.moa` ops to the transform dialect.
void registerTransformDialectExtension(mlir::DialectRegistry &registry);

} // namespace moa

#endif // MOA_TRANSFORMOPS_DIALECTEXTENSION_H
