//===- AttentionTiling.cpp - Tiles of attention and rotary positions ------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Slicer.h"

using namespace mlir;
using namespace moa;

//===----------------------------------------------------------------------===//
// RotaryOp: batch, rows, heads
//===----------------------------------------------------------------------===//

SmallVector<utils::IteratorType> RotaryOp::getLoopIteratorTypes() {
  return getParallel(3);
}

SmallVector<Range> RotaryOp::getIterationDomain(OpBuilder &b) {
  TileSizes sizes = moa::getSizes(b, getLoc(), getInput());
  return getRanges(b, ArrayRef(sizes).drop_back());
}

LogicalResult RotaryOp::getResultTilePosition(OpBuilder &b, unsigned,
                                              ArrayRef<OpFoldResult> offsets,
                                              ArrayRef<OpFoldResult> sizes,
                                              TileSizes &resultOffsets,
                                              TileSizes &resultSizes) {
  resultOffsets.assign(offsets.begin(), offsets.end());
  resultOffsets.push_back(b.getIndexAttr(0));
  resultSizes.assign(sizes.begin(), sizes.end());
  resultSizes.push_back(moa::getSize(b, getLoc(), getInput(), 3));
  return success();
}

FailureOr<TilingResult>
RotaryOp::getTiledImplementation(OpBuilder &b, ArrayRef<OpFoldResult> offsets,
                                 ArrayRef<OpFoldResult> sizes) {
  Slicer s(b, getLoc());
  TileSizes inputOffsets, inputSizes;
  if (failed(getResultTilePosition(b, 0, offsets, sizes, inputOffsets,
                                   inputSizes)))
    return failure();
  Value input = s.slice(getInput(), inputOffsets, inputSizes);
  SmallVector<Value> operands = {input, getPosition()};
  for (Value buffer : getOuts())
    operands.push_back(s.slice(buffer, inputOffsets, inputSizes));
  auto tile = cast<RotaryOp>(s.rebuild(*this, operands, {input}));
  s.advancePosition(tile, offsets[1]);
  return s.finish(tile);
}

//===----------------------------------------------------------------------===//
// AttentionOp: batch, queries, runs of `heads` query heads
//===----------------------------------------------------------------------===//

SmallVector<utils::IteratorType> AttentionOp::getLoopIteratorTypes() {
  return getParallel(3);
}

SmallVector<Range> AttentionOp::getIterationDomain(OpBuilder &b) {
  TileSizes sizes = moa::getSizes(b, getLoc(), getInit());
  int64_t heads = getHeads();
  OpFoldResult runs = affine::makeComposedFoldedAffineApply(
      b, getLoc(), b.getAffineSymbolExpr(0).floorDiv(heads), {sizes[2]});
  return getRanges(b, {sizes[0], sizes[1], runs});
}

LogicalResult AttentionOp::getResultTilePosition(OpBuilder &b,
                                                 unsigned resultNumber,
                                                 ArrayRef<OpFoldResult> offsets,
                                                 ArrayRef<OpFoldResult> sizes,
                                                 TileSizes &resultOffsets,
                                                 TileSizes &resultSizes) {
  Slicer s(b, getLoc());
  int64_t heads = getHeads();
  resultOffsets = {offsets[0], offsets[1], s.multiply(offsets[2], heads)};
  resultSizes = {sizes[0], sizes[1], s.multiply(sizes[2], heads)};
  if (resultNumber == 0) {
    resultOffsets.push_back(s.number(0));
    resultSizes.push_back(s.size(getInit(), 3));
  }
  return success();
}

FailureOr<TilingResult>
AttentionOp::getTiledImplementation(OpBuilder &b,
                                    ArrayRef<OpFoldResult> offsets,
                                    ArrayRef<OpFoldResult> sizes) {
  Value additive = getAdditiveMask();
  // Whether the mask is one for all or one an entry has to be known.
  if (additive && ShapedType::isDynamic(getDim(additive, 0)))
    return emitOpError("has an additive_mask of unknown batch: it cannot be "
                       "tiled");
  Slicer s(b, getLoc());
  TileSizes rowOffsets, rowSizes, lseOffsets, lseSizes;
  if (failed(
          getResultTilePosition(b, 0, offsets, sizes, rowOffsets, rowSizes)) ||
      failed(getResultTilePosition(b, 1, offsets, sizes, lseOffsets, lseSizes)))
    return failure();

  OpFoldResult zero = s.number(0);
  auto sliceBatch = [&](Value value) {
    TileSizes all = moa::getSizes(b, getLoc(), value);
    all[0] = sizes[0];
    return s.slice(value, {offsets[0], zero, zero, zero}, all);
  };
  auto sliceMask = [&](Value mask, bool isShared) {
    if (!mask)
      return mask;
    return s.slice(
        mask, {isShared ? zero : offsets[0], offsets[1], zero},
        {isShared ? s.number(1) : sizes[0], sizes[1], s.size(mask, 2)});
  };
  Value query = s.slice(getQuery(), rowOffsets, rowSizes);
  Value key = sliceBatch(getKey()), value = sliceBatch(getValue());
  Value lengths = s.slice(getLengths(), {offsets[0]}, {sizes[0]});
  Value boolean = sliceMask(getBooleanMask(), /*isShared=*/false);
  additive = sliceMask(additive, additive && getDim(additive, 0) == 1);
  Value init = s.slice(getInit(), rowOffsets, rowSizes);
  Value lse = s.slice(getLseInit(), lseOffsets, lseSizes);

  auto tile = cast<AttentionOp>(s.rebuild(
      *this,
      {query, key, value, getPosition(), lengths, boolean, additive, init, lse},
      {init, lse}));
  s.advancePosition(tile, offsets[1]);
  return s.finish(tile);
}
