//===- moa-opt.cpp - mlir-opt with the moa dialect ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "moa/InitAll.h"
#include "moa/Support/Progress.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllPasses();
  moa::registerAllDialects(registry);
  moa::registerAllPasses();
  moa::Progress progress("moa-opt: working...");
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "MoA optimizer driver\n", registry));
}
