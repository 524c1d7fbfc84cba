//===- GroupedMatmul.cpp - Products by expert to upstream dialects --------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rotary.h"
#include "Rows.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "moa/Conversion/MoaToLinalg.h"
#include "moa/Utils/LinalgBuilders.h"
#include "moa/Utils/LoopBuilders.h"

using namespace mlir;
using namespace moa;

/// Columns `columns` of the weights of `expert`: [C,n], or [n,C] if transposed.
static Value extractWeights(ImplicitLocOpBuilder &b, Value weights,
                            OpFoldResult expert, Tile columns,
                            bool transposed) {
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> sizes = getSizes(b, weights);
  if (transposed)
    return extractPart(b, weights, {expert, columns.offset, zero},
                       {one, columns.size, sizes[2]}, {0});
  return extractPart(b, weights, {expert, zero, columns.offset},
                     {one, sizes[1], columns.size}, {0});
}

/// `value` moved into the range 0..upper.
static Value clamp(ImplicitLocOpBuilder &b, Value value, Value upper) {
  Value positive = arith::MaxSIOp::create(b, value, createIndex(b, 0));
  return arith::MinSIOp::create(b, positive, upper);
}

namespace {
/// The product of rows in grouped order with the weights of their groups.
struct GroupedProduct {
  Value rows, weights, offsets;
  bool transposed;
  Type accumulator;

  Value build(ImplicitLocOpBuilder &b);

private:
  Value buildTile(ImplicitLocOpBuilder &b, Value tile, Tile rowTile,
                  Tile columnTile);
};
} // namespace

/// Compute one tile of the result. Experts without rows in the tile cost one
/// empty iteration.
Value GroupedProduct::buildTile(ImplicitLocOpBuilder &b, Value tile,
                                Tile rowTile, Tile columnTile) {
  OpFoldResult zero = b.getIndexAttr(0);
  OpFoldResult width = getSizes(b, rows)[1];
  Value first = asIndex(b, rowTile.offset), size = asIndex(b, rowTile.size);
  auto multiplyGroup = [&](ImplicitLocOpBuilder &b, Value expert,
                           ValueRange args) -> SmallVector<Value> {
    Value next = arith::AddIOp::create(b, expert, createIndex(b, 1));
    auto bound = [&](Value group) {
      Value offset = extractIndex(b, offsets, group);
      return clamp(b, arith::SubIOp::create(b, offset, first), size);
    };
    Value begin = bound(expert), end = bound(next);
    Value length = arith::MaxSIOp::create(
        b, arith::SubIOp::create(b, end, begin), createIndex(b, 0));
    Value from = arith::AddIOp::create(b, first, begin);
    OpFoldResult beginResult = begin, lengthResult = length;
    Value lhs =
        extractPart(b, rows, {OpFoldResult(from), zero}, {lengthResult, width});
    Value rhs = extractWeights(b, weights, OpFoldResult(expert), columnTile,
                               transposed);
    SmallVector<OpFoldResult> offset = {beginResult, zero};
    SmallVector<OpFoldResult> sizes = {lengthResult, columnTile.size};
    SmallVector<OpFoldResult> strides(2, b.getIndexAttr(1));
    Value part = extractPart(b, args[0], offset, sizes);
    Value cleared =
        linalg::FillOp::create(b, createConstant(b, accumulator, 0), part)
            .getResult(0);
    Value product = createMatmul(b, lhs, rhs, cleared, transposed);
    return {tensor::InsertSliceOp::create(b, product, args[0], offset, sizes,
                                          strides)};
  };
  Value experts = getSize(b, weights, 0);
  return createLoop(b, createIndex(b, 0), experts, tile, multiplyGroup)[0];
}

Value GroupedProduct::build(ImplicitLocOpBuilder &b) {
  OpFoldResult rowCount = getSizes(b, rows)[0];
  OpFoldResult columnCount = getSizes(b, weights)[transposed ? 1 : 2];
  Value empty =
      tensor::EmptyOp::create(b, {rowCount, columnCount}, accumulator);
  auto body = [&](ImplicitLocOpBuilder &b, ValueRange ivs,
                  ValueRange outs) -> SmallVector<Part> {
    Tile rowTile = getTile(b, ivs[0], rowCount, kRowTile);
    Tile columnTile = getTile(b, ivs[1], columnCount, kColumnTile);
    SmallVector<OpFoldResult> offsets = {rowTile.offset, columnTile.offset};
    SmallVector<OpFoldResult> sizes = {rowTile.size, columnTile.size};
    Value tile = extractPart(b, outs[0], offsets, sizes);
    return {{buildTile(b, tile, rowTile, columnTile), offsets, sizes}};
  };
  return createForall(b,
                      {countTiles(b, rowCount, kRowTile),
                       countTiles(b, columnCount, kColumnTile)},
                      empty, body)[0];
}

namespace {
/// What the row maps of a grouped_matmul need: who reads and writes which row.
struct RowMaps {
  GroupedMatmulOp op;
  bool runtimeChecks;

  OpFoldResult countSlots(ImplicitLocOpBuilder &b) {
    Value perSlot = op.getPermutation() ? op.getPermutation() : op.getInput();
    return getSizes(b, perSlot)[0];
  }

  /// The number of routed slots, offsets[E].
  Value countRouted(ImplicitLocOpBuilder &b) {
    Value count =
        extractIndex(b, op.getOffsets(), getSize(b, op.getWeights(), 0));
    if (!runtimeChecks)
      return count;
    Value slots = asIndex(b, countSlots(b));
    checkBelow(b, count, arith::AddIOp::create(b, slots, createIndex(b, 1)),
               "'moa.grouped_matmul' op the last offset exceeds the number of "
               "slots");
    checkAscending(
        b, getSize(b, op.getWeights(), 0),
        [&](ImplicitLocOpBuilder &b, Value index) {
          return extractIndex(b, op.getOffsets(), index);
        },
        "'moa.grouped_matmul' op the offsets do not ascend from 0");
    return count;
  }

  /// permutation[row]
  Value getSlot(ImplicitLocOpBuilder &b, Value row) {
    Value slot = extractIndex(b, op.getPermutation(), row);
    if (runtimeChecks)
      checkBelow(b, slot, asIndex(b, countSlots(b)),
                 "'moa.grouped_matmul' op an entry of the permutation is not "
                 "a slot");
    return slot;
  }

  Value getToken(ImplicitLocOpBuilder &b, Value row) {
    return arith::DivUIOp::create(b, getSlot(b, row),
                                  createIndex(b, *op.getTopK()));
  }

  /// The gate of the slot that stands in `row`.
  Value getGate(ImplicitLocOpBuilder &b, Value row) {
    Value slot = getSlot(b, row);
    Value k = getSize(b, op.getGates(), 1);
    return tensor::ExtractOp::create(
        b, op.getGates(),
        ValueRange{arith::DivUIOp::create(b, slot, k),
                   arith::RemUIOp::create(b, slot, k)});
  }
};
} // namespace

/// The rows of the input in grouped order.
static Value orderInput(ImplicitLocOpBuilder &b, RowMaps &maps, Value count) {
  GroupedMatmulOp op = maps.op;
  if (op.getInputRows() == RowMap::Grouped)
    return op.getInput();
  return gatherRows(b, op.getInput(), maps.countSlots(b), count,
                    [&](ImplicitLocOpBuilder &b, Value row) {
                      return op.getInputRows() == RowMap::Token
                                 ? maps.getToken(b, row)
                                 : maps.getSlot(b, row);
                    });
}

/// The products `rows`, in grouped order, where the op wants them.
static Value storeResult(ImplicitLocOpBuilder &b, RowMaps &maps, Value rows,
                         Value count) {
  GroupedMatmulOp op = maps.op;
  auto target = [&](ImplicitLocOpBuilder &b, Value row) {
    return op.getResultRows() == RowMap::Grouped ? row : maps.getSlot(b, row);
  };
  auto gate = [&](ImplicitLocOpBuilder &b, Value row) {
    return maps.getGate(b, row);
  };
  RowMapping factor = op.getGates() ? RowMapping(gate) : RowMapping();
  if (op.getResultRows() != RowMap::Token)
    return storeRows(b, rows, op.getInit(), count, target, factor);
  // Put the rows in slot order first, so that the sum over the slots of a token
  // is taken in their order.
  Type accumulator = getElementTypeOrSelf(rows);
  Value slots = createFilled(b, getSizes(b, rows), accumulator, 0.0);
  slots = storeRows(b, rows, slots, count, target, factor);
  Value init = convertElements(b, op.getInit(), accumulator);
  Value sum = sumSlots(b, slots, /*gates=*/Value(), /*skip=*/Value(), init,
                       *op.getTopK());
  return convertElements(b, sum, getElementTypeOrSelf(op.getInit()));
}

/// The products `rows`, in grouped order, rotated at the positions of their
/// slots.
static Value rotateQueries(ImplicitLocOpBuilder &b, RowMaps &maps, Value rows) {
  GroupedMatmulOp op = maps.op;
  if (maps.runtimeChecks)
    checkLength(b, op, op.getLength(), getSize(b, rows, 0));
  // Rows that stand for no slot are rotated somewhere, and not stored.
  return QueryRotation(op, *op.getTopK())
      .rotate(b, rows, [&](ImplicitLocOpBuilder &b, Value row) {
        return extractIndex(b, op.getPermutation(), row);
      });
}

Values moa::lowerGroupedMatmul(ImplicitLocOpBuilder &b, GroupedMatmulOp op,
                               const MoaToLinalgOptions &options) {
  RowMaps maps{op, options.runtimeChecks};
  Value count = maps.countRouted(b);
  GroupedProduct product;
  product.rows = orderInput(b, maps, count);
  product.weights = op.getWeights();
  product.offsets = op.getOffsets();
  product.transposed = op.getTransposed();
  product.accumulator = getAccumulatorType(getElementTypeOrSelf(op.getInput()));
  Value rows = product.build(b);
  if (op.getRotary())
    rows = rotateQueries(b, maps, rows);
  return {storeResult(b, maps, rows, count)};
}

/// Tile `columns` of the row of `slot`: input row times the expert's weights.
static Value multiplySlot(ImplicitLocOpBuilder &b, SlotMatmulOp op, Value slot,
                          Value expert, Tile columns) {
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  Value row = slot;
  if (op.getInputRows() == RowMap::Token)
    row = arith::DivUIOp::create(b, slot, getSize(b, op.getIndices(), 1));
  Value lhs = extractPart(b, op.getInput(), {OpFoldResult(row), zero},
                          {one, getSizes(b, op.getInput())[1]});
  Value rhs = extractWeights(b, op.getWeights(), OpFoldResult(expert), columns,
                             op.getTransposed());
  Type element = getElementTypeOrSelf(op.getInit());
  QueryRotation rotation(
      op, cast<ShapedType>(op.getIndices().getType()).getDimSize(1));
  if (!rotation)
    return createRoundedMatmul(b, lhs, rhs, element, op.getTransposed());
  Value product = createRoundedMatmul(
      b, lhs, rhs, getAccumulatorType(getElementTypeOrSelf(op.getInput())),
      op.getTransposed());
  Value rotated = rotation.rotate(
      b, product, [&](ImplicitLocOpBuilder &, Value) { return slot; });
  return convertElements(b, rotated, element);
}

Values moa::lowerSlotMatmul(ImplicitLocOpBuilder &b, SlotMatmulOp op,
                            const MoaToLinalgOptions &options) {
  OpFoldResult one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> sizes = getSizes(b, op.getInit());
  if (options.runtimeChecks && op.getLength())
    checkLength(b, op, op.getLength(), getSize(b, op.getInit(), 0));
  Value experts = getSize(b, op.getWeights(), 0);
  // A channel is rotated together with another one of its head: no tiles.
  Tile whole = {b.getIndexAttr(0), sizes[1]};
  OpFoldResult tiles =
      op.getRotary() ? one : countTiles(b, sizes[1], kColumnTile);
  Value indices = tensor::CollapseShapeOp::create(
      b, op.getIndices(), ArrayRef<ReassociationIndices>{{0, 1}});
  auto body = [&](ImplicitLocOpBuilder &b, ValueRange ivs,
                  ValueRange outs) -> SmallVector<Part> {
    Tile columns =
        op.getRotary() ? whole : getTile(b, ivs[1], sizes[1], kColumnTile);
    SmallVector<OpFoldResult> offsets = {OpFoldResult(ivs[0]), columns.offset};
    SmallVector<OpFoldResult> partSizes = {one, columns.size};
    Value place = extractPart(b, outs[0], offsets, partSizes);
    Value expert = extractIndex(b, indices, ivs[0]);
    Value routed = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, expert,
                                         createIndex(b, -1));
    auto branch = scf::IfOp::create(
        b, routed,
        [&](OpBuilder &nested, Location loc) {
          ImplicitLocOpBuilder inner(loc, nested);
          if (options.runtimeChecks)
            checkBelow(inner, expert, experts,
                       "'moa.slot_matmul' op an index is neither -1 nor below "
                       "the number of experts");
          scf::YieldOp::create(
              inner, multiplySlot(inner, op, ivs[0], expert, columns));
        },
        [&](OpBuilder &nested, Location loc) {
          scf::YieldOp::create(nested, loc, place);
        });
    return {{branch.getResult(0), offsets, partSizes}};
  };
  return createForall(b, {sizes[0], tiles}, op.getInit(), body);
}
