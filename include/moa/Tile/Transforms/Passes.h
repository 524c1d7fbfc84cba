//===- Passes.h - Passes from tiles to tiles --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_TILE_TRANSFORMS_PASSES_H
#define MOA_TILE_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace moa {

#define GEN_PASS_DECL
#include "moa/Tile/Transforms/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "moa/Tile/Transforms/Passes.h.inc"

} // namespace moa

#endif // MOA_TILE_TRANSFORMS_PASSES_H
