//===- Steps.cpp - Ways to make a module smaller --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Steps.h"

#include "Resize.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using func::FuncOp;

namespace moa {

namespace {
/// Collects the steps of one module.
class StepList {
public:
  void listErasures(ModuleOp module);
  void listCuts(FuncOp function);
  void listSimplifications(FuncOp function);
  void listSmallerNumbers(FuncOp function);
  void listSmallerSizes(FuncOp function);

  SmallVector<Step> steps;

private:
  void listResults(LayerOp layer);
  void listParts(Operation *op);
};
} // namespace

/// Functions with one block, which can be changed by these steps.
static SmallVector<FuncOp> getFunctions(ModuleOp module) {
  SmallVector<FuncOp> functions;
  for (FuncOp function : module.getOps<FuncOp>())
    if (function.getBody().hasOneBlock())
      functions.push_back(function);
  return functions;
}

/// The types of functions are those of their bodies, which a step has changed.
static void updateTypes(ModuleOp module) {
  for (FuncOp function : getFunctions(module)) {
    Operation *end = function.front().getTerminator();
    function.setType(FunctionType::get(function.getContext(),
                                       function.front().getArgumentTypes(),
                                       end->getOperandTypes()));
  }
}

/// The numbers to try for `number`, the smallest first.
static SmallVector<int64_t> getSmaller(int64_t number) {
  SmallVector<int64_t> smaller;
  for (int64_t candidate : {int64_t(1), number / 2, number - 1})
    if (candidate > 0 && candidate < number &&
        !llvm::is_contained(smaller, candidate))
      smaller.push_back(candidate);
  return smaller;
}

void StepList::listErasures(ModuleOp module) {
  for (FuncOp function : module.getOps<FuncOp>())
    steps.push_back([function]() mutable {
      // A call of it no longer verifies.
      function.erase();
      return true;
    });
  for (FuncOp function : getFunctions(module)) {
    Operation *end = function.front().getTerminator();
    for (int64_t i = int64_t(end->getNumOperands()) - 1; i >= 0; --i)
      steps.push_back([=]() mutable {
        end->eraseOperand(i);
        BitVector erased(function.getNumResults());
        erased.set(i);
        return succeeded(function.eraseResults(erased));
      });
    // From the end, so that an op goes before those that it uses.
    for (Operation &op : llvm::reverse(function.front().without_terminator()))
      if (op.use_empty())
        steps.push_back([&op] {
          op.erase();
          return true;
        });
    for (int64_t i = int64_t(function.getNumArguments()) - 1; i >= 0; --i)
      if (function.getArgument(i).use_empty())
        steps.push_back(
            [=]() mutable { return succeeded(function.eraseArgument(i)); });
  }
}

void StepList::listCuts(FuncOp function) {
  for (Operation &op : llvm::reverse(function.front().without_terminator())) {
    if (op.use_empty())
      continue;
    steps.push_back([&op, function]() mutable {
      for (Value result : op.getResults()) {
        if (result.use_empty())
          continue;
        unsigned index = function.getNumArguments();
        if (failed(function.insertArgument(index, result.getType(), {},
                                           op.getLoc())))
          return false;
        result.replaceAllUsesWith(function.getArgument(index));
      }
      op.erase();
      return true;
    });
  }
}

void StepList::listResults(LayerOp layer) {
  for (unsigned i = 1, e = layer->getNumResults(); i != e; ++i) {
    if (!layer->getResult(i).use_empty())
      continue;
    steps.push_back([layer, i]() mutable {
      // The extras that there are, in the order of the results.
      Extra dropped = Extra::None;
      unsigned bits = static_cast<unsigned>(layer.getAlso());
      for (unsigned bit = 1; bit <= bits; bit <<= 1)
        if (auto extra = symbolizeExtra(bits & bit);
            extra && layer.getExtra(*extra) == layer->getResult(i))
          dropped = *extra;
      OperationState state(layer.getLoc(), layer->getName());
      state.addOperands(layer->getOperands());
      state.addAttributes(layer->getAttrs());
      SmallVector<Value> kept(layer->getResults());
      kept.erase(kept.begin() + i);
      state.addTypes(ValueRange(kept).getTypes());
      OpBuilder builder(layer);
      auto smaller = cast<LayerOp>(builder.create(state));
      smaller.setAlso(layer.getAlso() & ~dropped);
      for (auto [old, value] : llvm::zip(kept, smaller->getResults()))
        old.replaceAllUsesWith(value);
      layer.erase();
      return true;
    });
  }
}

namespace {
/// What an op may be without, together.
struct Part {
  SmallVector<MutableOperandRange, 2> operands;
  SmallVector<StringRef, 2> attributes;
};
} // namespace

/// The parts of `op` that an attribute alone is not.
static SmallVector<Part> getParts(Operation *op) {
  using Parts = SmallVector<Part>;
  auto masks = [](auto op) -> Parts {
    return {{{op.getPositionMutable()}, {}},
            {{op.getLengthsMutable()}, {}},
            {{op.getBooleanMaskMutable()}, {}},
            {{op.getAdditiveMaskMutable()}, {}}};
  };
  auto rotation = [](auto op) -> Part {
    return {{op.getLengthMutable(), op.getPositionMutable()},
            {op.getRotaryAttrName(), op.getHeadsAttrName()}};
  };
  return TypeSwitch<Operation *, Parts>(op)
      .Case([&](LayerOp op) {
        Parts parts = masks(op);
        for (MutableOperandRange operand :
             {op.getMemoryMutable(), op.getRouterMutable(),
              op.getLogitsMutable(), op.getBiasMutable(),
              op.getSelectionBiasMutable(), op.getSkipMutable()})
          parts.push_back({{operand}, {}});
        parts.push_back(
            {{op.getKeyCacheMutable(), op.getValueCacheMutable()}, {}});
        return parts;
      })
      .Case<AttentionOp, RoutedAttentionOp>(masks)
      .Case<RouteOp, RouterOp>([](auto op) -> Parts {
        return {{{op.getSelectionBiasMutable()}, {}},
                {{op.getSkipMutable()}, {}}};
      })
      .Case<RotaryOp, KeyValueOp>(
          [](auto op) -> Parts { return {{{op.getPositionMutable()}, {}}}; })
      .Case([&](DenseMatmulOp op) -> Parts {
        return {
            {{op.getGatesMutable()}, {}},    {{op.getBiasMutable()}, {}},
            {{op.getSkipMutable()}, {}},     {{op.getResidualMutable()}, {}},
            {{op.getPositionMutable()}, {}}, rotation(op)};
      })
      .Case([&](GroupedMatmulOp op) -> Parts {
        return {{{op.getGatesMutable()}, {}},
                {{op.getPositionMutable()}, {}},
                rotation(op)};
      })
      .Case([&](SlotMatmulOp op) -> Parts {
        return {{{op.getPositionMutable()}, {}}, rotation(op)};
      })
      .Case([](CombineOp op) -> Parts {
        return {{{op.getBiasMutable()}, {}},
                {{op.getSkipMutable()}, {}},
                {{op.getResidualMutable()}, {}}};
      })
      .Default([](Operation *) { return Parts(); });
}

void StepList::listParts(Operation *op) {
  for (auto [index, part] : llvm::enumerate(getParts(op)))
    if (llvm::any_of(part.operands, [](auto &range) { return !range.empty(); }))
      steps.push_back([op, index = index] {
        // Each range says where the operands stand after the one before it
        // went.
        Part part = getParts(op)[index];
        for (size_t i = 0; i != part.operands.size(); ++i)
          getParts(op)[index].operands[i].clear();
        for (StringRef name : part.attributes)
          op->removeAttr(name);
        return true;
      });
}

void StepList::listSimplifications(FuncOp function) {
  function.walk([&](SizedOpInterface op) {
    if (auto layer = dyn_cast<LayerOp>(op.getOperation()))
      listResults(layer);
    listParts(op);
    for (NamedAttribute attribute : op->getAttrs())
      if (attribute.getName() != "operandSegmentSizes")
        steps.push_back([op, name = attribute.getName()]() mutable {
          op->removeAttr(name);
          // One that is not optional may have a default.
          op->getName().populateDefaultProperties(op->getPropertiesStorage());
          return true;
        });
  });
}

void StepList::listSmallerNumbers(FuncOp function) {
  function.walk([&](SizedOpInterface op) {
    for (NamedAttribute attribute : op->getAttrs()) {
      auto number = dyn_cast<IntegerAttr>(attribute.getValue());
      if (!number || !number.getType().isInteger(64))
        continue;
      for (int64_t smaller : getSmaller(number.getInt()))
        steps.push_back([=, name = attribute.getName()]() mutable {
          // Sizes may be multiples of it.
          auto module = function->getParentOfType<ModuleOp>();
          Resizer resizer(module);
          op->setAttr(name, IntegerAttr::get(number.getType(), smaller));
          bool applies = resizer.apply();
          updateTypes(module);
          return applies;
        });
    }
  });
}

void StepList::listSmallerSizes(FuncOp function) {
  using Change = std::function<void(Resizer &)>;
  auto addStep = [&](Change change,
                     Resizer::Scope scope = Resizer::Scope::Static) {
    steps.push_back([function, change, scope]() mutable {
      auto module = function->getParentOfType<ModuleOp>();
      Resizer resizer(module, scope);
      change(resizer);
      bool applies = resizer.apply();
      updateTypes(module);
      return applies;
    });
  };
  function.walk([&](SizedOpInterface op) {
    SizeList list;
    op.listSizes(list);
    for (const auto &entry : getNumbers(list))
      for (int64_t smaller : getSmaller(entry.second))
        addStep([=, symbol = entry.first().str()](Resizer &resizer) {
          resizer.setSymbol(op, symbol, smaller);
        });
  });
  for (BlockArgument argument : function.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    for (int64_t dim = 0; type && dim < type.getRank(); ++dim) {
      if (type.isDynamicDim(dim)) {
        addStep([=](Resizer &resizer) { resizer.set(argument, dim, 1); },
                Resizer::Scope::All);
        continue;
      }
      // Those that no op lists.
      for (int64_t smaller : getSmaller(type.getDimSize(dim)))
        addStep([=](Resizer &resizer) { resizer.set(argument, dim, smaller); });
    }
  }
}

SmallVector<Step> listSteps(ModuleOp module) {
  StepList list;
  list.listErasures(module);
  SmallVector<FuncOp> functions = getFunctions(module);
  llvm::for_each(functions, [&](FuncOp f) { list.listCuts(f); });
  llvm::for_each(functions, [&](FuncOp f) { list.listSimplifications(f); });
  llvm::for_each(functions, [&](FuncOp f) { list.listSmallerNumbers(f); });
  llvm::for_each(functions, [&](FuncOp f) { list.listSmallerSizes(f); });
  return std::move(list.steps);
}

} // namespace moa
