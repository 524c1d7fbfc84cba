//===- Activation.cpp - Softmax and sigmoid of rows -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Activation.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"
#include "moa/Utils/LinalgBuilders.h"
#include <limits>

using namespace mlir;

namespace moa {

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

SoftmaxParts createSoftmaxParts(ImplicitLocOpBuilder &b, Value rows) {
  Type element = getElementTypeOrSelf(rows);
  SoftmaxParts parts;
  parts.max =
      reduceRows(b, rows, element, -kInfinity,
                 [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                   return arith::MaximumFOp::create(b, args[0], args[1]);
                 });
  parts.numerators = updateElements(
      b, rows, {{parts.max, {0}}},
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        Value max = args[0], value = args[1];
        auto select = [&](Value equalTo, double numerator, Value otherwise) {
          Value equal = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ,
                                              value, equalTo);
          return arith::SelectOp::create(
              b, equal, createConstant(b, element, numerator), otherwise);
        };
        Value power =
            math::ExpOp::create(b, arith::SubFOp::create(b, value, max));
        return select(createConstant(b, element, -kInfinity), 0,
                      select(max, 1, power));
      });
  parts.sum = sumRows(b, parts.numerators);
  return parts;
}

Value sumRows(ImplicitLocOpBuilder &b, Value rows) {
  return reduceRows(b, rows, getElementTypeOrSelf(rows), 0.0,
                    [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                      return arith::AddFOp::create(b, args[1], args[0]);
                    });
}

Value divideRows(ImplicitLocOpBuilder &b, Value rows, Value divisor) {
  return mapElements(b, getSizes(b, rows), getElementTypeOrSelf(rows),
                     {rows, {divisor, {0}}},
                     [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                       return arith::DivFOp::create(b, args[0], args[1]);
                     });
}

/// 1 / (1 + exp(-x))
static Value sigmoidRows(ImplicitLocOpBuilder &b, Value rows) {
  Type element = getElementTypeOrSelf(rows);
  return mapElements(
      b, getSizes(b, rows), element, {rows},
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        Value one = createConstant(b, element, 1);
        Value power = math::ExpOp::create(b, arith::NegFOp::create(b, args[0]));
        return arith::DivFOp::create(b, one,
                                     arith::AddFOp::create(b, one, power));
      });
}

Value activateRows(ImplicitLocOpBuilder &b, Value rows, Activation activation) {
  if (activation == Activation::Sigmoid)
    return sigmoidRows(b, rows);
  SoftmaxParts parts = createSoftmaxParts(b, rows);
  return divideRows(b, parts.numerators, parts.sum);
}

} // namespace moa
