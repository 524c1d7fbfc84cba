//===- Slicer.h - Tiles of the ops ------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loops of an op are those dimensions of its result that can be computed
// apart: every loop is parallel, and a tile is the same op on slices. On
// buffers slices are views, and a tile has no results.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_IR_SLICER_H
#define MOA_LIB_IR_SLICER_H

#include "Checks.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"

namespace moa {

using TileSizes = llvm::SmallVector<mlir::OpFoldResult>;

/// Cuts the operands of one op for a tile of it.
class Slicer {
public:
  Slicer(mlir::OpBuilder &builder, mlir::Location location)
      : b(builder), loc(location) {}

  /// The slice of `value` of these offsets and sizes; null stays null.
  mlir::Value slice(mlir::Value value,
                    llvm::ArrayRef<mlir::OpFoldResult> offsets,
                    llvm::ArrayRef<mlir::OpFoldResult> sizes) {
    if (!value)
      return value;
    TileSizes strides(offsets.size(), b.getIndexAttr(1));
    mlir::Operation *slice;
    if (llvm::isa<mlir::MemRefType>(value.getType()))
      slice = mlir::memref::SubViewOp::create(b, loc, value, offsets, sizes,
                                              strides);
    else
      slice = mlir::tensor::ExtractSliceOp::create(b, loc, value, offsets,
                                                   sizes, strides);
    slices.push_back(slice);
    return slice->getResult(0);
  }

  mlir::OpFoldResult size(mlir::Value value, unsigned dim) {
    return getSize(b, loc, value, dim);
  }

  mlir::OpFoldResult number(int64_t n) { return b.getIndexAttr(n); }

  mlir::OpFoldResult multiply(mlir::OpFoldResult size, int64_t factor) {
    return mlir::affine::makeComposedFoldedAffineApply(
        b, loc, b.getAffineSymbolExpr(0) * factor, {size});
  }

  mlir::OpFoldResult multiply(mlir::OpFoldResult size,
                              mlir::OpFoldResult factor) {
    mlir::AffineExpr s0 = b.getAffineSymbolExpr(0);
    mlir::AffineExpr s1 = b.getAffineSymbolExpr(1);
    return mlir::affine::makeComposedFoldedAffineApply(b, loc, s0 * s1,
                                                       {size, factor});
  }

  /// Let `tile`, which starts `offset` rows behind the whole, start as many
  /// positions further.
  template <typename OpTy>
  void advancePosition(OpTy tile, mlir::OpFoldResult offset) {
    if (mlir::isZeroInteger(offset))
      return;
    mlir::OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(tile);
    mlir::Value position =
        mlir::getValueOrCreateConstantIndexOp(b, loc, offset);
    if (mlir::Value first = tile.getPosition())
      position = mlir::arith::AddIOp::create(b, loc, first, position);
    tile.getPositionMutable().assign(position);
  }

  /// `op` on `operands` of which the absent ones are null; its results, which
  /// there are none of on buffers, are of the types of `results`.
  mlir::Operation *rebuild(mlir::Operation *op,
                           llvm::ArrayRef<mlir::Value> operands,
                           llvm::ArrayRef<mlir::Value> results) {
    llvm::SmallVector<mlir::Value> present;
    llvm::copy_if(operands, std::back_inserter(present),
                  [](mlir::Value value) { return bool(value); });
    llvm::SmallVector<mlir::Type> types;
    for (mlir::Value result : results)
      if (result && llvm::isa<mlir::TensorType>(result.getType()))
        types.push_back(result.getType());
    return mlir::clone(b, op, types, present);
  }

  mlir::TilingResult finish(mlir::Operation *op) {
    return {{op}, llvm::to_vector_of<mlir::Value>(op->getResults()), slices};
  }

private:
  mlir::OpBuilder &b;
  mlir::Location loc;
  llvm::SmallVector<mlir::Operation *> slices;
};

/// Loops from 0 to the given sizes in steps of 1.
inline llvm::SmallVector<mlir::Range>
getRanges(mlir::OpBuilder &b, llvm::ArrayRef<mlir::OpFoldResult> sizes) {
  mlir::OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  llvm::SmallVector<mlir::Range> ranges;
  for (mlir::OpFoldResult size : sizes)
    ranges.push_back({zero, size, one});
  return ranges;
}

inline llvm::SmallVector<mlir::utils::IteratorType>
getParallel(unsigned loops) {
  return llvm::SmallVector<mlir::utils::IteratorType>(
      loops, mlir::utils::IteratorType::parallel);
}

} // namespace moa

#endif // MOA_LIB_IR_SLICER_H
