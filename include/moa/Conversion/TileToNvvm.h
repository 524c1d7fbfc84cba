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
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <string>

namespace mlir {
namespace gpu {
class GPUModuleOp;
} // namespace gpu
} // namespace mlir

namespace moa::tile {

/// What the lowering knows of a chip.
struct Chip {
  llvm::StringLiteral name;
  llvm::StringLiteral features; ///< LLVM's name for the PTX version
  int64_t sharedBytes;          ///< that a block can have
};

/// The chip of this name, or null if the lowering does not serve it.
const Chip *findChip(llvm::StringRef name);
/// "sm_80, sm_86, ..."
std::string listChips();

struct TileToNvvmOptions {
  const Chip *chip = nullptr;
};

/// Convert the kernels of `module`, which have the attribute `moa_tile.warps`,
/// and attach the chip as the module's target.
mlir::LogicalResult convertTileToNvvm(mlir::gpu::GPUModuleOp module,
                                      const TileToNvvmOptions &options);

} // namespace moa::tile

#endif // MOA_CONVERSION_TILETONVVM_H
