//===- Tiling.cpp - Tiles of the ops --------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loops of an op are those dimensions of its result that can be computed
// apart: every loop is parallel, and a tile is the same op on slices.
//
//===----------------------------------------------------------------------===//

#include "Checks.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"

using namespace mlir;
using namespace moa;

using Sizes = SmallVector<OpFoldResult>;

namespace {
/// Cuts the operands of one op for a tile of it.
class Slicer {
public:
  Slicer(OpBuilder &builder, Location location) : b(builder), loc(location) {}

  /// The slice of `value` of these offsets and sizes; null stays null.
  Value slice(Value value, ArrayRef<OpFoldResult> offsets,
              ArrayRef<OpFoldResult> sizes) {
    if (!value)
      return value;
    Sizes strides(offsets.size(), b.getIndexAttr(1));
    auto slice =
        tensor::ExtractSliceOp::create(b, loc, value, offsets, sizes, strides);
    slices.push_back(slice);
    return slice;
  }

  OpFoldResult size(Value value, unsigned dim) {
    return tensor::getMixedSize(b, loc, value, dim);
  }

  OpFoldResult number(int64_t n) { return b.getIndexAttr(n); }

  OpFoldResult multiply(OpFoldResult size, int64_t factor) {
    return affine::makeComposedFoldedAffineApply(
        b, loc, b.getAffineSymbolExpr(0) * factor, {size});
  }

  /// `position`, which may be absent, moved on by `offset`.
  Value advance(Value position, OpFoldResult offset) {
    Value moved = getValueOrCreateConstantIndexOp(b, loc, offset);
    return position ? arith::AddIOp::create(b, loc, position, moved) : moved;
  }

  /// `op` on `operands` of which the absent ones are null.
  Operation *rebuild(Operation *op, ArrayRef<Value> operands,
                     ArrayRef<Value> results) {
    SmallVector<Value> present;
    llvm::copy_if(operands, std::back_inserter(present),
                  [](Value value) { return bool(value); });
    SmallVector<Type> types;
    for (Value result : results)
      if (result)
        types.push_back(result.getType());
    return mlir::clone(b, op, types, present);
  }

  TilingResult finish(Operation *op) {
    return {{op}, llvm::to_vector_of<Value>(op->getResults()), slices};
  }

private:
  OpBuilder &b;
  Location loc;
  SmallVector<Operation *> slices;
};
} // namespace

/// Loops from 0 to the given sizes in steps of 1.
static SmallVector<Range> getRanges(OpBuilder &b,
                                    ArrayRef<OpFoldResult> sizes) {
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  SmallVector<Range> ranges;
  for (OpFoldResult size : sizes)
    ranges.push_back({zero, size, one});
  return ranges;
}

static SmallVector<utils::IteratorType> getParallel(unsigned loops) {
  return SmallVector<utils::IteratorType>(loops, utils::IteratorType::parallel);
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
  Value init = s.slice(getInit(), offsets, sizes);
  return s.finish(s.rebuild(*this, {slots, gates, bias, skip, init}, {init}));
}

LogicalResult CombineOp::getResultTilePosition(OpBuilder &, unsigned,
                                               ArrayRef<OpFoldResult> offsets,
                                               ArrayRef<OpFoldResult> sizes,
                                               Sizes &resultOffsets,
                                               Sizes &resultSizes) {
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
  return getRanges(b, tensor::getMixedSize(b, getLoc(), getInit(), 1));
}

FailureOr<TilingResult>
GroupedMatmulOp::getTiledImplementation(OpBuilder &b,
                                        ArrayRef<OpFoldResult> offsets,
                                        ArrayRef<OpFoldResult> sizes) {
  Slicer s(b, getLoc());
  unsigned out = getTransposed() ? 1 : 2;
  Sizes weightOffsets(3, s.number(0));
  Sizes weightSizes = moa::getSizes(b, getLoc(), getWeights());
  weightOffsets[out] = offsets[0];
  weightSizes[out] = sizes[0];
  Value weights = s.slice(getWeights(), weightOffsets, weightSizes);
  Value init = s.slice(getInit(), {s.number(0), offsets[0]},
                       {s.size(getInit(), 0), sizes[0]});
  return s.finish(s.rebuild(
      *this,
      {getInput(), weights, getOffsets(), getPermutation(), getGates(), init},
      {init}));
}

LogicalResult GroupedMatmulOp::getResultTilePosition(
    OpBuilder &b, unsigned, ArrayRef<OpFoldResult> offsets,
    ArrayRef<OpFoldResult> sizes, Sizes &resultOffsets, Sizes &resultSizes) {
  resultOffsets = {b.getIndexAttr(0), offsets[0]};
  resultSizes = {tensor::getMixedSize(b, getLoc(), getInit(), 0), sizes[0]};
  return success();
}

//===----------------------------------------------------------------------===//
// RotaryOp: batch, rows, heads
//===----------------------------------------------------------------------===//

SmallVector<utils::IteratorType> RotaryOp::getLoopIteratorTypes() {
  return getParallel(3);
}

SmallVector<Range> RotaryOp::getIterationDomain(OpBuilder &b) {
  Sizes sizes = moa::getSizes(b, getLoc(), getInput());
  return getRanges(b, ArrayRef(sizes).drop_back());
}

LogicalResult RotaryOp::getResultTilePosition(OpBuilder &b, unsigned,
                                              ArrayRef<OpFoldResult> offsets,
                                              ArrayRef<OpFoldResult> sizes,
                                              Sizes &resultOffsets,
                                              Sizes &resultSizes) {
  resultOffsets.assign(offsets.begin(), offsets.end());
  resultOffsets.push_back(b.getIndexAttr(0));
  resultSizes.assign(sizes.begin(), sizes.end());
  resultSizes.push_back(tensor::getMixedSize(b, getLoc(), getInput(), 3));
  return success();
}

FailureOr<TilingResult>
RotaryOp::getTiledImplementation(OpBuilder &b, ArrayRef<OpFoldResult> offsets,
                                 ArrayRef<OpFoldResult> sizes) {
  Slicer s(b, getLoc());
  Sizes inputOffsets, inputSizes;
  if (failed(getResultTilePosition(b, 0, offsets, sizes, inputOffsets,
                                   inputSizes)))
    return failure();
  Value input = s.slice(getInput(), inputOffsets, inputSizes);
  Value position = getPosition();
  // The rows of a tile stand where the rows of the whole stood.
  if (!isZeroInteger(offsets[1]))
    position = s.advance(position, offsets[1]);
  return s.finish(s.rebuild(*this, {input, position}, {input}));
}

//===----------------------------------------------------------------------===//
// AttentionOp: batch, queries, runs of `heads` query heads
//===----------------------------------------------------------------------===//

SmallVector<utils::IteratorType> AttentionOp::getLoopIteratorTypes() {
  return getParallel(3);
}

SmallVector<Range> AttentionOp::getIterationDomain(OpBuilder &b) {
  Sizes sizes = moa::getSizes(b, getLoc(), getInit());
  int64_t heads = getHeads();
  OpFoldResult runs = affine::makeComposedFoldedAffineApply(
      b, getLoc(), b.getAffineSymbolExpr(0).floorDiv(heads), {sizes[2]});
  return getRanges(b, {sizes[0], sizes[1], runs});
}

LogicalResult AttentionOp::getResultTilePosition(
    OpBuilder &b, unsigned resultNumber, ArrayRef<OpFoldResult> offsets,
    ArrayRef<OpFoldResult> sizes, Sizes &resultOffsets, Sizes &resultSizes) {
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
  Sizes rowOffsets, rowSizes, lseOffsets, lseSizes;
  if (failed(
          getResultTilePosition(b, 0, offsets, sizes, rowOffsets, rowSizes)) ||
      failed(getResultTilePosition(b, 1, offsets, sizes, lseOffsets, lseSizes)))
    return failure();

  OpFoldResult zero = s.number(0);
  auto sliceBatch = [&](Value value) {
    Sizes all = moa::getSizes(b, getLoc(), value);
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
  // The queries of a tile stand where the queries of the whole stood.
  if (!isZeroInteger(offsets[1])) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(tile);
    Value position = s.advance(getPosition(), offsets[1]);
    tile.getPositionMutable().assign(position);
  }
  return s.finish(tile);
}
