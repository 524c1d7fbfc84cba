//===- ValueBoundsOpInterfaceImpl.h - Sizes of results ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_IR_VALUEBOUNDSOPINTERFACEIMPL_H
#define MOA_IR_VALUEBOUNDSOPINTERFACEIMPL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace moa {

/// Let the analysis of value bounds see through ops that have no inits: dynamic
/// sizes of their results are sizes of their operands.
void registerValueBoundsOpInterfaceExternalModels(
    mlir::DialectRegistry &registry);

} // namespace moa

#endif // MOA_IR_VALUEBOUNDSOPINTERFACEIMPL_H
