//===- Ownership.h - Who stores what several threads hold -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_CONVERSION_TILETONVVM_OWNERSHIP_H
#define MOA_LIB_CONVERSION_TILETONVVM_OWNERSHIP_H

#include "Kernel.h"

namespace moa::tile {

/// Whether the running thread is the one among those that hold the same
/// elements of a tile that stores them. Null if no two threads hold the same
/// ones.
inline mlir::Value getOwner(ThreadBuilder &b, const Layout &layout,
                            WarpGrid warps) {
  mlir::Value owner;
  if (layout.getHalves() == 1) {
    owner = b.equal(b.div(b.lane(), 4), 0);
    if (warps.rows > 1)
      owner = b.both(owner, b.equal(getWarpRow(b, warps), 0));
  }
  if (layout.getPairs() == 1) {
    owner = b.both(owner, b.equal(b.rem(b.lane(), 4), 0));
    if (warps.columns > 1)
      owner = b.both(owner, b.equal(getWarpColumn(b, warps), 0));
  }
  return owner;
}

} // namespace moa::tile

#endif // MOA_LIB_CONVERSION_TILETONVVM_OWNERSHIP_H
