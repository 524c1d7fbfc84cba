//===- SharedTile.h - One stage of a buffer in shared memory ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_CONVERSION_TILETONVVM_SHAREDTILE_H
#define MOA_LIB_CONVERSION_TILETONVVM_SHAREDTILE_H

#include "Layout.h"
#include "moa/Tile/IR/Tile.h"

namespace moa::tile {

class SharedTile {
public:
  static constexpr int64_t kPieceBytes = 16;
  /// The swizzle of a row is that of the row so many rows below.
  static constexpr int64_t kSwizzlePeriod = 8;

  SharedTile(mlir::Value pointer, BufferType type)
      : pointer(pointer), type(type) {}

  int64_t getElementBytes() const {
    return type.getElementType().getIntOrFloatBitWidth() / 8;
  }
  int64_t getRowBytes() const { return type.getColumns() * getElementBytes(); }

  /// The address of byte `byte` of row `row`, with the swizzle applied. The
  /// byte lies in piece `byte / kPieceBytes ^ constant`, as below.
  mlir::Value getAddress(ThreadBuilder &b, mlir::Value row, mlir::Value byte,
                         int64_t constant = 0) const;
  /// The address in row `row` of the column of an element of a tile.
  mlir::Value getAddress(ThreadBuilder &b, mlir::Value row,
                         const Layout &layout, Element element) const;
  /// The address of piece `piece` of row `row`, or of byte `byte` in it. The
  /// piece is `piece ^ constant`, so that pieces of one row share all but the
  /// last exclusive or. Bits of `constant` from the swizzle on are not in
  /// `piece`.
  mlir::Value getPieceAddress(ThreadBuilder &b, mlir::Value row,
                              mlir::Value piece, int64_t constant,
                              mlir::Value byte = {}) const;
  /// An address moved down by a multiple of kSwizzlePeriod rows.
  mlir::Value moveRows(ThreadBuilder &b, mlir::Value address,
                       int64_t rows) const {
    assert(rows % kSwizzlePeriod == 0 && "the swizzle would differ");
    return b.offset(address, b.getI8Type(), rows * getRowBytes());
  }

private:
  /// What the pieces of a row are exchanged by.
  mlir::Value getSwizzle(ThreadBuilder &b, mlir::Value row) const;

  mlir::Value pointer;
  BufferType type;
};

} // namespace moa::tile

#endif // MOA_LIB_CONVERSION_TILETONVVM_SHAREDTILE_H
