//===- moa-plugin.cpp - The moa dialect for a stock mlir-opt --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What mlir-opt --load-dialect-plugin and --load-pass-plugin look for.
//
//===----------------------------------------------------------------------===//

#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"
#include "moa/InitAll.h"

// MOA_VERSION is the project's, from CMake.
extern "C" mlir::DialectPluginLibraryInfo mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "moa", MOA_VERSION,
          [](mlir::DialectRegistry *registry) {
            moa::registerAllDialects(*registry);
          }};
}

extern "C" mlir::PassPluginLibraryInfo mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "moa", MOA_VERSION,
          [] { moa::registerAllPasses(); }};
}
