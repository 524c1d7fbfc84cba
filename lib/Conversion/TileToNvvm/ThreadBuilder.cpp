//===- ThreadBuilder.cpp - What one thread computes -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ThreadBuilder.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace moa::tile;

Value ThreadBuilder::constant(int64_t value) {
  return arith::ConstantOp::create(
      *this, getI32IntegerAttr(static_cast<int32_t>(value)));
}

Value ThreadBuilder::add(Value a, Value b) {
  return createOrFold<arith::AddIOp>(a, b);
}

Value ThreadBuilder::sub(Value a, Value b) {
  return createOrFold<arith::SubIOp>(a, b);
}

Value ThreadBuilder::mul(Value a, Value b) {
  return createOrFold<arith::MulIOp>(a, b);
}

Value ThreadBuilder::div(Value a, int64_t b) {
  return createOrFold<arith::DivUIOp>(a, constant(b));
}

Value ThreadBuilder::rem(Value a, int64_t b) {
  if (b == 1)
    return constant(0);
  return createOrFold<arith::RemUIOp>(a, constant(b));
}

Value ThreadBuilder::xori(Value a, Value b) {
  return createOrFold<arith::XOrIOp>(a, b);
}

Value ThreadBuilder::andi(Value a, Value b) {
  return createOrFold<arith::AndIOp>(a, b);
}

Value ThreadBuilder::below(Value a, Value b) {
  return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::ult, a, b);
}

Value ThreadBuilder::equal(Value a, int64_t b) {
  return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::eq, a, constant(b));
}

Value ThreadBuilder::select(Value condition, Value a, Value b) {
  return createOrFold<arith::SelectOp>(condition, a, b);
}

Value ThreadBuilder::both(Value a, Value b) {
  if (!a || !b)
    return a ? a : b;
  return andi(a, b);
}

Value ThreadBuilder::extend(Value a) {
  return createOrFold<arith::ExtSIOp>(getI64Type(), a);
}

Value ThreadBuilder::zero(Type type) {
  return arith::ConstantOp::create(*this, getZeroAttr(type));
}

Value ThreadBuilder::thread() {
  return NVVM::ThreadIdXOp::create(*this, getI32Type());
}

Value ThreadBuilder::offset(Value pointer, Type element, Value index) {
  return LLVM::GEPOp::create(*this, pointer.getType(), element, pointer,
                             ArrayRef<LLVM::GEPArg>{index});
}

Value ThreadBuilder::offset(Value pointer, Type element, int64_t index) {
  if (index == 0)
    return pointer;
  return LLVM::GEPOp::create(
      *this, pointer.getType(), element, pointer,
      ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(index)});
}

Value ThreadBuilder::load(Value address, Type type, bool readOnly) {
  auto vector = dyn_cast<VectorType>(type);
  int64_t count = vector ? vector.getNumElements() : 1;
  int64_t bytes =
      count * getElementTypeOrSelf(type).getIntOrFloatBitWidth() / 8;
  auto load = LLVM::LoadOp::create(*this, type, address, bytes);
  load.setInvariant(readOnly);
  // LLVM would make a load of each element, compute an address for each, and
  // join them again at the end, half as slowly again.
  return vector ? LLVM::FreezeOp::create(*this, load) : load.getRes();
}

SmallVector<Value> ThreadBuilder::unpack(Value aggregate) {
  auto type = cast<LLVM::LLVMStructType>(aggregate.getType());
  SmallVector<Value> members;
  for (int64_t i : llvm::seq<int64_t>(type.getBody().size()))
    members.push_back(LLVM::ExtractValueOp::create(*this, aggregate, i));
  return members;
}

/// The vector whose scalars are all of `scalars`, if there is one already.
static Value findVector(ValueRange scalars, VectorType type) {
  Value vector;
  for (auto [number, scalar] : llvm::enumerate(scalars)) {
    auto extract = scalar.getDefiningOp<LLVM::ExtractElementOp>();
    if (!extract || (vector && extract.getVector() != vector) ||
        !isConstantIntValue(extract.getPosition(), number))
      return {};
    vector = extract.getVector();
  }
  return vector.getType() == type ? vector : Value();
}

Value ThreadBuilder::toVector(ValueRange scalars) {
  auto type = VectorType::get({static_cast<int64_t>(scalars.size())},
                              scalars.front().getType());
  if (Value vector = findVector(scalars, type))
    return vector;
  Value vector = LLVM::PoisonOp::create(*this, type);
  for (auto [number, scalar] : llvm::enumerate(scalars))
    vector =
        LLVM::InsertElementOp::create(*this, vector, scalar, constant(number));
  return vector;
}

/// The scalars that toVector made a vector of, none if it did not.
static SmallVector<Value> findScalars(Value vector, int64_t count) {
  SmallVector<Value> scalars(count);
  for (int64_t number : llvm::reverse(llvm::seq(count))) {
    auto insert = vector.getDefiningOp<LLVM::InsertElementOp>();
    if (!insert || !isConstantIntValue(insert.getPosition(), number))
      return {};
    scalars[number] = insert.getValue();
    vector = insert.getVector();
  }
  return scalars;
}

SmallVector<Value> ThreadBuilder::toScalars(Value vector) {
  int64_t count = cast<VectorType>(vector.getType()).getNumElements();
  SmallVector<Value> scalars = findScalars(vector, count);
  if (!scalars.empty())
    return scalars;
  for (int64_t i : llvm::seq(count))
    scalars.push_back(
        LLVM::ExtractElementOp::create(*this, vector, constant(i)));
  return scalars;
}

Value ThreadBuilder::bitcast(Value value, Type type) {
  if (value.getType() == type)
    return value;
  return createOrFold<LLVM::BitcastOp>(type, value);
}

SmallVector<Value> ThreadBuilder::loadMatrices(Value address, int64_t count,
                                               bool transpose) {
  SmallVector<Type> types(count, getI32Type());
  Type result = LLVM::LLVMStructType::getLiteral(getContext(), types);
  auto shape = NVVM::LdStMatrixShapeAttr::get(getContext(), 8, 8);
  return unpack(NVVM::LdMatrixOp::create(*this, result, address, count,
                                         transpose ? NVVM::MMALayout::col
                                                   : NVVM::MMALayout::row,
                                         shape, NVVM::LdStMatrixEltType::B16));
}

Value ThreadBuilder::anyOfWarp(ValueRange conditions) {
  Value own = conditions.front();
  for (Value condition : conditions.drop_front())
    own = arith::OrIOp::create(*this, own, condition);
  return NVVM::VoteSyncOp::create(*this, getI1Type(), constant(-1), own,
                                  NVVM::VoteSyncKind::any);
}

Value ThreadBuilder::shuffle(NVVM::ShflKind kind, Value value, Value argument) {
  constexpr int64_t kAllLanes = -1, kClamp = 31;
  return NVVM::ShflOp::create(*this, value.getType(), constant(kAllLanes),
                              value, argument, constant(kClamp), kind,
                              /*return_value_and_is_valid=*/UnitAttr());
}

Value ThreadBuilder::shuffleXor(Value value, int64_t mask) {
  return shuffle(NVVM::ShflKind::bfly, value, constant(mask));
}

Value ThreadBuilder::shuffleFrom(Value value, Value source) {
  return shuffle(NVVM::ShflKind::idx, value, source);
}

void ThreadBuilder::barrier() { NVVM::Barrier0Op::create(*this); }

Value ThreadBuilder::anyOfBlock(Value condition) {
  Value word = arith::ExtUIOp::create(*this, getI32Type(), condition);
  auto any =
      NVVM::BarrierReductionAttr::get(getContext(), NVVM::BarrierReduction::OR);
  auto barrier =
      NVVM::BarrierOp::create(*this, TypeRange(getI32Type()),
                              /*barrierId=*/Value(),
                              /*numberOfThreads=*/Value(), any, word);
  return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::ne, barrier.getRes(),
                                     constant(0));
}
