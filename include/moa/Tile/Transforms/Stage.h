//===- Stage.h - From the value form to the staged form ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_TILE_TRANSFORMS_STAGE_H
#define MOA_TILE_TRANSFORMS_STAGE_H

#include "mlir/Support/LLVM.h"
#include <cstdint>

namespace mlir {
namespace gpu {
class GPUFuncOp;
} // namespace gpu
} // namespace mlir

namespace moa::tile {

struct StageOptions {
  /// What the buffers of a kernel can take.
  int64_t maxSharedBytes = 0;
  /// Registers of a thread that a left operand may take throughout a loop.
  int64_t operandRegisters = 0;
};

struct StageCounts {
  int64_t buffers = 0;
  int64_t pipelined = 0;
  int64_t split = 0;
  int64_t peeled = 0;
  int64_t refused = 0;
  int64_t bytesSaved = 0;
};

/// Rewrite `kernel` to the staged form; `counts` are added to. See
/// `moa-tile-stage`.
mlir::LogicalResult stageKernel(mlir::gpu::GPUFuncOp kernel,
                                const StageOptions &options,
                                StageCounts &counts);

} // namespace moa::tile

#endif // MOA_TILE_TRANSFORMS_STAGE_H
