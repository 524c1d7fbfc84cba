//===- Rotation.h - Products whose rows are rotated -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_MOATOTILE_ROTATION_H
#define MOA_CONVERSION_MOATOTILE_ROTATION_H

#include "moa/Conversion/MoaToTile.h"
#include "moa/Kernels/Products.h"

namespace moa {

/// How the rows of a product are rotated: row r stands at `position` + (r div
/// `rowsPerPosition`) mod `length`. Where it `keepsInit`, rows that the product
/// does not store are those of the result before.
struct Rotation {
  RotaryAttr rotary;
  int64_t heads, headWidth;
  int64_t rowsPerPosition;
  mlir::Value length, position;
  bool keepsInit;
};

/// The rotation of an op with `rotary`, `heads`, `length` and `position`.
template <typename OpTy>
mlir::FailureOr<std::optional<Rotation>>
getRotation(OpTy op, int64_t rowsPerPosition, bool keepsInit) {
  if (!op.getRotary())
    return std::optional<Rotation>();
  int64_t width =
      llvm::cast<mlir::ShapedType>(op.getInit().getType()).getDimSize(1);
  if (mlir::ShapedType::isDynamic(width))
    return op.emitOpError("rotates heads of dynamic width");
  int64_t heads = *op.getHeads();
  return std::optional<Rotation>({*op.getRotary(), heads, width / heads,
                                  rowsPerPosition, op.getLength(),
                                  op.getPosition(), keepsInit});
}

/// Launches a product whose kernel rotates the rows as it stores them, or does
/// not rotate them, and returns what is stored to `result`.
using LaunchProduct = llvm::function_ref<mlir::FailureOr<mlir::Value>(
    const std::optional<ProductRotary> &, mlir::Value result)>;

/// A product stored to `result`. Where it is rotated, but not whole heads, rows
/// are stored as f32 and rotated by a kernel of their own.
mlir::FailureOr<mlir::Value>
launchRotated(mlir::ImplicitLocOpBuilder &b, mlir::Operation *op,
              KernelModule &kernels, const std::optional<Rotation> &rotation,
              mlir::Value result, LaunchProduct launchProduct);

/// A result [rows, F] as the kernels of products see it.
mlir::Value viewHalves(mlir::ImplicitLocOpBuilder &b, mlir::Value result,
                       const std::optional<ProductRotary> &rotary);

} // namespace moa

#endif // MOA_CONVERSION_MOATOTILE_ROTATION_H
