//===- Losses.h - The kernels of the router's losses ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_KERNELS_LOSSES_H
#define MOA_KERNELS_LOSSES_H

#include "moa/IR/Moa.h"
#include "moa/Kernels/TileBuilder.h"

namespace moa {

/// What is static about losses, and what blocks of tokens leave for them.
struct LossSpec {
  Loss losses = Loss::None;
  Activation activation = Activation::Softmax;
  int64_t topK = 1;
  /// f32 and null where no loss needs it: [blocks] how many tokens are counted;
  /// [blocks] their squares, of the z loss; [blocks] their entropies, of the
  /// mutual loss; [blocks,E] activations, of all but the z loss.
  mlir::MemRefType tokens, squares, entropies, activations;
  /// [blocks,E] i32: how many slots go to each expert, of the balance loss.
  mlir::MemRefType counts;
};

/// Tokens of a block.
constexpr int64_t kLossTokens = 64;

/// What tokens add to losses. Blocks: (tiles of kLossTokens tokens). Arguments:
/// `logits` [N,E] f32, `indices` [N,k] i32, the number of experts; tokens,
/// squares, entropies, activations and counts (those that there are).
mlir::gpu::GPUFuncOp
buildLossPartsKernel(TileBuilder &b, mlir::gpu::GPUModuleOp module,
                     llvm::StringRef name, const LossSpec &spec,
                     mlir::MemRefType logits, mlir::MemRefType indices);

/// Sums are f32 and in the order of the blocks, so that the losses are the same
/// from run to run. Blocks: (1). Arguments: what the blocks left, the number of
/// experts; for each loss `loss`, [1] f32.
mlir::gpu::GPUFuncOp buildLossKernel(TileBuilder &b,
                                     mlir::gpu::GPUModuleOp module,
                                     llvm::StringRef name, const LossSpec &spec,
                                     mlir::MemRefType loss);

} // namespace moa

#endif // MOA_KERNELS_LOSSES_H
