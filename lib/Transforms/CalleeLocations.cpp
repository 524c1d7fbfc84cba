//===- CalleeLocations.cpp - Lines of what was inlined --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Transforms/Passes.h"

#include "mlir/IR/AttrTypeSubElements.h"

using namespace mlir;

namespace moa {
#define GEN_PASS_DEF_MOACALLEELOCATIONSPASS
#include "moa/Transforms/Passes.h.inc"
} // namespace moa

namespace {
struct MoaCalleeLocationsPass
    : moa::impl::MoaCalleeLocationsPassBase<MoaCalleeLocationsPass> {
  void runOnOperation() override {
    AttrTypeReplacer replacer;
    replacer.addReplacement([](CallSiteLoc location) -> Attribute {
      Location callee = location.getCallee();
      while (auto inner = dyn_cast<CallSiteLoc>(callee))
        callee = inner.getCallee();
      return callee;
    });
    replacer.recursivelyReplaceElementsIn(getOperation(),
                                          /*replaceAttrs=*/false,
                                          /*replaceLocs=*/true);
  }
};
} // namespace
