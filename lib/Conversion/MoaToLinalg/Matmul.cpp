//===- Matmul.cpp - Dense products to upstream dialects -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rotary.h"
#include "Rows.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "moa/Conversion/MoaToLinalg.h"
#include "moa/Utils/LinalgBuilders.h"

using namespace mlir;
using namespace moa;

Values moa::lowerMatmul(ImplicitLocOpBuilder &b, MatmulOp op,
                        const MoaToLinalgOptions &) {
  return {createRoundedMatmul(b, op.getInput(), op.getWeights(),
                              getElementTypeOrSelf(op.getInit()),
                              op.getTransposed())};
}

//===----------------------------------------------------------------------===//
// Keys and values
//===----------------------------------------------------------------------===//

/// The heads of `sizes` [B,S,Hkv,d]: rows [B*S,D] times `weights`, rotated
/// where there is a rotary attribute, and rounded once.
static Value projectHeads(ImplicitLocOpBuilder &b, KeyValueOp op, Value rows,
                          Value weights, Value init, RotaryAttr rotary) {
  Type element = getElementTypeOrSelf(init);
  Value product = createRoundedMatmul(
      b, rows, weights, getAccumulatorType(element), op.getTransposed());
  SmallVector<OpFoldResult> sizes = getSizes(b, init);
  auto type = RankedTensorType::get(decomposeMixedValues(sizes).first,
                                    getElementTypeOrSelf(product));
  Value heads = tensor::ExpandShapeOp::create(
      b, type, product, ArrayRef<ReassociationIndices>{{0, 1}, {2, 3}}, sizes);
  if (rotary)
    heads = rotateHeads(
        b, heads, rotary, [&](ImplicitLocOpBuilder &b, Value row) -> Value {
          if (!op.getPosition())
            return row;
          return arith::AddIOp::create(b, op.getPosition(), row);
        });
  return convertElements(b, heads, element);
}

Values moa::lowerKeyValue(ImplicitLocOpBuilder &b, KeyValueOp op,
                          const MoaToLinalgOptions &) {
  Value rows = tensor::CollapseShapeOp::create(
      b, op.getInput(), ArrayRef<ReassociationIndices>{{0, 1}, {2}});
  return {projectHeads(b, op, rows, op.getKey(), op.getKeyInit(),
                       op.getRotaryAttr()),
          projectHeads(b, op, rows, op.getValue(), op.getValueInit(),
                       RotaryAttr())};
}

//===----------------------------------------------------------------------===//
// Products with the weights of all experts
//===----------------------------------------------------------------------===//

/// The contraction of `lhs` [N,C] or [N,E,C] with the weights of every expert,
/// to [N,E,F] or, summed over experts, [N,F]; in the accumulator type.
static Value contractExperts(ImplicitLocOpBuilder &b, DenseMatmulOp op,
                             Value lhs, Sizes sizes, bool sums) {
  Type accumulator = getAccumulatorType(getElementTypeOrSelf(op.getInput()));
  Value init = createFilled(b, sizes, accumulator, 0.0);
  AffineExpr e, t, f, c;
  bindDims(b.getContext(), e, t, f, c);
  SmallVector<AffineExpr> weights = {e, c, f};
  if (op.getTransposed())
    std::swap(weights[1], weights[2]);
  auto map = [&](ArrayRef<AffineExpr> dims) {
    return AffineMap::get(4, 0, dims, b.getContext());
  };
  SmallVector<AffineMap> maps = {map({t, c}), map(weights), map({t, e, f})};
  if (sums)
    maps = {map({t, e, c}), map(weights), map({t, f})};
  return linalg::ContractOp::create(
             b, TypeRange{init.getType()}, ValueRange{lhs, op.getWeights()},
             ValueRange{init}, b.getAffineMapArrayAttr(maps))
      .getResult(0);
}

/// Each token times the weights of every expert, in slot order.
static Value spreadTokens(ImplicitLocOpBuilder &b, DenseMatmulOp op) {
  Value weights = op.getWeights();
  int64_t experts = cast<ShapedType>(weights.getType()).getDimSize(0);
  Value product =
      contractExperts(b, op, op.getInput(),
                      {getSizes(b, op.getInput())[0], b.getIndexAttr(experts),
                       getSizes(b, weights)[op.getTransposed() ? 1 : 2]},
                      /*sums=*/false);
  QueryRotation rotation(op, /*topK=*/experts);
  Value slots = tensor::CollapseShapeOp::create(
      b, product, ArrayRef<ReassociationIndices>{{0, 1}, {2}});
  if (rotation)
    slots = rotation.rotate(
        b, slots, [](ImplicitLocOpBuilder &, Value row) { return row; });
  return convertElements(b, slots, getElementTypeOrSelf(op.getInit()));
}

/// The slots [N,E,C] times their gates, in the accumulator type.
static Value weighSlots(ImplicitLocOpBuilder &b, Value slots, Value gates) {
  Type accumulator = getAccumulatorType(getElementTypeOrSelf(slots));
  return mapElements(
      b, getSizes(b, slots), accumulator, {slots, {gates, {0, 1}}},
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        return arith::MulFOp::create(b, convertFloat(b, args[0], accumulator),
                                     convertFloat(b, args[1], accumulator));
      });
}

/// The sum over each token's slots of their products.
static Value sumProducts(ImplicitLocOpBuilder &b, DenseMatmulOp op) {
  SmallVector<OpFoldResult> sizes = getSizes(b, op.getInit());
  int64_t experts = cast<ShapedType>(op.getWeights().getType()).getDimSize(0);
  SmallVector<OpFoldResult> expanded = {sizes[0], b.getIndexAttr(experts),
                                        getSizes(b, op.getInput())[1]};
  auto type = RankedTensorType::get(decomposeMixedValues(expanded).first,
                                    getElementTypeOrSelf(op.getInput()));
  Value slots = tensor::ExpandShapeOp::create(
      b, type, op.getInput(), ArrayRef<ReassociationIndices>{{0, 1}, {2}},
      expanded);
  if (op.getGates())
    slots = weighSlots(b, slots, op.getGates());
  Value sum = contractExperts(b, op, slots, sizes, /*sums=*/true);
  return finishRows(b, sum, op.getBias(), op.getSkip(), op.getResidual(),
                    getElementTypeOrSelf(op.getInit()));
}

Values moa::lowerDenseMatmul(ImplicitLocOpBuilder &b, DenseMatmulOp op,
                             const MoaToLinalgOptions &options) {
  if (op.getInputRows() == RowMap::Slot)
    return {sumProducts(b, op)};
  if (options.runtimeChecks && op.getLength())
    checkLength(b, op, op.getLength(), getSize(b, op.getInput(), 0));
  return {spreadTokens(b, op)};
}
