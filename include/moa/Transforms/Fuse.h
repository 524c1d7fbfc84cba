//===- Fuse.h - Fusing moa ops on tensors -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each rewrite takes the op that decides about it, on tensors, and replaces it
// by an op that says what is fused. One that is refused changes nothing and
// gives its reason through `notifyMatchFailure`. Pass `moa-fuse` calls them in
// the order below.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_TRANSFORMS_FUSE_H
#define MOA_TRANSFORMS_FUSE_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/PatternMatch.h"
#include "moa/IR/Moa.h"

namespace moa {

/// The product that computes the logits of `route` and `route`: moa.router.
mlir::FailureOr<RouterOp> fuseRouter(mlir::RewriterBase &rewriter,
                                     RouteOp route);

/// The router that computes the logits and indices of `loss`, which is a
/// moa.balance_loss, moa.z_loss or moa.mutual_loss, and `loss`: the router with
/// that loss.
mlir::FailureOr<RouterOp> fuseLoss(mlir::RewriterBase &rewriter,
                                   mlir::Operation *loss);

/// The two products that compute the keys and values of `attention`, and the
/// rotation of the keys: moa.key_value. With a cache, the new keys and values.
mlir::FailureOr<KeyValueOp> fuseKeyValue(mlir::RewriterBase &rewriter,
                                         AttentionOp attention);

/// The product in slot order that computes the queries which `rotary` rotates:
/// the product with `rotary`. Returns the product.
mlir::FailureOr<mlir::Operation *> fuseRotary(mlir::RewriterBase &rewriter,
                                              RotaryOp rotary);

/// Whether an operand of `add` is a sum over slots.
bool addsToSlotSum(mlir::arith::AddFOp add);

/// That sum and `add`: the sum with `residual`. Of two sums, the first that
/// can. Returns the sum.
mlir::FailureOr<mlir::Operation *> fuseResidual(mlir::RewriterBase &rewriter,
                                                mlir::arith::AddFOp add);

/// When the query projection becomes part of attention.
enum class QueryFusion {
  Off,
  On,
  /// Where `isQueryFusionProfitable`.
  Auto
};

/// Whether the tokens of one expert fill tiles of queries, and attend to the
/// keys that tiles of neighbouring tokens would: documented with the pass.
llvm::LogicalResult isQueryFusionProfitable(mlir::RewriterBase &rewriter,
                                            AttentionOp attention,
                                            GroupedMatmulOp product);

/// The grouped product that computes the queries of `attention`, and
/// `attention`: moa.routed_attention.
mlir::FailureOr<RoutedAttentionOp>
fuseQueryProjection(mlir::RewriterBase &rewriter, AttentionOp attention,
                    QueryFusion when = QueryFusion::On);

/// The grouped product that computes the slots of `combine`, and `combine`: a
/// product that adds its rows to their tokens in no fixed order.
mlir::FailureOr<GroupedMatmulOp>
fuseUnorderedCombine(mlir::RewriterBase &rewriter, CombineOp combine);

} // namespace moa

#endif // MOA_TRANSFORMS_FUSE_H
