//===- Arithmetic.cpp - What tiles are computed from ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Conversion/TileToLinalg.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"
#include "moa/Utils/LinalgBuilders.h"
#include "moa/Utils/LoopBuilders.h"
#include <limits>

using namespace mlir;
using namespace moa;
using namespace moa::tile;

static Value createEmpty(ImplicitLocOpBuilder &b, RankedTensorType type) {
  return tensor::EmptyOp::create(b, type.getShape(), type.getElementType());
}

/// The map by which an element of a loop over rows and columns reads a tile of
/// `shape`: dimensions of size 1 at 0.
static AffineMap getRepeatingMap(OpBuilder &b, ArrayRef<int64_t> shape) {
  SmallVector<AffineExpr> results;
  for (auto [dim, size] : llvm::enumerate(shape))
    results.push_back(size == 1 ? b.getAffineConstantExpr(0)
                                : b.getAffineDimExpr(dim));
  return AffineMap::get(2, 0, results, b.getContext());
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// `value` rounded to the 10 bits of mantissa that tf32 has, ties away from 0.
static Value roundToTf32(ImplicitLocOpBuilder &b, Value value) {
  constexpr double kHalf = 1 << 12, kKept = -(1 << 13);
  Type i32 = b.getI32Type();
  Value bits = arith::BitcastOp::create(b, i32, value);
  bits = arith::AddIOp::create(b, bits, createConstant(b, i32, kHalf));
  bits = arith::AndIOp::create(b, bits, createConstant(b, i32, kKept));
  Value rounded = arith::BitcastOp::create(b, value.getType(), bits);
  // The sum may carry a NaN's bits over into a number.
  Value isNaN =
      arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, value, value);
  return arith::SelectOp::create(b, isNaN, value, rounded);
}

/// `value`, an operand of a product, in f32.
static Value extend(ImplicitLocOpBuilder &b, Value value, bool tf32) {
  if (!tf32)
    return convertElements(b, value, b.getF32Type());
  return mapElements(b, getSizes(b, value), b.getF32Type(), {value},
                     [](ImplicitLocOpBuilder &b, ValueRange args) {
                       return roundToTf32(b, args[0]);
                     });
}

static Value transpose(ImplicitLocOpBuilder &b, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  Value empty =
      createEmpty(b, type.clone({type.getDimSize(1), type.getDimSize(0)}));
  return linalg::TransposeOp::create(b, value, empty, ArrayRef<int64_t>{1, 0})
      .getResult()
      .front();
}

Value moa::lowerTileMma(ImplicitLocOpBuilder &b, MmaOp op) {
  Value lhs = extend(b, op.getA(), op.getTf32());
  Value rhs = extend(b, op.getB(), op.getTf32());
  // The innermost loop below runs along rows of the right operand.
  if (op.getTransposed())
    rhs = transpose(b, rhs);
  MLIRContext *context = b.getContext();
  AffineExpr m, k, n;
  bindDims(context, m, k, n);
  auto maps = AffineMap::inferFromExprList(
      ArrayRef<ArrayRef<AffineExpr>>{{m, k}, {k, n}, {m, n}}, context);
  auto parallel = utils::IteratorType::parallel;
  utils::IteratorType iterators[] = {parallel, utils::IteratorType::reduction,
                                     parallel};
  return linalg::GenericOp::create(
             b, op.getType(), ValueRange{lhs, rhs}, op.getAccumulator(), maps,
             iterators,
             [](OpBuilder &nested, Location loc, ValueRange args) {
               ImplicitLocOpBuilder b(loc, nested);
               auto contract = arith::FastMathFlags::contract;
               Value product =
                   arith::MulFOp::create(b, args[0], args[1], contract);
               Value sum = arith::AddFOp::create(b, args[2], product, contract);
               linalg::YieldOp::create(b, sum);
             })
      .getResult(0);
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

/// What a reduction begins with.
static Value createNeutral(ImplicitLocOpBuilder &b, ReduceKind kind,
                           Type element) {
  if (kind == ReduceKind::Add)
    return createConstant(b, element, 0);
  // Any number beats a NaN, and NaNs alone give one.
  if (isa<FloatType>(element))
    return createConstant(b, element, std::numeric_limits<double>::quiet_NaN());
  unsigned width = element.getIntOrFloatBitWidth();
  APInt value = kind == ReduceKind::Max ? APInt::getSignedMinValue(width)
                                        : APInt::getSignedMaxValue(width);
  return arith::ConstantOp::create(b, b.getIntegerAttr(element, value));
}

static Value combine(ImplicitLocOpBuilder &b, ReduceKind kind, Value lhs,
                     Value rhs) {
  bool isFloat = isa<FloatType>(lhs.getType());
  switch (kind) {
  case ReduceKind::Add:
    return isFloat ? b.createOrFold<arith::AddFOp>(lhs, rhs)
                   : b.createOrFold<arith::AddIOp>(lhs, rhs);
  case ReduceKind::Max:
    return isFloat ? b.createOrFold<arith::MaxNumFOp>(lhs, rhs)
                   : b.createOrFold<arith::MaxSIOp>(lhs, rhs);
  case ReduceKind::Min:
    return isFloat ? b.createOrFold<arith::MinNumFOp>(lhs, rhs)
                   : b.createOrFold<arith::MinSIOp>(lhs, rhs);
  }
  llvm_unreachable("unknown kind of reduction");
}

Value moa::lowerTileReduce(ImplicitLocOpBuilder &b, ReduceOp op) {
  Value neutral = createNeutral(b, op.getKind(), op.getType().getElementType());
  Value init = linalg::FillOp::create(b, neutral, createEmpty(b, op.getType()))
                   .getResult(0);
  SmallVector<utils::IteratorType> iterators(2, utils::IteratorType::parallel);
  int64_t dim = op.getDim();
  iterators[dim] = utils::IteratorType::reduction;
  SmallVector<AffineExpr> results = {b.getAffineDimExpr(0),
                                     b.getAffineDimExpr(1)};
  results[dim] = b.getAffineConstantExpr(0);
  AffineMap maps[] = {b.getMultiDimIdentityMap(2),
                      AffineMap::get(2, 0, results, b.getContext())};
  ReduceKind kind = op.getKind();
  return linalg::GenericOp::create(
             b, op.getType(), op.getTile(), init, maps, iterators,
             [kind](OpBuilder &nested, Location loc, ValueRange args) {
               ImplicitLocOpBuilder b(loc, nested);
               linalg::YieldOp::create(b, combine(b, kind, args[1], args[0]));
             })
      .getResult(0);
}

/// The block has one answer.
Value moa::lowerTileAny(ImplicitLocOpBuilder &b, AnyOp op) {
  auto anyBefore = [&](ImplicitLocOpBuilder &b, Value row, ValueRange carried) {
    Value holds = tensor::ExtractOp::create(b, op.getRows(),
                                            ValueRange{row, createIndex(b, 0)});
    return SmallVector<Value>{b.createOrFold<arith::OrIOp>(carried[0], holds)};
  };
  Value count = createIndex(b, op.getRows().getType().getDimSize(0));
  return createLoop(b, createIndex(b, 0), count,
                    createConstant(b, b.getI1Type(), 0), anyBefore)
      .front();
}

void moa::lowerTileAssert(ImplicitLocOpBuilder &b, AssertOp op) {
  Value zero = createIndex(b, 0);
  ArrayRef<int64_t> shape = op.getHolds().getType().getShape();
  auto checkElement = [&](ImplicitLocOpBuilder &b, Value row, Value column) {
    Value holds =
        tensor::ExtractOp::create(b, op.getHolds(), ValueRange{row, column});
    cf::AssertOp::create(b, holds, op.getMessage());
    return SmallVector<Value>{};
  };
  auto checkRow = [&](ImplicitLocOpBuilder &b, Value row, ValueRange) {
    return createLoop(b, zero, createIndex(b, shape[1]), {},
                      [&](ImplicitLocOpBuilder &b, Value column, ValueRange) {
                        return checkElement(b, row, column);
                      });
  };
  createLoop(b, zero, createIndex(b, shape[0]), {}, checkRow);
}

Value moa::lowerTileScan(ImplicitLocOpBuilder &b, ScanOp op) {
  RankedTensorType type = cast<RankedTensorType>(op.getType());
  int64_t dim = op.getDim();
  bool reverse = op.getReverse();
  Value zero = createIndex(b, 0);
  Value count = createIndex(b, type.getDimSize(dim));
  Value last = createIndex(b, type.getDimSize(dim) - 1);
  Value lines = createIndex(b, type.getDimSize(1 - dim));
  auto scanLine = [&](ImplicitLocOpBuilder &b, Value line, ValueRange tiles) {
    auto step = [&](ImplicitLocOpBuilder &b, Value i, ValueRange carried) {
      Value at = reverse ? b.createOrFold<arith::SubIOp>(last, i) : i;
      SmallVector<Value> position = {at, at};
      position[1 - dim] = line;
      Value tile =
          tensor::InsertOp::create(b, carried[1], carried[0], position);
      Value element = tensor::ExtractOp::create(b, op.getTile(), position);
      return SmallVector<Value>{
          tile, combine(b, ReduceKind::Add, carried[1], element)};
    };
    Value none = createConstant(b, type.getElementType(), 0);
    return SmallVector<Value>{
        createLoop(b, zero, count, {tiles[0], none}, step).front()};
  };
  return createLoop(b, zero, lines, createEmpty(b, type), scanLine).front();
}

//===----------------------------------------------------------------------===//
// Repetition and positions
//===----------------------------------------------------------------------===//

Value moa::lowerTileBroadcast(ImplicitLocOpBuilder &b, BroadcastOp op) {
  RankedTensorType type = op.getType();
  AffineMap maps[] = {getRepeatingMap(b, op.getTile().getType().getShape()),
                      b.getMultiDimIdentityMap(2)};
  SmallVector<utils::IteratorType> iterators(2, utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             b, type, op.getTile(), createEmpty(b, type), maps, iterators,
             [](OpBuilder &nested, Location loc, ValueRange args) {
               linalg::YieldOp::create(nested, loc, args[0]);
             })
      .getResult(0);
}

Value moa::lowerTilePosition(ImplicitLocOpBuilder &b, PositionOp op) {
  int64_t dim = op.getType().getDimSize(0) == 1 ? 1 : 0;
  auto body = [dim](ImplicitLocOpBuilder &b, ValueRange) -> Value {
    return arith::IndexCastOp::create(b, b.getI32Type(),
                                      linalg::IndexOp::create(b, dim));
  };
  return mapInto(b, createEmpty(b, op.getType()), {}, body);
}
