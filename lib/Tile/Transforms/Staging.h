//===- Staging.h - The steps of moa-tile-stage ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Staging puts operands into buffers (Stage.cpp, Pipeline.cpp), gives the
// buffers their places (Plan.cpp), and inserts the waits that the places ask
// for (Synchronize.cpp): which buffers share memory decides what has to wait.
// Last it splits loops (Split.cpp) and takes first iterations out of them
// (Peel.cpp), which all of that has seen as one.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_TILE_TRANSFORMS_STAGING_H
#define MOA_LIB_TILE_TRANSFORMS_STAGING_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "moa/Tile/IR/Tile.h"
#include "moa/Tile/Transforms/Stage.h"
#include "llvm/ADT/DenseSet.h"

namespace moa::tile {

struct Staging {
  Staging(mlir::gpu::GPUFuncOp kernel, const StageOptions &options,
          StageCounts &counts)
      : kernel(kernel), options(options), counts(counts) {}

  mlir::gpu::GPUFuncOp kernel;
  const StageOptions &options;
  StageCounts &counts;
  /// How many warps share the rows, and the columns, of a tile.
  int64_t warpRows = 1, warpColumns = 1;
  /// Copies that a loop issues ahead. Its own waits order them.
  llvm::DenseSet<mlir::Operation *> ahead;
};

/// A buffer of `stages` times the shape of `tile`, at an offset still to be
/// chosen.
AllocOp createBuffer(Staging &staging, mlir::RankedTensorType tile,
                     int64_t stages);

/// A copy to `buffer` of what `load`, a load or gather, reads, with operands
/// mapped by `mapping`.
CopyOp createCopy(mlir::OpBuilder &b, mlir::Operation *load,
                  const mlir::IRMapping &mapping, mlir::Value buffer,
                  mlir::Value when = {});

/// Let the users of `load` take `buffer`, which has the tile when they run.
void replaceByBuffer(const Staging &staging, mlir::Operation *load,
                     mlir::Value buffer);

/// Issue those among `loads` within `loop` for which that is possible some
/// iterations ahead, and return them, which are erased; the others are left.
/// `loop` is replaced.
llvm::SmallVector<mlir::Operation *>
pipelineLoads(Staging &staging, mlir::scf::ForOp loop,
              llvm::ArrayRef<mlir::Operation *> loads, int64_t stages);

/// The buffer that `value`, a buffer or a stage of one, is part of.
AllocOp getAlloc(mlir::Value value);

/// Choose the offsets of all buffers; returns the bytes they take.
int64_t planBuffers(Staging &staging);

/// Insert waits.
void synchronize(Staging &staging);

/// Make two loops of one whose first iterations take one side of a branch, and
/// whose last iterations take the other.
void splitLoops(Staging &staging);

/// Take out the first iterations of loops that add products to zeros.
void peelSums(Staging &staging);

} // namespace moa::tile

#endif // MOA_LIB_TILE_TRANSFORMS_STAGING_H
