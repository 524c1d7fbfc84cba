//===- LoopBuilders.cpp - Loops over tensors ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Utils/LoopBuilders.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace moa {

SmallVector<Value> createLoop(ImplicitLocOpBuilder &b, Value lower, Value upper,
                              ValueRange inits, LoopBody body, int64_t step) {
  auto loop = scf::ForOp::create(
      b, lower, upper, createIndex(b, step), inits,
      [&](OpBuilder &nested, Location loc, Value iv, ValueRange args) {
        ImplicitLocOpBuilder inner(loc, nested);
        scf::YieldOp::create(inner, body(inner, iv, args));
      });
  return llvm::to_vector_of<Value>(loop.getResults());
}

void checkAscending(ImplicitLocOpBuilder &b, Value count,
                    function_ref<Value(ImplicitLocOpBuilder &, Value)> load,
                    const Twine &message) {
  Value zero = createIndex(b, 0);
  Value startsAtZero =
      arith::CmpIOp::create(b, arith::CmpIPredicate::eq, load(b, zero), zero);
  auto visit = [&](ImplicitLocOpBuilder &b, Value index,
                   ValueRange holds) -> SmallVector<Value> {
    Value next = arith::AddIOp::create(b, index, createIndex(b, 1));
    Value ascends = arith::CmpIOp::create(b, arith::CmpIPredicate::sle,
                                          load(b, index), load(b, next));
    return {arith::AndIOp::create(b, holds[0], ascends)};
  };
  Value holds = createLoop(b, zero, count, startsAtZero, visit)[0];
  cf::AssertOp::create(b, holds, message.str());
}

SmallVector<Value> createForall(ImplicitLocOpBuilder &b,
                                ArrayRef<OpFoldResult> bounds,
                                ValueRange destinations, ForallBody body) {
  auto loop = scf::ForallOp::create(b, bounds, destinations,
                                    /*mapping=*/std::nullopt);
  ImplicitLocOpBuilder inner(b.getLoc(), loop.getTerminator());
  SmallVector<Part> parts =
      body(inner, loop.getInductionVars(), loop.getRegionOutArgs());
  inner.setInsertionPointToEnd(loop.getTerminator().getBody());
  for (auto [part, destination] : llvm::zip(parts, loop.getRegionOutArgs())) {
    SmallVector<OpFoldResult> strides(part.sizes.size(), b.getIndexAttr(1));
    tensor::ParallelInsertSliceOp::create(inner, part.source, destination,
                                          part.offsets, part.sizes, strides);
  }
  return llvm::to_vector_of<Value>(loop.getResults());
}

Value extractPart(ImplicitLocOpBuilder &b, Value source,
                  ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
                  ArrayRef<unsigned> dropped) {
  SmallVector<OpFoldResult> strides(sizes.size(), b.getIndexAttr(1));
  SmallVector<int64_t> shape;
  for (auto [dim, size] : llvm::enumerate(sizes))
    if (!llvm::is_contained(dropped, dim))
      shape.push_back(getConstantIntValue(size).value_or(ShapedType::kDynamic));
  auto type = RankedTensorType::get(shape, getElementTypeOrSelf(source));
  return tensor::ExtractSliceOp::create(b, type, source, offsets, sizes,
                                        strides);
}

bool isStaticallyEmpty(Value tensor) {
  return llvm::is_contained(cast<ShapedType>(tensor.getType()).getShape(), 0);
}

OpFoldResult countTiles(ImplicitLocOpBuilder &b, OpFoldResult size,
                        int64_t width) {
  AffineExpr s0 = b.getAffineSymbolExpr(0);
  return affine::makeComposedFoldedAffineApply(b, b.getLoc(), s0.ceilDiv(width),
                                               {size});
}

Tile getTile(ImplicitLocOpBuilder &b, Value index, OpFoldResult size,
             int64_t width) {
  AffineExpr s0 = b.getAffineSymbolExpr(0), s1 = b.getAffineSymbolExpr(1);
  std::optional<int64_t> total = getConstantIntValue(size);
  // A slice at a constant offset of an empty dimension does not verify, even
  // where its size is 0.
  if (total && *total > 0 && *total <= width)
    return {b.getIndexAttr(0), size};
  OpFoldResult offset = affine::makeComposedFoldedAffineApply(
      b, b.getLoc(), s0 * width, {OpFoldResult(index)});
  if (total && *total > 0 && *total % width == 0)
    return {offset, b.getIndexAttr(width)};
  AffineMap shorter = AffineMap::get(
      0, 2, {s1 - s0 * width, b.getAffineConstantExpr(width)}, b.getContext());
  return {offset, affine::makeComposedFoldedAffineMin(
                      b, b.getLoc(), shorter, {OpFoldResult(index), size})};
}

Value asIndex(ImplicitLocOpBuilder &b, OpFoldResult value) {
  return getValueOrCreateConstantIndexOp(b, b.getLoc(), value);
}

Value createIndex(ImplicitLocOpBuilder &b, int64_t value) {
  return arith::ConstantIndexOp::create(b, value);
}

Value extractIndex(ImplicitLocOpBuilder &b, Value tensor, ValueRange indices) {
  Value element = tensor::ExtractOp::create(b, tensor, indices);
  return arith::IndexCastOp::create(b, b.getIndexType(), element);
}

} // namespace moa
