//===- VectorMath.cpp - Functions of vectors ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VectorMath.h"

#include "VectorBuilders.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "moa/Utils/LinalgBuilders.h"
#include <limits>

using namespace mlir;

namespace moa {

using Predicate = arith::CmpFPredicate;

/// (exp(r) - 1 - r) / r^2 for |r| <= ln(2) / 2: fitted for the least relative
/// error of exp(r), ascending powers, rounded to f32.
static constexpr double kExpTail[] = {0.49999994, 0.16666521, 0.04166839,
                                      0.008368745, 0.0013814538};
/// ln(2) in two parts: multiples of the first, which has few bits, are exact.
static constexpr double kLn2High = 0.693359375;
static constexpr double kLn2Low = -2.12194440054690583e-4;
static constexpr double kLog2E = 1.44269504088896341;
/// The least x whose exponential is a normal f32.
static constexpr double kLeast = -87.33;
/// 1.5 * 2^23: adding it to an f32 of moderate size rounds that to an integer,
/// which then stands in the low bits.
static constexpr double kRounder = 12582912.0;
static constexpr int64_t kMantissaBits = 23;
static constexpr double kInfinity = std::numeric_limits<double>::infinity();

Value maxNumber(ImplicitLocOpBuilder &b, Value value, Value other) {
  // One instruction on x86, unlike maximumf and maxnumf.
  Value greater = arith::CmpFOp::create(b, Predicate::OGT, value, other);
  return arith::SelectOp::create(b, greater, value, other);
}

Value reduceMax(ImplicitLocOpBuilder &b, Value vector) {
  return vector::ReductionOp::create(b, vector::CombiningKind::MAXNUMF, vector,
                                     arith::FastMathFlags::nnan |
                                         arith::FastMathFlags::nsz);
}

Value reduceSum(ImplicitLocOpBuilder &b, Value vector) {
  // As a tree; the order is fixed by the code that is made of it.
  return vector::ReductionOp::create(b, vector::CombiningKind::ADD, vector,
                                     arith::FastMathFlags::reassoc);
}

Value expOfNonPositive(ImplicitLocOpBuilder &b, Value x) {
  auto type = cast<VectorType>(x.getType());
  VectorType bits = type.clone(b.getI32Type());
  auto splat = [&](double value) { return createSplat(b, type, value); };
  auto fma = [&](Value lhs, Value rhs, Value sum) -> Value {
    return vector::FMAOp::create(b, lhs, rhs, sum);
  };
  Value isAbove = arith::CmpFOp::create(b, Predicate::OLT, splat(0), x);
  x = arith::SelectOp::create(b, isAbove, splat(0), x);
  // exp(x) = 2^n exp(r) with x = n ln(2) + r.
  Value rounded = fma(x, splat(kLog2E), splat(kRounder));
  Value n = arith::SubFOp::create(b, rounded, splat(kRounder));
  Value r = fma(n, splat(-kLn2High), x);
  r = fma(n, splat(-kLn2Low), r);
  Value power = splat(kExpTail[4]);
  for (int i = 3; i >= 0; --i)
    power = fma(power, r, splat(kExpTail[i]));
  power = fma(power, r, splat(1));
  power = fma(power, r, splat(1));
  // n is added to the exponent.
  Value exponent =
      arith::ShLIOp::create(b, arith::BitcastOp::create(b, bits, rounded),
                            createSplat(b, bits, kMantissaBits));
  Value scaled = arith::AddIOp::create(
      b, arith::BitcastOp::create(b, bits, power), exponent);
  Value vanishes = arith::CmpFOp::create(b, Predicate::OLT, x, splat(kLeast));
  return arith::SelectOp::create(b, vanishes, splat(0),
                                 arith::BitcastOp::create(b, type, scaled));
}

Value getSubtrahend(ImplicitLocOpBuilder &b, Value max) {
  Type type = max.getType();
  auto replace = [&](double infinity, double number, Value otherwise) -> Value {
    Value equal = arith::CmpFOp::create(b, Predicate::OEQ, max,
                                        createConstant(b, type, infinity));
    return arith::SelectOp::create(b, equal, createConstant(b, type, number),
                                   otherwise);
  };
  return replace(-kInfinity, 0,
                 replace(kInfinity, std::numeric_limits<float>::max(), max));
}

} // namespace moa
