//===- EmbedKernels.cpp - Compiled kernels as constants of the host -------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Conversion/Passes.h"

#include "RuntimeBuilder.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "moa/Support/Chips.h"

using namespace mlir;
using moa::Word;

namespace moa {
#define GEN_PASS_DEF_MOAEMBEDKERNELSPASS
#include "moa/Conversion/Passes.h.inc"
} // namespace moa

/// MoaObject::Kind of moa/Runtime/GpuAbi.h.
static std::optional<int64_t> getKind(gpu::CompilationTarget format) {
  switch (format) {
  case gpu::CompilationTarget::Assembly:
    return 0;
  case gpu::CompilationTarget::Binary:
    return 1;
  case gpu::CompilationTarget::Fatbin:
    return 2;
  default:
    return std::nullopt;
  }
}

/// The MoaModule of `binary`.
static LogicalResult embed(moa::RuntimeBuilder &runtime, gpu::BinaryOp binary) {
  std::string prefix = ("moa.objects." + binary.getName()).str();
  SmallVector<Word> objects;
  for (Attribute attribute : binary.getObjects()) {
    auto object = cast<gpu::ObjectAttr>(attribute);
    auto target = dyn_cast<NVVM::NVVMTargetAttr>(object.getTarget());
    std::optional<int64_t> kind = getKind(object.getFormat());
    if (!target || !kind)
      return binary.emitError("has an object that no CUDA driver loads: ")
             << object.getTarget();
    StringRef code = object.getObject().getValue();
    if (object.getFormat() == gpu::CompilationTarget::Assembly)
      if (std::optional<StringRef> name = moa::findUnresolved(code))
        return binary.emitError("kernels call '")
               << *name
               << "', which nothing defines: the driver could not "
                  "load them";
    llvm::append_values(objects,
                        Word::address(runtime.getString(target.getChip())),
                        Word::number(*kind),
                        // With a zero byte at the end, which PTX needs.
                        Word::address(runtime.getString(code)));
  }
  auto table = runtime.createTable(prefix, objects);
  runtime.createTable(("moa.module." + binary.getName()).str(),
                      {Word::address(runtime.getString(binary.getName())),
                       Word::number(binary.getObjects().size()),
                       Word::address(table)});
  return success();
}

namespace {
struct MoaEmbedKernelsPass
    : moa::impl::MoaEmbedKernelsPassBase<MoaEmbedKernelsPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    moa::RuntimeBuilder runtime(module);
    for (auto binary :
         llvm::make_early_inc_range(module.getOps<gpu::BinaryOp>())) {
      if (failed(embed(runtime, binary)))
        return signalPassFailure();
      binary.erase();
    }
    module->removeAttr(gpu::GPUDialect::getContainerModuleAttrName());
  }
};
} // namespace
