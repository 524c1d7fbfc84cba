//===- Staged.cpp - The staged form on a CPU ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Conversion/TileToLinalg.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "moa/Utils/LoopBuilders.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace moa;
using namespace moa::tile;

/// Shared memory, filled with ones: NaNs in each type of floats, so that what
/// is read before it is written shows in the results.
static Value createShared(ImplicitLocOpBuilder &b, int64_t bytes) {
  constexpr int64_t kAlignment = 128;
  Type byte = b.getI8Type();
  Value shared =
      memref::AllocOp::create(b, MemRefType::get({bytes}, byte), ValueRange(),
                              b.getI64IntegerAttr(kAlignment));
  Value ones = arith::ConstantOp::create(b, b.getIntegerAttr(byte, -1));
  createLoop(b, createIndex(b, 0), createIndex(b, bytes), {},
             [&](ImplicitLocOpBuilder &b, Value i, ValueRange) {
               memref::StoreOp::create(b, ones, shared, i);
               return SmallVector<Value>{};
             });
  return shared;
}

/// The view at the offset of `op`, all stages of it.
static Value createView(ImplicitLocOpBuilder &b, AllocOp op, Value shared) {
  BufferType buffer = op.getType();
  auto type = MemRefType::get(buffer.getShape(), buffer.getElementType());
  return memref::ViewOp::create(b, type, shared, createIndex(b, op.getOffset()),
                                ValueRange());
}

static Value createStageView(ImplicitLocOpBuilder &b, StageOp op,
                             Value memory) {
  BufferType stage = op.getType();
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> offsets = {op.getIndex(), zero, zero};
  SmallVector<OpFoldResult> sizes = {one, b.getIndexAttr(stage.getRows()),
                                     b.getIndexAttr(stage.getColumns())};
  SmallVector<OpFoldResult> strides(3, one);
  auto type = memref::SubViewOp::inferRankReducedResultType(
      stage.getShape(), cast<MemRefType>(memory.getType()), offsets, sizes,
      strides);
  return memref::SubViewOp::create(b, type, memory, offsets, sizes, strides);
}

namespace {
class StagedLowering {
public:
  StagedLowering(RewriterBase &rewriter, Value shared)
      : rewriter(rewriter), shared(shared) {}
  void lower(func::FuncOp function);

private:
  void lower(Operation *op);

  RewriterBase &rewriter;
  Value shared;
  /// The view of shared memory for each buffer.
  DenseMap<Value, Value> memory;
};
} // namespace

void StagedLowering::lower(Operation *op) {
  rewriter.setInsertionPoint(op);
  ImplicitLocOpBuilder b(op->getLoc(), rewriter);
  llvm::TypeSwitch<Operation *>(op)
      .Case(
          [&](AllocOp alloc) { memory[alloc] = createView(b, alloc, shared); })
      .Case([&](StageOp stage) {
        memory[stage] = createStageView(b, stage, memory.at(stage.getBuffer()));
      })
      .Case([&](CopyOp copy) {
        lowerTileCopy(b, copy, memory.at(copy.getBuffer()));
        rewriter.eraseOp(copy);
      })
      .Case([&](PutOp put) {
        writeTile(b, put.getTile(), memory.at(put.getBuffer()));
        rewriter.eraseOp(put);
      })
      .Case([&](GetOp get) {
        rewriter.replaceOp(get, readTile(b, memory.at(get.getBuffer())));
      })
      .Case([&](MmaOp mma) {
        for (OpOperand *factor : {&mma.getAMutable(), &mma.getBMutable()})
          if (isa<BufferType>(factor->get().getType()))
            factor->set(readTile(b, memory.at(factor->get())));
      })
      .Case<ReduceOp, ScanOp>(
          [](auto exchange) { exchange.getScratchMutable().clear(); })
      .Case<CommitOp, WaitOp>([&](auto order) { rewriter.eraseOp(order); });
}

void StagedLowering::lower(func::FuncOp function) {
  function.walk<WalkOrder::PreOrder>([&](Operation *op) { lower(op); });
  // Nothing uses a buffer any more but stages of it.
  function.walk([&](StageOp op) { rewriter.eraseOp(op); });
  function.walk([&](AllocOp op) { rewriter.eraseOp(op); });
}

/// The bytes that all buffers of `function` span; an error where a buffer comes
/// from elsewhere than moa_tile.alloc.
static FailureOr<int64_t> getSharedBytes(func::FuncOp function) {
  int64_t bytes = 0;
  auto result = function.walk([&](Operation *op) {
    if (auto alloc = dyn_cast<AllocOp>(op)) {
      BufferType type = alloc.getType();
      int64_t end = alloc.getOffset() + type.getStages() * type.getStageBytes();
      bytes = std::max(bytes, end);
    }
    for (Value operand : op->getOperands()) {
      if (!isa<BufferType>(operand.getType()) ||
          operand.getDefiningOp<AllocOp>() || operand.getDefiningOp<StageOp>())
        continue;
      op->emitOpError("takes a buffer that neither moa_tile.alloc nor "
                      "moa_tile.stage gives");
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  return bytes;
}

LogicalResult moa::lowerStagedForm(RewriterBase &rewriter,
                                   func::FuncOp function) {
  FailureOr<int64_t> bytes = getSharedBytes(function);
  if (failed(bytes))
    return failure();
  rewriter.setInsertionPointToStart(&function.getBody().front());
  ImplicitLocOpBuilder b(function.getLoc(), rewriter);
  Value shared = *bytes == 0 ? Value() : createShared(b, *bytes);
  StagedLowering(rewriter, shared).lower(function);
  return success();
}
