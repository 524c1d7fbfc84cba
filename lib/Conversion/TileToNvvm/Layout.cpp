//===- Layout.cpp - How tiles lie in the threads of a block ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Layout.h"

using namespace mlir;
using namespace moa::tile;

Layout::Layout(ArrayRef<int64_t> shape, WarpGrid warps)
    : warps(warps),
      rowBlocks(shape[0] == 1 ? 1 : shape[0] / (kBlockRows * warps.rows)),
      columnBlocks(shape[1] == 1 ? 1
                                 : shape[1] / (kBlockColumns * warps.columns)),
      halves(shape[0] == 1 ? 1 : 2), pairs(shape[1] == 1 ? 1 : 2) {}

LogicalResult Layout::check(Operation *op, ArrayRef<int64_t> shape,
                            WarpGrid warps) {
  auto checkDim = [&](int64_t size, int64_t count, int64_t block,
                      StringRef name) -> LogicalResult {
    if (size == 1 || size % (count * block) == 0)
      return success();
    return op->emitOpError()
           << "has a tile of " << shape[0] << " x " << shape[1] << ": " << size
           << ' ' << name << " are not a multiple of " << count * block << ", "
           << block << " for each of " << count << " warps";
  };
  if (failed(checkDim(shape[0], warps.rows, kBlockRows, "rows")))
    return failure();
  return checkDim(shape[1], warps.columns, kBlockColumns, "columns");
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

Value Layout::getRow(ThreadBuilder &b, Element element) const {
  if (halves == 1)
    return b.constant(0);
  Value first = b.add(b.mul(getWarpRow(b, warps), rowBlocks * kBlockRows),
                      b.div(b.lane(), 4));
  return b.add(first, element.rowBlock * kBlockRows + 8 * element.half);
}

Value Layout::getColumn(ThreadBuilder &b, Element element) const {
  if (pairs == 1)
    return b.constant(0);
  Value first =
      b.add(b.mul(getWarpColumn(b, warps), columnBlocks * kBlockColumns),
            b.mul(b.rem(b.lane(), 4), 2));
  return b.add(first, element.columnBlock * kBlockColumns + element.pair);
}

Value moa::tile::getWarpRow(ThreadBuilder &b, WarpGrid warps) {
  if (warps.rows == 1)
    return b.constant(0);
  return b.div(b.thread(), 32 * warps.columns);
}

Value moa::tile::getWarpColumn(ThreadBuilder &b, WarpGrid warps) {
  if (warps.columns == 1)
    return b.constant(0);
  return b.rem(b.div(b.thread(), 32), warps.columns);
}
