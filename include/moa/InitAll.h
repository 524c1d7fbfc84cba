//===- InitAll.h - Register everything of moa -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_INITALL_H
#define MOA_INITALL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace moa {

/// Add the dialects of moa to `registry`, and what its pipelines translate
/// kernels with.
void registerAllDialects(mlir::DialectRegistry &registry);

/// Make every moa pass and pipeline known to the textual pipeline parser.
void registerAllPasses();

} // namespace moa

#endif // MOA_INITALL_H
