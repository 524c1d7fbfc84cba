//===- Rotary.h - Rotating rows by their position ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_MOATOLINALG_ROTARY_H
#define MOA_CONVERSION_MOATOLINALG_ROTARY_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "moa/IR/Moa.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace moa {

/// Tells the position, as an index value, at which a row stands.
using RowPosition =
    llvm::function_ref<mlir::Value(mlir::ImplicitLocOpBuilder &, mlir::Value)>;

/// The heads [B,L,H,d], row l of each batch entry rotated at position(l).
mlir::Value rotateHeads(mlir::ImplicitLocOpBuilder &b, mlir::Value input,
                        RotaryAttr rotary, RowPosition position);

/// The rows [N,heads*d], row r rotated at position(r).
mlir::Value rotateRows(mlir::ImplicitLocOpBuilder &b, mlir::Value rows,
                       int64_t heads, RotaryAttr rotary, RowPosition position);

/// The queries of slots: where they stand, as the products say that can rotate
/// their rows. Nothing where `rotary` is null.
struct QueryRotation {
  template <typename OpTy>
  QueryRotation(OpTy op, int64_t topK)
      : rotary(op.getRotaryAttr()), heads(op.getHeads().value_or(1)),
        length(op.getLength()), position(op.getPosition()), topK(topK) {}

  /// position + (slot div topK) mod length
  mlir::Value getPosition(mlir::ImplicitLocOpBuilder &b, mlir::Value slot);
  /// Rows [N,heads*d] rotated at the positions of their slots.
  mlir::Value rotate(mlir::ImplicitLocOpBuilder &b, mlir::Value rows,
                     RowPosition slot);

  explicit operator bool() const { return bool(rotary); }

  RotaryAttr rotary;
  int64_t heads;
  mlir::Value length, position;
  int64_t topK;
};

} // namespace moa

#endif // MOA_CONVERSION_MOATOLINALG_ROTARY_H
