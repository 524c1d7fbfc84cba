//===- Rotary.cpp - Rotary positions of tiles -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Kernels/Rotary.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace moa;
using IPredicate = arith::CmpIPredicate;

static constexpr double kPi = 3.14159265358979323846;

/// theta^(-2i/w) / (2 pi) for i from `first` on: turns for each position,
/// [1,columns] f64. It is a product of one constant for each bit of i, since
/// chips have no accurate power.
static Value createFrequencies(TileBuilder &b, RotaryAttr rotary,
                               int64_t columns, Value first) {
  Value channel = b.positions(1, columns, first ? first : b.index(0));
  Value turns = b.tile(1, columns, b.getF64Type(), 1 / (2 * kPi));
  double exponent =
      -2.0 * std::log2(rotary.getTheta().getValueAsDouble()) / rotary.getDim();
  int64_t end = first ? rotary.getDim() / 2 : columns;
  for (int64_t bit = 1; bit < end; bit *= 2) {
    Value isSet =
        b.compare(IPredicate::ne, b.both(channel, b.like(channel, bit)), 0.0);
    Value factor = b.like(turns, std::exp2(exponent * bit));
    turns = b.mul(turns, b.select(isSet, factor, b.like(turns, 1)));
  }
  return turns;
}

RotaryAngles moa::createRotaryAngles(TileBuilder &b, Value positions,
                                     RotaryAttr rotary, int64_t columns,
                                     Value first) {
  // Turns with 63 bits behind the point, times a position: what overflows are
  // whole turns.
  auto withElement = [&](Value tile, Type element) -> Type {
    return cast<RankedTensorType>(tile.getType()).clone(element);
  };
  Value frequency = createFrequencies(b, rotary, columns, first);
  Value fixed =
      arith::FPToSIOp::create(b, withElement(frequency, b.getI64Type()),
                              b.mul(frequency, std::exp2(63)));
  Value wide = arith::ExtSIOp::create(b, withElement(positions, b.getI64Type()),
                                      positions);
  Value turns = b.mul(wide, fixed);
  // The upper half of 64 bits behind the point, as a signed fraction.
  turns = arith::ShRSIOp::create(b, b.mul(turns, 2.0), b.like(turns, 32));
  turns = arith::TruncIOp::create(b, withElement(turns, b.getI32Type()), turns);
  Value fraction =
      arith::SIToFPOp::create(b, withElement(turns, b.getF32Type()), turns);
  Value angle = b.mul(fraction, 2 * kPi * std::exp2(-32));
  return {math::CosOp::create(b, angle), math::SinOp::create(b, angle)};
}

/// Registers hold columns in runs of this many.
static constexpr int64_t kColumnStep = 8;

bool moa::canRotateHeads(RotaryAttr rotary, int64_t headWidth) {
  return headWidth % kColumnStep == 0 &&
         rotary.getDim() % (2 * kColumnStep) == 0;
}

Value moa::rotateHeads(TileBuilder &b, Value rows, Value positions,
                       RotaryAttr rotary, int64_t headWidth) {
  int64_t columns = cast<RankedTensorType>(rows.getType()).getDimSize(1);
  int64_t half = rotary.getDim() / 2;
  RotaryAngles angles = createRotaryAngles(b, positions, rotary, half);
  SmallVector<Value> parts;
  for (int64_t head = 0; head + headWidth <= columns; head += headWidth) {
    Value low = b.columns(rows, head, half);
    Value high = b.columns(rows, head + half, half);
    parts.push_back(b.sub(b.mul(low, angles.cosine), b.mul(high, angles.sine)));
    parts.push_back(b.add(b.mul(high, angles.cosine), b.mul(low, angles.sine)));
    if (int64_t rest = headWidth - 2 * half)
      parts.push_back(b.columns(rows, head + 2 * half, rest));
  }
  // Padding behind the last head stays.
  if (int64_t rest = columns % headWidth)
    parts.push_back(b.columns(rows, columns - rest, rest));
  return tensor::ConcatOp::create(b, /*dim=*/1, parts);
}
