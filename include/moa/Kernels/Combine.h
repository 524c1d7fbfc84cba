//===- Combine.h - The kernel that sums slots -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_KERNELS_COMBINE_H
#define MOA_KERNELS_COMBINE_H

#include "moa/Kernels/TileBuilder.h"

namespace moa {

/// What is static about a combine kernel.
struct CombineSpec {
  /// Memory as in `moa.combine`; null where there is none.
  mlir::MemRefType slots, gates, bias, skip, residual;
  /// Rows to which sums are added, in the place of `residual` but before the
  /// slots: the result of a product in token order starts from them.
  mlir::MemRefType start;
  mlir::MemRefType result;
  /// Slots of a token; the gates' k where there are gates.
  int64_t topK = 1;

  /// Tokens and columns of a block.
  int64_t rows = 16, columns = 128;
  WarpGrid warps = {1, 4};
};

/// Blocks: (tiles of `rows` tokens, tiles of `columns` columns). Arguments: the
/// memory of the spec that is there, in its order.
mlir::gpu::GPUFuncOp buildCombineKernel(TileBuilder &b,
                                        mlir::gpu::GPUModuleOp module,
                                        llvm::StringRef name,
                                        const CombineSpec &spec);

} // namespace moa

#endif // MOA_KERNELS_COMBINE_H
