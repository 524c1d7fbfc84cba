//===- VectorBuilders.cpp - Vectors of one register -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VectorBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "moa/Utils/LoopBuilders.h"

using namespace mlir;

namespace moa {

Value addIndex(ImplicitLocOpBuilder &b, Value lhs, Value rhs) {
  return b.createOrFold<arith::AddIOp>(lhs, rhs);
}
Value addIndex(ImplicitLocOpBuilder &b, Value lhs, int64_t rhs) {
  return rhs == 0 ? lhs : addIndex(b, lhs, createIndex(b, rhs));
}
Value subIndex(ImplicitLocOpBuilder &b, Value lhs, Value rhs) {
  return b.createOrFold<arith::SubIOp>(lhs, rhs);
}
Value minIndex(ImplicitLocOpBuilder &b, Value lhs, Value rhs) {
  return b.createOrFold<arith::MinSIOp>(lhs, rhs);
}
Value maxIndex(ImplicitLocOpBuilder &b, Value lhs, Value rhs) {
  return b.createOrFold<arith::MaxSIOp>(lhs, rhs);
}
Value isBelow(ImplicitLocOpBuilder &b, Value lhs, Value rhs) {
  return b.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::slt, lhs, rhs);
}

Value createSplat(ImplicitLocOpBuilder &b, VectorType type, double value) {
  Type element = type.getElementType();
  TypedAttr attribute =
      isa<FloatType>(element)
          ? TypedAttr(b.getFloatAttr(element, value))
          : TypedAttr(b.getIntegerAttr(element, static_cast<int64_t>(value)));
  return arith::ConstantOp::create(b, DenseElementsAttr::get(type, attribute));
}

Value broadcast(ImplicitLocOpBuilder &b, VectorType type, Value scalar) {
  return vector::BroadcastOp::create(b, type, scalar);
}

Value createMask(ImplicitLocOpBuilder &b, VectorType type, Value count) {
  return vector::CreateMaskOp::create(b, type.clone(b.getI1Type()), count);
}

Value loadVector(ImplicitLocOpBuilder &b, VectorType type, Value buffer,
                 ValueRange indices, Value mask) {
  Type element = cast<MemRefType>(buffer.getType()).getElementType();
  VectorType stored = type.clone(element);
  Value vector;
  if (mask)
    vector = vector::MaskedLoadOp::create(b, stored, buffer, indices, mask,
                                          createSplat(b, stored, 0));
  else
    vector = vector::LoadOp::create(b, stored, buffer, indices);
  if (stored == type)
    return vector;
  return arith::ExtFOp::create(b, type, vector);
}

void storeVector(ImplicitLocOpBuilder &b, Value vector, Value buffer,
                 ValueRange indices, Value mask) {
  Type element = cast<MemRefType>(buffer.getType()).getElementType();
  auto type = cast<VectorType>(vector.getType());
  if (type.getElementType() != element)
    vector = arith::TruncFOp::create(b, type.clone(element), vector);
  if (mask)
    vector::MaskedStoreOp::create(b, buffer, indices, mask, vector);
  else
    vector::StoreOp::create(b, vector, buffer, indices);
}

/// Swap the off-diagonal blocks of `size` between `upper` and `lower`, whose
/// distance is `size`.
static void swapBlocks(ImplicitLocOpBuilder &b, Value &upper, Value &lower,
                       int64_t size, int64_t lanes) {
  SmallVector<int64_t> first, second;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    bool isOdd = (lane / size) % 2 == 1;
    first.push_back(isOdd ? lanes + lane - size : lane);
    second.push_back(isOdd ? lanes + lane : lane + size);
  }
  Value left = vector::ShuffleOp::create(b, upper, lower, first);
  lower = vector::ShuffleOp::create(b, upper, lower, second);
  upper = left;
}

SmallVector<Value> transpose(ImplicitLocOpBuilder &b, ArrayRef<Value> rows) {
  SmallVector<Value> vectors(rows);
  int64_t lanes = rows.size();
  for (int64_t size = lanes / 2; size >= 1; size /= 2)
    for (int64_t row = 0; row < lanes; ++row)
      if ((row / size) % 2 == 0)
        swapBlocks(b, vectors[row], vectors[row + size], size, lanes);
  return vectors;
}

void forEach(ImplicitLocOpBuilder &b, Value lower, Value upper, int64_t step,
             llvm::function_ref<void(ImplicitLocOpBuilder &, Value)> body) {
  forEach(b, lower, upper, createIndex(b, step), body);
}

void forEach(ImplicitLocOpBuilder &b, Value lower, Value upper, Value step,
             llvm::function_ref<void(ImplicitLocOpBuilder &, Value)> body) {
  scf::ForOp::create(
      b, lower, upper, step, ValueRange{},
      [&](OpBuilder &nested, Location loc, Value iv, ValueRange) {
        ImplicitLocOpBuilder inner(loc, nested);
        body(inner, iv);
        scf::YieldOp::create(inner);
      });
}

void forEachTask(
    ImplicitLocOpBuilder &b, ArrayRef<OpFoldResult> bounds,
    llvm::function_ref<void(ImplicitLocOpBuilder &, ValueRange)> body) {
  auto loop = scf::ForallOp::create(b, bounds, ValueRange{},
                                    /*mapping=*/std::nullopt);
  ImplicitLocOpBuilder inner(b.getLoc(), loop.getTerminator());
  body(inner, loop.getInductionVars());
}

void branch(ImplicitLocOpBuilder &b, Value condition, BlockBody then,
            BlockBody otherwise) {
  auto build = [](BlockBody body) {
    return [body](OpBuilder &nested, Location loc) {
      ImplicitLocOpBuilder inner(loc, nested);
      body(inner);
      scf::YieldOp::create(inner);
    };
  };
  if (otherwise)
    scf::IfOp::create(b, condition, build(then), build(otherwise));
  else
    scf::IfOp::create(b, condition, build(then));
}

} // namespace moa
