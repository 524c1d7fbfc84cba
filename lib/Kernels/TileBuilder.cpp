//===- TileBuilder.cpp - Writing kernels over tiles -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Kernels/TileBuilder.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace moa;
using namespace moa::tile;
using IPredicate = arith::CmpIPredicate;

gpu::GPUFuncOp TileBuilder::createKernel(gpu::GPUModuleOp module,
                                         StringRef name,
                                         ArrayRef<Type> arguments,
                                         WarpGrid warps) {
  setInsertionPointToEnd(module.getBody());
  auto kernel =
      gpu::GPUFuncOp::create(*this, name, getFunctionType(arguments, {}));
  kernel->setAttr(gpu::GPUDialect::getKernelFuncAttrName(), getUnitAttr());
  kernel->setAttr(TileDialect::kWarpsAttr,
                  getDenseI64ArrayAttr({warps.rows, warps.columns}));
  setInsertionPointToEnd(&kernel.getBody().front());
  setInsertionPoint(gpu::ReturnOp::create(*this));
  return kernel;
}

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

Value TileBuilder::index(int64_t number) {
  return arith::ConstantIndexOp::create(*this, number);
}

Value TileBuilder::blockId(gpu::Dimension dimension) {
  return gpu::BlockIdOp::create(*this, dimension);
}

Value TileBuilder::size(Value memory, int64_t dim) {
  auto type = cast<MemRefType>(memory.getType());
  if (!type.isDynamicDim(dim))
    return index(type.getDimSize(dim));
  return memref::DimOp::create(*this, memory, dim);
}

Value TileBuilder::loadScalar(Value memory, ValueRange indices) {
  return memref::LoadOp::create(*this, memory, indices);
}

Value TileBuilder::toI32(Value index) {
  if (index.getType().isInteger(32))
    return index;
  return arith::IndexCastOp::create(*this, getI32Type(), index);
}

Value TileBuilder::toIndex(Value i32) {
  if (i32.getType().isIndex())
    return i32;
  return arith::IndexCastOp::create(*this, getIndexType(), i32);
}

Value TileBuilder::ceilDiv(Value a, int64_t b) { return div(add(a, b - 1), b); }

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

/// A number as an attribute of an integer, index or float type.
static TypedAttr getNumber(OpBuilder &b, Type type, double number) {
  if (isa<FloatType>(type))
    return b.getFloatAttr(type, number);
  return b.getIntegerAttr(type, static_cast<int64_t>(number));
}

Value TileBuilder::tile(int64_t rows, int64_t columns, Type element,
                        double number) {
  auto type = RankedTensorType::get({rows, columns}, element);
  return arith::ConstantOp::create(
      *this, DenseElementsAttr::get(type, getNumber(*this, element, number)));
}

Value TileBuilder::like(Value value, double number) {
  Type type = value.getType();
  if (auto shaped = dyn_cast<RankedTensorType>(type))
    return tile(shaped.getDimSize(0), shaped.getDimSize(1),
                shaped.getElementType(), number);
  return arith::ConstantOp::create(*this, getNumber(*this, type, number));
}

Value TileBuilder::positions(int64_t rows, int64_t columns, Value offset) {
  auto type = RankedTensorType::get({rows, columns}, getI32Type());
  return add(PositionOp::create(*this, type), toI32(offset));
}

Value TileBuilder::load(Value memory, ValueRange indices, int64_t rows,
                        int64_t columns) {
  auto type =
      RankedTensorType::get({rows, columns}, getElementTypeOrSelf(memory));
  return LoadOp::create(*this, type, memory, indices);
}

Value TileBuilder::gather(Value memory, ValueRange indices, Value rowIndex,
                          int64_t columns) {
  int64_t rows = cast<RankedTensorType>(rowIndex.getType()).getDimSize(0);
  auto type =
      RankedTensorType::get({rows, columns}, getElementTypeOrSelf(memory));
  return GatherOp::create(*this, type, memory, indices, rowIndex);
}

Value TileBuilder::columns(Value tile, int64_t first, int64_t count) {
  auto type = cast<RankedTensorType>(tile.getType());
  SmallVector<int64_t> sizes = {type.getDimSize(0), count};
  SmallVector<OpFoldResult> offsets = {getIndexAttr(0), getIndexAttr(first)};
  SmallVector<OpFoldResult> strides(2, getIndexAttr(1));
  return tensor::ExtractSliceOp::create(
      *this, type.clone(sizes), tile, offsets,
      getAsIndexOpFoldResult(getContext(), sizes), strides);
}

void TileBuilder::store(Value tile, Value memory, ValueRange indices) {
  StoreOp::create(*this, tile, memory, indices);
}

void TileBuilder::scatter(Value tile, Value memory, ValueRange indices,
                          Value rowIndex, bool add) {
  ScatterOp::create(*this, tile, memory, indices, rowIndex, add);
}

Value TileBuilder::arrive(Value counters, ValueRange indices, Value count) {
  return ArriveOp::create(*this, counters, indices, count);
}

Value TileBuilder::mma(Value a, Value b, Value accumulator, bool transposed,
                       bool tf32, Value terms) {
  return MmaOp::create(*this, accumulator.getType(), a, b, accumulator, terms,
                       transposed, tf32);
}

Value TileBuilder::reduce(ReduceKind kind, Value tile, int64_t dim) {
  auto type = cast<RankedTensorType>(tile.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape[dim] = 1;
  return ReduceOp::create(*this, type.clone(shape), kind, tile, dim,
                          /*scratch=*/Value());
}

Value TileBuilder::scan(Value tile, int64_t dim, bool reverse) {
  return ScanOp::create(*this, tile.getType(), tile, dim, reverse,
                        /*scratch=*/Value());
}

Value TileBuilder::any(Value rows) { return AnyOp::create(*this, rows); }

void TileBuilder::checkIndices(Value indices, Value numExperts, StringRef op) {
  if (!runtimeChecks)
    return;
  Value holds = both(compare(IPredicate::sge, indices, -1.0),
                     compare(IPredicate::slt, indices, toI32(numExperts)));
  std::string message = ("'" + op +
                         "' op an index is neither -1 nor below the "
                         "number of experts")
                            .str();
  if (isa<RankedTensorType>(holds.getType()))
    AssertOp::create(*this, holds, message);
  else
    cf::AssertOp::create(*this, holds, message);
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

/// `value` repeated to `shape`, which is empty for a scalar.
Value TileBuilder::reshape(Value value, ArrayRef<int64_t> shape) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (shape.empty() || (type && type.getShape() == shape))
    return value;
  if (type)
    return BroadcastOp::create(*this, type.clone(shape), value);
  Value scalar = value.getType().isIndex() ? toI32(value) : value;
  return tensor::SplatOp::create(
      *this, scalar, RankedTensorType::get(shape, scalar.getType()));
}

std::pair<Value, Value> TileBuilder::unify(Value a, Value b) {
  SmallVector<int64_t> shape;
  for (Value value : {a, b}) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!type)
      continue;
    if (shape.empty())
      shape.assign(2, 1);
    for (int64_t dim : {0, 1})
      shape[dim] = std::max(shape[dim], type.getDimSize(dim));
  }
  return {reshape(a, shape), reshape(b, shape)};
}

static bool isFloat(Value value) {
  return isa<FloatType>(getElementTypeOrSelf(value));
}

Value TileBuilder::add(Value a, Value b) {
  auto [x, y] = unify(a, b);
  if (isFloat(x))
    return arith::AddFOp::create(*this, x, y);
  return arith::AddIOp::create(*this, x, y);
}

Value TileBuilder::sub(Value a, Value b) {
  auto [x, y] = unify(a, b);
  if (isFloat(x))
    return arith::SubFOp::create(*this, x, y);
  return arith::SubIOp::create(*this, x, y);
}

Value TileBuilder::mul(Value a, Value b) {
  auto [x, y] = unify(a, b);
  if (isFloat(x))
    return arith::MulFOp::create(*this, x, y);
  return arith::MulIOp::create(*this, x, y);
}

Value TileBuilder::div(Value a, Value b) {
  auto [x, y] = unify(a, b);
  if (isFloat(x))
    return arith::DivFOp::create(*this, x, y);
  return arith::DivUIOp::create(*this, x, y);
}

Value TileBuilder::rem(Value a, Value b) {
  auto [x, y] = unify(a, b);
  return arith::RemUIOp::create(*this, x, y);
}

Value TileBuilder::max(Value a, Value b) {
  auto [x, y] = unify(a, b);
  if (isFloat(x))
    return arith::MaxNumFOp::create(*this, x, y);
  return arith::MaxSIOp::create(*this, x, y);
}

Value TileBuilder::min(Value a, Value b) {
  auto [x, y] = unify(a, b);
  if (isFloat(x))
    return arith::MinNumFOp::create(*this, x, y);
  return arith::MinSIOp::create(*this, x, y);
}

Value TileBuilder::fma(Value a, Value b, Value c) {
  auto [x, y] = unify(a, b);
  auto [xx, z] = unify(x, c);
  auto [yy, zz] = unify(y, z);
  return math::FmaOp::create(*this, xx, yy, zz);
}

Value TileBuilder::compare(arith::CmpIPredicate predicate, Value a, Value b) {
  auto [x, y] = unify(a, b);
  return arith::CmpIOp::create(*this, predicate, x, y);
}

Value TileBuilder::compare(arith::CmpFPredicate predicate, Value a, Value b) {
  auto [x, y] = unify(a, b);
  return arith::CmpFOp::create(*this, predicate, x, y);
}

Value TileBuilder::both(Value a, Value b) {
  auto [x, y] = unify(a, b);
  return arith::AndIOp::create(*this, x, y);
}

Value TileBuilder::select(Value condition, Value a, Value b) {
  auto [x, y] = unify(a, b);
  // A scalar condition chooses between whole tiles.
  if (!isa<RankedTensorType>(condition.getType()))
    return arith::SelectOp::create(*this, condition, x, y);
  auto [c, xx] = unify(condition, x);
  auto [cc, yy] = unify(c, y);
  return arith::SelectOp::create(*this, cc, xx, yy);
}

Value TileBuilder::exp(Value a) { return math::ExpOp::create(*this, a); }

Value TileBuilder::exp2(Value a) { return math::Exp2Op::create(*this, a); }

Value TileBuilder::log2(Value a) { return math::Log2Op::create(*this, a); }

Value TileBuilder::sigmoid(Value a) {
  Value power = math::ExpOp::create(*this, arith::NegFOp::create(*this, a));
  return div(like(a, 1), add(power, 1.0));
}

Value TileBuilder::convert(Value a, Type element) {
  Type from = getElementTypeOrSelf(a);
  if (from == element)
    return a;
  Type to = element;
  if (auto type = dyn_cast<RankedTensorType>(a.getType()))
    to = type.clone(element);
  if (from.getIntOrFloatBitWidth() < element.getIntOrFloatBitWidth())
    return arith::ExtFOp::create(*this, to, a);
  return arith::TruncFOp::create(*this, to, a);
}

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

scf::ForOp TileBuilder::loop(Value begin, Value end, int64_t step,
                             ValueRange carried, int64_t stages,
                             LoopBody body) {
  auto loop = scf::ForOp::create(*this, begin, end, index(step), carried);
  if (stages > 1)
    loop->setAttr(TileDialect::kStagesAttr, getI64IntegerAttr(stages));
  OpBuilder::InsertionGuard guard(*this);
  // Without carried values the loop has its terminator already.
  if (carried.empty()) {
    setInsertionPointToStart(loop.getBody());
    body(loop.getInductionVar(), {});
    return loop;
  }
  setInsertionPointToEnd(loop.getBody());
  scf::YieldOp::create(*this,
                       body(loop.getInductionVar(), loop.getRegionIterArgs()));
  return loop;
}

SmallVector<Value> TileBuilder::branch(Value condition, BranchBody then,
                                       ValueRange otherwise) {
  auto branch = scf::IfOp::create(*this, otherwise.getTypes(), condition,
                                  /*withElseRegion=*/!otherwise.empty());
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(branch.thenBlock());
  SmallVector<Value> values = then();
  if (!otherwise.empty()) {
    scf::YieldOp::create(*this, values);
    setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(*this, otherwise);
  }
  return branch.getResults();
}

SmallVector<Value> TileBuilder::branch(Value condition, TypeRange types,
                                       BranchBody then, BranchBody otherwise) {
  auto branch = scf::IfOp::create(*this, types, condition,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(*this);
  for (auto [block, body] : {std::pair(branch.thenBlock(), then),
                             std::pair(branch.elseBlock(), otherwise)}) {
    setInsertionPointToStart(block);
    SmallVector<Value> values = body();
    // Without values the blocks have their terminators already.
    if (!types.empty())
      scf::YieldOp::create(*this, values);
  }
  return branch.getResults();
}
