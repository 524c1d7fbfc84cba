//===- moa-reduce.cpp - mlir-reduce with the moa dialect ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-reduce/MlirReduceMain.h"
#include "moa/InitAll.h"
#include "moa/Reduce/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  // Passes that reduce may run others: opt-reduction-pass.
  mlir::registerAllPasses();
  moa::registerAllDialects(registry);
  moa::registerAllPasses();
  moa::registerMoaReducePasses();
  mlir::MLIRContext context(registry);
  return failed(mlir::mlirReduceMain(argc, argv, context));
}
