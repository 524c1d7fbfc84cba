//===- Layout.cpp - How tiles lie in the threads of a block ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Layout.h"

using namespace mlir;
using namespace moa::tile;

/// Into how many bands, at most `limit`, as many blocks can be cut evenly.
static int64_t countBands(int64_t blocks, int64_t limit) {
  while (blocks % limit != 0)
    --limit;
  return limit;
}

/// Blocks of a dimension, 1 where it is no longer than an element.
static int64_t countBlocks(int64_t size, int64_t block) {
  return size == 1 ? 1 : size / block;
}

Layout::Layout(ArrayRef<int64_t> shape, WarpGrid warps) : warps(warps) {
  rowBlocks = countBlocks(shape[0], kBlockRows);
  columnBlocks = countBlocks(shape[1], kBlockColumns);
  rowBands = countBands(rowBlocks, warps.rows);
  columnBands = countBands(columnBlocks, warps.columns);
  rowBlocks /= rowBands;
  columnBlocks /= columnBands;
  halves = shape[0] == 1 ? 1 : 2;
  pairs = shape[1] == 1 ? 1 : 2;
}

LogicalResult Layout::check(Operation *op, ArrayRef<int64_t> shape) {
  auto checkDim = [&](int64_t size, int64_t block,
                      StringRef name) -> LogicalResult {
    if (size == 1 || size % block == 0)
      return success();
    return op->emitOpError()
           << "has a tile of " << shape[0] << " x " << shape[1] << ": " << size
           << ' ' << name << " must be 1 or a multiple of " << block;
  };
  if (failed(checkDim(shape[0], kBlockRows, "rows")))
    return failure();
  return checkDim(shape[1], kBlockColumns, "columns");
}

int64_t Layout::getNumber(Element element) const {
  int64_t block = element.rowBlock * columnBlocks + element.columnBlock;
  return (block * halves + element.half) * pairs + element.pair;
}

Element Layout::getElement(int64_t number) const {
  Element element;
  element.pair = number % pairs;
  number /= pairs;
  element.half = number % halves;
  number /= halves;
  element.columnBlock = number % columnBlocks;
  element.rowBlock = number / columnBlocks;
  return element;
}

int64_t Layout::getBroadcastNumber(Element element) const {
  if (halves == 1)
    element.rowBlock = element.half = 0;
  if (pairs == 1)
    element.columnBlock = element.pair = 0;
  return getNumber(element);
}

//===----------------------------------------------------------------------===//
// The running thread's part
//===----------------------------------------------------------------------===//

/// The running warp's place in the grid.
static Value getWarpRow(ThreadBuilder &b, WarpGrid warps) {
  return b.div(b.thread(), 32 * warps.columns);
}

static Value getWarpColumn(ThreadBuilder &b, WarpGrid warps) {
  return b.rem(b.div(b.thread(), 32), warps.columns);
}

Value Layout::getRowBand(ThreadBuilder &b) const {
  if (rowBands == 1)
    return b.constant(0);
  Value warp = getWarpRow(b, warps);
  return rowBands == warps.rows ? warp : b.rem(warp, rowBands);
}

Value Layout::getColumnBand(ThreadBuilder &b) const {
  if (columnBands == 1)
    return b.constant(0);
  Value warp = getWarpColumn(b, warps);
  return columnBands == warps.columns ? warp : b.rem(warp, columnBands);
}

Value Layout::getFirstRow(ThreadBuilder &b) const {
  return b.mul(getRowBand(b), rowBlocks * kBlockRows);
}

Value Layout::getFirstColumn(ThreadBuilder &b) const {
  return b.mul(getColumnBand(b), columnBlocks * kBlockColumns);
}

Value Layout::isOwningWarp(ThreadBuilder &b) const {
  Value owns;
  if (rowBands < warps.rows)
    owns = b.below(getWarpRow(b, warps), b.constant(rowBands));
  if (columnBands < warps.columns)
    owns =
        b.both(owns, b.below(getWarpColumn(b, warps), b.constant(columnBands)));
  return owns;
}

Value Layout::isOwner(ThreadBuilder &b) const {
  Value owns = isOwningWarp(b);
  if (halves == 1)
    owns = b.both(owns, b.equal(b.div(b.lane(), 4), 0));
  if (pairs == 1)
    owns = b.both(owns, b.equal(b.rem(b.lane(), 4), 0));
  return owns;
}

Value Layout::getRow(ThreadBuilder &b, Element element) const {
  if (halves == 1)
    return b.constant(0);
  Value first = b.add(getFirstRow(b), b.div(b.lane(), 4));
  return b.add(first, getRowsBelow(element));
}

Value Layout::getColumn(ThreadBuilder &b, Element element) const {
  if (pairs == 1)
    return b.constant(0);
  Value first = b.add(getFirstColumn(b), b.mul(b.rem(b.lane(), 4), 2));
  return b.add(first, element.columnBlock * kBlockColumns + element.pair);
}
