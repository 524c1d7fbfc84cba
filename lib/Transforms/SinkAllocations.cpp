//===- SinkAllocations.cpp - Buffers live from their first use on ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;

namespace moa {
#define GEN_PASS_DEF_MOASINKALLOCATIONSPASS
#include "moa/Transforms/Passes.h.inc"
} // namespace moa

/// Whether `op` makes a buffer, or a view of one, and touches no element.
static bool canMove(Operation &op) {
  return isa<memref::AllocOp>(op) ||
         (isa<ViewLikeOpInterface>(op) && isPure(&op));
}

/// The first op of `op`'s block that uses it; null where there is none, or one
/// that is in no op of the block.
static Operation *findFirstUser(Operation &op) {
  Operation *first = nullptr;
  for (Operation *user : op.getUsers()) {
    Operation *inBlock = op.getBlock()->findAncestorOpInBlock(*user);
    if (!inBlock)
      return nullptr;
    if (!first || inBlock->isBeforeInBlock(first))
      first = inBlock;
  }
  return first;
}

namespace {
struct MoaSinkAllocationsPass
    : moa::impl::MoaSinkAllocationsPassBase<MoaSinkAllocationsPass> {
  void runOnOperation() override {
    for (Block &block : getOperation().getBody()) {
      // Views before what they view, whose users they are.
      for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
        if (canMove(op))
          if (Operation *user = findFirstUser(op))
            op.moveBefore(user);
    }
  }
};
} // namespace
