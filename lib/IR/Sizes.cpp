//===- Sizes.cpp - What the dimensions of operands stand for --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/IR/Moa.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/Twine.h"

using namespace mlir;

namespace moa {

int64_t Size::getStatic() const {
  if (!value)
    return constant;
  return cast<RankedTensorType>(value.getType()).getDimSize(dim);
}

std::string Size::describe() const {
  int64_t size = getStatic();
  if (!value)
    return (name + " (" + Twine(size) + ")").str();
  std::string number =
      ShapedType::isDynamic(size) ? std::string("?") : std::to_string(size);
  return ("'" + name + "' dimension " + Twine(dim) + " (" + number + ")").str();
}

void SizeList::add(StringRef symbol, Value value, StringRef name, unsigned dim,
                   int64_t factor) {
  if (value)
    sizes.push_back({symbol, value, name, dim, factor, 0});
}

void SizeList::fix(StringRef symbol, StringRef name, int64_t size) {
  sizes.push_back({symbol, Value(), name, 0, 1, size});
}

int64_t SizeList::lookup(StringRef symbol) const {
  for (const Size &size : sizes)
    if (size.symbol == symbol && !ShapedType::isDynamic(size.getStatic()))
      return size.getStatic() / size.factor;
  return ShapedType::kDynamic;
}

/// What has to hold between two sizes of one symbol, as a sentence.
static std::string describeEquality(const Size &size, const Size &other) {
  auto times = [](const Size &s) {
    return s.factor == 1 ? s.symbol.str()
                         : (Twine(s.factor) + " * " + s.symbol).str();
  };
  std::string text = size.describe() + " does not match " + other.describe();
  if (size.factor == other.factor)
    return text + ": both are " + times(size);
  return text + ": they are " + times(size) + " and " + times(other);
}

/// The size that `size` is compared with: the first static one of its symbol,
/// or the first one of all.
static const Size *findReference(ArrayRef<Size> sizes, const Size &size) {
  const Size *first = nullptr;
  for (const Size &other : sizes) {
    if (other.symbol != size.symbol)
      continue;
    if (!ShapedType::isDynamic(other.getStatic()))
      return &other;
    if (!first)
      first = &other;
  }
  return first;
}

LogicalResult verifySizes(Operation *op) {
  SizeList list;
  cast<SizedOpInterface>(op).listSizes(list);
  for (const Size &size : list.getSizes()) {
    int64_t number = size.getStatic();
    if (ShapedType::isDynamic(number))
      continue;
    if (number % size.factor != 0)
      return op->emitOpError() << size.describe() << " is not a multiple of "
                               << size.factor << ": it is " << size.factor
                               << " * " << size.symbol;
    const Size *other = findReference(list.getSizes(), size);
    if (number / size.factor != other->getStatic() / other->factor)
      return op->emitOpError() << describeEquality(size, *other);
  }
  return success();
}

/// The size as an index value.
static Value materialize(OpBuilder &b, Location loc, const Size &size) {
  int64_t number = size.getStatic();
  if (!ShapedType::isDynamic(number))
    return arith::ConstantIndexOp::create(b, loc, number);
  return tensor::DimOp::create(b, loc, size.value, size.dim);
}

/// `value * factor`, without the product where the factor is 1.
static Value multiply(OpBuilder &b, Location loc, Value value, int64_t factor) {
  if (factor == 1)
    return value;
  Value constant = arith::ConstantIndexOp::create(b, loc, factor);
  return arith::MulIOp::create(b, loc, value, constant);
}

void emitSizeChecks(OpBuilder &b, Operation *op) {
  SizeList list;
  cast<SizedOpInterface>(op).listSizes(list);
  Location loc = op->getLoc();
  for (const Size &size : list.getSizes()) {
    const Size *other = findReference(list.getSizes(), size);
    bool bothStatic = !ShapedType::isDynamic(size.getStatic()) &&
                      !ShapedType::isDynamic(other->getStatic());
    if (other == &size || bothStatic)
      continue;
    // a = sa * fa and b = sb * fb: sa = sb exactly when a * fb = b * fa.
    Value lhs = multiply(b, loc, materialize(b, loc, size), other->factor);
    Value rhs = multiply(b, loc, materialize(b, loc, *other), size.factor);
    Value equal = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, lhs, rhs);
    std::string text = "'" + op->getName().getStringRef().str() + "' op " +
                       describeEquality(size, *other);
    cf::AssertOp::create(b, loc, equal, text);
  }
}

} // namespace moa
