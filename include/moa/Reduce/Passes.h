//===- Passes.h - Passes of moa-reduce --------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_REDUCE_PASSES_H
#define MOA_REDUCE_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace moa {

#define GEN_PASS_DECL
#include "moa/Reduce/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "moa/Reduce/Passes.h.inc"

} // namespace moa

#endif // MOA_REDUCE_PASSES_H
