//===- AggregatedOpInterfaceImpl.h - Layers are made of ops -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_TRANSFORMS_AGGREGATEDOPINTERFACEIMPL_H
#define MOA_TRANSFORMS_AGGREGATEDOPINTERFACEIMPL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace moa {

/// Let upstream's `transform.structured.decompose_interface` decompose
/// `moa.layer`, run-time checks included.
void registerAggregatedOpInterfaceExternalModels(
    mlir::DialectRegistry &registry);

} // namespace moa

#endif // MOA_TRANSFORMS_AGGREGATEDOPINTERFACEIMPL_H
