//===- LayerImport.h - From a layer's config to a graph ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_IMPORT_LAYERIMPORT_H
#define MOA_IMPORT_LAYERIMPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "moa/Import/LayerConfig.h"

namespace moa {

/// What to import of a layer, besides its config.
struct LayerImportOptions {
  std::string function = "layer";
  /// The results by name; "all" stands for those of a golden layer. Empty: y
  /// and the losses of the config.
  std::vector<std::string> results;
  /// Sizes; those that are not given stay dynamic.
  std::optional<int64_t> batch;
  std::optional<int64_t> length;
  std::optional<int64_t> memoryLength;
  /// Take the sizes that are not given from the config.
  bool staticSizes = false;
};

/// A module with one function whose arguments are the inputs and parameters of
/// the layer and whose body is the layer. Arguments and results carry their
/// names in `moa.name` attributes.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
importLayer(mlir::MLIRContext *context, const LayerConfig &config,
            const LayerImportOptions &options);

} // namespace moa

#endif // MOA_IMPORT_LAYERIMPORT_H
