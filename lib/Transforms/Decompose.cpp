//===- Decompose.cpp - The layer to primitives ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Transforms/Decompose.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "moa/Transforms/Passes.h"
#include "moa/Utils/LinalgBuilders.h"
#include "moa/Utils/LoopBuilders.h"
#include "moa/Utils/Remarks.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace moa;

namespace moa {
#define GEN_PASS_DEF_MOADECOMPOSEPASS
#include "moa/Transforms/Passes.h.inc"
} // namespace moa

LayerForm moa::getLayerForm(LayerOp layer) {
  if (layer.getTopK() == static_cast<uint64_t>(layer.getNumExperts()))
    return LayerForm::Dense;
  auto x = cast<RankedTensorType>(layer.getX().getType());
  return x.getDimSize(1) == 1 ? LayerForm::SingleToken : LayerForm::Sparse;
}

namespace {
/// Routing as SSA values; both projections of a layer use one set.
struct Routing {
  Value logits, indices, gates;
  /// Only in the sparse form.
  Value offsets, permutation;
};

/// Builds the parts of one layer. All sizes are those of operands of the layer:
/// asking a value that is computed for its size would be one more reader of it,
/// which keeps it from being fused.
class Decomposition {
public:
  Decomposition(ImplicitLocOpBuilder &b, LayerOp layer);

  SmallVector<Value> build();

private:
  Value flatten(Value value);
  Value reshapeSlots(Value slots, int64_t heads);
  OpFoldResult countTokens(int64_t factor);
  std::pair<Value, Value> route(Value logits, bool all);
  Routing createRouting(Value tokens);
  Value projectKeys(Value rows, Value weights, Value cache, bool rotate);
  Value appendToCache(Value cache, Value fresh,
                      ArrayRef<OpFoldResult> freshSizes);
  Value projectQueries(Value tokens, const Routing &routing);
  std::pair<Value, Value> attend(Value queries, Value keys, Value values);
  Value projectOutputs(Value heads, const Routing &routing);
  Value multiplyRows(Value rows, Value weights, Type type);
  Value multiplyTokens(Value tokens);
  Value multiply(RowMap inputRows, Value input, Value weights, Type type,
                 const Routing &routing);
  bool needsRanking();
  Value rankLse(Value lse, Value indices);

  ImplicitLocOpBuilder &b;
  LayerOp layer;
  LayerForm form;
  Type element, accumulator;
  int64_t topK;
  OpFoldResult batch, length, width, headWidth;
};
} // namespace

/// Dimension `dim` of `value`.
static OpFoldResult getMixedSize(ImplicitLocOpBuilder &b, Value value,
                                 int64_t dim) {
  return tensor::getMixedSize(b, b.getLoc(), value, dim);
}

Decomposition::Decomposition(ImplicitLocOpBuilder &b, LayerOp layer)
    : b(b), layer(layer), form(getLayerForm(layer)),
      element(getElementTypeOrSelf(layer.getX())),
      accumulator(getAccumulatorType(element)), topK(layer.getTopK()),
      batch(getMixedSize(b, layer.getX(), 0)),
      length(getMixedSize(b, layer.getX(), 1)),
      width(getMixedSize(b, layer.getX(), 2)) {
  AffineExpr s0 = b.getAffineSymbolExpr(0);
  headWidth = affine::makeComposedFoldedAffineApply(
      b, b.getLoc(), s0.floorDiv(layer.getKvHeads()),
      {getMixedSize(b, layer.getKey(), layer.getTransposed() ? 0 : 1)});
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

/// B * T * factor
OpFoldResult Decomposition::countTokens(int64_t factor) {
  AffineExpr s0 = b.getAffineSymbolExpr(0), s1 = b.getAffineSymbolExpr(1);
  return affine::makeComposedFoldedAffineApply(b, b.getLoc(), s0 * s1 * factor,
                                               {batch, length});
}

/// [B,T,...] to [B*T,...].
Value Decomposition::flatten(Value value) {
  SmallVector<ReassociationIndices> groups = {{0, 1}};
  for (int64_t dim = 2, rank = cast<ShapedType>(value.getType()).getRank();
       dim < rank; ++dim)
    groups.push_back({dim});
  return tensor::CollapseShapeOp::create(b, value, groups);
}

/// `value` expanded to `sizes`.
static Value expand(ImplicitLocOpBuilder &b, Value value,
                    ArrayRef<ReassociationIndices> groups,
                    ArrayRef<OpFoldResult> sizes) {
  auto type = RankedTensorType::get(
      decomposeMixedValues(SmallVector<OpFoldResult>(sizes)).first,
      getElementTypeOrSelf(value));
  return tensor::ExpandShapeOp::create(b, type, value, groups, sizes);
}

/// Slots [B*T*k, H*d] as the heads [B,T,k*H,d] that attention reads.
Value Decomposition::reshapeSlots(Value slots, int64_t heads) {
  Value expanded = expand(
      b, slots, {{0, 1, 2}, {3, 4}},
      {batch, length, b.getIndexAttr(topK), b.getIndexAttr(heads), headWidth});
  return tensor::CollapseShapeOp::create(
      b, expanded, ArrayRef<ReassociationIndices>{{0}, {1}, {2, 3}, {4}});
}

/// rows [N,C] times `weights`, which all tokens share.
Value Decomposition::multiplyRows(Value rows, Value weights, Type type) {
  SmallVector<OpFoldResult> sizes = {
      getMixedSize(b, rows, 0),
      getMixedSize(b, weights, layer.getTransposed() ? 0 : 1)};
  Value init = tensor::EmptyOp::create(b, sizes, type);
  return MatmulOp::create(b, init.getType(), rows, weights, init,
                          layer.getTransposed())
      .getResult();
}

//===----------------------------------------------------------------------===//
// Routing
//===----------------------------------------------------------------------===//

/// moa.route: indices and gates.
std::pair<Value, Value> Decomposition::route(Value logits, bool all) {
  Value skip = layer.getSkip();
  if (skip)
    skip = tensor::CollapseShapeOp::create(
        b, skip, ArrayRef<ReassociationIndices>{{0, 1}});
  auto op = RouteOp::create(b, logits, layer.getSelectionBias(), skip,
                            layer.getTopKAttr(), layer.getGate(),
                            all ? b.getUnitAttr() : UnitAttr(),
                            /*outs=*/ValueRange());
  return {op.getIndices(), op.getGates()};
}

Routing Decomposition::createRouting(Value tokens) {
  Routing routing;
  routing.logits = layer.getLogits();
  if (!routing.logits)
    routing.logits = multiplyRows(tokens, layer.getRouter(), b.getF32Type());
  std::tie(routing.indices, routing.gates) =
      route(routing.logits, /*all=*/form == LayerForm::Dense);
  if (form != LayerForm::Sparse)
    return routing;
  auto dispatch = DispatchOp::create(b, routing.indices,
                                     b.getI64IntegerAttr(layer.getNumExperts()),
                                     /*outs=*/ValueRange());
  routing.offsets = dispatch.getOffsets();
  routing.permutation = dispatch.getPermutation();
  return routing;
}

//===----------------------------------------------------------------------===//
// Keys and values
//===----------------------------------------------------------------------===//

/// The rows of `fresh` behind those of `cache`, in dimension 1.
Value Decomposition::appendToCache(Value cache, Value fresh,
                                   ArrayRef<OpFoldResult> freshSizes) {
  auto hasNoRows = [](Value value) {
    return cast<ShapedType>(value.getType()).getDimSize(1) == 0;
  };
  if (hasNoRows(cache))
    return fresh;
  if (hasNoRows(fresh))
    return cache;
  SmallVector<OpFoldResult> sizes(freshSizes);
  SmallVector<OpFoldResult> cacheSizes = getSizes(b, cache);
  // Apart from their rows both are alike. Sizes that only run time knows are
  // one value, so that this can be seen.
  for (auto [dim, size] : llvm::enumerate(sizes))
    if (dim != 1 && isa<Value>(size) && isa<Value>(cacheSizes[dim]))
      cacheSizes[dim] = size;
  AffineExpr s0 = b.getAffineSymbolExpr(0), s1 = b.getAffineSymbolExpr(1);
  sizes[1] = affine::makeComposedFoldedAffineApply(
      b, b.getLoc(), s0 + s1, {cacheSizes[1], freshSizes[1]});
  SmallVector<OpFoldResult> offsets(4, b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(4, b.getIndexAttr(1));
  Value empty = tensor::EmptyOp::create(b, sizes, element);
  // No sequences have rows as well, but no elements.
  if (isStaticallyEmpty(cache) || isStaticallyEmpty(fresh))
    return empty;
  Value front = tensor::InsertSliceOp::create(b, cache, empty, offsets,
                                              cacheSizes, strides);
  offsets[1] = cacheSizes[1];
  return tensor::InsertSliceOp::create(b, fresh, front, offsets, freshSizes,
                                       strides);
}

/// Keys or values [B,S,Hkv,d]: the projected rows behind those of the cache.
Value Decomposition::projectKeys(Value rows, Value weights, Value cache,
                                 bool rotate) {
  Value source = layer.getMemory() ? layer.getMemory() : layer.getX();
  SmallVector<OpFoldResult> sizes = {
      getMixedSize(b, source, 0), getMixedSize(b, source, 1),
      b.getIndexAttr(layer.getKvHeads()), headWidth};
  Value projected =
      expand(b, multiplyRows(rows, weights, element), {{0, 1}, {2, 3}}, sizes);
  if (rotate)
    projected =
        RotaryOp::create(b, projected, cache ? getSize(b, cache, 1) : Value(),
                         layer.getRotaryAttr(), /*outs=*/ValueRange())
            .getResult();
  return cache ? appendToCache(cache, projected, sizes) : projected;
}

//===----------------------------------------------------------------------===//
// Queries, attention, outputs
//===----------------------------------------------------------------------===//

/// Each slot's product with the weights of its expert, in slot order.
Value Decomposition::multiply(RowMap inputRows, Value input, Value weights,
                              Type type, const Routing &routing) {
  bool transposed = layer.getTransposed();
  SmallVector<OpFoldResult> sizes = {
      countTokens(topK), getMixedSize(b, weights, transposed ? 1 : 2)};
  // Rows of skipped slots are not computed. Queries among them are attended,
  // and are zeros; combine does not use the others.
  bool isQuery = inputRows == RowMap::Token;
  Value init = isQuery && layer.getSkip()
                   ? createFilled(b, sizes, type, 0.0)
                   : tensor::EmptyOp::create(b, sizes, type).getResult();
  if (form == LayerForm::SingleToken)
    return SlotMatmulOp::create(b, init.getType(), inputRows, input, weights,
                                routing.indices, /*length=*/Value(),
                                /*position=*/Value(), init, RotaryAttr(),
                                /*heads=*/IntegerAttr(), transposed)
        .getResult();
  return GroupedMatmulOp::create(
             b, init.getType(), inputRows, input, weights, routing.offsets,
             routing.permutation, /*gates=*/Value(), /*length=*/Value(),
             /*position=*/Value(), RowMap::Slot, init,
             inputRows == RowMap::Token ? b.getI64IntegerAttr(topK)
                                        : IntegerAttr(),
             RotaryAttr(), /*heads=*/IntegerAttr(), /*unordered=*/false,
             transposed)
      .getResult();
}

/// tokens [N,D] times the weights of every expert, in slot order: [N*E,H*d].
Value Decomposition::multiplyTokens(Value tokens) {
  Value weights = layer.getQuery();
  SmallVector<OpFoldResult> sizes = {
      countTokens(topK),
      getMixedSize(b, weights, layer.getTransposed() ? 1 : 2)};
  Value init = tensor::EmptyOp::create(b, sizes, element);
  return DenseMatmulOp::create(
             b, init.getType(), RowMap::Token, tokens, weights,
             /*gates=*/Value(), /*bias=*/Value(), /*skip=*/Value(),
             /*residual=*/Value(), /*length=*/Value(), /*position=*/Value(),
             init, RotaryAttr(), /*heads=*/IntegerAttr(), layer.getTransposed())
      .getResult();
}

/// The queries [B,T,k*H,d] of every slot.
Value Decomposition::projectQueries(Value tokens, const Routing &routing) {
  Value slots;
  if (form == LayerForm::Dense)
    slots = multiplyTokens(tokens);
  else
    slots = multiply(RowMap::Token, tokens, layer.getQuery(), element, routing);
  Value queries = reshapeSlots(slots, layer.getHeads());
  if (!layer.getRotaryAttr())
    return queries;
  return RotaryOp::create(b, queries, layer.getPosition(),
                          layer.getRotaryAttr(), /*outs=*/ValueRange())
      .getResult();
}

/// moa.attention: its result and, where the layer has it, the log-sum-exp.
std::pair<Value, Value> Decomposition::attend(Value queries, Value keys,
                                              Value values) {
  int64_t heads = cast<ShapedType>(queries.getType()).getDimSize(2);
  SmallVector<OpFoldResult> sizes = {batch, length, b.getIndexAttr(heads),
                                     headWidth};
  Value init = tensor::EmptyOp::create(b, sizes, element);
  SmallVector<Type> types = {init.getType()};
  Value lseInit;
  if (bitEnumContainsAny(layer.getAlso(), Extra::Lse)) {
    sizes.pop_back();
    lseInit = tensor::EmptyOp::create(b, sizes, b.getF32Type());
    types.push_back(lseInit.getType());
  }
  auto op = AttentionOp::create(
      b, types, queries, keys, values, layer.getPosition(), layer.getLengths(),
      layer.getBooleanMask(), layer.getAdditiveMask(), init, lseInit,
      layer.getHeadsAttr(), layer.getHeadMapAttr(), layer.getScoreAttr(),
      layer.getCausalAttr(), layer.getWindowAttr(), layer.getScaleAttr());
  return {op.getResult(), op.getLse()};
}

/// y [B,T,D] from the heads [B,T,k*H,d].
Value Decomposition::projectOutputs(Value heads, const Routing &routing) {
  Value perSlot = expand(b, heads, {{0}, {1}, {2, 3}, {4}},
                         {batch, length, b.getIndexAttr(topK),
                          b.getIndexAttr(layer.getHeads()), headWidth});
  Value skip = layer.getSkip();
  if (skip)
    skip = tensor::CollapseShapeOp::create(
        b, skip, ArrayRef<ReassociationIndices>{{0, 1}});
  Value slots = tensor::CollapseShapeOp::create(
      b, perSlot, ArrayRef<ReassociationIndices>{{0, 1, 2}, {3, 4}});
  Value init = tensor::EmptyOp::create(b, {countTokens(1), width}, element);
  Value rows;
  if (form == LayerForm::Dense) {
    rows = DenseMatmulOp::create(
               b, init.getType(), RowMap::Slot, slots, layer.getOutput(),
               routing.gates, layer.getBias(), skip, /*residual=*/Value(),
               /*length=*/Value(), /*position=*/Value(), init, RotaryAttr(),
               /*heads=*/IntegerAttr(), layer.getTransposed())
               .getResult();
  } else {
    slots =
        multiply(RowMap::Slot, slots, layer.getOutput(), accumulator, routing);
    rows = CombineOp::create(b, init.getType(), slots, routing.gates,
                             layer.getBias(), skip, /*residual=*/Value(), init)
               .getResult();
  }
  return expand(b, rows, {{0, 1}, {2}}, {batch, length, width});
}

//===----------------------------------------------------------------------===//
// The dense form's results in order of rank
//===----------------------------------------------------------------------===//

/// Whether the dense form has results that are in the order of rank. Losses
/// read which experts a token has, not in which order.
bool Decomposition::needsRanking() {
  auto readsSet = [](Operation *user) {
    return isa<BalanceLossOp, ZLossOp, MutualLossOp>(user);
  };
  if (bitEnumContainsAny(layer.getAlso(), Extra::Gates | Extra::Lse))
    return true;
  Value indices = layer.getExtra(Extra::Indices);
  return indices && !llvm::all_of(indices.getUsers(), readsSet);
}

/// lse [B,T,E*H] of all experts, in the order of each token's indices.
Value Decomposition::rankLse(Value lse, Value indices) {
  Value flat = flatten(lse);
  int64_t heads = layer.getHeads();
  Value ranked = mapElements(
      b, getSizes(b, flat), b.getF32Type(), {},
      [&](ImplicitLocOpBuilder &b, ValueRange) -> Value {
        Value token = linalg::IndexOp::create(b, 0);
        Value column = linalg::IndexOp::create(b, 1);
        Value count = arith::ConstantIndexOp::create(b, heads);
        Value slot = arith::DivUIOp::create(b, column, count);
        Value head = arith::RemUIOp::create(b, column, count);
        Value expert = arith::IndexCastOp::create(
            b, b.getIndexType(),
            tensor::ExtractOp::create(b, indices, ValueRange{token, slot}));
        // A skipped token has no experts; its row is in the order of experts.
        Value skipped =
            arith::CmpIOp::create(b, arith::CmpIPredicate::slt, expert,
                                  arith::ConstantIndexOp::create(b, 0));
        expert = arith::SelectOp::create(b, skipped, slot, expert);
        Value source = arith::AddIOp::create(
            b, arith::MulIOp::create(b, expert, count), head);
        return tensor::ExtractOp::create(b, flat, ValueRange{token, source});
      });
  return expand(b, ranked, {{0, 1}, {2}},
                {batch, length, getMixedSize(b, lse, 2)});
}

SmallVector<Value> Decomposition::build() {
  Value tokens = flatten(layer.getX());
  Routing routing = createRouting(tokens);
  bool rotate = static_cast<bool>(layer.getRotaryAttr());
  Value rows = layer.getMemory() ? flatten(layer.getMemory()) : tokens;
  Value keys = projectKeys(rows, layer.getKey(), layer.getKeyCache(), rotate);
  Value values = projectKeys(rows, layer.getValue(), layer.getValueCache(),
                             /*rotate=*/false);
  auto [heads, lse] = attend(projectQueries(tokens, routing), keys, values);
  SmallVector<Value> results = {projectOutputs(heads, routing)};

  Value indices = routing.indices, gates = routing.gates;
  if (form == LayerForm::Dense && needsRanking()) {
    std::tie(indices, gates) = route(routing.logits, /*all=*/false);
    if (lse)
      lse = rankLse(lse, indices);
  }
  for (auto [extra, value] : {std::pair{Extra::Logits, routing.logits},
                              {Extra::Indices, indices},
                              {Extra::Gates, gates},
                              {Extra::Lse, lse},
                              {Extra::Keys, keys},
                              {Extra::Values, values}})
    if (bitEnumContainsAny(layer.getAlso(), extra))
      results.push_back(value);
  return results;
}

SmallVector<Value> moa::decomposeLayer(ImplicitLocOpBuilder &b, LayerOp layer) {
  refineOperands(b, layer);
  SmallVector<Value> results = Decomposition(b, layer).build();
  // Sizes that one operand tells and the result type does not are hidden again.
  for (auto [value, result] : llvm::zip(results, layer.getResults()))
    if (value.getType() != result.getType())
      value = tensor::CastOp::create(b, result.getType(), value);
  return results;
}

//===----------------------------------------------------------------------===//
// Pass
//===----------------------------------------------------------------------===//

namespace {
struct MoaDecomposePass : moa::impl::MoaDecomposePassBase<MoaDecomposePass> {
  using MoaDecomposePassBase::MoaDecomposePassBase;

  /// The form of `layer` as a statistic and a remark.
  void report(LayerOp layer) {
    auto passed = [&](StringRef name, const char *format) {
      remark::passed(layer.getLoc(),
                     getRemarkOptions(layer, name, getArgument()))
          << llvm::formatv(format, layer.getTopK(), layer.getNumExperts())
                 .str();
    };
    switch (getLayerForm(layer)) {
    case LayerForm::Sparse:
      ++numSparse;
      return passed("sparse", "slots are grouped by expert: a token has {0} of "
                              "{1} experts");
    case LayerForm::Dense:
      ++numDense;
      return passed("dense",
                    "nothing is sorted: a token has {0} of {1} experts");
    case LayerForm::SingleToken:
      ++numSingleToken;
      return passed("single-token", "nothing is sorted: sequences have one "
                                    "token, with {0} of {1} experts");
    }
  }

  void runOnOperation() override {
    SmallVector<LayerOp> layers;
    SmallVector<linalg::SoftmaxOp> softmaxes;
    getOperation()->walk([&](Operation *op) {
      if (auto layer = dyn_cast<LayerOp>(op))
        layers.push_back(layer);
      if (auto softmax = dyn_cast<linalg::SoftmaxOp>(op))
        softmaxes.push_back(softmax);
    });
    for (linalg::SoftmaxOp softmax : softmaxes) {
      OpBuilder b(softmax);
      FailureOr<SmallVector<Value>> parts = softmax.decomposeOperation(b);
      if (failed(parts))
        return signalPassFailure();
      softmax->replaceAllUsesWith(*parts);
      softmax->erase();
    }
    for (LayerOp layer : layers) {
      ImplicitLocOpBuilder b(layer.getLoc(), layer);
      if (runtimeChecks)
        emitSizeChecks(b, layer);
      SmallVector<Value> results = decomposeLayer(b, layer);
      // Now, as the form depends on the sizes that were found.
      report(layer);
      layer->replaceAllUsesWith(results);
      layer->erase();
    }
  }
};
} // namespace
