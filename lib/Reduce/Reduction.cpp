//===- Reduction.cpp - Make a module smaller ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Steps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Reducer/Tester.h"
#include "moa/Reduce/Passes.h"
#include "llvm/ADT/StringSet.h"
#include <tuple>

namespace moa {
#define GEN_PASS_DEF_MOAREDUCTIONPASS
#include "moa/Reduce/Passes.h.inc"
} // namespace moa

using namespace mlir;

namespace {
/// How large a module is. What stands first counts most.
struct Measure {
  size_t ops = 0;
  /// Operands, results and arguments.
  size_t values = 0;
  size_t characters = 0;
  size_t dynamicSizes = 0;
  /// The sum of static sizes and of integer attributes.
  int64_t numbers = 0;

  bool operator<(const Measure &other) const {
    return getFields() < other.getFields();
  }
  void addSizes(TypeRange types);

private:
  std::tuple<size_t, size_t, size_t, size_t, int64_t> getFields() const {
    return {ops, values, characters, dynamicSizes, numbers};
  }
};
} // namespace

void Measure::addSizes(TypeRange types) {
  for (Type type : types)
    if (auto shaped = dyn_cast<ShapedType>(type); shaped && shaped.hasRank()) {
      dynamicSizes += shaped.getNumDynamicDims();
      for (int64_t size : shaped.getShape())
        numbers += ShapedType::isDynamic(size) ? 0 : size;
    }
}

static Measure measure(ModuleOp module, StringRef text) {
  Measure measure;
  measure.characters = text.size();
  module.walk([&](Operation *op) {
    ++measure.ops;
    measure.values += op->getNumOperands() + op->getNumResults();
    measure.addSizes(op->getResultTypes());
    for (NamedAttribute attribute : op->getAttrs())
      if (auto number = dyn_cast<IntegerAttr>(attribute.getValue());
          number && number.getType().isInteger(64))
        measure.numbers += number.getInt();
    for (Region &region : op->getRegions())
      for (Block &block : region) {
        measure.values += block.getNumArguments();
        measure.addSizes(block.getArgumentTypes());
      }
  });
  return measure;
}

static std::string print(ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  module.print(stream);
  return text;
}

namespace {
class MoaReductionPass
    : public moa::impl::MoaReductionPassBase<MoaReductionPass> {
public:
  using Base::Base;

  void runOnOperation() override;

private:
  /// Whether `candidate` is smaller than `smallest`, which it replaces then,
  /// and interesting.
  bool isBetter(ModuleOp candidate);

  Tester tester;
  Measure smallest;
  llvm::StringSet<> refused;
};
} // namespace

bool MoaReductionPass::isBetter(ModuleOp candidate) {
  if (failed(verify(candidate)))
    return false;
  std::string text = print(candidate);
  Measure measured = measure(candidate, text);
  if (!(measured < smallest) || !refused.insert(text).second)
    return false;
  ++numTested;
  if (tester.isInteresting(candidate).first != Tester::Interestingness::True)
    return false;
  smallest = measured;
  ++numTaken;
  return true;
}

void MoaReductionPass::runOnOperation() {
  ModuleOp module = getOperation();
  if (testerName.empty()) {
    module.emitError("moa-reduction: no test was given: test=PROGRAM");
    return signalPassFailure();
  }
  if (!llvm::sys::fs::can_execute(testerName)) {
    module.emitError() << "moa-reduction: cannot execute '" << testerName
                       << "': test= takes the path of a program";
    return signalPassFailure();
  }
  tester.setTestScript(testerName);
  tester.setTestScriptArgs(testerArgs);
  if (tester.isInteresting(module).first != Tester::Interestingness::True) {
    module.emitError() << "moa-reduction: '" << testerName
                       << "' does not find the module interesting: it exits "
                          "with 0";
    return signalPassFailure();
  }
  smallest = measure(module, print(module));

  // Steps that are not valid are found by the verifier, whose words about them
  // are for nobody.
  ScopedDiagnosticHandler silence(&getContext(),
                                  [](Diagnostic &) { return success(); });
  OwningOpRef<ModuleOp> best = module.clone();
  // A taken step makes others possible: until a whole round takes none.
  bool taken;
  do {
    taken = false;
    for (size_t i = 0;;) {
      OwningOpRef<ModuleOp> candidate = best->clone();
      SmallVector<moa::Step> steps = moa::listSteps(*candidate);
      if (i >= steps.size())
        break;
      if (!steps[i]() || !isBetter(*candidate)) {
        ++i;
        continue;
      }
      best = std::move(candidate);
      taken = true;
    }
  } while (taken);
  module.getBodyRegion().takeBody(best->getBodyRegion());
  module->setAttrs(best->getOperation()->getAttrDictionary());
}
