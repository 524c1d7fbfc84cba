//===- BufferizableOpInterfaceImpl.h - Launches on memrefs ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_TILE_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
#define MOA_TILE_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace moa::tile {

/// How `moa_tile.launch` bufferizes: in place on its outs.
void registerBufferizableOpInterfaceExternalModels(
    mlir::DialectRegistry &registry);

} // namespace moa::tile

#endif // MOA_TILE_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
