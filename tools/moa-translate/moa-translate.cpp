//===- moa-translate.cpp - mlir-translate that prints kernels -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllTranslations.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "moa/Conversion/EmbeddedKernels.h"
#include "moa/Conversion/Passes.h"
#include "moa/InitAll.h"
#include "moa/Pipelines/Pipelines.h"
#include "moa/Support/Chips.h"
#include "llvm/Support/CommandLine.h"

using namespace mlir;

static llvm::cl::opt<std::string>
    chip("chip", llvm::cl::init("sm_80"),
         llvm::cl::desc("With --moa-to-ptx, the chip for kernels that have no "
                        "target (default: sm_80)"),
         llvm::cl::value_desc("sm_NN"));

static llvm::cl::opt<bool>
    lineInfo("line-info", llvm::cl::init(false),
             llvm::cl::desc("With --moa-to-ptx of a graph, say which lines of "
                            "it the kernels compute"));

/// Print the PTX of each object of `binary`, as it is.
static LogicalResult printObjects(gpu::BinaryOp binary, raw_ostream &output) {
  for (Attribute attribute : binary.getObjects()) {
    auto object = cast<gpu::ObjectAttr>(attribute);
    if (object.getFormat() != gpu::CompilationTarget::Assembly)
      return emitError(binary.getLoc(), "'")
             << binary.getName()
             << "' is machine code, not PTX: compile it with format=isa";
    StringRef ptx = object.getObject().getValue();
    if (std::optional<StringRef> name = moa::findUnresolved(ptx))
      return emitError(binary.getLoc(), "kernels call '")
             << *name << "', which nothing defines";
    output << ptx.rtrim('\0') << '\n';
  }
  return success();
}

/// Compile the kernels of `module`, or those that become of a graph.
static LogicalResult compileKernels(ModuleOp module) {
  PassManager pm(module.getContext());
  // A graph has no kernels yet.
  if (module.getOps<gpu::GPUModuleOp>().empty() &&
      module.getOps<gpu::BinaryOp>().empty()) {
    moa::MoaGpuPipelineOptions options;
    options.chip = chip;
    options.lineInfo = lineInfo;
    if (failed(options.check(moa::failAt(module.getLoc()))))
      return failure();
    moa::buildMoaGpuKernelPipeline(pm, options);
  }
  moa::MoaTargetGpuPassOptions target;
  target.chip = chip;
  pm.addPass(moa::createMoaTargetGpuPass(target));
  GpuModuleToBinaryPassOptions compile;
  compile.compilationTarget = "isa";
  pm.addPass(createGpuModuleToBinaryPass(compile));
  return pm.run(module);
}

static LogicalResult translateToPtx(Operation *op, raw_ostream &output) {
  auto module = dyn_cast<ModuleOp>(op);
  if (!module)
    return op->emitError("is no builtin.module");
  FailureOr<SmallVector<StringRef>> embedded = moa::getEmbeddedPtx(module);
  if (failed(embedded))
    return failure();
  for (StringRef ptx : *embedded)
    output << ptx.rtrim('\0') << '\n';
  if (!embedded->empty())
    return success();
  if (failed(compileKernels(module)))
    return failure();
  auto binaries = module.getOps<gpu::BinaryOp>();
  if (binaries.empty())
    return emitError(module.getLoc(), "the module has no kernels");
  for (gpu::BinaryOp binary : binaries)
    if (failed(printObjects(binary, output)))
      return failure();
  return success();
}

int main(int argc, char **argv) {
  registerAllTranslations();
  TranslateFromMLIRRegistration toPtx(
      "moa-to-ptx", "Print the PTX of the kernels of a module or a graph",
      translateToPtx, [](DialectRegistry &registry) {
        registerAllDialects(registry);
        registerAllExtensions(registry);
        moa::registerAllDialects(registry);
      });
  return failed(mlirTranslateMain(argc, argv, "MLIR translation driver\n"));
}
