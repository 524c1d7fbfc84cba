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
};

/// The most experts whose logits a block holds in registers.
constexpr int64_t kMaxLossExperts = 1024;

/// One block takes all tokens in their order, so that the loss is the same from
/// run to run; sums are f32. Blocks: (1). Arguments: logits, indices; loss.
mlir::gpu::GPUFuncOp buildLossKernel(TileBuilder &b,
                                     mlir::gpu::GPUModuleOp module,
                                     llvm::StringRef name,
                                     const LossSpec &spec);

} // namespace moa

#endif // MOA_KERNELS_LOSSES_H
