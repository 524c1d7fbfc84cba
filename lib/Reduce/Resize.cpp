//===- Resize.cpp - Other sizes for the tensors of a module ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Resize.h"

#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

using namespace mlir;

namespace moa {

llvm::StringMap<int64_t> getNumbers(const SizeList &list) {
  llvm::StringMap<int64_t> numbers;
  for (const Size &size : list.getSizes())
    if (int64_t number = list.lookup(size.symbol);
        !ShapedType::isDynamic(number))
      numbers[size.symbol] = number;
  return numbers;
}

Resizer::Resizer(ModuleOp module, Scope scope) : module(module), scope(scope) {
  module.walk([&](SizedOpInterface op) {
    Original &original = originals[op];
    op.listSizes(original.list);
    original.numbers = getNumbers(original.list);
  });
}

void Resizer::set(Value value, unsigned dim, int64_t size) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || (type.isDynamicDim(dim) && scope == Scope::Static))
    return;
  if (!settled.insert({value, dim}).second) {
    consistent &= type.getDimSize(dim) == size;
    return;
  }
  SmallVector<int64_t> shape(type.getShape());
  shape[dim] = size;
  value.setType(type.clone(shape));
}

void Resizer::setSymbol(const SizeList &list, StringRef symbol,
                        int64_t number) {
  for (const Size &size : list.getSizes()) {
    if (size.symbol != symbol)
      continue;
    if (size.value)
      set(size.value, size.dim, number * size.factor + size.plus);
    else
      consistent &= size.constant == number;
  }
  for (const Size &size : list.getShared())
    if (size.symbol == symbol && size.getStatic() != 1)
      set(size.value, size.dim, number);
}

void Resizer::setSymbol(SizedOpInterface op, StringRef symbol, int64_t number) {
  SizeList list;
  op.listSizes(list);
  setSymbol(list, symbol, number);
}

bool Resizer::isSettled(const Size &size) const {
  return size.value && settled.contains({size.value, size.dim});
}

/// Symbols of a list that has changed, and of which no size is settled, stand
/// for the numbers that they stood for; those that attributes fix, for theirs.
void Resizer::keepNumbers(const SizeList &list, const Original &original) {
  auto differs = [](auto sizes) {
    const auto &[was, is] = sizes;
    return was.factor != is.factor || was.plus != is.plus ||
           was.constant != is.constant;
  };
  ArrayRef<Size> sizes = list.getSizes();
  if (llvm::none_of(llvm::zip(original.list.getSizes(), sizes), differs))
    return;
  llvm::StringMap<int64_t> numbers = original.numbers;
  for (const Size &size : sizes) {
    if (!size.value)
      numbers[size.symbol] = size.constant;
    else if (isSettled(size))
      numbers.erase(size.symbol);
  }
  for (const auto &[symbol, number] : numbers)
    setSymbol(list, symbol, number);
}

void Resizer::followList(SizedOpInterface op) {
  SizeList list;
  op.listSizes(list);
  keepNumbers(list, originals[op]);
  for (const Size &size : list.getSizes()) {
    if (!isSettled(size))
      continue;
    int64_t number = size.getStatic() - size.plus;
    consistent &= number % size.factor == 0;
    setSymbol(list, size.symbol, number / size.factor);
  }
  for (const Combination &combination : list.getCombinations()) {
    int64_t lhs = combination.lhs.getStatic(),
            rhs = combination.rhs.getStatic();
    bool follows = isSettled(combination.lhs) || isSettled(combination.rhs);
    if (follows && !ShapedType::isDynamic(lhs) && !ShapedType::isDynamic(rhs))
      set(combination.size.value, combination.size.dim,
          combination.isProduct ? lhs * rhs : lhs + rhs);
  }
}

/// What of these values is settled, all of them have.
void Resizer::makeEqual(ValueRange values) {
  for (Value value : values) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    for (int64_t dim = 0; type && dim < type.getRank(); ++dim)
      if (settled.contains({value, dim}))
        for (Value other : values)
          set(other, dim, type.getDimSize(dim));
  }
}

void Resizer::followElementwise(Operation *op) {
  SmallVector<Value> values(op->getOperands());
  llvm::append_range(values, op->getResults());
  makeEqual(values);
}

/// What a call gives is what the function takes, and what that returns is what
/// the call has.
void Resizer::followCall(func::CallOp call) {
  auto callee = module.lookupSymbol<func::FuncOp>(call.getCallee());
  if (!callee || !callee.getBody().hasOneBlock())
    return;
  Operation *end = callee.front().getTerminator();
  for (auto [given, taken] :
       llvm::zip(call.getOperands(), callee.getArguments()))
    makeEqual({given, taken});
  for (auto [result, returned] :
       llvm::zip(call.getResults(), end->getOperands()))
    makeEqual({result, returned});
}

/// Results follow from operands and attributes; those of an op in destination
/// style are what they are written to.
void Resizer::followResults(Operation *op) {
  if (auto destinations = dyn_cast<DestinationStyleOpInterface>(op)) {
    for (OpResult result : op->getResults()) {
      Value init = destinations.getTiedOpOperand(result)->get();
      auto type = dyn_cast<RankedTensorType>(init.getType());
      for (int64_t dim = 0; type && dim < type.getRank(); ++dim)
        if (settled.contains({init, dim}))
          set(result, dim, type.getDimSize(dim));
    }
    return;
  }
  auto inferring = dyn_cast<InferTypeOpInterface>(op);
  SmallVector<Type> types;
  if (!inferring || failed(inferring.inferReturnTypes(
                        op->getContext(), op->getLoc(), op->getOperands(),
                        op->getAttrDictionary(), op->getPropertiesStorage(),
                        op->getRegions(), types)))
    return;
  for (auto [result, expected] : llvm::zip(op->getResults(), types)) {
    auto type = dyn_cast<RankedTensorType>(result.getType());
    auto shape = dyn_cast<RankedTensorType>(expected);
    if (!type || !shape || type.getRank() != shape.getRank())
      continue;
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      if (!shape.isDynamicDim(dim) &&
          shape.getDimSize(dim) != type.getDimSize(dim))
        set(result, dim, shape.getDimSize(dim));
  }
}

bool Resizer::apply() {
  size_t before;
  do {
    before = settled.size();
    module.walk([&](Operation *op) {
      if (!consistent)
        return;
      if (auto sized = dyn_cast<SizedOpInterface>(op))
        followList(sized);
      else if (auto call = dyn_cast<func::CallOp>(op))
        followCall(call);
      else if (op->hasTrait<OpTrait::Elementwise>())
        followElementwise(op);
      followResults(op);
    });
  } while (consistent && settled.size() != before);
  return consistent;
}

} // namespace moa
