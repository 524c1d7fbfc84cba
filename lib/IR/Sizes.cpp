//===- Sizes.cpp - What the dimensions of operands stand for --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Checks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace moa {

int64_t Size::getStatic() const {
  if (!value)
    return constant;
  return cast<ShapedType>(value.getType()).getDimSize(dim);
}

std::string describeSize(int64_t size) {
  return ShapedType::isDynamic(size) ? std::string("?") : std::to_string(size);
}

std::string describeDim(Value value, unsigned dim) {
  return describeSize(cast<ShapedType>(value.getType()).getDimSize(dim));
}

std::string Size::describe() const {
  int64_t size = getStatic();
  if (!value)
    return (name + " (" + Twine(size) + ")").str();
  return ("'" + name + "' dimension " + Twine(dim) + " (" + describeSize(size) +
          ")")
      .str();
}

void SizeList::add(StringRef symbol, Value value, StringRef name, unsigned dim,
                   int64_t factor, int64_t plus) {
  if (value)
    sizes.push_back({symbol, value, name, dim, factor, plus, 0});
}

void SizeList::fix(StringRef symbol, StringRef name, int64_t size) {
  sizes.push_back({symbol, Value(), name, 0, 1, 0, size});
}

void SizeList::share(StringRef symbol, Value value, StringRef name,
                     unsigned dim) {
  if (value)
    shared.push_back({symbol, value, name, dim});
}

void SizeList::bound(StringRef boundName, int64_t number, Value value,
                     StringRef name, unsigned dim) {
  bounds.push_back({boundName, number, {"", value, name, dim}});
}

void SizeList::combine(Value value, StringRef name, unsigned dim,
                       StringRef what, Size lhs, Size rhs, bool isProduct) {
  if (value)
    combinations.push_back({{"", value, name, dim}, lhs, rhs, isProduct, what});
}

void SizeList::limit(Value value, unsigned dim, int64_t least, int64_t most,
                     const Twine &error) {
  limits.push_back({{"", value, "", dim}, least, most, error.str()});
}

/// The static number that the symbol of `size` stands for.
static int64_t solve(const Size &size) {
  return (size.getStatic() - size.plus) / size.factor;
}

int64_t SizeList::lookup(StringRef symbol) const {
  for (const Size &size : sizes)
    if (size.symbol == symbol && !ShapedType::isDynamic(size.getStatic()))
      return solve(size);
  return ShapedType::kDynamic;
}

/// "4 * d", "E + 1".
static std::string describeFormula(const Size &size) {
  std::string text;
  if (size.factor != 1)
    text = std::to_string(size.factor) + " * ";
  text += size.symbol;
  if (size.plus != 0)
    text += " + " + std::to_string(size.plus);
  return text;
}

/// What has to hold between two sizes of one symbol, as a sentence.
static std::string describeEquality(const Size &size, const Size &other) {
  std::string text = size.describe() + " does not match " + other.describe();
  if (size.factor == other.factor && size.plus == other.plus)
    return text + ": both are " + describeFormula(size);
  return text + ": they are " + describeFormula(size) + " and " +
         describeFormula(other);
}

/// That `size` holds a whole number of its factor, as a sentence.
static std::string describeMultiple(const Size &size) {
  return size.describe() + " is not a multiple of " +
         std::to_string(size.factor) + ": it is " + describeFormula(size);
}

/// That `size` holds at least what is added to its symbol, as a sentence.
static std::string describeLeast(const Size &size) {
  return size.describe() + " must be at least " + std::to_string(size.plus) +
         ": it is " + describeFormula(size);
}

/// That `size` serves all of what `other` counts or each, as a sentence.
static std::string describeShared(const Size &size, const Size &other) {
  return size.describe() + " must be 1 or match " + other.describe();
}

static std::string describeBound(const Bound &bound) {
  return (bound.name + " (" + Twine(bound.number) + ") exceeds " +
          bound.size.describe())
      .str();
}

/// What the two sizes make, kDynamic where one is open.
static int64_t evaluate(const Combination &combination) {
  int64_t lhs = combination.lhs.getStatic(), rhs = combination.rhs.getStatic();
  int64_t result;
  if (ShapedType::isDynamic(lhs) || ShapedType::isDynamic(rhs) ||
      (combination.isProduct ? llvm::MulOverflow(lhs, rhs, result)
                             : llvm::AddOverflow(lhs, rhs, result)))
    return ShapedType::kDynamic;
  return result;
}

static std::string describeCombination(const Combination &combination) {
  int64_t result = evaluate(combination);
  std::string text = combination.size.describe() + " does not match " +
                     combination.what.str() + " (" +
                     describeSize(combination.lhs.getStatic()) +
                     (combination.isProduct ? " * " : " + ") +
                     describeSize(combination.rhs.getStatic());
  if (!ShapedType::isDynamic(result))
    text += " = " + std::to_string(result);
  return text + ")";
}

const Size *findReference(ArrayRef<Size> sizes, StringRef symbol) {
  const Size *first = nullptr;
  for (const Size &size : sizes) {
    if (size.symbol != symbol)
      continue;
    if (!ShapedType::isDynamic(size.getStatic()))
      return &size;
    if (!first)
      first = &size;
  }
  return first;
}

void limitLeast(SizeList &sizes, StringRef symbol, int64_t least,
                const Twine &error) {
  const Size *size = findReference(sizes.getSizes(), symbol);
  if (llvm::MulOverflow(least, size->factor, least))
    least = kNoLimit;
  sizes.limit(size->value, size->dim, least, kNoLimit, error);
}

std::string describeHeadWidth(const SizeList &sizes) {
  return "the width of a head (" + describeSize(sizes.lookup("d")) + ")";
}

/// What is at odds among the static sizes that `op` lists, empty if nothing is.
static std::string findMismatch(SizedOpInterface op) {
  SizeList list;
  op.listSizes(list);
  for (const Combination &combination : list.getCombinations()) {
    int64_t number = combination.size.getStatic();
    int64_t expected = evaluate(combination);
    if (!ShapedType::isDynamic(number) && !ShapedType::isDynamic(expected) &&
        number != expected)
      return describeCombination(combination);
  }
  for (const Size &size : list.getSizes()) {
    int64_t number = size.getStatic();
    if (ShapedType::isDynamic(number))
      continue;
    if (number < size.plus)
      return describeLeast(size);
    if ((number - size.plus) % size.factor != 0)
      return describeMultiple(size);
    const Size *other = findReference(list.getSizes(), size.symbol);
    if (solve(size) != solve(*other))
      return describeEquality(size, *other);
  }
  for (const Size &size : list.getShared()) {
    int64_t number = size.getStatic(), other = list.lookup(size.symbol);
    if (!ShapedType::isDynamic(number) && number != 1 &&
        !ShapedType::isDynamic(other) && number != other)
      return describeShared(size, *findReference(list.getSizes(), size.symbol));
  }
  for (const Bound &bound : list.getBounds()) {
    int64_t number = bound.size.getStatic();
    if (!ShapedType::isDynamic(number) && bound.number > number)
      return describeBound(bound);
  }
  for (const Limit &limit : list.getLimits()) {
    int64_t number = limit.size.getStatic();
    if (!ShapedType::isDynamic(number) &&
        (number < limit.least || number > limit.most))
      return limit.error;
  }
  return "";
}

bool sizesMatch(Operation *op) {
  return findMismatch(cast<SizedOpInterface>(op)).empty();
}

bool isRedundant(Operation *op, Value operand) {
  SizeList list;
  cast<SizedOpInterface>(op).listSizes(list);
  auto isStatic = [](const Size &size) {
    return !ShapedType::isDynamic(size.getStatic());
  };
  auto othersTell = [&](const Size &size) {
    return isStatic(size) &&
           llvm::any_of(list.getSizes(), [&](const Size &other) {
             return other.symbol == size.symbol && other.value != operand &&
                    isStatic(other);
           });
  };
  return llvm::all_of(list.getSizes(),
                      [&](const Size &size) {
                        return size.value != operand || othersTell(size);
                      }) &&
         llvm::all_of(list.getShared(),
                      [&](const Size &size) {
                        return size.value != operand || size.getStatic() == 1 ||
                               othersTell(size);
                      }) &&
         llvm::all_of(list.getCombinations(), [&](const Combination &sum) {
           return sum.size.value != operand ||
                  (isStatic(sum.size) && !ShapedType::isDynamic(evaluate(sum)));
         });
}

LogicalResult verifySizedOp(Operation *op) {
  auto sized = cast<SizedOpInterface>(op);
  // Generic form gives any group of operands any number of them.
  if (StringRef name = sized.findMiscountedOperand(); !name.empty())
    return op->emitOpError() << "must have one operand '" << name << "'";
  if (failed(verifyForm(op)))
    return failure();
  if (failed(sized.verifyOperands()))
    return failure();
  if (std::string mismatch = findMismatch(sized); !mismatch.empty())
    return op->emitOpError(mismatch);
  return success();
}

namespace {
/// Emits the run-time form of the checks of one op.
class CheckEmitter {
public:
  CheckEmitter(OpBuilder &builder, Operation *op)
      : b(builder), loc(op->getLoc()),
        prefix("'" + op->getName().getStringRef().str() + "' op ") {}

  void emitEquality(const Size &size, const Size &other) {
    // a = sa * fa and b = sb * fb: sa = sb exactly when a * fb = b * fa.
    Value lhs = multiply(materialize(size), other.factor);
    Value rhs = multiply(materialize(other), size.factor);
    emit(arith::CmpIPredicate::eq, lhs, rhs, describeEquality(size, other));
  }

  void emitMultiple(const Size &size) {
    Value factor = arith::ConstantIndexOp::create(b, loc, size.factor);
    Value rest = arith::RemUIOp::create(b, loc, materialize(size), factor);
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    emit(arith::CmpIPredicate::eq, rest, zero, describeMultiple(size));
  }

  void emitShared(const Size &size, const Size &other) {
    Value number = materialize(size);
    Value one = arith::ConstantIndexOp::create(b, loc, 1);
    auto equals = [&](Value expected) -> Value {
      return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, number,
                                   expected);
    };
    Value holds =
        arith::OrIOp::create(b, loc, equals(one), equals(materialize(other)));
    cf::AssertOp::create(b, loc, holds, prefix + describeShared(size, other));
  }

  void emitBound(const Bound &bound) {
    Value number = arith::ConstantIndexOp::create(b, loc, bound.number);
    emit(arith::CmpIPredicate::sle, number, materialize(bound.size),
         describeBound(bound));
  }

  void emitCombination(const Combination &combination) {
    Value lhs = materialize(combination.lhs);
    Value rhs = materialize(combination.rhs);
    Value expected = combination.isProduct
                         ? arith::MulIOp::create(b, loc, lhs, rhs).getResult()
                         : arith::AddIOp::create(b, loc, lhs, rhs).getResult();
    emit(arith::CmpIPredicate::eq, materialize(combination.size), expected,
         describeCombination(combination));
  }

  void emitLimit(const Limit &limit) {
    Value number = materialize(limit.size);
    auto compare = [&](arith::CmpIPredicate predicate, int64_t bound) {
      Value constant = arith::ConstantIndexOp::create(b, loc, bound);
      emit(predicate, number, constant, limit.error);
    };
    if (limit.least > 0)
      compare(arith::CmpIPredicate::sge, limit.least);
    if (limit.most < kNoLimit)
      compare(arith::CmpIPredicate::sle, limit.most);
  }

private:
  void emit(arith::CmpIPredicate predicate, Value lhs, Value rhs,
            const std::string &text) {
    Value holds = arith::CmpIOp::create(b, loc, predicate, lhs, rhs);
    cf::AssertOp::create(b, loc, holds, prefix + text);
  }

  /// The size, less what is added to the symbol's share, as an index value.
  Value materialize(const Size &size) {
    int64_t number = size.getStatic();
    if (!ShapedType::isDynamic(number))
      return arith::ConstantIndexOp::create(b, loc, number - size.plus);
    Value value = tensor::DimOp::create(b, loc, size.value, size.dim);
    if (size.plus == 0)
      return value;
    Value plus = arith::ConstantIndexOp::create(b, loc, size.plus);
    return arith::SubIOp::create(b, loc, value, plus);
  }

  Value multiply(Value value, int64_t factor) {
    if (factor == 1)
      return value;
    Value constant = arith::ConstantIndexOp::create(b, loc, factor);
    return arith::MulIOp::create(b, loc, value, constant);
  }

  OpBuilder &b;
  Location loc;
  std::string prefix;
};
} // namespace

void emitSizeChecks(OpBuilder &b, Operation *op) {
  SizeList list;
  cast<SizedOpInterface>(op).listSizes(list);
  CheckEmitter emitter(b, op);
  for (const Combination &combination : list.getCombinations())
    if (ShapedType::isDynamic(combination.size.getStatic()) ||
        ShapedType::isDynamic(evaluate(combination)))
      emitter.emitCombination(combination);
  for (const Size &size : list.getSizes()) {
    bool isStatic = !ShapedType::isDynamic(size.getStatic());
    const Size *other = findReference(list.getSizes(), size.symbol);
    if (other != &size) {
      if (!isStatic || ShapedType::isDynamic(other->getStatic()))
        emitter.emitEquality(size, *other);
      continue;
    }
    // Sizes that equal a multiple are multiples: only the first needs the test.
    if (!isStatic && size.factor != 1)
      emitter.emitMultiple(size);
  }
  for (const Size &size : list.getShared()) {
    const Size *other = findReference(list.getSizes(), size.symbol);
    if (size.getStatic() != 1 && (ShapedType::isDynamic(size.getStatic()) ||
                                  ShapedType::isDynamic(other->getStatic())))
      emitter.emitShared(size, *other);
  }
  for (const Bound &bound : list.getBounds())
    if (ShapedType::isDynamic(bound.size.getStatic()))
      emitter.emitBound(bound);
  for (const Limit &limit : list.getLimits())
    if (ShapedType::isDynamic(limit.size.getStatic()))
      emitter.emitLimit(limit);
}

/// The number that the list tells for `size`, kDynamic where it tells none.
static int64_t deduce(const SizeList &list, const Size &size) {
  int64_t number = list.lookup(size.symbol), product, sum;
  if (ShapedType::isDynamic(number) ||
      llvm::MulOverflow(number, size.factor, product) ||
      llvm::AddOverflow(product, size.plus, sum))
    return ShapedType::kDynamic;
  return sum;
}

void refineOperands(OpBuilder &b, Operation *op) {
  SizeList list;
  cast<SizedOpInterface>(op).listSizes(list);
  llvm::SmallDenseMap<Value, SmallVector<int64_t>> shapes;
  auto refine = [&](const Size &size, int64_t number) {
    if (!size.value || !isa<RankedTensorType>(size.value.getType()) ||
        ShapedType::isDynamic(number) ||
        !ShapedType::isDynamic(size.getStatic()))
      return;
    auto type = cast<RankedTensorType>(size.value.getType());
    auto [shape, isNew] =
        shapes.try_emplace(size.value, llvm::to_vector(type.getShape()));
    shape->second[size.dim] = number;
  };
  for (const Size &size : list.getSizes())
    refine(size, deduce(list, size));
  for (const Combination &combination : list.getCombinations())
    refine(combination.size, evaluate(combination));
  for (OpOperand &operand : op->getOpOperands()) {
    auto shape = shapes.find(operand.get());
    if (shape == shapes.end())
      continue;
    auto type = cast<RankedTensorType>(operand.get().getType());
    operand.set(tensor::CastOp::create(
        b, op->getLoc(), type.clone(ArrayRef(shape->second)), operand.get()));
  }
}

} // namespace moa
