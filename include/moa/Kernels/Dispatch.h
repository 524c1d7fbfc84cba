//===- Dispatch.h - The kernels that sort slots by expert -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A stable counting sort, and the list of row tiles that the products over its
// groups work on: entry i is (expert, first row), and (-1, 0) behind the last
// tile. No group size reaches the host: lists have a static bound.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_KERNELS_DISPATCH_H
#define MOA_KERNELS_DISPATCH_H

#include "moa/Kernels/TileBuilder.h"

namespace moa {

/// A list of row tiles: its memory [L,2] i32 and the rows of a tile.
struct TileListSpec {
  mlir::MemRefType list;
  int64_t rows = 128;
};

/// What is static about the kernels of a sort.
struct DispatchSpec {
  /// Experts of the slots [N*k] i32; offsets [E+1], permutation [N*k] i32.
  mlir::MemRefType indices, offsets, permutation;
  llvm::SmallVector<TileListSpec> lists;
  /// [..,E] i32, for every `counted` slots, how many of them go to each expert;
  /// null where one block sorts all slots.
  mlir::MemRefType counts;
  int64_t counted = 0;
  /// The slots of a block where there are several: a multiple of `counted`.
  int64_t chunk = 0;
};

/// Whether slots with these `indices` are sorted by several blocks: more than
/// 4096, which one block sorts in less time than a second launch takes, or an
/// unknown number.
bool isSortedInChunks(mlir::MemRefType indices);

/// Choose the chunk. Slots were counted in groups of `counted`; chunks are
/// counted if that is 0.
void chooseDispatchChunk(DispatchSpec &spec, int64_t counted);

/// Fills `counts` of chunks. Blocks: (chunks). Arguments: indices, number of
/// experts; counts.
mlir::gpu::GPUFuncOp buildDispatchCountKernel(TileBuilder &b,
                                              mlir::gpu::GPUModuleOp module,
                                              llvm::StringRef name,
                                              const DispatchSpec &spec);

/// Sorts, counting by itself where there are no `counts`. The launch fails
/// where an index is neither an expert nor -1, that of a skipped slot;
/// unchecked it is taken for one. Blocks: (chunks, at least 1). Arguments:
/// indices, counts if there are any, number of experts; offsets, permutation,
/// lists.
mlir::gpu::GPUFuncOp buildDispatchKernel(TileBuilder &b,
                                         mlir::gpu::GPUModuleOp module,
                                         llvm::StringRef name,
                                         const DispatchSpec &spec);

/// The list of tiles of groups that were sorted elsewhere. Blocks: (1).
/// Arguments: offsets, number of experts; list.
mlir::gpu::GPUFuncOp buildTileListKernel(TileBuilder &b,
                                         mlir::gpu::GPUModuleOp module,
                                         llvm::StringRef name,
                                         mlir::MemRefType offsets,
                                         const TileListSpec &list);

} // namespace moa

#endif // MOA_KERNELS_DISPATCH_H
