//===- LayerConfig.h - What config.json says of a layer ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_IMPORT_LAYERCONFIG_H
#define MOA_IMPORT_LAYERCONFIG_H

#include "moa/IR/Moa.h"
#include "llvm/Support/Error.h"
#include <optional>
#include <string>

namespace moa {

enum class DataType { Float32, Float16, BFloat16 };
enum class AdditiveMask { None, Shared, Batched };

struct GateConfig {
  Activation activation;
  GateOrder order;
  bool normalize;
  bool detachDivisor;
  double scale;
};

struct MaskConfig {
  bool causal;
  int64_t queryOffset;
  std::optional<int64_t> window;
  bool lengths;
  bool boolean;
  AdditiveMask additive;
};

struct RotaryConfig {
  double theta;
  int64_t dim;
};

/// A layer as a config.json with `"model_type": "moa_layer"` describes it.
/// Every value is within its range and agrees with the others.
struct LayerConfig {
  /// Where the config was read from: for messages and locations.
  std::string file;

  DataType dataType;
  int64_t modelWidth;
  int64_t numExperts;
  int64_t topK;
  int64_t headsPerExpert;
  int64_t headWidth;
  int64_t numKvHeads;
  HeadMap headMap;
  GateConfig gate;
  bool selectionBias;
  bool skipTokens;
  bool crossAttention;
  bool cache;
  MaskConfig mask;
  Score score;
  std::optional<double> attentionScale;
  std::optional<RotaryConfig> rotary;
  bool outputBias;
  bool transposed;
  llvm::SmallVector<Loss> losses;

  /// The sizes of the inputs that the folder holds, where the config tells.
  std::optional<int64_t> batch;
  std::optional<int64_t> queryLength;
  std::optional<int64_t> keyLength;
};

/// Read and check the config in `file`. An error names the file, the field, and
/// the numbers that are at odds.
llvm::Expected<LayerConfig> readLayerConfig(llvm::StringRef file);

} // namespace moa

#endif // MOA_IMPORT_LAYERCONFIG_H
