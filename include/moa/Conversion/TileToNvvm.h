//===- TileToNvvm.h - Tile kernels to llvm and nvvm -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The target lowering for sm_80 and up: kernels of moa_tile in staged form
// become functions of the llvm and nvvm dialects.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_TILETONVVM_H
#define MOA_CONVERSION_TILETONVVM_H

#include "mlir/Support/LLVM.h"
#include "moa/Support/Chips.h"

namespace mlir {
namespace gpu {
class GPUModuleOp;
} // namespace gpu
} // namespace mlir

namespace moa::tile {

class LaunchOp;

struct TileToNvvmOptions {
  const Chip *chip = nullptr;
};

/// `op`, on memrefs, as an upstream launch of its kernel, which is in the
/// staged form. The module of both becomes a container of kernels.
mlir::LogicalResult convertTileLaunch(LaunchOp op);

/// Convert the kernels of `module`, which have the attribute `moa_tile.warps`.
mlir::LogicalResult convertTileToNvvm(mlir::gpu::GPUModuleOp module,
                                      const TileToNvvmOptions &options);

} // namespace moa::tile

#endif // MOA_CONVERSION_TILETONVVM_H
