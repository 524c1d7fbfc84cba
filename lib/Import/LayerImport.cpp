//===- LayerImport.cpp - From a layer's config to a graph -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Import/LayerImport.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace moa {

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

namespace {

struct Argument {
  StringRef name;
  RankedTensorType type;
};

/// The sizes of the inputs, kDynamic where they are open.
struct InputSizes {
  int64_t batch;
  int64_t length;
  int64_t keys;
};

} // namespace

static constexpr StringLiteral kNameAttr = "moa.name";

static Type getElementType(Builder &b, DataType type) {
  switch (type) {
  case DataType::Float32:
    return b.getF32Type();
  case DataType::Float16:
    return b.getF16Type();
  case DataType::BFloat16:
    return b.getBF16Type();
  }
  llvm_unreachable("all data types are handled");
}

/// What the caller or, on demand, the config says; otherwise kDynamic.
static llvm::Expected<InputSizes>
resolveSizes(const LayerConfig &config, const LayerImportOptions &options) {
  auto resolve = [&](std::optional<int64_t> given,
                     std::optional<int64_t> configured, StringRef field,
                     int64_t &size) -> llvm::Error {
    if (options.staticSizes && !given && !configured)
      return llvm::createStringError(
          config.file + ": field '" + field +
          "' is missing: static sizes come from it, or from an option");
    if (given)
      size = *given;
    else
      size = options.staticSizes ? *configured : ShapedType::kDynamic;
    return llvm::Error::success();
  };
  if (options.memoryLength && !config.crossAttention)
    return llvm::createStringError(
        config.file +
        ": there is no memory whose length could be set: 'cross_attention' is "
        "false");

  InputSizes sizes;
  if (llvm::Error error =
          resolve(options.batch, config.batch, "batch", sizes.batch))
    return error;
  if (llvm::Error error = resolve(options.length, config.queryLength,
                                  "query_length", sizes.length))
    return error;
  if (config.crossAttention) {
    if (llvm::Error error = resolve(options.memoryLength, config.keyLength,
                                    "key_length", sizes.keys))
      return error;
    return sizes;
  }
  int64_t cached = config.cache ? config.mask.queryOffset : 0;
  sizes.keys = ShapedType::isDynamic(sizes.length) ? ShapedType::kDynamic
                                                   : sizes.length + cached;
  return sizes;
}

static void addInputs(Builder &b, const LayerConfig &config,
                      const InputSizes &sizes,
                      SmallVectorImpl<Argument> &arguments) {
  Type element = getElementType(b, config.dataType), i1 = b.getI1Type();
  auto [batch, length, keys] = sizes;
  auto add = [&](StringRef name, ArrayRef<int64_t> shape, Type type) {
    arguments.push_back({name, RankedTensorType::get(shape, type)});
  };
  add("x", {batch, length, config.modelWidth}, element);
  if (config.crossAttention)
    add("memory", {batch, keys, config.modelWidth}, element);
  if (config.skipTokens)
    add("skip", {batch, length}, i1);
  if (config.cache)
    for (StringRef name : {"k_cache", "v_cache"})
      add(name,
          {batch, config.mask.queryOffset, config.numKvHeads, config.headWidth},
          element);
  if (config.mask.lengths)
    add("lengths", {batch}, b.getI32Type());
  if (config.mask.boolean)
    add("boolean_mask", {batch, length, keys}, i1);
  if (config.mask.additive != AdditiveMask::None)
    add("additive_mask",
        {config.mask.additive == AdditiveMask::Shared ? 1 : batch, length,
         keys},
        b.getF32Type());
}

static void addParameters(Builder &b, const LayerConfig &config,
                          SmallVectorImpl<Argument> &arguments) {
  Type element = getElementType(b, config.dataType);
  int64_t width = config.modelWidth, experts = config.numExperts;
  int64_t query = config.headsPerExpert * config.headWidth;
  int64_t key = config.numKvHeads * config.headWidth;
  auto addWeight = [&](StringRef name, SmallVector<int64_t> shape) {
    if (config.transposed)
      std::swap(shape.back(), shape[shape.size() - 2]);
    arguments.push_back({name, RankedTensorType::get(shape, element)});
  };
  addWeight("router", {width, experts});
  addWeight("wq", {experts, width, query});
  addWeight("wk", {width, key});
  addWeight("wv", {width, key});
  addWeight("wo", {experts, query, width});
  if (config.outputBias)
    arguments.push_back({"bias", RankedTensorType::get(width, element)});
  if (config.selectionBias)
    arguments.push_back(
        {"selection_bias", RankedTensorType::get(experts, b.getF32Type())});
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

/// The name of a loss's result.
static StringRef getResultName(Loss loss) {
  switch (loss) {
  case Loss::None:
    break;
  case Loss::Balance:
    return "balance_loss";
  case Loss::Z:
    return "z_loss";
  case Loss::Mutual:
    return "mutual_loss";
  }
  llvm_unreachable("one loss");
}

static constexpr StringRef kResultNames[] = {
    "y",   "logits", "indices", "gates",        "offsets", "permutation",
    "lse", "keys",   "values",  "balance_loss", "z_loss",  "mutual_loss"};

/// The results to emit, in order and checked.
static llvm::Expected<SmallVector<StringRef>>
resolveResults(const LayerConfig &config, const LayerImportOptions &options) {
  SmallVector<StringRef> results;
  auto addLosses = [&]() {
    for (Loss loss : config.losses)
      results.push_back(getResultName(loss));
  };
  if (options.results.empty()) {
    results.push_back("y");
    addLosses();
    return results;
  }
  for (StringRef name : options.results) {
    if (name == "all") {
      results.append(
          {"y", "logits", "indices", "gates", "offsets", "permutation"});
      if (config.score == Score::Softmax && !config.skipTokens)
        results.push_back("lse");
      addLosses();
    } else if (llvm::is_contained(kResultNames, name)) {
      results.push_back(name);
    } else {
      return llvm::createStringError("unknown result '" + name +
                                     "': a layer has " +
                                     llvm::join(ArrayRef(kResultNames), ", "));
    }
  }
  llvm::StringSet<> seen;
  for (StringRef name : results)
    if (!seen.insert(name).second)
      return llvm::createStringError("result '" + name +
                                     "' is asked for twice");
  if (seen.contains("lse") && config.score == Score::StickBreaking)
    return llvm::createStringError(
        config.file +
        ": there is no result 'lse' where 'score' is \"stick_breaking\"");
  return results;
}

//===----------------------------------------------------------------------===//
// The body
//===----------------------------------------------------------------------===//

namespace {

/// Builds the body of the function: the layer, and what is computed from its
/// results.
class LayerBuilder {
public:
  LayerBuilder(OpBuilder &b, Location loc, const LayerConfig &config,
               llvm::StringMap<Value> arguments)
      : b(b), loc(loc), config(config), arguments(std::move(arguments)) {}

  /// The values of `results`, which are names.
  SmallVector<Value> build(ArrayRef<StringRef> results) {
    Extra extras = Extra::None;
    for (StringRef name : results)
      extras = extras | getNeeded(name);
    layer = createLayer(extras);
    SmallVector<Value> values;
    for (StringRef name : results)
      values.push_back(getResult(name));
    return values;
  }

private:
  /// The extra results of the layer from which the result `name` is made.
  static Extra getNeeded(StringRef name) {
    return llvm::StringSwitch<Extra>(name)
        .Case("logits", Extra::Logits)
        .Cases({"indices", "offsets", "permutation"}, Extra::Indices)
        .Case("gates", Extra::Gates)
        .Case("lse", Extra::Lse)
        .Case("keys", Extra::Keys)
        .Case("values", Extra::Values)
        .Cases({"balance_loss", "z_loss", "mutual_loss"},
               Extra::Logits | Extra::Indices)
        .Default(Extra::None);
  }

  GateAttr getGate() {
    const GateConfig &gate = config.gate;
    FloatAttr scale =
        gate.scale == 1.0 ? FloatAttr() : b.getF64FloatAttr(gate.scale);
    // The format divides where the activation comes first; of k logits alone a
    // softmax sums to 1, and sigmoids are left as they are.
    bool normalize =
        gate.normalize && gate.order == GateOrder::ActivationThenTopK;
    // A divisor that is not there has no gradient to detach.
    return GateAttr::get(b.getContext(), gate.activation, gate.order, normalize,
                         normalize && gate.detachDivisor, scale);
  }

  LayerOp createLayer(Extra extras) {
    Value position;
    if (config.mask.queryOffset)
      position =
          arith::ConstantIndexOp::create(b, loc, config.mask.queryOffset);
    IntegerAttr window;
    if (config.mask.window)
      window = b.getI64IntegerAttr(*config.mask.window);
    FloatAttr scale;
    if (config.attentionScale)
      scale = b.getF64FloatAttr(*config.attentionScale);
    RotaryAttr rotary;
    if (config.rotary)
      rotary = RotaryAttr::get(b.getContext(),
                               b.getF64FloatAttr(config.rotary->theta),
                               config.rotary->dim);
    auto argument = [&](StringRef name) { return arguments.lookup(name); };
    return LayerOp::create(
        b, loc, argument("x"), argument("memory"), argument("router"),
        /*logits=*/Value(), argument("wq"), argument("wk"), argument("wv"),
        argument("wo"), argument("bias"), argument("selection_bias"),
        argument("skip"), argument("k_cache"), argument("v_cache"), position,
        argument("lengths"), argument("boolean_mask"),
        argument("additive_mask"), config.topK, getGate(),
        config.headsPerExpert, config.numKvHeads, config.headMap, config.score,
        config.mask.causal, window, scale, rotary, config.transposed, extras);
  }

  Value getResult(StringRef name) {
    if (name == "y")
      return layer.getResult(0);
    if (name == "offsets" || name == "permutation") {
      if (!dispatch)
        dispatch = DispatchOp::create(b, loc, layer.getExtra(Extra::Indices),
                                      b.getI64IntegerAttr(config.numExperts),
                                      /*outs=*/ValueRange());
      return name == "offsets" ? dispatch.getOffsets()
                               : dispatch.getPermutation();
    }
    if (name.ends_with("_loss"))
      return getLoss(name);
    return layer.getExtra(getNeeded(name));
  }

  /// A loss as a vector of one element: files of tensors hold it so.
  Value getLoss(StringRef name) {
    Value logits = layer.getExtra(Extra::Logits);
    Value indices = layer.getExtra(Extra::Indices);
    Activation activation = config.gate.activation;
    Value loss;
    if (name == "balance_loss")
      loss = BalanceLossOp::create(b, loc, logits, indices, activation, {})
                 .getLoss();
    else if (name == "mutual_loss")
      loss = MutualLossOp::create(b, loc, logits, indices, activation, {})
                 .getLoss();
    else
      loss = ZLossOp::create(b, loc, logits, indices, {}).getLoss();
    return tensor::ExpandShapeOp::create(
        b, loc, RankedTensorType::get({1}, b.getF32Type()), loss,
        ArrayRef<ReassociationIndices>{});
  }

  OpBuilder &b;
  Location loc;
  const LayerConfig &config;
  llvm::StringMap<Value> arguments;
  LayerOp layer;
  DispatchOp dispatch;
};

} // namespace

llvm::Expected<OwningOpRef<ModuleOp>>
importLayer(MLIRContext *context, const LayerConfig &config,
            const LayerImportOptions &options) {
  context->loadDialect<MoaDialect, arith::ArithDialect, func::FuncDialect,
                       tensor::TensorDialect>();
  llvm::Expected<InputSizes> sizes = resolveSizes(config, options);
  if (!sizes)
    return sizes.takeError();
  llvm::Expected<SmallVector<StringRef>> results =
      resolveResults(config, options);
  if (!results)
    return results.takeError();

  OpBuilder b(context);
  Location loc = FileLineColLoc::get(context, config.file, 1, 1);
  SmallVector<Argument> arguments;
  addInputs(b, config, *sizes, arguments);
  addParameters(b, config, arguments);
  SmallVector<Type> types;
  for (const Argument &argument : arguments)
    types.push_back(argument.type);

  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  b.setInsertionPointToEnd(module->getBody());
  auto function = func::FuncOp::create(b, loc, options.function,
                                       b.getFunctionType(types, {}));
  b.setInsertionPointToEnd(function.addEntryBlock());
  llvm::StringMap<Value> values;
  for (auto [index, argument] : llvm::enumerate(arguments)) {
    StringAttr name = b.getStringAttr(argument.name);
    function.setArgAttr(index, kNameAttr, name);
    function.getArgument(index).setLoc(NameLoc::get(name, loc));
    values[argument.name] = function.getArgument(index);
  }

  SmallVector<Value> returned =
      LayerBuilder(b, loc, config, std::move(values)).build(*results);
  func::ReturnOp::create(b, loc, returned);
  function.setFunctionType(b.getFunctionType(types, TypeRange(returned)));
  for (auto [index, name] : llvm::enumerate(*results))
    function.setResultAttr(index, kNameAttr, b.getStringAttr(name));
  // What no field shows by itself, as more slots than an i32 counts.
  std::string problem;
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
    if (problem.empty())
      problem = diagnostic.str();
  });
  if (failed(verify(*module)))
    return llvm::createStringError(config.file + ": " + problem);
  return module;
}

} // namespace moa
