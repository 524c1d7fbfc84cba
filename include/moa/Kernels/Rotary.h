//===- Rotary.h - Rotary positions of tiles ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_KERNELS_ROTARY_H
#define MOA_KERNELS_ROTARY_H

#include "moa/IR/Moa.h"
#include "moa/Kernels/TileBuilder.h"

namespace moa {

/// Cosine and sine of `position * theta^(-2i/w)`, [M, w/2] f32.
struct RotaryAngles {
  mlir::Value cosine, sine;
};

/// The angles of the `positions` [M,1] i32 and of `columns` channels from
/// `first` (an index; 0 if null) on. The number of turns is exact to 2^-32 at
/// any position: it is an integer product, whose overflow drops whole turns.
RotaryAngles createRotaryAngles(TileBuilder &b, mlir::Value positions,
                                RotaryAttr rotary, int64_t columns,
                                mlir::Value first = {});

/// Whether `rotateHeads` can rotate heads of this width: a channel and its
/// partner are then held by the same thread.
bool canRotateHeads(RotaryAttr rotary, int64_t headWidth);

/// The f32 tile `rows`, whose columns are whole heads of `headWidth`, rotated.
/// The kernel has one band of columns.
mlir::Value rotateHeads(TileBuilder &b, mlir::Value rows, mlir::Value positions,
                        RotaryAttr rotary, int64_t headWidth);

} // namespace moa

#endif // MOA_KERNELS_ROTARY_H
