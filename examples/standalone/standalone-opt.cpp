//===- standalone-opt.cpp - An mlir-opt with moa's passes and ours --------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LimitWindow.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "moa/InitAll.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllPasses();
  moa::registerAllDialects(registry);
  moa::registerAllPasses();
  standalone::registerPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "MLIR, moa and passes of our own\n", registry));
}
