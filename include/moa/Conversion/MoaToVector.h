//===- MoaToVector.h - Kernels of vectors for a CPU -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The ops that cost time, as loops over vectors that fill the registers of a
// target. `convert-moa-to-vector` and `convert-linalg-to-kernels` call these;
// what they leave takes the reference path, MoaToLinalg.h.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_MOATOVECTOR_H
#define MOA_CONVERSION_MOATOVECTOR_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"
#include "moa/Conversion/CpuTarget.h"
#include "moa/IR/Moa.h"

namespace moa {

struct MoaToVectorOptions {
  CpuTarget target;
  /// Emit `cf.assert` for indices that come from data.
  bool runtimeChecks = true;
};

/// moa.slot_matmul to moa.dispatch and moa.grouped_matmul.
void populateGroupSlotsPatterns(mlir::RewritePatternSet &patterns);

/// moa.grouped_matmul to register tiles.
void populateGroupedMatmulToVectorPatterns(mlir::RewritePatternSet &patterns,
                                           const MoaToVectorOptions &options);

/// moa.matmul of a router, whose result moa.route takes, to register tiles.
void populateRouterProductToVectorPatterns(mlir::RewritePatternSet &patterns,
                                           const MoaToVectorOptions &options);

/// moa.attention with softmax to tiles of queries and keys.
void populateAttentionToVectorPatterns(mlir::RewritePatternSet &patterns,
                                       const MoaToVectorOptions &options);

/// All of these but the grouping of slots, which comes first.
void populateMoaToVectorPatterns(mlir::RewritePatternSet &patterns,
                                 const MoaToVectorOptions &options);

/// A contraction of linalg in a function's body to register tiles.
mlir::LogicalResult convertContraction(mlir::RewriterBase &rewriter,
                                       mlir::linalg::LinalgOp op,
                                       const MoaToVectorOptions &options);

} // namespace moa

#endif // MOA_CONVERSION_MOATOVECTOR_H
