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

enum class LossKind { Balance, Z, Mutual };

/// What is static about a loss kernel.
struct LossSpec {
  LossKind kind = LossKind::Balance;
  /// Not of the z loss.
  Activation activation = Activation::Softmax;
  /// [N,E] f32 with E static, [N,k] i32, [1] f32.
  mlir::MemRefType logits, indices, loss;
  /// What each of the blocks that take kLossTokens tokens leaves, f32: [blocks]
  /// how many tokens are counted; [blocks] their squares or entropies, null for
  /// the balance loss; [blocks,E] activations, null for the z loss; [blocks,E]
  /// slots, of the balance loss alone.
  mlir::MemRefType tokens, terms, activations, slots;
};

/// Tokens of a block.
constexpr int64_t kLossTokens = 64;

/// Blocks: (tiles of kLossTokens tokens). Arguments: logits, indices, the
/// number of experts; tokens, terms, activations and slots (those that there
/// are).
mlir::gpu::GPUFuncOp buildLossPartsKernel(TileBuilder &b,
                                          mlir::gpu::GPUModuleOp module,
                                          llvm::StringRef name,
                                          const LossSpec &spec);

/// Sums are f32 and in the order of the blocks, so that the loss is the same
/// from run to run. Blocks: (1). Arguments: what the blocks left, the number of
/// experts; loss.
mlir::gpu::GPUFuncOp buildLossKernel(TileBuilder &b,
                                     mlir::gpu::GPUModuleOp module,
                                     llvm::StringRef name,
                                     const LossSpec &spec);

} // namespace moa

#endif // MOA_KERNELS_LOSSES_H
