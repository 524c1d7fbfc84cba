//===- KeyValue.cpp - Keys and values as one product ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelChoices.h"
#include "Reshapes.h"
#include "mlir/IR/Dominance.h"
#include "moa/Transforms/Fuse.h"

using namespace mlir;
using namespace moa;

namespace {
/// How keys or values [B,S,Hkv,d] are computed.
struct Heads {
  MatmulOp product;
  tensor::ExpandShapeOp expand;
  RotaryOp rotary;

  /// The op whose result they are.
  Operation *getLast() {
    return rotary ? rotary.getOperation() : expand.getOperation();
  }
};
} // namespace

/// The keys or values that are appended to a cache, or `value` itself.
static Value getFresh(Value value) {
  while (auto insert = value.getDefiningOp<tensor::InsertSliceOp>())
    value = insert.getSource();
  return value;
}

static FailureOr<Heads> findHeads(RewriterBase &rewriter, AttentionOp attention,
                                  Value value, StringRef name) {
  Heads heads;
  value = getFresh(value);
  if (value.getDefiningOp<KeyValueOp>())
    return rewriter.notifyMatchFailure(
        attention, name + " are those of moa.key_value already");
  heads.rotary = value.getDefiningOp<RotaryOp>();
  if (heads.rotary)
    value = heads.rotary.getInput();
  heads.expand = value.getDefiningOp<tensor::ExpandShapeOp>();
  if (heads.expand)
    heads.product = heads.expand.getSrc().getDefiningOp<MatmulOp>();
  if (!heads.product || heads.expand.getResultType().getRank() != 4)
    return rewriter.notifyMatchFailure(
        attention, name + " are not computed by moa.matmul");
  if (!heads.expand.getSrc().hasOneUse() ||
      (heads.rotary && !heads.expand->hasOneUse()))
    return rewriter.notifyMatchFailure(
        attention, name +
                       " are also read as they are before they are heads, or "
                       "before they are rotated");
  return heads;
}

/// What keys and values need of each other to be one product.
static LogicalResult checkPair(RewriterBase &rewriter, AttentionOp attention,
                               Heads &keys, Heads &values) {
  auto refuse = [&](const char *reason) {
    return rewriter.notifyMatchFailure(attention, reason);
  };
  if (keys.product == values.product)
    return refuse("keys and values are the same product");
  if (keys.product.getInput() != values.product.getInput())
    return refuse("keys and values are projected from different rows");
  if (keys.product.getTransposed() != values.product.getTransposed())
    return refuse("one of the weights of keys and values is transposed, the "
                  "other is not");
  if (values.rotary)
    return refuse("the values are rotated");
  Type heads = keys.expand.getResultType();
  if (heads != values.expand.getResultType())
    return refuse("keys and values have different types");
  if (getElementTypeOrSelf(heads) !=
      getElementTypeOrSelf(keys.product.getInput()))
    return refuse("keys and values have another element type than their input");
  if (cast<ShapedType>(heads).isDynamicDim(2))
    return refuse("the number of key/value heads is unknown");
  if (getKernelChoices(keys.product) != getKernelChoices(values.product))
    return refuse("keys and values ask for different tiles");
  return success();
}

/// Whether `size` is known to be dimension `dim` of `value`.
static bool isSizeOf(OpFoldResult size, Value value, int64_t dim) {
  int64_t known = getTensorType(value).getDimSize(dim);
  if (std::optional<int64_t> number = getConstantIntValue(size))
    return !ShapedType::isDynamic(known) && *number == known;
  auto dimOp = cast<Value>(size).getDefiningOp<tensor::DimOp>();
  return dimOp && dimOp.getSource() == value && dimOp.getConstantIndex() == dim;
}

/// The rows [B*S,D] as [B,S,D], which is what they are reshaped from as a rule.
static Value getSequence(RewriterBase &rewriter, Heads &heads) {
  Value rows = heads.product.getInput();
  SmallVector<OpFoldResult> sizes = heads.expand.getMixedOutputShape();
  auto collapse = rows.getDefiningOp<tensor::CollapseShapeOp>();
  if (collapse && collapse.getSrcType().getRank() == 3 &&
      collapse.getReassociationIndices()[0].size() == 2 &&
      isSizeOf(sizes[0], collapse.getSrc(), 0) &&
      isSizeOf(sizes[1], collapse.getSrc(), 1))
    return collapse.getSrc();
  Location loc = heads.product.getLoc();
  SmallVector<OpFoldResult> shape = {
      sizes[0], sizes[1], tensor::getMixedSize(rewriter, loc, rows, 1)};
  auto type = RankedTensorType::get(decomposeMixedValues(shape).first,
                                    getElementTypeOrSelf(rows));
  return tensor::ExpandShapeOp::create(
      rewriter, loc, type, rows, ArrayRef<ReassociationIndices>{{0, 1}, {2}},
      shape);
}

static KeyValueOp createKeyValue(RewriterBase &rewriter, Heads &keys,
                                 Heads &values) {
  Location loc =
      rewriter.getFusedLoc({keys.product.getLoc(), values.product.getLoc()});
  Value input = getSequence(rewriter, keys);
  RankedTensorType type = keys.expand.getResultType();
  auto createInit = [&]() -> Value {
    return tensor::EmptyOp::create(rewriter, loc,
                                   keys.expand.getMixedOutputShape(),
                                   type.getElementType());
  };
  Value keyInit = createInit(), valueInit = createInit();
  return KeyValueOp::create(
      rewriter, loc, TypeRange{type, type}, input, keys.product.getWeights(),
      values.product.getWeights(),
      keys.rotary ? keys.rotary.getPosition() : Value(), keyInit, valueInit,
      keys.rotary ? keys.rotary.getRotaryAttr() : RotaryAttr(),
      keys.product.getTransposedAttr());
}

FailureOr<KeyValueOp> moa::fuseKeyValue(RewriterBase &rewriter,
                                        AttentionOp attention) {
  FailureOr<Heads> keys =
      findHeads(rewriter, attention, attention.getKey(), "keys");
  if (failed(keys))
    return failure();
  FailureOr<Heads> values =
      findHeads(rewriter, attention, attention.getValue(), "values");
  if (failed(values) || failed(checkPair(rewriter, attention, *keys, *values)))
    return failure();
  // The product stands where the first of both was complete, so that readers of
  // either come after it.
  DominanceInfo dominance(attention->getParentOp());
  Operation *first = keys->getLast(), *second = values->getLast();
  if (dominance.properlyDominates(second, first))
    std::swap(first, second);
  SmallVector<Value> needed = {keys->product.getWeights(),
                               values->product.getWeights()};
  llvm::append_range(needed, keys->expand.getOutputShape());
  if (keys->rotary && keys->rotary.getPosition())
    needed.push_back(keys->rotary.getPosition());
  if (first->getBlock() != second->getBlock() ||
      !dominance.properlyDominates(first, second) ||
      !llvm::all_of(needed, [&](Value value) {
        return dominance.properlyDominates(value, first);
      }))
    return rewriter.notifyMatchFailure(
        attention, "what the keys or the values are computed from comes after "
                   "the others are complete");

  rewriter.setInsertionPoint(first);
  KeyValueOp fused = createKeyValue(rewriter, *keys, *values);
  copyKernelChoices(keys->product, fused);
  rewriter.replaceOp(keys->getLast(), fused.getKeys());
  if (keys->rotary)
    rewriter.eraseOp(keys->expand);
  rewriter.eraseOp(keys->product);
  rewriter.replaceOp(values->expand, fused.getValues());
  rewriter.eraseOp(values->product);
  return fused;
}
