//===- Resize.cpp - Other sizes for a function's tensors ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Resize.h"

#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

using namespace mlir;

namespace moa {

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

void Resizer::resize(SizedOpInterface op,
                     const llvm::StringMap<int64_t> &numbers) {
  SizeList list;
  op.listSizes(list);
  for (const auto &[symbol, number] : numbers)
    setSymbol(list, symbol, number);
}

bool Resizer::isSettled(const Size &size) const {
  return size.value && settled.contains({size.value, size.dim});
}

void Resizer::followList(SizedOpInterface op) {
  SizeList list;
  op.listSizes(list);
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

void Resizer::followElementwise(Operation *op) {
  SmallVector<Value> values(op->getOperands());
  llvm::append_range(values, op->getResults());
  for (Value value : values) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    for (int64_t dim = 0; type && dim < type.getRank(); ++dim)
      if (settled.contains({value, dim}))
        for (Value other : values)
          set(other, dim, type.getDimSize(dim));
  }
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
    function.walk([&](Operation *op) {
      if (!consistent)
        return;
      if (auto sized = dyn_cast<SizedOpInterface>(op))
        followList(sized);
      else if (op->hasTrait<OpTrait::Elementwise>())
        followElementwise(op);
      followResults(op);
    });
  } while (consistent && settled.size() != before);
  return consistent;
}

} // namespace moa
