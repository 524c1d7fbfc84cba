//===- Rows.cpp - Gathering, storing and summing rows ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rows.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "moa/Conversion/MoaToLinalg.h"
#include "moa/Utils/LinalgBuilders.h"
#include "moa/Utils/LoopBuilders.h"

using namespace mlir;

namespace moa {

void checkBelow(ImplicitLocOpBuilder &b, Value index, Value bound,
                const Twine &message) {
  // Unsigned: a negative index is above every bound.
  Value below =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ult, index, bound);
  cf::AssertOp::create(b, below, message.str());
}

void checkLength(ImplicitLocOpBuilder &b, Operation *op, Value length,
                 Value rows) {
  Value zero = createIndex(b, 0);
  auto compare = [&](arith::CmpIPredicate predicate, Value value) {
    return arith::CmpIOp::create(b, predicate, value, zero).getResult();
  };
  Value holds =
      arith::OrIOp::create(b, compare(arith::CmpIPredicate::sgt, length),
                           compare(arith::CmpIPredicate::eq, rows));
  cf::AssertOp::create(b, holds,
                       "'" + op->getName().getStringRef().str() +
                           "' op length must be at least 1");
}

Value gatherRows(ImplicitLocOpBuilder &b, Value input, OpFoldResult rows,
                 Value count, RowMapping source) {
  OpFoldResult one = b.getIndexAttr(1), zero = b.getIndexAttr(0);
  OpFoldResult width = getSizes(b, input)[1];
  Value empty =
      tensor::EmptyOp::create(b, {rows, width}, getElementTypeOrSelf(input));
  auto copyRow = [&](ImplicitLocOpBuilder &b, ValueRange ivs,
                     ValueRange) -> SmallVector<Part> {
    OpFoldResult from = source(b, ivs[0]);
    Value row = extractPart(b, input, {from, zero}, {one, width});
    return {{row, {OpFoldResult(ivs[0]), zero}, {one, width}}};
  };
  return createForall(b, {OpFoldResult(count)}, empty, copyRow)[0];
}

Value storeRows(ImplicitLocOpBuilder &b, Value rows, Value init, Value count,
                RowMapping target, RowMapping factor) {
  Type element = getElementTypeOrSelf(init);
  OpFoldResult one = b.getIndexAttr(1), zero = b.getIndexAttr(0);
  OpFoldResult width = getSizes(b, init)[1];
  auto storeRow = [&](ImplicitLocOpBuilder &b, ValueRange ivs,
                      ValueRange outs) -> SmallVector<Part> {
    OpFoldResult to = target(b, ivs[0]);
    Value scale = factor ? factor(b, ivs[0]) : Value();
    Value row =
        extractPart(b, rows, {OpFoldResult(ivs[0]), zero}, {one, width});
    if (scale || getElementTypeOrSelf(rows) != element) {
      Value place = extractPart(b, outs[0], {to, zero}, {one, width});
      row = mapInto(b, place, {row},
                    [&](ImplicitLocOpBuilder &b, ValueRange args) {
                      Value value = args[0];
                      if (scale)
                        value = arith::MulFOp::create(
                            b, value, convertFloat(b, scale, value.getType()));
                      return convertFloat(b, value, element);
                    });
    }
    return {{row, {to, zero}, {one, width}}};
  };
  return createForall(b, {OpFoldResult(count)}, init, storeRow)[0];
}

Value sumSlots(ImplicitLocOpBuilder &b, Value slots, Value gates, Value skip,
               Value init, int64_t topK) {
  Type element = getElementTypeOrSelf(init);
  SmallVector<OpFoldResult> sizes = getSizes(b, init);
  SmallVector<OpFoldResult> expanded = {sizes[0], b.getIndexAttr(topK),
                                        sizes[1]};
  auto type = RankedTensorType::get(decomposeMixedValues(expanded).first,
                                    getElementTypeOrSelf(slots));
  Value perToken = tensor::ExpandShapeOp::create(
      b, type, slots, ArrayRef<ReassociationIndices>{{0, 1}, {2}}, expanded);

  AffineExpr t, j, c;
  bindDims(b.getContext(), t, j, c);
  auto map = [&](ArrayRef<AffineExpr> results) {
    return AffineMap::get(3, 0, results, b.getContext());
  };
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  if (gates) {
    inputs.push_back(gates);
    maps.push_back(map({t, j}));
  }
  if (skip) {
    inputs.push_back(skip);
    maps.push_back(map({t}));
  }
  inputs.push_back(perToken);
  maps.push_back(map({t, j, c}));
  maps.push_back(map({t, c}));
  SmallVector<utils::IteratorType> iterators = {utils::IteratorType::parallel,
                                                utils::IteratorType::reduction,
                                                utils::IteratorType::parallel};
  return linalg::GenericOp::create(
             b, init.getType(), inputs, init, maps, iterators,
             [&](OpBuilder &nested, Location loc, ValueRange args) {
               ImplicitLocOpBuilder b(loc, nested);
               Value term = convertFloat(b, args.drop_back().back(), element);
               // Nothing was stored in these slots.
               if (skip)
                 term = arith::SelectOp::create(b, args[gates ? 1 : 0],
                                                createConstant(b, element, 0),
                                                term);
               if (gates)
                 term = arith::MulFOp::create(
                     b, convertFloat(b, args[0], element), term);
               Value sum = arith::AddFOp::create(b, args.back(), term);
               linalg::YieldOp::create(b, sum);
             })
      .getResult(0);
}

Values lowerCombine(ImplicitLocOpBuilder &b, CombineOp op,
                    const MoaToLinalgOptions &) {
  Type element = getElementTypeOrSelf(op.getInit());
  Value zero = createFilled(b, getSizes(b, op.getInit()),
                            getAccumulatorType(element), 0.0);
  int64_t topK = cast<RankedTensorType>(op.getGates().getType()).getDimSize(1);
  Value sum =
      sumSlots(b, op.getSlots(), op.getGates(), op.getSkip(), zero, topK);
  return {finishRows(b, sum, op.getBias(), op.getSkip(), op.getResidual(),
                     element)};
}

} // namespace moa
