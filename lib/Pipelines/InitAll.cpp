//===- InitAll.cpp - Register everything of moa ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/InitAll.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "moa/Conversion/Passes.h"
#include "moa/IR/Moa.h"
#include "moa/IR/ValueBoundsOpInterfaceImpl.h"
#include "moa/Pipelines/Pipelines.h"
#include "moa/Tile/IR/Tile.h"
#include "moa/Tile/Transforms/BufferizableOpInterfaceImpl.h"
#include "moa/Tile/Transforms/Passes.h"
#include "moa/TransformOps/DialectExtension.h"
#include "moa/Transforms/AggregatedOpInterfaceImpl.h"
#include "moa/Transforms/BufferizableOpInterfaceImpl.h"
#include "moa/Transforms/Passes.h"

void moa::registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<MoaDialect, tile::TileDialect>();
  registerAggregatedOpInterfaceExternalModels(registry);
  registerBufferizableOpInterfaceExternalModels(registry);
  registerValueBoundsOpInterfaceExternalModels(registry);
  tile::registerBufferizableOpInterfaceExternalModels(registry);
  registerTransformDialectExtension(registry);
  // The GPU pipeline translates kernels to LLVM IR on its way.
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerGPUDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
  mlir::registerNVVMDialectTranslation(registry);
}

void moa::registerAllPasses() {
  registerMoaTransformsPasses();
  registerMoaConversionPasses();
  registerMoaTileTransformsPasses();
  registerMoaPipelines();
}
