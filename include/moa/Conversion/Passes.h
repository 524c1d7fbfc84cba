//===- Passes.h - Passes out of the moa dialect -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_PASSES_H
#define MOA_CONVERSION_PASSES_H

#include "mlir/Pass/Pass.h"

namespace moa {

#define GEN_PASS_DECL
#include "moa/Conversion/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "moa/Conversion/Passes.h.inc"

} // namespace moa

#endif // MOA_CONVERSION_PASSES_H
