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

/// Ops; operands, results and arguments; characters; sum of static sizes.
using Measure = std::tuple<size_t, size_t, size_t, int64_t>;

static int64_t sumSizes(TypeRange types) {
  int64_t sum = 0;
  for (Type type : types)
    if (auto shaped = dyn_cast<ShapedType>(type); shaped && shaped.hasRank())
      for (int64_t size : shaped.getShape())
        sum += ShapedType::isDynamic(size) ? 0 : size;
  return sum;
}

/// Integer attributes count as sizes.
static Measure measure(ModuleOp module, StringRef text) {
  size_t ops = 0, values = 0;
  int64_t sizes = 0;
  module.walk([&](Operation *op) {
    ++ops;
    values += op->getNumOperands() + op->getNumResults();
    sizes += sumSizes(op->getResultTypes());
    for (NamedAttribute attribute : op->getAttrs())
      if (auto number = dyn_cast<IntegerAttr>(attribute.getValue());
          number && number.getType().isInteger(64))
        sizes += number.getInt();
    for (Region &region : op->getRegions())
      for (Block &block : region) {
        values += block.getNumArguments();
        sizes += sumSizes(block.getArgumentTypes());
      }
  });
  return {ops, values, text.size(), sizes};
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
  if (measured >= smallest || !refused.insert(text).second)
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
