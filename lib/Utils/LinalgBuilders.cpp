//===- LinalgBuilders.cpp - Short ways to common linalg ops ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Utils/LinalgBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace moa {

Type getAccumulatorType(Type element) {
  return element.isF64() ? element : Float32Type::get(element.getContext());
}

Value convertFloat(ImplicitLocOpBuilder &b, Value value, Type type) {
  unsigned from = value.getType().getIntOrFloatBitWidth();
  unsigned to = type.getIntOrFloatBitWidth();
  if (value.getType() == type)
    return value;
  if (from < to)
    return arith::ExtFOp::create(b, type, value);
  return arith::TruncFOp::create(b, type, value);
}

Value createConstant(ImplicitLocOpBuilder &b, Type type, double value) {
  if (isa<FloatType>(type))
    return arith::ConstantOp::create(b, b.getFloatAttr(type, value));
  return arith::ConstantOp::create(
      b, b.getIntegerAttr(type, static_cast<int64_t>(value)));
}

Value createFilled(ImplicitLocOpBuilder &b, Sizes sizes, Type element,
                   double value) {
  Value empty = tensor::EmptyOp::create(b, sizes, element);
  Value constant = createConstant(b, element, value);
  return linalg::FillOp::create(b, constant, empty).getResult(0);
}

/// The region builder of a generic op that yields what `body` builds.
static auto yieldBody(BodyBuilder body) {
  return [body](OpBuilder &nested, Location loc, ValueRange args) {
    ImplicitLocOpBuilder b(loc, nested);
    linalg::YieldOp::create(b, body(b, args));
  };
}

Value updateElements(ImplicitLocOpBuilder &b, Value value,
                     ArrayRef<MapOperand> operands, BodyBuilder body) {
  unsigned rank = cast<RankedTensorType>(value.getType()).getRank();
  SmallVector<AffineMap> maps;
  SmallVector<Value> inputs;
  for (const MapOperand &operand : operands) {
    inputs.push_back(operand.value);
    maps.push_back(operand.identity ? b.getMultiDimIdentityMap(rank)
                                    : AffineMap::getMultiDimMapWithTargets(
                                          rank, operand.dims, b.getContext()));
  }
  maps.push_back(b.getMultiDimIdentityMap(rank));
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  return linalg::GenericOp::create(b, value.getType(), inputs, value, maps,
                                   iterators, yieldBody(body))
      .getResult(0);
}

Value mapInto(ImplicitLocOpBuilder &b, Value destination,
              ArrayRef<MapOperand> operands, BodyBuilder body) {
  return updateElements(b, destination, operands,
                        [&](ImplicitLocOpBuilder &b, ValueRange args) {
                          return body(b, args.drop_back());
                        });
}

Value mapElements(ImplicitLocOpBuilder &b, Sizes sizes, Type element,
                  ArrayRef<MapOperand> operands, BodyBuilder body) {
  Value empty = tensor::EmptyOp::create(b, sizes, element);
  return mapInto(b, empty, operands, body);
}

Value convertElements(ImplicitLocOpBuilder &b, Value value, Type element) {
  if (getElementTypeOrSelf(value) == element)
    return value;
  return mapElements(b, getSizes(b, value), element, {value},
                     [&](ImplicitLocOpBuilder &b, ValueRange args) {
                       return convertFloat(b, args[0], element);
                     });
}

Value reduceRows(ImplicitLocOpBuilder &b, Value value, Type element,
                 double init, BodyBuilder body) {
  SmallVector<OpFoldResult> sizes = getSizes(b, value);
  unsigned rank = sizes.size();
  sizes.pop_back();
  AffineMap identity = b.getMultiDimIdentityMap(rank);
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  iterators.back() = utils::IteratorType::reduction;
  Value start = createFilled(b, sizes, element, init);
  return linalg::GenericOp::create(
             b, start.getType(), value, start,
             ArrayRef<AffineMap>{identity, identity.dropResult(rank - 1)},
             iterators, yieldBody(body))
      .getResult(0);
}

Value createMatmul(ImplicitLocOpBuilder &b, Value lhs, Value rhs, Value init,
                   bool transposed) {
  if (!transposed)
    return linalg::MatmulOp::create(b, ValueRange{lhs, rhs}, ValueRange{init})
        .getResult(0);
  AffineExpr m, n, k;
  bindDims(b.getContext(), m, n, k);
  auto map = [&](AffineExpr row, AffineExpr column) {
    return AffineMapAttr::get(
        AffineMap::get(3, 0, {row, column}, b.getContext()));
  };
  auto op = linalg::MatmulOp::create(b, ValueRange{lhs, rhs}, ValueRange{init});
  op.setIndexingMapsAttr(b.getArrayAttr({map(m, k), map(n, k), map(m, n)}));
  return op.getResult(0);
}

Value createRoundedMatmul(ImplicitLocOpBuilder &b, Value lhs, Value rhs,
                          Type element, bool transposed) {
  SmallVector<OpFoldResult> sizes = {
      tensor::getMixedSize(b, b.getLoc(), lhs, 0),
      tensor::getMixedSize(b, b.getLoc(), rhs, transposed ? 0 : 1)};
  Type accumulator = getAccumulatorType(getElementTypeOrSelf(lhs));
  Value init = createFilled(b, sizes, accumulator, 0.0);
  return convertElements(b, createMatmul(b, lhs, rhs, init, transposed),
                         element);
}

Value finishRows(ImplicitLocOpBuilder &b, Value acc, Value bias, Value skip,
                 Value residual, Type element) {
  if (!bias && !skip && !residual)
    return convertElements(b, acc, element);
  SmallVector<MapOperand> operands = {acc};
  if (bias)
    operands.emplace_back(bias, ArrayRef<unsigned>{1});
  if (skip)
    operands.emplace_back(skip, ArrayRef<unsigned>{0});
  if (residual)
    operands.emplace_back(residual);
  auto body = [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
    Value sum = args[0];
    Type accumulator = sum.getType();
    auto next = args.drop_front().begin();
    if (bias)
      sum =
          arith::AddFOp::create(b, sum, convertFloat(b, *next++, accumulator));
    if (skip)
      sum = arith::SelectOp::create(b, *next++,
                                    createConstant(b, accumulator, 0.0), sum);
    if (residual)
      sum = arith::AddFOp::create(b, sum, convertFloat(b, *next, accumulator));
    return convertFloat(b, sum, element);
  };
  return mapElements(b, getSizes(b, acc), element, operands, body);
}

SmallVector<OpFoldResult> getSizes(ImplicitLocOpBuilder &b, Value value) {
  return tensor::getMixedSizes(b, b.getLoc(), value);
}

Value getSize(ImplicitLocOpBuilder &b, Value value, int64_t dim) {
  return getValueOrCreateConstantIndexOp(
      b, b.getLoc(), tensor::getMixedSize(b, b.getLoc(), value, dim));
}

} // namespace moa
