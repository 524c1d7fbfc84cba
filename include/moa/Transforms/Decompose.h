//===- Decompose.h - The layer to primitives --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_TRANSFORMS_DECOMPOSE_H
#define MOA_TRANSFORMS_DECOMPOSE_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "moa/IR/Moa.h"

namespace moa {

/// How a layer is compiled: grouped by expert; dense because k = E; or, with a
/// static length of 1, slot by slot without a sort.
enum class LayerForm { Sparse, Dense, SingleToken };
LayerForm getLayerForm(LayerOp layer);

/// Build, at the insertion point, what `layer` consists of: primitives, linalg
/// and tensor ops. Returns the values that replace the layer's results.
llvm::SmallVector<mlir::Value> decomposeLayer(mlir::ImplicitLocOpBuilder &b,
                                              LayerOp layer);

} // namespace moa

#endif // MOA_TRANSFORMS_DECOMPOSE_H
