//===- Configure.cpp - Choices of kernels as transform ops ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "IntegerOrParam.h"
#include "Refusal.h"
#include "moa/Kernels/Products.h"
#include "moa/TransformOps/MoaTransformOps.h"

using namespace mlir;
using namespace moa;

/// Why `rows` is no row tile; empty if it is one.
static std::string checkRowTile(int64_t rows) {
  if (llvm::is_contained(kRowTiles, rows))
    return "";
  return ("row_tile is " + Twine(rows) + ", must be 16, 32, 64, 96 or 128")
      .str();
}

LogicalResult transform::MoaConfigureKernelOp::verify() {
  if (getRowTile().has_value() == bool(getDynamicRowTile()))
    return emitOpError("needs row_tile as a number or as a parameter");
  if (!getRowTile())
    return success();
  std::string error = checkRowTile(*getRowTile());
  return error.empty() ? success() : emitOpError(error);
}

void transform::MoaConfigureKernelOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  onlyReadsHandle(getOperation()->getOpOperands(), effects);
  modifiesPayload(effects);
}

DiagnosedSilenceableFailure transform::MoaConfigureKernelOp::apply(
    TransformRewriter &rewriter, TransformResults &, TransformState &state) {
  int64_t rows = 0;
  DiagnosedSilenceableFailure status = readIntegerOrParam(
      *this, state, "row_tile", getRowTile(), getDynamicRowTile(), rows);
  if (!status.succeeded())
    return status;
  std::string error = checkRowTile(rows);
  if (!error.empty())
    return emitSilenceableError() << error;
  for (Operation *target : state.getPayloadOps(getTarget())) {
    if (!isa<GroupedMatmulOp, SlotMatmulOp, DenseMatmulOp, MatmulOp,
             KeyValueOp>(target))
      return refuseKind(*this, target,
                        "only products by weights have row tiles");
    rewriter.modifyOpInPlace(target, [&] {
      target->setAttr(kRowTileAttr, rewriter.getI64IntegerAttr(rows));
    });
  }
  return DiagnosedSilenceableFailure::success();
}
