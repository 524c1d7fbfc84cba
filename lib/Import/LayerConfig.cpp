//===- LayerConfig.cpp - Read and check a layer's config.json -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Import/LayerConfig.h"

#include "moa/Support/Json.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cmath>

using namespace llvm;

namespace moa {

//===----------------------------------------------------------------------===//
// Fields
//===----------------------------------------------------------------------===//

namespace {

/// Sizes stay below 2^31, so that products of two of them fit an int64_t.
constexpr int64_t kMaxSize = std::numeric_limits<int32_t>::max();

/// Reads the fields of one JSON object. The first error is kept; after it,
/// fields read as zero, so that callers need not check each of them.
class FieldReader {
public:
  FieldReader(const json::Object &object, std::string prefix,
              std::string &error)
      : object(object), prefix(std::move(prefix)), error(error) {}

  bool getBoolean(StringRef name) {
    const json::Value *value = get(name);
    if (!value)
      return false;
    if (std::optional<bool> boolean = value->getAsBoolean())
      return *boolean;
    return reportType(name, "true or false", *value), false;
  }

  int64_t getInteger(StringRef name, int64_t minimum) {
    const json::Value *value = get(name);
    return value ? toInteger(name, *value, minimum, "") : 0;
  }

  std::optional<int64_t> getIntegerOrNull(StringRef name, int64_t minimum) {
    const json::Value *value = get(name);
    if (!value || value->getAsNull())
      return std::nullopt;
    return toInteger(name, *value, minimum, " or null");
  }

  /// A field that may be left out.
  std::optional<int64_t> getOptionalInteger(StringRef name, int64_t minimum) {
    known.insert(name);
    const json::Value *value = object.get(name);
    if (!value)
      return std::nullopt;
    return toInteger(name, *value, minimum, "");
  }

  double getNumber(StringRef name) {
    const json::Value *value = get(name);
    return value ? toNumber(name, *value, "") : 0.0;
  }

  std::optional<double> getNumberOrNull(StringRef name) {
    const json::Value *value = get(name);
    if (!value || value->getAsNull())
      return std::nullopt;
    return toNumber(name, *value, " or null");
  }

  /// One of `names`; the result is its position in the list.
  unsigned getChoice(StringRef name, ArrayRef<StringRef> names) {
    const json::Value *value = get(name);
    if (!value)
      return 0;
    return toChoice(name, *value, names, /*orNull=*/false);
  }

  /// Null, which is 0, or one of `names`, counted from 1.
  unsigned getChoiceOrNull(StringRef name, ArrayRef<StringRef> names) {
    const json::Value *value = get(name);
    if (!value || value->getAsNull())
      return 0;
    return toChoice(name, *value, names, /*orNull=*/true) + 1;
  }

  SmallVector<unsigned> getChoices(StringRef name, ArrayRef<StringRef> names) {
    SmallVector<unsigned> choices;
    const json::Value *value = get(name);
    if (!value)
      return choices;
    const json::Array *array = value->getAsArray();
    if (!array)
      return reportType(name, "an array", *value), choices;
    for (auto [index, element] : enumerate(*array)) {
      std::string field = (name + "[" + Twine(index) + "]").str();
      unsigned choice = toChoice(field, element, names, /*orNull=*/false);
      if (is_contained(choices, choice))
        report("'" + prefix + name + "' names '" + names[choice] + "' twice");
      choices.push_back(choice);
    }
    return choices;
  }

  /// The fields of a nested object; null if there is none.
  std::optional<FieldReader> getObject(StringRef name, bool orNull = false) {
    const json::Value *value = get(name);
    if (!value || (orNull && value->getAsNull()))
      return std::nullopt;
    if (const json::Object *nested = value->getAsObject())
      return FieldReader(*nested, (prefix + name + ".").str(), error);
    reportType(name, orNull ? "an object or null" : "an object", *value);
    return std::nullopt;
  }

  /// Report a field that nobody asked for.
  void finish() {
    for (const auto &[name, value] : object)
      if (!known.contains(name))
        return report("unknown field '" + prefix + escapeForMessage(name) +
                      "'");
  }

  void report(const Twine &message) {
    if (error.empty())
      error = message.str();
  }

private:
  const json::Value *get(StringRef name) {
    known.insert(name);
    const json::Value *value = object.get(name);
    if (!value)
      report("field '" + prefix + name + "' is missing");
    return value;
  }

  void reportType(StringRef name, const Twine &expected,
                  const json::Value &value) {
    std::string text;
    if (value.getAsObject())
      text = "an object";
    else if (value.getAsArray())
      text = "an array";
    else
      raw_string_ostream(text) << value;
    report("field '" + prefix + name + "' must be " + expected + ", not " +
           text);
  }

  int64_t toInteger(StringRef name, const json::Value &value, int64_t minimum,
                    StringRef alternative) {
    std::optional<int64_t> integer = value.getAsInteger();
    if (integer && *integer >= minimum && *integer <= kMaxSize)
      return *integer;
    reportType(name,
               "an integer from " + Twine(minimum) + " to " + Twine(kMaxSize) +
                   alternative,
               value);
    return 0;
  }

  double toNumber(StringRef name, const json::Value &value,
                  StringRef alternative) {
    std::optional<double> number = value.getAsNumber();
    if (number && std::isfinite(*number))
      return *number;
    reportType(name, "a finite number" + Twine(alternative), value);
    return 0.0;
  }

  unsigned toChoice(StringRef name, const json::Value &value,
                    ArrayRef<StringRef> names, bool orNull) {
    std::optional<StringRef> text = value.getAsString();
    for (auto [index, candidate] : enumerate(names))
      if (text == candidate)
        return index;
    std::string expected;
    for (auto [index, candidate] : enumerate(names)) {
      bool last = index + 1 == names.size() && !orNull;
      if (index)
        expected += last ? " or " : ", ";
      expected += ("\"" + candidate + "\"").str();
    }
    reportType(name, expected + (orNull ? " or null" : ""), value);
    return 0;
  }

  const json::Object &object;
  std::string prefix;
  std::string &error;
  StringSet<> known;
};

//===----------------------------------------------------------------------===//
// The parts of a config
//===----------------------------------------------------------------------===//

constexpr StringRef kDataTypes[] = {"float32", "float16", "bfloat16"};
constexpr StringRef kHeadMaps[] = {"tile", "group"};
constexpr StringRef kActivations[] = {"softmax", "sigmoid"};
constexpr StringRef kOrders[] = {"activation_then_topk",
                                 "topk_then_activation"};
constexpr StringRef kScores[] = {"softmax", "stick_breaking"};
constexpr StringRef kAdditiveMasks[] = {"shared", "batched"};
constexpr StringRef kLayouts[] = {"in_out", "out_in"};
/// In the order of the bits of Loss.
constexpr StringRef kLosses[] = {"balance", "z", "mutual"};

} // namespace

static GateConfig readGate(FieldReader &fields) {
  GateConfig gate = {};
  std::optional<FieldReader> nested = fields.getObject("gate");
  if (!nested)
    return gate;
  gate.activation = Activation(nested->getChoice("activation", kActivations));
  gate.order = GateOrder(nested->getChoice("order", kOrders));
  gate.normalize = nested->getBoolean("normalize");
  gate.detachDivisor = nested->getBoolean("detach_divisor");
  gate.scale = nested->getNumber("scale");
  nested->finish();
  return gate;
}

static MaskConfig readMask(FieldReader &fields) {
  MaskConfig mask = {};
  std::optional<FieldReader> nested = fields.getObject("mask");
  if (!nested)
    return mask;
  mask.causal = nested->getBoolean("causal");
  mask.queryOffset = nested->getInteger("query_offset", 0);
  mask.window = nested->getIntegerOrNull("window", 1);
  mask.lengths = nested->getBoolean("lengths");
  mask.boolean = nested->getBoolean("boolean");
  mask.additive =
      AdditiveMask(nested->getChoiceOrNull("additive", kAdditiveMasks));
  nested->finish();
  return mask;
}

static std::optional<RotaryConfig> readRotary(FieldReader &fields) {
  std::optional<FieldReader> nested =
      fields.getObject("rotary", /*orNull=*/true);
  if (!nested)
    return std::nullopt;
  RotaryConfig rotary;
  rotary.theta = nested->getNumber("theta");
  rotary.dim = nested->getInteger("dim", 2);
  if (rotary.theta <= 0)
    nested->report("field 'rotary.theta' must be positive, not " +
                   formatv("{0}", json::Value(rotary.theta)).str());
  if (rotary.dim % 2)
    nested->report("'rotary.dim' (" + Twine(rotary.dim) + ") is odd");
  nested->finish();
  return rotary;
}

static void readFields(FieldReader &fields, LayerConfig &config) {
  fields.getChoice("model_type", {"moa_layer"});
  config.dataType = DataType(fields.getChoice("dtype", kDataTypes));
  config.modelWidth = fields.getInteger("d_model", 1);
  config.numExperts = fields.getInteger("num_experts", 1);
  config.topK = fields.getInteger("top_k", 1);
  config.headsPerExpert = fields.getInteger("heads_per_expert", 1);
  config.headWidth = fields.getInteger("head_dim", 1);
  config.numKvHeads = fields.getInteger("num_kv_heads", 1);
  config.headMap = HeadMap(fields.getChoice("head_map", kHeadMaps));
  config.gate = readGate(fields);
  config.selectionBias = fields.getBoolean("selection_bias");
  config.skipTokens = fields.getBoolean("skip_tokens");
  config.crossAttention = fields.getBoolean("cross_attention");
  config.cache = fields.getBoolean("cache");
  config.mask = readMask(fields);
  config.score = Score(fields.getChoice("score", kScores));
  config.attentionScale = fields.getNumberOrNull("attention_scale");
  config.rotary = readRotary(fields);
  config.outputBias = fields.getBoolean("output_bias");
  config.transposed = fields.getChoice("weight_layout", kLayouts) == 1;
  for (unsigned loss : fields.getChoices("losses", kLosses))
    config.losses.push_back(Loss(1u << loss));
  config.batch = fields.getOptionalInteger("batch", 0);
  config.queryLength = fields.getOptionalInteger("query_length", 0);
  config.keyLength = fields.getOptionalInteger("key_length", 0);
  fields.finish();
}

/// What the fields need of each other.
static void checkFields(FieldReader &fields, const LayerConfig &config) {
  auto reportPair = [&](StringRef name, int64_t number, StringRef relation,
                        StringRef other, int64_t otherNumber) {
    fields.report("'" + name + "' (" + Twine(number) + ") " + relation + " '" +
                  other + "' (" + Twine(otherNumber) + ")");
  };
  if (config.topK > config.numExperts)
    reportPair("top_k", config.topK, "exceeds", "num_experts",
               config.numExperts);
  if (config.headMap == HeadMap::Group &&
      config.headsPerExpert % config.numKvHeads)
    reportPair("heads_per_expert", config.headsPerExpert,
               "must be a multiple, under \"head_map\": \"group\", of",
               "num_kv_heads", config.numKvHeads);
  if (config.rotary && config.rotary->dim > config.headWidth)
    reportPair("rotary.dim", config.rotary->dim, "exceeds", "head_dim",
               config.headWidth);
  if (config.crossAttention && config.cache)
    fields.report("'cross_attention' and 'cache' are both true: the keys of a "
                  "memory are complete");
  if (config.crossAttention || !config.keyLength || !config.queryLength)
    return;
  int64_t cached = config.cache ? config.mask.queryOffset : 0;
  if (*config.keyLength != *config.queryLength + cached)
    fields.report("'key_length' (" + Twine(*config.keyLength) +
                  ") must be 'query_length' (" + Twine(*config.queryLength) +
                  ")" +
                  (config.cache ? " plus 'mask.query_offset' (" +
                                      Twine(cached) + "), which is cached"
                                : Twine()));
}

//===----------------------------------------------------------------------===//
// The file
//===----------------------------------------------------------------------===//

/// The parser's "[line:column, byte=n]: message" as "line:column: message".
static std::string describeSyntaxError(Error error) {
  std::string text = toString(std::move(error));
  auto [position, message] = StringRef(text).split("]: ");
  position.consume_front("[");
  return (position.split(',').first + ": " + message).str();
}

Expected<LayerConfig> readLayerConfig(StringRef file) {
  auto fail = [&](const Twine &message) {
    return createStringError(file + ": " + message);
  };
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer =
      MemoryBuffer::getFile(file, /*IsText=*/true);
  if (!buffer)
    return fail("cannot be read: " + buffer.getError().message());
  StringRef text = (*buffer)->getBuffer();
  // The parser recurses; a config has two levels.
  constexpr unsigned maxNesting = 32;
  if (getJsonNesting(text) > maxNesting)
    return fail("brackets nest deeper than " + Twine(maxNesting));
  Expected<json::Value> value = json::parse(text);
  if (!value)
    return createStringError(file + ":" +
                             describeSyntaxError(value.takeError()));
  const json::Object *object = value->getAsObject();
  if (!object)
    return fail("must hold an object");
  if (std::optional<std::string> key = findRepeatedJsonKey(text))
    return fail("field '" + escapeForMessage(*key) + "' is given twice");

  LayerConfig config = {};
  config.file = file.str();
  std::string error;
  FieldReader fields(*object, "", error);
  readFields(fields, config);
  if (error.empty())
    checkFields(fields, config);
  if (!error.empty())
    return fail(error);
  return config;
}

} // namespace moa
