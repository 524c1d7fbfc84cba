//===- Passes.h - Passes from moa to moa ------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_TRANSFORMS_PASSES_H
#define MOA_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"
#include "moa/Transforms/Fuse.h"

namespace moa {

#define GEN_PASS_DECL
#include "moa/Transforms/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "moa/Transforms/Passes.h.inc"

} // namespace moa

#endif // MOA_TRANSFORMS_PASSES_H
