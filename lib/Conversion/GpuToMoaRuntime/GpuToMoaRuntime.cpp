//===- GpuToMoaRuntime.cpp - Host code that calls the GPU runtime ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Conversion/Passes.h"

#include "HostFunctions.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "moa/Transforms/HostSizes.h"

using namespace mlir;

namespace moa {
#define GEN_PASS_DEF_CONVERTGPUTOMOARUNTIMEPASS
#include "moa/Conversion/Passes.h.inc"
} // namespace moa

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

StringRef moa::getConstantsModule(ModuleOp module) {
  for (auto kernels : module.getOps<gpu::GPUModuleOp>())
    return kernels.getName();
  return "moa_constants";
}

std::string moa::getDeviceConstantName(StringRef name) {
  // PTX takes letters, digits and underscores.
  std::string text = "moa_constant_";
  for (char c : name)
    text += llvm::isAlnum(c) ? c : '_';
  return text;
}

/// The type of the elements of `type` in LLVM's form.
static Type getArrayType(MemRefType type) {
  Type array = type.getElementType();
  if (array.isIndex())
    array = IntegerType::get(type.getContext(), 64);
  for (int64_t size : llvm::reverse(type.getShape()))
    array = LLVM::LLVMArrayType::get(array, size);
  return array;
}

void moa::moveConstantsToDevice(ModuleOp module) {
  SmallVector<memref::GlobalOp> constants;
  for (auto global : module.getOps<memref::GlobalOp>())
    if (global.getConstant() && global.getInitialValue())
      constants.push_back(global);
  if (constants.empty())
    return;
  StringRef name = getConstantsModule(module);
  auto kernels = module.lookupSymbol<gpu::GPUModuleOp>(name);
  OpBuilder b(module.getContext());
  if (!kernels) {
    b.setInsertionPointToStart(module.getBody());
    kernels = gpu::GPUModuleOp::create(b, module.getLoc(), name);
  }
  b.setInsertionPointToStart(kernels.getBody());
  for (memref::GlobalOp constant : constants) {
    MemRefType type = constant.getType();
    auto values = cast<ElementsAttr>(*constant.getInitialValue());
    Attribute value = values;
    if (type.getRank() == 0)
      value = values.getValues<Attribute>()[0];
    LLVM::GlobalOp::create(b, constant.getLoc(), getArrayType(type),
                           /*isConstant=*/true, LLVM::Linkage::External,
                           getDeviceConstantName(constant.getName()), value,
                           /*alignment=*/16, /*addrSpace=*/1);
    constant.erase();
  }
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct ConvertGpuToMoaRuntimePass
    : moa::impl::ConvertGpuToMoaRuntimePassBase<ConvertGpuToMoaRuntimePass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    moa::RuntimeBuilder runtime(module);
    SmallVector<func::FuncOp> functions, sizes, devices;
    for (auto function : module.getOps<func::FuncOp>())
      if (!function.isDeclaration())
        functions.push_back(function);
    for (func::FuncOp function : functions) {
      unsigned last = function.getNumArguments();
      bool isDevice =
          last && function.getArgAttr(last - 1, moa::kWorkspaceAttr);
      if (moa::isDeviceFunction(function) && !isDevice) {
        function.emitError("has no workspace: run moa-plan-workspace first");
        return signalPassFailure();
      }
      (isDevice ? devices : sizes).push_back(function);
    }
    for (func::FuncOp function : functions)
      if (failed(moa::lowerHostFunction(runtime, function,
                                        llvm::is_contained(devices, function))))
        return signalPassFailure();
    moa::moveConstantsToDevice(module);
    for (func::FuncOp function : devices)
      if (failed(moa::createEntries(runtime, function)))
        return signalPassFailure();
    // Nobody calls these from outside.
    auto internal =
        LLVM::LinkageAttr::get(&getContext(), LLVM::Linkage::Internal);
    for (func::FuncOp function : functions)
      function->setAttr("llvm.linkage", internal);
  }
};
} // namespace
