//===- MoaToLinalg.h - Primitives to upstream dialects ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One function for each primitive op: it builds what the op means from linalg,
// tensor, scf, arith and math at the builder's insertion point, and returns the
// values that replace the op's results. `convert-moa-to-linalg` calls them.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_MOATOLINALG_H
#define MOA_CONVERSION_MOATOLINALG_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"
#include "moa/IR/Moa.h"

namespace moa {

struct MoaToLinalgOptions {
  /// Emit `cf.assert` for indices that come from data.
  bool runtimeChecks = true;
};

using Values = llvm::SmallVector<mlir::Value>;

Values lowerRoute(mlir::ImplicitLocOpBuilder &b, RouteOp op,
                  const MoaToLinalgOptions &options);
Values lowerRouter(mlir::ImplicitLocOpBuilder &b, RouterOp op,
                   const MoaToLinalgOptions &options);
Values lowerDispatch(mlir::ImplicitLocOpBuilder &b, DispatchOp op,
                     const MoaToLinalgOptions &options);
Values lowerMatmul(mlir::ImplicitLocOpBuilder &b, MatmulOp op,
                   const MoaToLinalgOptions &options);
Values lowerKeyValue(mlir::ImplicitLocOpBuilder &b, KeyValueOp op,
                     const MoaToLinalgOptions &options);
Values lowerDenseMatmul(mlir::ImplicitLocOpBuilder &b, DenseMatmulOp op,
                        const MoaToLinalgOptions &options);
Values lowerGroupedMatmul(mlir::ImplicitLocOpBuilder &b, GroupedMatmulOp op,
                          const MoaToLinalgOptions &options);
Values lowerSlotMatmul(mlir::ImplicitLocOpBuilder &b, SlotMatmulOp op,
                       const MoaToLinalgOptions &options);
Values lowerAttention(mlir::ImplicitLocOpBuilder &b, AttentionOp op,
                      const MoaToLinalgOptions &options);
Values lowerRotary(mlir::ImplicitLocOpBuilder &b, RotaryOp op,
                   const MoaToLinalgOptions &options);
Values lowerCombine(mlir::ImplicitLocOpBuilder &b, CombineOp op,
                    const MoaToLinalgOptions &options);
Values lowerBalanceLoss(mlir::ImplicitLocOpBuilder &b, BalanceLossOp op,
                        const MoaToLinalgOptions &options);
/// `loss` of `logits` [N,E] and `indices` [N,k], a scalar f32; `runtimeChecks`:
/// indices may be wrong.
mlir::Value createLoss(mlir::ImplicitLocOpBuilder &b, Loss loss,
                       Activation activation, mlir::Value logits,
                       mlir::Value indices, bool runtimeChecks);
Values lowerZLoss(mlir::ImplicitLocOpBuilder &b, ZLossOp op,
                  const MoaToLinalgOptions &options);
Values lowerMutualLoss(mlir::ImplicitLocOpBuilder &b, MutualLossOp op,
                       const MoaToLinalgOptions &options);

/// moa.grouped_matmul and moa.attention in place of moa.routed_attention, to be
/// lowered in their turn.
Values expandRoutedAttention(mlir::ImplicitLocOpBuilder &b,
                             RoutedAttentionOp op,
                             const MoaToLinalgOptions &options);

/// The pattern of expandRoutedAttention, size checks included.
void populateExpandFusedPatterns(mlir::RewritePatternSet &patterns,
                                 const MoaToLinalgOptions &options);

/// One pattern for each lower function above, size checks included.
void populateMoaToLinalgPatterns(mlir::RewritePatternSet &patterns,
                                 const MoaToLinalgOptions &options);

} // namespace moa

#endif // MOA_CONVERSION_MOATOLINALG_H
