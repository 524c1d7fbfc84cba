//===- Memory.cpp - Tiles from memory and back ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Conversion/TileToLinalg.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "moa/Utils/LinalgBuilders.h"
#include "moa/Utils/LoopBuilders.h"

using namespace mlir;
using namespace moa;
using namespace moa::tile;
using arith::CmpIPredicate;

namespace {
/// Where a tile lies in memory.
struct Place {
  Value memory;
  ArrayRef<int64_t> shape;
  /// Choose a matrix of the memory.
  SmallVector<Value> matrix;
  /// The rows of the tile: consecutive ones from `row`, or those in `rowIndex`.
  /// With neither, the memory is one row.
  Value row, rowIndex;
  /// The first column; null where the memory is one column.
  Value column;

  bool hasRows() const { return row || rowIndex; }
};

struct Interval {
  Value begin, end;
};
} // namespace

static Place getPlace(Value memory, ArrayRef<int64_t> shape, ValueRange indices,
                      Value rowIndex = {}) {
  Place place{memory, shape, {}, {}, rowIndex, {}};
  SmallVector<Value> rest(indices);
  bool isLine = cast<MemRefType>(memory.getType()).getRank() == 1;
  bool isColumn = isLine && (rowIndex || shape[1] == 1);
  if (!isColumn)
    place.column = rest.pop_back_val();
  if (!rowIndex && !rest.empty())
    place.row = rest.pop_back_val();
  place.matrix = std::move(rest);
  return place;
}

/// Whether 0 <= index < dimension `dim` of `memory`.
static Value isInside(ImplicitLocOpBuilder &b, Value index, Value memory,
                      int64_t dim) {
  // As an unsigned number, a negative index is larger than any size.
  return arith::CmpIOp::create(b, CmpIPredicate::ult, index,
                               b.createOrFold<memref::DimOp>(memory, dim));
}

/// Which of `count` positions from `offset` on lie inside of dimension `dim`.
static Interval clip(ImplicitLocOpBuilder &b, Value offset, int64_t count,
                     Value memory, int64_t dim) {
  Value zero = createIndex(b, 0);
  Value size = b.createOrFold<memref::DimOp>(memory, dim);
  Value before = b.createOrFold<arith::SubIOp>(zero, offset);
  Value left = b.createOrFold<arith::SubIOp>(size, offset);
  return {b.createOrFold<arith::MaxSIOp>(before, zero),
          b.createOrFold<arith::MinSIOp>(left, createIndex(b, count))};
}

/// The same range, empty unless `condition` holds.
static Interval limit(ImplicitLocOpBuilder &b, Interval range,
                      Value condition) {
  Value end =
      b.createOrFold<arith::SelectOp>(condition, range.end, createIndex(b, 0));
  return {range.begin, end};
}

/// Rows of the tile to visit: none where `place` names no matrix of the memory.
static Interval getRows(ImplicitLocOpBuilder &b, const Place &place) {
  Interval rows{createIndex(b, 0), createIndex(b, place.shape[0])};
  int64_t dim = place.matrix.size();
  if (place.row)
    rows = clip(b, place.row, place.shape[0], place.memory, dim);
  for (auto [dim, index] : llvm::enumerate(place.matrix))
    rows = limit(b, rows, isInside(b, index, place.memory, dim));
  return rows;
}

using ElementBody = llvm::function_ref<SmallVector<Value>(
    ImplicitLocOpBuilder &b, ValueRange position, ValueRange indices,
    ValueRange carried)>;

/// Visit the elements of a tile that lie inside of the memory, with their
/// position in the tile and their indices in the memory.
static SmallVector<Value> visit(ImplicitLocOpBuilder &b, const Place &place,
                                ValueRange inits, ElementBody body) {
  int64_t rowDim = place.matrix.size();
  Interval columns{createIndex(b, 0), createIndex(b, 1)};
  if (place.column)
    columns = clip(b, place.column, place.shape[1], place.memory,
                   rowDim + place.hasRows());
  auto visitRow = [&](ImplicitLocOpBuilder &b, Value r, ValueRange carried) {
    SmallVector<Value> indices = place.matrix;
    Interval inside = columns;
    if (place.rowIndex) {
      Value row =
          extractIndex(b, place.rowIndex, ValueRange{r, createIndex(b, 0)});
      inside = limit(b, inside, isInside(b, row, place.memory, rowDim));
      indices.push_back(row);
    } else if (place.row) {
      indices.push_back(b.createOrFold<arith::AddIOp>(place.row, r));
    }
    return createLoop(
        b, inside.begin, inside.end, carried,
        [&](ImplicitLocOpBuilder &b, Value c, ValueRange carried) {
          SmallVector<Value> all = indices;
          if (place.column)
            all.push_back(b.createOrFold<arith::AddIOp>(place.column, c));
          return body(b, {r, c}, all, carried);
        });
  };
  Interval rows = getRows(b, place);
  return createLoop(b, rows.begin, rows.end, inits, visitRow);
}

/// Loops read the memory by memref.load: unlike a read within linalg, that is
/// kept in order with the stores of the block.
static Value read(ImplicitLocOpBuilder &b, RankedTensorType type,
                  const Place &place) {
  SmallVector<OpFoldResult> sizes =
      getAsIndexOpFoldResult(b.getContext(), type.getShape());
  Value zeros = createFilled(b, sizes, type.getElementType(), 0);
  return visit(b, place, zeros,
               [&](ImplicitLocOpBuilder &b, ValueRange position,
                   ValueRange indices, ValueRange carried) {
                 Value element =
                     memref::LoadOp::create(b, place.memory, indices);
                 Value tile =
                     tensor::InsertOp::create(b, element, carried[0], position);
                 return SmallVector<Value>{tile};
               })
      .front();
}

static void write(ImplicitLocOpBuilder &b, Value tile, const Place &place,
                  bool add) {
  visit(b, place, {},
        [&](ImplicitLocOpBuilder &b, ValueRange position, ValueRange indices,
            ValueRange) {
          Value element = tensor::ExtractOp::create(b, tile, position);
          if (add)
            memref::AtomicRMWOp::create(b, arith::AtomicRMWKind::addf, element,
                                        place.memory, indices);
          else
            memref::StoreOp::create(b, element, place.memory, indices);
          return SmallVector<Value>{};
        });
}

Value moa::lowerTileLoad(ImplicitLocOpBuilder &b, LoadOp op) {
  return read(
      b, op.getType(),
      getPlace(op.getSource(), op.getType().getShape(), op.getIndices()));
}

Value moa::lowerTileGather(ImplicitLocOpBuilder &b, GatherOp op) {
  return read(b, op.getType(),
              getPlace(op.getSource(), op.getType().getShape(), op.getIndices(),
                       op.getRows()));
}

void moa::lowerTileStore(ImplicitLocOpBuilder &b, StoreOp op) {
  write(b, op.getTile(),
        getPlace(op.getDestination(), op.getTile().getType().getShape(),
                 op.getIndices()),
        /*add=*/false);
}

void moa::lowerTileScatter(ImplicitLocOpBuilder &b, ScatterOp op) {
  write(b, op.getTile(),
        getPlace(op.getDestination(), op.getTile().getType().getShape(),
                 op.getIndices(), op.getRows()),
        op.getAdd());
}

Value moa::lowerTileArrive(ImplicitLocOpBuilder &b, ArriveOp op) {
  Type i32 = b.getI32Type();
  Value before = memref::AtomicRMWOp::create(b, arith::AtomicRMWKind::addi,
                                             createConstant(b, i32, 1),
                                             op.getCounters(), op.getIndices());
  Value count = arith::IndexCastOp::create(b, i32, op.getCount());
  Value others = arith::SubIOp::create(b, count, createConstant(b, i32, 1));
  return arith::CmpIOp::create(b, CmpIPredicate::eq, before, others);
}

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

/// The place that is all of `memory`.
static Place getWhole(ImplicitLocOpBuilder &b, Value memory) {
  Value zero = createIndex(b, 0);
  auto type = cast<MemRefType>(memory.getType());
  return getPlace(memory, type.getShape(), {zero, zero});
}

Value moa::readTile(ImplicitLocOpBuilder &b, Value memory) {
  auto type = cast<MemRefType>(memory.getType());
  auto tile = RankedTensorType::get(type.getShape(), type.getElementType());
  return read(b, tile, getWhole(b, memory));
}

void moa::writeTile(ImplicitLocOpBuilder &b, Value tile, Value memory) {
  write(b, tile, getWhole(b, memory), /*add=*/false);
}

void moa::lowerTileCopy(ImplicitLocOpBuilder &b, CopyOp op, Value buffer) {
  OpBuilder::InsertionGuard guard(b);
  if (op.getWhen()) {
    auto branch = scf::IfOp::create(b, op.getWhen());
    b.setInsertionPointToStart(branch.thenBlock());
  }
  auto type = cast<MemRefType>(buffer.getType());
  auto tile = RankedTensorType::get(type.getShape(), type.getElementType());
  Place place =
      getPlace(op.getSource(), type.getShape(), op.getIndices(), op.getRows());
  writeTile(b, read(b, tile, place), buffer);
}
