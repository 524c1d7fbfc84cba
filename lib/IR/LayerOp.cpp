//===- LayerOp.cpp - The whole layer: verifier, types and shapes ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Checks.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace moa;

//===----------------------------------------------------------------------===//
// Accessors
//===----------------------------------------------------------------------===//

int64_t LayerOp::getNumExperts() {
  SizeList sizes;
  listSizes(sizes);
  return sizes.lookup("E");
}

/// The results besides y, in their order.
static constexpr Extra allExtras[] = {Extra::Logits, Extra::Indices,
                                      Extra::Gates,  Extra::Lse,
                                      Extra::Keys,   Extra::Values};

Value LayerOp::getExtra(Extra extra) {
  unsigned index = 1;
  for (Extra other : allExtras) {
    if (!bitEnumContainsAny(getAlso(), other))
      continue;
    if (other == extra)
      return getResult(index);
    ++index;
  }
  return Value();
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

/// What D and d, and with it the width of a rotation, are at least.
static void listWidthLimits(LayerOp op, SizeList &sizes) {
  std::string width = describeHeadWidth(sizes);
  // C22
  limitLeast(sizes, "D", 1,
             "the width of the model (" + describeSize(sizes.lookup("D")) +
                 ") must be at least 1");
  limitLeast(sizes, "d", 1, width + " must be at least 1");
  // C7
  if (op.getRotary()) {
    int64_t dim = op.getRotary()->getDim();
    limitLeast(sizes, "d", dim,
               "rotary dim (" + Twine(dim) + ") exceeds " + width);
  }
}

void LayerOp::listSizes(SizeList &sizes) {
  int64_t heads = getHeads(), kvHeads = getKvHeads();
  // Where the last two dimensions of a weight stand.
  unsigned in2 = getTransposed() ? 1 : 0, out2 = 1 - in2;
  unsigned in3 = in2 + 1, out3 = out2 + 1;

  // C12
  sizes.add("E", getRouter(), "router", out2);
  sizes.add("E", getLogits(), "logits", 1);
  sizes.add("E", getQuery(), "query", 0);
  sizes.add("E", getOutput(), "output", 0);
  sizes.add("E", getSelectionBias(), "selection_bias", 0);
  // C20
  sizes.share("B", getAdditiveMask(), "additive_mask", 0);
  // C13
  sizes.add("B", getX(), "x", 0);
  sizes.add("B", getMemory(), "memory", 0);
  sizes.add("B", getSkip(), "skip", 0);
  sizes.add("B", getKeyCache(), "key_cache", 0);
  sizes.add("B", getValueCache(), "value_cache", 0);
  sizes.add("B", getLengths(), "lengths", 0);
  sizes.add("B", getBooleanMask(), "boolean_mask", 0);
  // C14
  sizes.add("T", getX(), "x", 1);
  sizes.add("T", getSkip(), "skip", 1);
  sizes.add("T", getBooleanMask(), "boolean_mask", 1);
  sizes.add("T", getAdditiveMask(), "additive_mask", 1);
  // C15
  sizes.add("D", getX(), "x", 2);
  sizes.add("D", getMemory(), "memory", 2);
  sizes.add("D", getRouter(), "router", in2);
  sizes.add("D", getQuery(), "query", in3);
  sizes.add("D", getKey(), "key", in2);
  sizes.add("D", getValue(), "value", in2);
  sizes.add("D", getOutput(), "output", out3);
  sizes.add("D", getBias(), "bias", 0);
  // C16
  sizes.add("d", getKey(), "key", out2, kvHeads);
  sizes.add("d", getValue(), "value", out2, kvHeads);
  sizes.add("d", getQuery(), "query", out3, heads);
  sizes.add("d", getOutput(), "output", in3, heads);
  sizes.add("d", getKeyCache(), "key_cache", 3);
  sizes.add("d", getValueCache(), "value_cache", 3);
  // C17
  if (getKeyCache())
    sizes.fix("Hkv", "kv_heads", kvHeads);
  sizes.add("Hkv", getKeyCache(), "key_cache", 2);
  sizes.add("Hkv", getValueCache(), "value_cache", 2);
  sizes.add("P", getKeyCache(), "key_cache", 1);
  sizes.add("P", getValueCache(), "value_cache", 1);
  // C18
  if (getMemory())
    sizes.add("S", getMemory(), "memory", 1);
  else if (!getKeyCache())
    sizes.add("S", getX(), "x", 1);
  sizes.add("S", getBooleanMask(), "boolean_mask", 2);
  sizes.add("S", getAdditiveMask(), "additive_mask", 2);
  Size batch = {"B", getX(), "x", 0}, length = {"T", getX(), "x", 1};
  if (getKeyCache()) {
    Size cached = {"P", getKeyCache(), "key_cache", 1};
    StringRef keys = "the keys of the cache and of 'x'";
    sizes.combine(getBooleanMask(), "boolean_mask", 2, keys, cached, length,
                  /*isProduct=*/false);
    sizes.combine(getAdditiveMask(), "additive_mask", 2, keys, cached, length,
                  /*isProduct=*/false);
  }
  listWidthLimits(*this, sizes);
  // C19
  sizes.combine(getLogits(), "logits", 0, "the tokens of 'x'", batch, length,
                /*isProduct=*/true);
}

//===----------------------------------------------------------------------===//
// Verifier
//===----------------------------------------------------------------------===//

/// What operands and attributes need of each other, sizes apart.
static LogicalResult checkVariants(LayerOp op) {
  // C1
  if (op.getRouter() && op.getLogits())
    return op.emitOpError("has both 'router' and 'logits': give one of them");
  if (!op.getRouter() && !op.getLogits())
    return op.emitOpError("has neither 'router' nor 'logits': give one of "
                          "them");
  // C8
  if (op.getScore() == Score::StickBreaking &&
      bitEnumContainsAny(op.getAlso(), Extra::Lse))
    return op.emitOpError("has no lse with score stick_breaking: only softmax "
                          "has one");
  // C10
  if (!op.getKeyCache() != !op.getValueCache())
    return op.emitOpError("needs both 'key_cache' and 'value_cache', or "
                          "neither");
  // C9
  if (op.getKeyCache() && op.getMemory())
    return op.emitOpError("has both 'memory' and a cache: the keys of a memory "
                          "are complete");
  return success();
}

// C23
static LogicalResult checkSlotCount(LayerOp op) {
  int64_t batch = getDim(op.getX(), 0), length = getDim(op.getX(), 1);
  int64_t topK = op.getTopK(), tokens, slots;
  if (ShapedType::isDynamic(batch) || ShapedType::isDynamic(length))
    return success();
  if (!llvm::MulOverflow(batch, length, tokens) &&
      !llvm::MulOverflow(tokens, topK, slots) && slots <= kMostSlots)
    return success();
  return op.emitOpError() << "'x' has too many tokens for " << topK
                          << " slots of each (" << batch << " * " << length
                          << " * " << topK << "): an i32 counts up to "
                          << kMostSlots;
}

LogicalResult LayerOp::verifyOperands() {
  // C4: the sizes below are counted in heads.
  int64_t heads = getHeads(), kvHeads = getKvHeads();
  if (failed(checkPositive(*this, "heads", heads)) ||
      failed(checkPositive(*this, "kv_heads", kvHeads)))
    return failure();
  if (failed(checkVariants(*this)))
    return failure();
  // C11
  if (failed(checkElementTypes(*this, {"x", getX()},
                               {{"memory", getMemory()},
                                {"router", getRouter()},
                                {"query", getQuery()},
                                {"key", getKey()},
                                {"value", getValue()},
                                {"output", getOutput()},
                                {"bias", getBias()},
                                {"key_cache", getKeyCache()},
                                {"value_cache", getValueCache()}})))
    return failure();
  // C3
  StringRef experts = "the number of experts";
  if (failed(checkStatic(*this, {"router", getRouter()},
                         getTransposed() ? 0 : 1, experts)) ||
      failed(checkStatic(*this, {"logits", getLogits()}, 1, experts)) ||
      failed(checkStatic(*this, {"query", getQuery()}, 0, experts)) ||
      failed(checkStatic(*this, {"output", getOutput()}, 0, experts)) ||
      failed(checkStatic(*this, {"selection_bias", getSelectionBias()}, 0,
                         experts)))
    return failure();
  // C2
  SizeList sizes;
  listSizes(sizes);
  if (failed(checkTopK(*this, getTopK(), sizes.lookup("E"))))
    return failure();
  // C5
  if (failed(checkHeadMap(*this, getHeadMap(), heads, kvHeads)))
    return failure();
  // C6
  if (failed(checkScores(*this, getWindow(), getScale())))
    return failure();
  return checkSlotCount(*this);
}

//===----------------------------------------------------------------------===//
// Types and shapes of the results
//===----------------------------------------------------------------------===//

/// S: the keys of a memory, or of the cache and x.
static int64_t getKeyLength(LayerOp::Adaptor op) {
  if (op.getMemory())
    return getDim(op.getMemory(), 1);
  int64_t length = getDim(op.getX(), 1);
  if (!op.getKeyCache())
    return length;
  int64_t cached = getDim(op.getKeyCache(), 1);
  if (ShapedType::isDynamic(length) || ShapedType::isDynamic(cached))
    return ShapedType::kDynamic;
  return cached + length;
}

/// Whether what the types of the results depend on is there.
static bool isComplete(LayerOp::Adaptor op) {
  const auto &properties = op.getProperties();
  int64_t operands = 0;
  for (int32_t size : properties.operandSegmentSizes)
    operands += size;
  // Segments, in the order of the operands: x, memory, query, key, key_cache.
  return operands == int64_t(op.getOperands().size()) && properties.top_k &&
         properties.heads && properties.kv_heads && properties.also &&
         isShapedOperand(op.getODSOperands(0), 3) &&
         isa<RankedTensorType>(op.getX().getType()) &&
         isShapedOperand(op.getODSOperands(1), 3, /*isOptional=*/true) &&
         isShapedOperand(op.getODSOperands(4), 3) &&
         isShapedOperand(op.getODSOperands(5), 2) &&
         isShapedOperand(op.getODSOperands(11), 4, /*isOptional=*/true);
}

// C21
LogicalResult LayerOp::inferReturnTypes(MLIRContext *context,
                                        std::optional<Location> loc,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  if (!isComplete(adaptor))
    return emitIncomplete(loc, getOperationName());
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  int64_t batch = x.getDimSize(0), length = x.getDimSize(1);
  int64_t tokens = multiplySizes(batch, length);
  int64_t topK = sizeOrDynamic(adaptor.getTopK());
  int64_t heads = sizeOrDynamic(adaptor.getHeads());
  int64_t kvHeads = sizeOrDynamic(adaptor.getKvHeads());
  bool transposed = adaptor.getTransposed();
  int64_t experts = getDim(adaptor.getQuery(), 0);
  int64_t width = getDim(adaptor.getKey(), transposed ? 0 : 1);
  if (!ShapedType::isDynamic(width) && kvHeads > 0)
    width /= kvHeads;
  int64_t keys = getKeyLength(adaptor);
  Type f32 = Float32Type::get(context), i32 = IntegerType::get(context, 32);

  types.push_back(x);
  for (Extra extra : allExtras) {
    if (!bitEnumContainsAny(adaptor.getAlso(), extra))
      continue;
    switch (extra) {
    case Extra::Logits:
      types.push_back(RankedTensorType::get({tokens, experts}, f32));
      break;
    case Extra::Indices:
      types.push_back(RankedTensorType::get({tokens, topK}, i32));
      break;
    case Extra::Gates:
      types.push_back(RankedTensorType::get({tokens, topK}, f32));
      break;
    case Extra::Lse:
      types.push_back(RankedTensorType::get(
          {batch, length, multiplySizes(topK, heads)}, f32));
      break;
    case Extra::Keys:
    case Extra::Values:
      types.push_back(RankedTensorType::get({batch, keys, kvHeads, width},
                                            x.getElementType()));
      break;
    case Extra::None:
      break;
    }
  }
  return success();
}

LogicalResult LayerOp::reifyResultShapes(OpBuilder &b,
                                         ReifiedRankedShapedTypeDims &shapes) {
  Location loc = getLoc();
  AffineExpr s0 = b.getAffineSymbolExpr(0), s1 = b.getAffineSymbolExpr(1);
  auto apply = [&](AffineExpr expr, ArrayRef<OpFoldResult> sizes) {
    return affine::makeComposedFoldedAffineApply(b, loc, expr, sizes);
  };
  auto number = [&](int64_t n) -> OpFoldResult { return b.getIndexAttr(n); };
  SmallVector<OpFoldResult> x = getSizes(b, loc, getX());
  int64_t topK = getTopK(), heads = getHeads(), kvHeads = getKvHeads();

  shapes.push_back(x);
  for (Extra extra : allExtras) {
    if (!bitEnumContainsAny(getAlso(), extra))
      continue;
    if (extra == Extra::Lse) {
      shapes.push_back({x[0], x[1], number(topK * heads)});
    } else if (extra == Extra::Keys || extra == Extra::Values) {
      OpFoldResult keys =
          tensor::getMixedSize(b, loc, getMemory() ? getMemory() : getX(), 1);
      if (getKeyCache())
        keys = apply(s0 + s1,
                     {tensor::getMixedSize(b, loc, getKeyCache(), 1), keys});
      OpFoldResult width = apply(
          s0.floorDiv(kvHeads),
          {tensor::getMixedSize(b, loc, getKey(), getTransposed() ? 0 : 1)});
      shapes.push_back({x[0], keys, number(kvHeads), width});
    } else {
      OpFoldResult tokens = apply(s0 * s1, {x[0], x[1]});
      shapes.push_back(
          {tokens, number(extra == Extra::Logits ? getNumExperts() : topK)});
    }
  }
  return success();
}
