//===- RoutedAttention.cpp - Queries and attention as two ops -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"
#include "moa/Conversion/MoaToLinalg.h"
#include "moa/Utils/LinalgBuilders.h"

using namespace mlir;
using namespace moa;

/// The queries [B*T*k, H*d] of every slot.
static Value createQueries(ImplicitLocOpBuilder &b, RoutedAttentionOp op) {
  OpFoldResult slots = getSizes(b, op.getPermutation())[0];
  OpFoldResult width = getSizes(b, op.getWeights())[op.getTransposed() ? 1 : 2];
  // Slots in no group have no query, and none may be made up from memory.
  Value init =
      createFilled(b, {slots, width}, getElementTypeOrSelf(op.getInput()), 0.0);
  RotaryAttr rotary = op.getRotaryAttr();
  return GroupedMatmulOp::create(
             b, init.getType(), RowMap::Token, op.getInput(), op.getWeights(),
             op.getOffsets(), op.getPermutation(), /*gates=*/Value(),
             rotary ? getSize(b, op.getInit(), 1) : Value(),
             rotary ? op.getPosition() : Value(), RowMap::Slot, init,
             op.getTopKAttr(), rotary,
             rotary ? op.getHeadsAttr() : IntegerAttr(), /*unordered=*/false,
             op.getTransposed())
      .getResult();
}

/// The slots [B*T*k, H*d] as the heads [B,T,k*H,d] of `sizes`.
static Value reshapeQueries(ImplicitLocOpBuilder &b, Value slots, int64_t topK,
                            int64_t heads, Sizes sizes) {
  SmallVector<OpFoldResult> expanded = {sizes[0], sizes[1],
                                        b.getIndexAttr(topK),
                                        b.getIndexAttr(heads), sizes[3]};
  auto type = RankedTensorType::get(decomposeMixedValues(expanded).first,
                                    getElementTypeOrSelf(slots));
  Value split = tensor::ExpandShapeOp::create(
      b, type, slots, ArrayRef<ReassociationIndices>{{0, 1, 2}, {3, 4}},
      expanded);
  return tensor::CollapseShapeOp::create(
      b, split, ArrayRef<ReassociationIndices>{{0}, {1}, {2, 3}, {4}});
}

Values moa::expandRoutedAttention(ImplicitLocOpBuilder &b, RoutedAttentionOp op,
                                  const MoaToLinalgOptions &) {
  Value queries = reshapeQueries(b, createQueries(b, op), op.getTopK(),
                                 op.getHeads(), getSizes(b, op.getInit()));
  auto attention = AttentionOp::create(
      b, TypeRange(op.getDpsInits()), queries, op.getKey(), op.getValue(),
      op.getPosition(), op.getLengths(), op.getBooleanMask(),
      op.getAdditiveMask(), op.getInit(), op.getLseInit(), op.getHeadsAttr(),
      op.getHeadMapAttr(), op.getScoreAttr(), op.getCausalAttr(),
      op.getWindowAttr(), op.getScaleAttr());
  return Values(attention->getResults());
}
