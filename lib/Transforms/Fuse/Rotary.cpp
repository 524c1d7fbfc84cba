//===- Rotary.cpp - Rotary positions in the store of queries --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Reshapes.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Matchers.h"
#include "moa/Transforms/Fuse.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace moa;

/// The slots of a token in the result of a product in slot order; failure where
/// the op is no such product.
static FailureOr<int64_t> getSlotsPerToken(Operation *op) {
  return llvm::TypeSwitch<Operation *, FailureOr<int64_t>>(op)
      .Case([](GroupedMatmulOp op) -> FailureOr<int64_t> {
        if (op.getResultRows() != RowMap::Slot || !op.getTopK())
          return failure();
        return static_cast<int64_t>(*op.getTopK());
      })
      .Case([](SlotMatmulOp op) -> FailureOr<int64_t> {
        return getTensorType(op.getIndices()).getDimSize(1);
      })
      .Case([](DenseMatmulOp op) -> FailureOr<int64_t> {
        if (op.getInputRows() != RowMap::Token)
          return failure();
        return getTensorType(op.getWeights()).getDimSize(0);
      })
      .Default([](Operation *) { return failure(); });
}

/// Rows that a product does not write are rotated by moa.rotary and not by the
/// product: they must be zeros, or nothing.
static bool hasNeutralInit(Operation *product) {
  if (isa<DenseMatmulOp>(product))
    return true;
  Value init = cast<DestinationStyleOpInterface>(product).getDpsInits()[0];
  if (init.getDefiningOp<tensor::EmptyOp>())
    return true;
  auto fill = init.getDefiningOp<linalg::FillOp>();
  return fill && matchPattern(fill.value(), m_AnyZeroFloat());
}

/// T of the heads [B,T,Q,d] that `reshapes` make of slots, as something that is
/// known before the slots are computed.
static FailureOr<OpFoldResult> findLength(RewriterBase &rewriter,
                                          const Reshapes &reshapes) {
  int64_t length = getTensorType(reshapes.value).getDimSize(1);
  if (!ShapedType::isDynamic(length))
    return OpFoldResult(rewriter.getIndexAttr(length));
  // Slots are expanded to [B,T,...]; after that only heads are reshaped.
  auto expand = dyn_cast<tensor::ExpandShapeOp>(reshapes.ops.front());
  if (!expand || expand.getReassociationIndices()[0].size() < 2)
    return failure();
  for (Operation *op : llvm::drop_begin(reshapes.ops)) {
    auto collapse = dyn_cast<tensor::CollapseShapeOp>(op);
    if (!collapse || collapse.getReassociationIndices()[0].size() != 1 ||
        collapse.getReassociationIndices()[1].size() != 1)
      return failure();
  }
  return expand.getMixedOutputShape()[1];
}

/// `op` as a copy with the rotation.
template <typename OpTy>
static Operation *createRotated(RewriterBase &rewriter, OpTy op,
                                RotaryOp rotary, int64_t heads, Value length) {
  auto product = cast<OpTy>(rewriter.clone(*op));
  product.setRotaryAttr(rotary.getRotaryAttr());
  product.setHeads(heads);
  product.getLengthMutable().assign(length);
  if (rotary.getPosition())
    product.getPositionMutable().assign(rotary.getPosition());
  return product;
}

FailureOr<Operation *> moa::fuseRotary(RewriterBase &rewriter,
                                       RotaryOp rotary) {
  auto refuse = [&](const char *reason) {
    return rewriter.notifyMatchFailure(rotary, reason);
  };
  Reshapes reshapes(rotary.getInput());
  Operation *product = reshapes.source.getDefiningOp();
  if (!product)
    return refuse("its input is an argument");
  FailureOr<int64_t> topK = getSlotsPerToken(product);
  if (failed(topK))
    return refuse("its input is not computed by a product in slot order that "
                  "knows its slots per token");
  if (product->getBlock() != rotary->getBlock())
    return refuse("the queries are computed in another block");
  if (!reshapes.isOnlyUse())
    return refuse("the queries are also read before they are rotated");
  if (product->hasAttrOfType<RotaryAttr>("rotary"))
    return refuse("the queries are rotated twice");
  FailureOr<int64_t> heads =
      getHeadsPerSlot(reshapes.source, reshapes.value, *topK);
  if (failed(heads))
    return refuse(
        "the rows of slots are not known to be whole heads: sizes are "
        "dynamic, or do not fit");
  if (!hasNeutralInit(product))
    return refuse("the product is written into rows that are neither empty nor "
                  "zeros, which would be rotated");
  FailureOr<OpFoldResult> length = findLength(rewriter, reshapes);
  if (failed(length))
    return refuse("the length of the sequences is not known before the queries "
                  "are computed");

  rewriter.setInsertionPoint(rotary);
  Value lengthValue =
      getValueOrCreateConstantIndexOp(rewriter, rotary.getLoc(), *length);
  Operation *fused =
      llvm::TypeSwitch<Operation *, Operation *>(product)
          .Case<GroupedMatmulOp, SlotMatmulOp, DenseMatmulOp>([&](auto op) {
            return createRotated(rewriter, op, rotary, *heads, lengthValue);
          });
  rewriter.replaceOp(rotary, reshapes.replay(rewriter, fused->getResult(0)));
  reshapes.eraseUnused(rewriter);
  return fused;
}
