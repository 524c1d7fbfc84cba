//===- Rotary.cpp - Rotations to upstream dialects  -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rotary.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "moa/Conversion/MoaToLinalg.h"
#include "moa/Utils/LinalgBuilders.h"
#include "moa/Utils/LoopBuilders.h"
#include <cmath>

using namespace mlir;
using namespace moa;

/// In the body of a map over [L, w/2]: position * theta^(-2i/w), in f64,
/// because an angle of many turns keeps few digits of its fraction.
static Value createAngle(ImplicitLocOpBuilder &b, RotaryAttr rotary,
                         RowPosition position) {
  Type f64 = b.getF64Type();
  auto toFloat = [&](Value index) -> Value {
    Value integer = arith::IndexCastOp::create(b, b.getI64Type(), index);
    return arith::SIToFPOp::create(b, f64, integer);
  };
  Value place = position(b, linalg::IndexOp::create(b, 0));
  Value channel = linalg::IndexOp::create(b, 1);
  double step =
      -2.0 * std::log(rotary.getTheta().getValueAsDouble()) / rotary.getDim();
  Value exponent =
      arith::MulFOp::create(b, toFloat(channel), createConstant(b, f64, step));
  return arith::MulFOp::create(b, toFloat(place),
                               math::ExpOp::create(b, exponent));
}

/// The table [length, w/2] of a function of the angle.
template <typename FunctionOp>
static Value createTable(ImplicitLocOpBuilder &b, OpFoldResult length,
                         RotaryAttr rotary, RowPosition position,
                         Type element) {
  OpFoldResult half = b.getIndexAttr(rotary.getDim() / 2);
  return mapElements(
      b, {length, half}, element, {}, [&](ImplicitLocOpBuilder &b, ValueRange) {
        Value angle = createAngle(b, rotary, position);
        return convertFloat(b, FunctionOp::create(b, angle), element);
      });
}

Value moa::rotateHeads(ImplicitLocOpBuilder &b, Value input, RotaryAttr rotary,
                       RowPosition position) {
  if (isStaticallyEmpty(input))
    return input;
  Type element = getElementTypeOrSelf(input);
  Type accumulator = getAccumulatorType(element);
  SmallVector<OpFoldResult> sizes = getSizes(b, input);
  Value cosines =
      createTable<math::CosOp>(b, sizes[1], rotary, position, accumulator);
  Value sines =
      createTable<math::SinOp>(b, sizes[1], rotary, position, accumulator);

  OpFoldResult zero = b.getIndexAttr(0);
  sizes[3] = b.getIndexAttr(rotary.getDim() / 2);
  SmallVector<OpFoldResult> lowOffsets(4, zero), highOffsets(4, zero);
  highOffsets[3] = sizes[3];
  Value low = extractPart(b, input, lowOffsets, sizes);
  Value high = extractPart(b, input, highOffsets, sizes);

  // The rotated half: first * cos + sign * second * sin.
  auto rotate = [&](Value first, Value second, bool subtract) {
    auto body = [&](ImplicitLocOpBuilder &b, ValueRange args) {
      Value along = arith::MulFOp::create(
          b, convertFloat(b, args[0], accumulator), args[2]);
      Value across = arith::MulFOp::create(
          b, convertFloat(b, args[1], accumulator), args[3]);
      Value sum = subtract
                      ? arith::SubFOp::create(b, along, across).getResult()
                      : arith::AddFOp::create(b, along, across).getResult();
      return convertFloat(b, sum, element);
    };
    return mapElements(b, sizes, element,
                       {first, second, {cosines, {1, 3}}, {sines, {1, 3}}},
                       body);
  };
  SmallVector<OpFoldResult> strides(4, b.getIndexAttr(1));
  Value result =
      tensor::InsertSliceOp::create(b, rotate(low, high, /*subtract=*/true),
                                    input, lowOffsets, sizes, strides);
  result =
      tensor::InsertSliceOp::create(b, rotate(high, low, /*subtract=*/false),
                                    result, highOffsets, sizes, strides);
  return result;
}

Value moa::rotateRows(ImplicitLocOpBuilder &b, Value rows, int64_t heads,
                      RotaryAttr rotary, RowPosition position) {
  SmallVector<OpFoldResult> sizes = getSizes(b, rows);
  OpFoldResult width = affine::makeComposedFoldedAffineApply(
      b, b.getLoc(), b.getAffineSymbolExpr(0).floorDiv(heads), {sizes[1]});
  SmallVector<OpFoldResult> expanded = {b.getIndexAttr(1), sizes[0],
                                        b.getIndexAttr(heads), width};
  SmallVector<ReassociationIndices> groups = {{0, 1}, {2, 3}};
  auto type = RankedTensorType::get(decomposeMixedValues(expanded).first,
                                    getElementTypeOrSelf(rows));
  Value split = tensor::ExpandShapeOp::create(b, type, rows, groups, expanded);
  Value rotated = rotateHeads(b, split, rotary, position);
  return tensor::CollapseShapeOp::create(b, rotated, groups);
}

Value QueryRotation::getPosition(ImplicitLocOpBuilder &b, Value slot) {
  Value token = arith::DivUIOp::create(b, slot, createIndex(b, topK));
  Value place = arith::RemUIOp::create(b, token, length);
  if (!position)
    return place;
  return arith::AddIOp::create(b, position, place);
}

Value QueryRotation::rotate(ImplicitLocOpBuilder &b, Value rows,
                            RowPosition slot) {
  return rotateRows(b, rows, heads, rotary,
                    [&](ImplicitLocOpBuilder &b, Value row) {
                      return getPosition(b, slot(b, row));
                    });
}

Values moa::lowerRotary(ImplicitLocOpBuilder &b, RotaryOp op,
                        const MoaToLinalgOptions &) {
  return {rotateHeads(b, op.getInput(), op.getRotary(),
                      [&](ImplicitLocOpBuilder &b, Value row) -> Value {
                        if (!op.getPosition())
                          return row;
                        return arith::AddIOp::create(b, op.getPosition(), row);
                      })};
}
