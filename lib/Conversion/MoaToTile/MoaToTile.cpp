//===- MoaToTile.cpp - Ops on tensors to kernels and launches -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Conversion/MoaToTile.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/Pass.h"
#include "moa/Conversion/MoaToLinalg.h"
#include "moa/Conversion/Passes.h"
#include "moa/Support/Chips.h"
#include "moa/Utils/FuseMaps.h"
#include "moa/Utils/LinalgBuilders.h"
#include "moa/Utils/LoopBuilders.h"
#include "moa/Utils/Remarks.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace moa;

namespace moa {
#define GEN_PASS_DEF_CONVERTMOATOTILEPASS
#include "moa/Conversion/Passes.h.inc"
} // namespace moa

//===----------------------------------------------------------------------===//
// Inits that nobody reads
//===----------------------------------------------------------------------===//

/// Whether `indices` have an expert for every slot: no token is skipped.
static bool routesAllSlots(Value indices) {
  Operation *router = indices.getDefiningOp();
  if (auto op = dyn_cast_or_null<RouteOp>(router))
    return !op.getSkip();
  if (auto op = dyn_cast_or_null<RouterOp>(router))
    return !op.getSkip();
  return false;
}

/// Where all slots are routed, products by slot store every row: an init, which
/// would have to be filled first, is not needed.
static void dropUnreadInits(Operation *root) {
  auto drop = [](auto op) {
    ImplicitLocOpBuilder b(op.getLoc(), op);
    Value init = op.getInit();
    op.getInitMutable().assign(tensor::EmptyOp::create(
        b, getSizes(b, init), getElementTypeOrSelf(init)));
  };
  root->walk([&](GroupedMatmulOp op) {
    auto dispatch = op.getOffsets().getDefiningOp<DispatchOp>();
    if (dispatch && op.getResultRows() != RowMap::Token &&
        routesAllSlots(dispatch.getIndices()))
      drop(op);
  });
  root->walk([&](SlotMatmulOp op) {
    if (routesAllSlots(op.getIndices()))
      drop(op);
  });
}

/// Attention that projects its queries, and has no kernel, as the two ops that
/// it was fused from.
static void expandWithoutKernel(Operation *root, bool runtimeChecks) {
  SmallVector<RoutedAttentionOp> ops;
  root->walk([&](RoutedAttentionOp op) {
    if (!isStaticallyEmpty(op.getKey()) && !hasKernel(op))
      ops.push_back(op);
  });
  for (RoutedAttentionOp op : ops) {
    remark::missed(op.getLoc(), getRemarkOptions(op, "routed-attention",
                                                 "convert-moa-to-tile"))
        << "no kernel for this rotation: queries are projected by one of their "
           "own";
    ImplicitLocOpBuilder b(op.getLoc(), op);
    // The sizes of its parts do not say all of its own.
    if (runtimeChecks)
      emitSizeChecks(b, op);
    op->replaceAllUsesWith(expandRoutedAttention(b, op, MoaToLinalgOptions()));
    op.erase();
  }
}

//===----------------------------------------------------------------------===//
// Pass
//===----------------------------------------------------------------------===//

static MaybeValues convert(ImplicitLocOpBuilder &b, Operation *op,
                           KernelModule &kernels) {
  if (llvm::any_of(op->getOperandTypes(), llvm::IsaPred<BaseMemRefType>))
    return op->emitOpError("is on buffers: kernels are made of ops on tensors");
  // What has no elements needs no kernel.
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (linalgOp && llvm::all_of(op->getResults(), isStaticallyEmpty))
    return SmallVector<Value>(linalgOp.getDpsInits());
  if (llvm::all_of(op->getResults(), isStaticallyEmpty))
    return llvm::map_to_vector(op->getResultTypes(), [&](Type type) -> Value {
      return tensor::EmptyOp::create(b, type, ValueRange());
    });
  return llvm::TypeSwitch<Operation *, MaybeValues>(op)
      .Case([&](RouteOp op) { return convertRoute(b, op, kernels); })
      .Case([&](RouterOp op) { return convertRouter(b, op, kernels); })
      .Case([&](DispatchOp op) { return convertDispatch(b, op, kernels); })
      .Case(
          [&](BalanceLossOp op) { return convertBalanceLoss(b, op, kernels); })
      .Case([&](ZLossOp op) { return convertZLoss(b, op, kernels); })
      .Case([&](MutualLossOp op) { return convertMutualLoss(b, op, kernels); })
      .Case([&](GroupedMatmulOp op) {
        return convertGroupedMatmul(b, op, kernels);
      })
      .Case([&](SlotMatmulOp op) { return convertSlotMatmul(b, op, kernels); })
      .Case([&](MatmulOp op) { return convertMatmul(b, op, kernels); })
      .Case([&](KeyValueOp op) { return convertKeyValue(b, op, kernels); })
      .Case(
          [&](DenseMatmulOp op) { return convertDenseMatmul(b, op, kernels); })
      .Case([&](CombineOp op) { return convertCombine(b, op, kernels); })
      .Case([&](RotaryOp op) { return convertRotary(b, op, kernels); })
      .Case([&](AttentionOp op) { return convertAttention(b, op, kernels); })
      .Case([&](RoutedAttentionOp op) {
        return convertRoutedAttention(b, op, kernels);
      })
      .Case([&](linalg::LinalgOp op) { return convertLinalg(b, op, kernels); })
      .Default([](Operation *op) -> MaybeValues {
        return op->emitOpError("is not a primitive: run moa-decompose first");
      });
}

/// Whether `op` computes on tensors, and so becomes kernels. What a function
/// does with buffers is the host's.
static bool isComputation(Operation *op) {
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return !linalgOp.hasPureBufferSemantics();
  return isa_and_nonnull<MoaDialect>(op->getDialect());
}

namespace {
struct ConvertMoaToTilePass
    : moa::impl::ConvertMoaToTilePassBase<ConvertMoaToTilePass> {
  using ConvertMoaToTilePassBase::ConvertMoaToTilePassBase;

  void runOnOperation() override {
    if (failed(checkSharedBytes(sharedBytes, /*chip=*/nullptr,
                                failAt(getOperation().getLoc()))))
      return signalPassFailure();
    IRRewriter rewriter(&getContext());
    // What a graph computes element by element, in a chain, is one kernel.
    for (auto function : getOperation().getOps<func::FuncOp>())
      fuseMaps(rewriter, function);
    expandWithoutKernel(getOperation(), runtimeChecks);
    dropUnreadInits(getOperation());
    SmallVector<Operation *> computations;
    getOperation()->walk([&](Operation *op) {
      if (isComputation(op))
        computations.push_back(op);
    });
    MoaToTileOptions options;
    options.sharedBytes = sharedBytes;
    options.tf32 = tf32;
    options.runtimeChecks = runtimeChecks;
    KernelModule kernels(getOperation(), options);
    for (Operation *op : computations) {
      if (isOpTriviallyDead(op)) {
        op->erase();
        continue;
      }
      ImplicitLocOpBuilder b(op->getLoc(), op);
      if (runtimeChecks && isa<SizedOpInterface>(op))
        emitSizeChecks(b, op);
      MaybeValues results = convert(b, op, kernels);
      if (failed(results))
        return signalPassFailure();
      replace(b, op, *results);
    }
    kernels.eraseUnused();
    numKernels += kernels.getNumKernels();
    numLaunches += kernels.getNumLaunches();
  }

  /// A null result is one that nobody uses.
  void replace(ImplicitLocOpBuilder &b, Operation *op, ValueRange results) {
    for (auto [result, value] : llvm::zip_equal(op->getResults(), results)) {
      if (!value)
        continue;
      Value replacement = value;
      if (value.getType() != result.getType())
        replacement = tensor::CastOp::create(b, result.getType(), value);
      result.replaceAllUsesWith(replacement);
    }
    op->erase();
  }
};
} // namespace
