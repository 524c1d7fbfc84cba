//===- ProductTiling.cpp - Tiles of products and of the sum of slots ------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Slicer.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace mlir;
using namespace moa;

/// The part of `weights` whose columns, which are dimension `dim`, are given.
static Value sliceColumns(Slicer &s, Value weights, unsigned dim,
                          OpFoldResult offset, OpFoldResult size) {
  TileSizes offsets, sizes;
  for (int64_t i = 0, rank = cast<ShapedType>(weights.getType()).getRank();
       i < rank; ++i) {
    offsets.push_back(i == dim ? offset : s.number(0));
    sizes.push_back(i == dim ? size : s.size(weights, i));
  }
  return s.slice(weights, offsets, sizes);
}

/// A channel is rotated together with another one of its head.
static constexpr StringLiteral kRotaryColumns =
    "has rotary positions: it cannot be tiled";

//===----------------------------------------------------------------------===//
// MatmulOp: rows and columns
//===----------------------------------------------------------------------===//

SmallVector<utils::IteratorType> MatmulOp::getLoopIteratorTypes() {
  return getParallel(2);
}

SmallVector<Range> MatmulOp::getIterationDomain(OpBuilder &b) {
  return getRanges(b, moa::getSizes(b, getLoc(), getInit()));
}

FailureOr<TilingResult>
MatmulOp::getTiledImplementation(OpBuilder &b, ArrayRef<OpFoldResult> offsets,
                                 ArrayRef<OpFoldResult> sizes) {
  Slicer s(b, getLoc());
  Value input = s.slice(getInput(), {offsets[0], s.number(0)},
                        {sizes[0], s.size(getInput(), 1)});
  Value weights = sliceColumns(s, getWeights(), getTransposed() ? 0 : 1,
                               offsets[1], sizes[1]);
  Value init = s.slice(getInit(), offsets, sizes);
  return s.finish(s.rebuild(*this, {input, weights, init}, {init}));
}

LogicalResult MatmulOp::getResultTilePosition(OpBuilder &, unsigned,
                                              ArrayRef<OpFoldResult> offsets,
                                              ArrayRef<OpFoldResult> sizes,
                                              TileSizes &resultOffsets,
                                              TileSizes &resultSizes) {
  resultOffsets.assign(offsets.begin(), offsets.end());
  resultSizes.assign(sizes.begin(), sizes.end());
  return success();
}

//===----------------------------------------------------------------------===//
// KeyValueOp: batch, rows, heads
//===----------------------------------------------------------------------===//

SmallVector<utils::IteratorType> KeyValueOp::getLoopIteratorTypes() {
  return getParallel(3);
}

SmallVector<Range> KeyValueOp::getIterationDomain(OpBuilder &b) {
  TileSizes sizes = moa::getSizes(b, getLoc(), getKeyInit());
  return getRanges(b, ArrayRef(sizes).drop_back());
}

LogicalResult KeyValueOp::getResultTilePosition(OpBuilder &b, unsigned,
                                                ArrayRef<OpFoldResult> offsets,
                                                ArrayRef<OpFoldResult> sizes,
                                                TileSizes &resultOffsets,
                                                TileSizes &resultSizes) {
  resultOffsets.assign(offsets.begin(), offsets.end());
  resultOffsets.push_back(b.getIndexAttr(0));
  resultSizes.assign(sizes.begin(), sizes.end());
  resultSizes.push_back(moa::getSize(b, getLoc(), getKeyInit(), 3));
  return success();
}

FailureOr<TilingResult>
KeyValueOp::getTiledImplementation(OpBuilder &b, ArrayRef<OpFoldResult> offsets,
                                   ArrayRef<OpFoldResult> sizes) {
  Slicer s(b, getLoc());
  TileSizes headOffsets, headSizes;
  if (failed(
          getResultTilePosition(b, 0, offsets, sizes, headOffsets, headSizes)))
    return failure();
  Value input = s.slice(getInput(), {offsets[0], offsets[1], s.number(0)},
                        {sizes[0], sizes[1], s.size(getInput(), 2)});
  OpFoldResult column = s.multiply(offsets[2], headSizes[3]);
  OpFoldResult columns = s.multiply(sizes[2], headSizes[3]);
  unsigned out = getTransposed() ? 0 : 1;
  Value key = sliceColumns(s, getKey(), out, column, columns);
  Value value = sliceColumns(s, getValue(), out, column, columns);
  Value keyInit = s.slice(getKeyInit(), headOffsets, headSizes);
  Value valueInit = s.slice(getValueInit(), headOffsets, headSizes);
  // The number of heads of a tile has to be known.
  if (ShapedType::isDynamic(getDim(keyInit, 2)))
    return emitOpError("has a static number of key/value heads: a tile of it "
                       "cannot have a dynamic one");
  auto tile = cast<KeyValueOp>(
      s.rebuild(*this, {input, key, value, getPosition(), keyInit, valueInit},
                {keyInit, valueInit}));
  if (getRotary())
    s.advancePosition(tile, offsets[1]);
  return s.finish(tile);
}

//===----------------------------------------------------------------------===//
// DenseMatmulOp: tokens and columns
//===----------------------------------------------------------------------===//

SmallVector<utils::IteratorType> DenseMatmulOp::getLoopIteratorTypes() {
  return getParallel(2);
}

SmallVector<Range> DenseMatmulOp::getIterationDomain(OpBuilder &b) {
  bool sums = getInputRows() == RowMap::Slot;
  return getRanges(b,
                   {moa::getSize(b, getLoc(), sums ? getInit() : getInput(), 0),
                    moa::getSize(b, getLoc(), getInit(), 1)});
}

LogicalResult DenseMatmulOp::getResultTilePosition(
    OpBuilder &b, unsigned, ArrayRef<OpFoldResult> offsets,
    ArrayRef<OpFoldResult> sizes, TileSizes &resultOffsets,
    TileSizes &resultSizes) {
  Slicer s(b, getLoc());
  int64_t rows = getInputRows() == RowMap::Slot ? 1 : getDim(getWeights(), 0);
  resultOffsets = {s.multiply(offsets[0], rows), offsets[1]};
  resultSizes = {s.multiply(sizes[0], rows), sizes[1]};
  return success();
}

FailureOr<TilingResult>
DenseMatmulOp::getTiledImplementation(OpBuilder &b,
                                      ArrayRef<OpFoldResult> offsets,
                                      ArrayRef<OpFoldResult> sizes) {
  if (getRotary())
    return emitOpError(kRotaryColumns);
  Slicer s(b, getLoc());
  TileSizes resultOffsets, resultSizes;
  if (failed(getResultTilePosition(b, 0, offsets, sizes, resultOffsets,
                                   resultSizes)))
    return failure();
  int64_t experts = getDim(getWeights(), 0);
  int64_t rows = getInputRows() == RowMap::Slot ? experts : 1;
  OpFoldResult zero = s.number(0);
  Value input = s.slice(getInput(), {s.multiply(offsets[0], rows), zero},
                        {s.multiply(sizes[0], rows), s.size(getInput(), 1)});
  Value weights = sliceColumns(s, getWeights(), getTransposed() ? 1 : 2,
                               offsets[1], sizes[1]);
  Value gates =
      s.slice(getGates(), {offsets[0], zero}, {sizes[0], s.number(experts)});
  Value bias = s.slice(getBias(), {offsets[1]}, {sizes[1]});
  Value skip = s.slice(getSkip(), {offsets[0]}, {sizes[0]});
  Value residual = s.slice(getResidual(), offsets, sizes);
  Value init = s.slice(getInit(), resultOffsets, resultSizes);
  return s.finish(s.rebuild(
      *this, {input, weights, gates, bias, skip, residual, init}, {init}));
}

//===----------------------------------------------------------------------===//
// CombineOp: tokens and columns
//===----------------------------------------------------------------------===//

SmallVector<utils::IteratorType> CombineOp::getLoopIteratorTypes() {
  return getParallel(2);
}

SmallVector<Range> CombineOp::getIterationDomain(OpBuilder &b) {
  return getRanges(b, moa::getSizes(b, getLoc(), getInit()));
}

FailureOr<TilingResult>
CombineOp::getTiledImplementation(OpBuilder &b, ArrayRef<OpFoldResult> offsets,
                                  ArrayRef<OpFoldResult> sizes) {
  Slicer s(b, getLoc());
  int64_t k = getDim(getGates(), 1);
  Value slots = s.slice(getSlots(), {s.multiply(offsets[0], k), offsets[1]},
                        {s.multiply(sizes[0], k), sizes[1]});
  Value gates =
      s.slice(getGates(), {offsets[0], s.number(0)}, {sizes[0], s.number(k)});
  Value bias = s.slice(getBias(), {offsets[1]}, {sizes[1]});
  Value skip = s.slice(getSkip(), {offsets[0]}, {sizes[0]});
  Value residual = s.slice(getResidual(), offsets, sizes);
  Value init = s.slice(getInit(), offsets, sizes);
  return s.finish(
      s.rebuild(*this, {slots, gates, bias, skip, residual, init}, {init}));
}

LogicalResult CombineOp::getResultTilePosition(OpBuilder &, unsigned,
                                               ArrayRef<OpFoldResult> offsets,
                                               ArrayRef<OpFoldResult> sizes,
                                               TileSizes &resultOffsets,
                                               TileSizes &resultSizes) {
  resultOffsets.assign(offsets.begin(), offsets.end());
  resultSizes.assign(sizes.begin(), sizes.end());
  return success();
}

FailureOr<TilingResult>
CombineOp::generateResultTileValue(OpBuilder &b, unsigned,
                                   ArrayRef<OpFoldResult> offsets,
                                   ArrayRef<OpFoldResult> sizes) {
  return getTiledImplementation(b, offsets, sizes);
}

//===----------------------------------------------------------------------===//
// GroupedMatmulOp: columns
//===----------------------------------------------------------------------===//

SmallVector<utils::IteratorType> GroupedMatmulOp::getLoopIteratorTypes() {
  return getParallel(1);
}

SmallVector<Range> GroupedMatmulOp::getIterationDomain(OpBuilder &b) {
  return getRanges(b, moa::getSize(b, getLoc(), getInit(), 1));
}

FailureOr<TilingResult>
GroupedMatmulOp::getTiledImplementation(OpBuilder &b,
                                        ArrayRef<OpFoldResult> offsets,
                                        ArrayRef<OpFoldResult> sizes) {
  if (getRotary())
    return emitOpError(kRotaryColumns);
  Slicer s(b, getLoc());
  Value weights = sliceColumns(s, getWeights(), getTransposed() ? 1 : 2,
                               offsets[0], sizes[0]);
  Value init = s.slice(getInit(), {s.number(0), offsets[0]},
                       {s.size(getInit(), 0), sizes[0]});
  return s.finish(s.rebuild(
      *this,
      {getInput(), weights, getOffsets(), getPermutation(), getGates(), init},
      {init}));
}

LogicalResult GroupedMatmulOp::getResultTilePosition(
    OpBuilder &b, unsigned, ArrayRef<OpFoldResult> offsets,
    ArrayRef<OpFoldResult> sizes, TileSizes &resultOffsets,
    TileSizes &resultSizes) {
  resultOffsets = {b.getIndexAttr(0), offsets[0]};
  resultSizes = {moa::getSize(b, getLoc(), getInit(), 0), sizes[0]};
  return success();
}

/// Columns of every row: which rows of the result a row of the grouped order
/// goes to is known at run time only.
FailureOr<TilingResult>
GroupedMatmulOp::generateResultTileValue(OpBuilder &b, unsigned,
                                         ArrayRef<OpFoldResult> offsets,
                                         ArrayRef<OpFoldResult> sizes) {
  FailureOr<bool> hasAllRows = ValueBoundsConstraintSet::areEqual(
      sizes[0], ValueBoundsConstraintSet::Variable(getInit(), 0));
  if (!isZeroInteger(offsets[0]) || failed(hasAllRows) || !*hasAllRows)
    return failure();
  return getTiledImplementation(b, offsets.drop_front(), sizes.drop_front());
}
