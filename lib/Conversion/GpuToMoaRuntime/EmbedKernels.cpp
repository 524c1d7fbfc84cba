//===- EmbedKernels.cpp - Compiled kernels as constants of the host -------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Conversion/EmbeddedKernels.h"

#include "RuntimeBuilder.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/Matchers.h"
#include "moa/Conversion/Passes.h"
#include "moa/Support/Chips.h"

using namespace mlir;
using moa::Word;

namespace moa {
#define GEN_PASS_DEF_MOAEMBEDKERNELSPASS
#include "moa/Conversion/Passes.h.inc"
} // namespace moa

/// What the names of the arrays of MoaObjects begin with.
static constexpr llvm::StringLiteral kObjectsPrefix = "moa.objects.";

/// MoaObject::Kind of moa/Runtime/GpuAbi.h.
static constexpr int64_t kPtx = 0;
static std::optional<int64_t> getKind(gpu::CompilationTarget format) {
  switch (format) {
  case gpu::CompilationTarget::Assembly:
    return kPtx;
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
  auto table =
      runtime.createTable((kObjectsPrefix + binary.getName()).str(), objects);
  runtime.createTable(("moa.module." + binary.getName()).str(),
                      {Word::address(runtime.getString(binary.getName())),
                       Word::number(binary.getObjects().size()),
                       Word::address(table)});
  return success();
}

/// The ops whose results are the words of a constant that
/// RuntimeBuilder::createTable has made.
static SmallVector<Operation *> getWords(LLVM::GlobalOp table) {
  SmallVector<Operation *> words;
  table.walk([&](LLVM::InsertValueOp insert) {
    words.push_back(insert.getValue().getDefiningOp());
  });
  return words;
}

/// The text of the constant whose address is the result of `word`, null where
/// that is something else.
static StringAttr getText(SymbolTable &symbols, Operation *word) {
  auto address = dyn_cast_or_null<LLVM::AddressOfOp>(word);
  if (!address)
    return {};
  auto global = symbols.lookup<LLVM::GlobalOp>(address.getGlobalName());
  return global ? dyn_cast_or_null<StringAttr>(global.getValueOrNull())
                : StringAttr();
}

FailureOr<SmallVector<StringRef>> moa::getEmbeddedPtx(ModuleOp module) {
  constexpr size_t kWords = 3; // of a MoaObject
  SymbolTable symbols(module);
  SmallVector<StringRef> found;
  for (auto table : module.getOps<LLVM::GlobalOp>()) {
    if (!table.getName().starts_with(kObjectsPrefix))
      continue;
    SmallVector<Operation *> words = getWords(table);
    for (size_t i = 0; i + kWords <= words.size(); i += kWords) {
      APInt kind;
      StringAttr text = getText(symbols, words[i + 2]);
      if (!text || !matchPattern(words[i + 1], m_ConstantInt(&kind)) ||
          kind != kPtx)
        return emitError(module.getLoc(),
                         "the kernels embedded in the module are machine code, "
                         "not PTX: lower it with format=isa");
      found.push_back(text.getValue());
    }
  }
  return found;
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
