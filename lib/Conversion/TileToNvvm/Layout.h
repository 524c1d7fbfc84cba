//===- Layout.h - How tiles lie in the threads of a block -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile of a kernel becomes a fixed number of scalars in each thread. One
// family of layouts serves every tile: that of the accumulators of mma.sync
// m16n8, because a product's result is then ready for arithmetic, for
// reductions and, packed, for being the left operand of the next product.
//
// The warps of a block are a grid. A tile is cut into as many bands of rows and
// of columns as the grid has, one rectangle for each warp. A rectangle consists
// of blocks of 16 rows and 8 columns, and in each block
//
//   row    = lane / 4 + 8 * half           half, pair in {0, 1}
//   column = 2 * (lane mod 4) + pair
//
// A tile that has too few blocks for all warps is cut into fewer bands, which
// the remaining warps hold copies of: a column of any number of rows then lies
// as the rows of every tile with as many. So a tile of one column is held by
// all lanes and warps that hold its rows, a tile of one row by all that hold
// its columns, a tile of one element by every thread.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_CONVERSION_TILETONVVM_LAYOUT_H
#define MOA_LIB_CONVERSION_TILETONVVM_LAYOUT_H

#include "ThreadBuilder.h"

namespace moa::tile {

/// The grid of warps of a block.
struct WarpGrid {
  int64_t rows = 1, columns = 1;
  int64_t getWarps() const { return rows * columns; }
  int64_t getThreads() const { return getWarps() * 32; }
};

/// One scalar of a thread's part of a tile: the block it lies in, by number
/// along the rows and the columns, and its place within.
struct Element {
  int64_t rowBlock = 0, columnBlock = 0, half = 0, pair = 0;
};

class Layout {
public:
  static constexpr int64_t kBlockRows = 16, kBlockColumns = 8;

  /// `shape` must be one that `check` accepts.
  Layout(llvm::ArrayRef<int64_t> shape, WarpGrid warps);
  Layout(mlir::RankedTensorType type, WarpGrid warps)
      : Layout(type.getShape(), warps) {}

  /// Whether tiles of this shape consist of blocks, with an error at `op` if
  /// not.
  static mlir::LogicalResult check(mlir::Operation *op,
                                   llvm::ArrayRef<int64_t> shape);

  /// Blocks of a warp along the rows and the columns.
  int64_t getRowBlocks() const { return rowBlocks; }
  int64_t getColumnBlocks() const { return columnBlocks; }
  /// Whether the bits in which the numbers of a warp's column blocks differ are
  /// 0 in that of its first: addresses then differ by constants, swizzled or
  /// not.
  bool hasAlignedBlocks() const {
    return columnBands == 1 || llvm::isPowerOf2_64(columnBlocks);
  }
  /// 2, or 1 in a dimension of size 1.
  int64_t getHalves() const { return halves; }
  int64_t getPairs() const { return pairs; }

  /// The scalars of a thread: by row block, then column block, half, pair; so
  /// those of a block are in the order of an accumulator of mma.sync.
  int64_t size() const { return rowBlocks * columnBlocks * halves * pairs; }
  int64_t getNumber(Element element) const;
  Element getElement(int64_t number) const;
  /// The scalar that corresponds to `element` of a tile of which this one is a
  /// row, a column or an element.
  int64_t getBroadcastNumber(Element element) const;

  /// Into how many bands the tile is cut, and the running warp's.
  int64_t getRowBands() const { return rowBands; }
  int64_t getColumnBands() const { return columnBands; }
  mlir::Value getRowBand(ThreadBuilder &b) const;
  mlir::Value getColumnBand(ThreadBuilder &b) const;
  /// The first row and column of the running warp's rectangle.
  mlir::Value getFirstRow(ThreadBuilder &b) const;
  mlir::Value getFirstColumn(ThreadBuilder &b) const;

  /// Whether the running warp, or thread, is the one of those that hold the
  /// same elements that stores them. Null if no two hold the same ones.
  mlir::Value isOwningWarp(ThreadBuilder &b) const;
  mlir::Value isOwner(ThreadBuilder &b) const;

  /// Where `element` lies in the tile, seen from the running thread.
  mlir::Value getRow(ThreadBuilder &b, Element element) const;
  mlir::Value getColumn(ThreadBuilder &b, Element element) const;
  /// How many rows `element` lies below the thread's first.
  int64_t getRowsBelow(Element element) const {
    return element.rowBlock * kBlockRows + 8 * element.half;
  }

private:
  WarpGrid warps;
  int64_t rowBands, columnBands;
  int64_t rowBlocks, columnBlocks; ///< of a band
  int64_t halves, pairs;
};

} // namespace moa::tile

#endif // MOA_LIB_CONVERSION_TILETONVVM_LAYOUT_H
