//===- ExportFunctions.cpp - C interfaces of public functions -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Support/Signature.h"
#include "moa/Transforms/Passes.h"

namespace moa {
#define GEN_PASS_DEF_MOAEXPORTFUNCTIONSPASS
#include "moa/Transforms/Passes.h.inc"
} // namespace moa

namespace {
struct MoaExportFunctionsPass
    : moa::impl::MoaExportFunctionsPassBase<MoaExportFunctionsPass> {
  void runOnOperation() override {
    if (getOperation().isPublic() && !getOperation().isDeclaration())
      moa::exportFunction(getOperation());
  }
};
} // namespace
