//===- Configure.cpp - Choices of kernels as transform ops ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "IntegerOrParam.h"
#include "Refusal.h"
#include "moa/Kernels/Attention.h"
#include "moa/Kernels/Products.h"
#include "moa/TransformOps/MoaTransformOps.h"

using namespace mlir;
using namespace moa;

namespace {
/// One choice of a kernel: how scripts and messages call it, its attribute, and
/// the values that it has for products and for attention.
struct Choice {
  StringRef name, attribute;
  ArrayRef<int64_t> ofProducts, ofAttention;
};
} // namespace

static Choice getRowChoice() {
  return {"row_tile", kRowTileAttr, kRowTiles, kQueryTiles};
}
static Choice getKeyChoice() {
  return {"key_tile", kKeyTileAttr, {}, kKeyTiles};
}

/// Why `value` is out of the range of `values`.
static std::string describe(const Choice &choice, int64_t value,
                            ArrayRef<int64_t> values) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << choice.name << " is " << value << ", must be one of ";
  llvm::interleaveComma(values, os);
  return text;
}

/// Whether any kind of op has the tile: for which one is not known before.
static LogicalResult verifyChoice(Operation *op, const Choice &choice,
                                  std::optional<int64_t> number, Value param) {
  if (number && param)
    return op->emitOpError() << choice.name << " is a number and a parameter";
  ArrayRef<int64_t> all =
      choice.ofProducts.empty() ? choice.ofAttention : choice.ofProducts;
  if (number && !llvm::is_contained(all, *number))
    return op->emitOpError(describe(choice, *number, all));
  return success();
}

LogicalResult transform::MoaConfigureKernelOp::verify() {
  if (!getRowTile() && !getDynamicRowTile() && !getKeyTile() &&
      !getDynamicKeyTile())
    return emitOpError("needs row_tile or key_tile");
  if (failed(verifyChoice(*this, getRowChoice(), getRowTile(),
                          getDynamicRowTile())))
    return failure();
  return verifyChoice(*this, getKeyChoice(), getKeyTile(), getDynamicKeyTile());
}

void transform::MoaConfigureKernelOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  onlyReadsHandle(getOperation()->getOpOperands(), effects);
  modifiesPayload(effects);
}

/// Set the attribute of `choice` on `target`.
static DiagnosedSilenceableFailure
configure(Operation *transformOp, RewriterBase &rewriter, Operation *target,
          const Choice &choice, int64_t value) {
  ArrayRef<int64_t> values;
  if (isa<GroupedMatmulOp, SlotMatmulOp, DenseMatmulOp, MatmulOp, KeyValueOp>(
          target))
    values = choice.ofProducts;
  else if (isa<AttentionOp>(target))
    values = choice.ofAttention;
  if (values.empty())
    return refuseKind(transformOp, target,
                      ("only " +
                       StringRef(choice.ofProducts.empty()
                                     ? "moa.attention has"
                                     : "products by weights and moa.attention "
                                       "have") +
                       " a " + choice.name)
                          .str());
  if (!llvm::is_contained(values, value))
    return refuseKind(transformOp, target, describe(choice, value, values));
  rewriter.modifyOpInPlace(target, [&] {
    target->setAttr(choice.attribute, rewriter.getI64IntegerAttr(value));
  });
  return DiagnosedSilenceableFailure::success();
}

DiagnosedSilenceableFailure transform::MoaConfigureKernelOp::apply(
    TransformRewriter &rewriter, TransformResults &, TransformState &state) {
  auto apply = [&](const Choice &choice, std::optional<int64_t> number,
                   Value param) {
    if (!number && !param)
      return DiagnosedSilenceableFailure::success();
    int64_t value = 0;
    DiagnosedSilenceableFailure status =
        readIntegerOrParam(*this, state, choice.name, number, param, value);
    for (Operation *target : state.getPayloadOps(getTarget())) {
      if (!status.succeeded())
        break;
      status = configure(*this, rewriter, target, choice, value);
    }
    return status;
  };
  DiagnosedSilenceableFailure status =
      apply(getRowChoice(), getRowTile(), getDynamicRowTile());
  if (!status.succeeded())
    return status;
  return apply(getKeyChoice(), getKeyTile(), getDynamicKeyTile());
}
