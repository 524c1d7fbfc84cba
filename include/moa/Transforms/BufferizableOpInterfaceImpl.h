//===- BufferizableOpInterfaceImpl.h - Bufferize moa ops --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
#define MOA_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace moa {

/// Let `one-shot-bufferize` take moa ops from tensors to buffers.
void registerBufferizableOpInterfaceExternalModels(
    mlir::DialectRegistry &registry);

} // namespace moa

#endif // MOA_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
