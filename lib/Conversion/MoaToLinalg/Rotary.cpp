//===- Rotary.cpp - moa.rotary to upstream dialects -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

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

/// In the body of a map over [L, w/2]: (position + l) * theta^(-2i/w), in f64,
/// because an angle of many turns keeps few digits of its fraction.
static Value createAngle(ImplicitLocOpBuilder &b, RotaryOp op) {
  Type f64 = b.getF64Type();
  auto toFloat = [&](Value index) -> Value {
    Value integer = arith::IndexCastOp::create(b, b.getI64Type(), index);
    return arith::SIToFPOp::create(b, f64, integer);
  };
  Value position = linalg::IndexOp::create(b, 0);
  if (op.getPosition())
    position = arith::AddIOp::create(b, op.getPosition(), position);
  Value channel = linalg::IndexOp::create(b, 1);
  RotaryAttr rotary = op.getRotary();
  double step =
      -2.0 * std::log(rotary.getTheta().getValueAsDouble()) / rotary.getDim();
  Value exponent =
      arith::MulFOp::create(b, toFloat(channel), createConstant(b, f64, step));
  return arith::MulFOp::create(b, toFloat(position),
                               math::ExpOp::create(b, exponent));
}

/// The table [L, w/2] of a function of the angle.
template <typename FunctionOp>
static Value createTable(ImplicitLocOpBuilder &b, RotaryOp op, Type element) {
  OpFoldResult length = getSizes(b, op.getInput())[1];
  OpFoldResult half = b.getIndexAttr(op.getRotary().getDim() / 2);
  return mapElements(
      b, {length, half}, element, {}, [&](ImplicitLocOpBuilder &b, ValueRange) {
        Value angle = createAngle(b, op);
        return convertFloat(b, FunctionOp::create(b, angle), element);
      });
}

Values moa::lowerRotary(ImplicitLocOpBuilder &b, RotaryOp op,
                        const MoaToLinalgOptions &) {
  Value input = op.getInput();
  if (isStaticallyEmpty(input))
    return {input};
  Type element = getElementTypeOrSelf(input);
  Type accumulator = getAccumulatorType(element);
  Value cosines = createTable<math::CosOp>(b, op, accumulator);
  Value sines = createTable<math::SinOp>(b, op, accumulator);

  int64_t half = op.getRotary().getDim() / 2;
  OpFoldResult zero = b.getIndexAttr(0);
  SmallVector<OpFoldResult> sizes = getSizes(b, input);
  sizes[3] = b.getIndexAttr(half);
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
  return {result};
}
