//===- RotaryRows.h - The kernel of rotary positions ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_KERNELS_ROTARYROWS_H
#define MOA_KERNELS_ROTARYROWS_H

#include "moa/Kernels/Rotary.h"
#include <numeric>

namespace moa {

/// What is static about the rotation of heads of any width. A head is cut into
/// pieces that half of the rotated channels and the channels that are not
/// rotated are multiples of; memory is seen as rows of pieces, so that no store
/// needs a mask.
struct RotaryRowsSpec {
  /// [R * d / piece, piece] for R heads of width d.
  mlir::MemRefType input, result;
  RotaryAttr rotary;
  int64_t headWidth = 0;
  /// Heads in a row that stand at one position.
  int64_t headsPerPosition = 1;
  bool hasPosition = false;

  /// Heads and columns of a block.
  int64_t rows = 64, columns = 32;
  WarpGrid warps = {4, 1};

  static int64_t getPiece(RotaryAttr rotary, int64_t headWidth) {
    return std::gcd(rotary.getDim() / 2, headWidth - rotary.getDim());
  }
  /// Pairs of pieces that are rotated, and pieces that are copied.
  int64_t countPairs() const {
    return rotary.getDim() / 2 / getPiece(rotary, headWidth);
  }
  int64_t countCopied() const {
    return (headWidth - rotary.getDim()) / getPiece(rotary, headWidth);
  }
};

/// Blocks: (tiles of `rows` heads, pairs and copied pieces, tiles of `columns`
/// columns of a piece). Arguments: input, length of the sequences (index),
/// position (index) if there is one; result.
mlir::gpu::GPUFuncOp buildRotaryKernel(TileBuilder &b,
                                       mlir::gpu::GPUModuleOp module,
                                       llvm::StringRef name,
                                       const RotaryRowsSpec &spec);

} // namespace moa

#endif // MOA_KERNELS_ROTARYROWS_H
