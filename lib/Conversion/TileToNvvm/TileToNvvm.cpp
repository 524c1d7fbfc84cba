//===- TileToNvvm.cpp - Tile kernels to llvm and nvvm ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two conversions, one after the other. The first deals tiles to threads: what
// it leaves are scalars of arith, math and scf besides nvvm and LLVM pointers.
// The second is upstream's, from there to llvm, with the target's
// approximations of math; before it, what libraries of the target do becomes
// calls.
//
//===----------------------------------------------------------------------===//

#include "moa/Conversion/TileToNvvm.h"
#include "Kernel.h"
#include "Memory.h"
#include "Schedule.h"
#include "moa/Conversion/Passes.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/GPUToNVVM/GPUToNVVMPass.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Transforms/CSE.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace moa::tile;

namespace moa {
#define GEN_PASS_DEF_CONVERTMOATILETONVVMPASS
#include "moa/Conversion/Passes.h.inc"
} // namespace moa

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

Kernel::Kernel(gpu::GPUFuncOp function)
    : context(function.getContext()), facts(function) {
  auto grid =
      function->getAttrOfType<DenseI64ArrayAttr>(TileDialect::kWarpsAttr);
  warps = {grid[0], grid[1]};
  if (auto most =
          function->getAttrOfType<IntegerAttr>(TileDialect::kRegistersAttr))
    registers = most.getInt();
  function.walk([&](MmaOp mma) {
    auto buffer = dyn_cast<BufferType>(mma.getB().getType());
    multiplies16Bits |=
        buffer && buffer.getElementType().getIntOrFloatBitWidth() == 16;
  });
  function.walk([&](ArriveOp) { arrives = true; });
}

ThreadTypeConverter::ThreadTypeConverter(WarpGrid warps) {
  addConversion([](Type type) -> std::optional<Type> {
    if (isa<TensorType, BaseMemRefType>(type))
      return std::nullopt;
    return type;
  });
  addConversion(
      [](IndexType type) { return IntegerType::get(type.getContext(), 32); });
  addConversion([](BufferType type) {
    return LLVM::LLVMPointerType::get(type.getContext(), kSharedSpace);
  });
  addConversion(
      [](MemRefType type,
         SmallVectorImpl<Type> &types) -> std::optional<LogicalResult> {
        Memory::convertType(type, types);
        return success();
      });
  addConversion(
      [warps](RankedTensorType type,
              SmallVectorImpl<Type> &types) -> std::optional<LogicalResult> {
        if (type.getRank() != 2 || !type.hasStaticShape())
          return std::nullopt;
        types.append(Layout(type, warps).size(), type.getElementType());
        return success();
      });
  // Where something still asks for the value before the conversion, or for the
  // values after it: casts, which meet and vanish.
  auto cast = [](OpBuilder &builder, Type type, ValueRange inputs,
                 Location loc) -> Value {
    return UnrealizedConversionCastOp::create(builder, loc, type, inputs)
        .getResult(0);
  };
  addSourceMaterialization(cast);
  addTargetMaterialization(cast);
}

//===----------------------------------------------------------------------===//
// Conversion
//===----------------------------------------------------------------------===//

static LogicalResult convertToThreads(gpu::GPUFuncOp function) {
  MLIRContext *context = function.getContext();
  Kernel kernel(function);
  ThreadTypeConverter types(kernel.warps);
  RewritePatternSet patterns(context);
  populateFunctionPatterns(patterns, types, kernel);
  populateMemoryPatterns(patterns, types, kernel);
  populateBufferPatterns(patterns, types, kernel);
  populateLoadStorePatterns(patterns, types, kernel);
  populateCopyPatterns(patterns, types, kernel);
  populateElementwisePatterns(patterns, types, kernel);
  populateMmaPatterns(patterns, types, kernel);
  populateReductionPatterns(patterns, types, kernel);

  ConversionTarget target(*context);
  target.addLegalDialect<cf::ControlFlowDialect, LLVM::LLVMDialect,
                         NVVM::NVVMDialect>();
  target.addIllegalDialect<TileDialect, gpu::GPUDialect, memref::MemRefDialect,
                           tensor::TensorDialect>();
  target.addDynamicallyLegalDialect<arith::ArithDialect, math::MathDialect>(
      [&](Operation *op) { return types.isLegal(op); });
  scf::populateSCFStructuralTypeConversionsAndLegality(types, patterns, target);
  // Upstream looks at results only: a loop without any has bounds to convert.
  target.addDynamicallyLegalOp<scf::ForOp>(
      [&](scf::ForOp op) { return types.isLegal(op); });
  target.addLegalOp<UnrealizedConversionCastOp>();

  Operation *module = function->getParentOp();
  StringAttr name = function.getNameAttr();
  if (failed(applyPartialConversion(function, target, std::move(patterns))))
    return failure();
  // Casts that row indices asked for.
  Operation *converted = SymbolTable::lookupSymbolIn(module, name);
  SmallVector<UnrealizedConversionCastOp> casts;
  converted->walk([&](UnrealizedConversionCastOp op) { casts.push_back(op); });
  reconcileUnrealizedCasts(casts);
  return success();
}

/// Assertions and the functions that LLVM has no code for on this target: tanh,
/// powers, f64's logarithms. LLVM ends the process or leaves them as they are.
static LogicalResult callDeviceLibraries(gpu::GPUModuleOp module) {
  MLIRContext *context = module.getContext();
  LLVMTypeConverter types(context);
  RewritePatternSet patterns(context);
  populateGpuToNVVMConversionPatterns(types, patterns);
  ConversionTarget target(*context);
  target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
  target.addIllegalOp<cf::AssertOp, math::AcosOp, math::AcoshOp, math::AsinOp,
                      math::AsinhOp, math::AtanOp, math::Atan2Op, math::AtanhOp,
                      math::CbrtOp, math::CoshOp, math::ErfOp, math::ErfcOp,
                      math::ExpM1Op, math::FPowIOp, math::Log10Op, math::PowFOp,
                      math::SinhOp, math::TanOp, math::TanhOp>();
  target.addDynamicallyLegalOp<math::LogOp, math::Log1pOp, math::Log2Op>(
      [](Operation *op) { return !op->getResult(0).getType().isF64(); });
  return applyPartialConversion(module, target, std::move(patterns));
}

static LogicalResult convertToLlvm(gpu::GPUModuleOp module) {
  MLIRContext *context = module.getContext();
  LLVMTypeConverter types(context);
  RewritePatternSet patterns(context);
  populateSCFToControlFlowConversionPatterns(patterns);
  arith::populateCeilFloorDivExpandOpsPatterns(patterns);
  arith::populateArithToLLVMConversionPatterns(types, patterns);
  populateScalarMathPatterns(patterns);
  populateMathToLLVMConversionPatterns(types, patterns);
  cf::populateControlFlowToLLVMConversionPatterns(types, patterns);
  ConversionTarget target(*context);
  target.addLegalDialect<LLVM::LLVMDialect, NVVM::NVVMDialect>();
  target.addLegalOp<gpu::GPUModuleOp>();
  return applyFullConversion(module, target, std::move(patterns));
}

LogicalResult moa::tile::convertTileToNvvm(gpu::GPUModuleOp module,
                                           const TileToNvvmOptions &options) {
  for (auto function :
       llvm::make_early_inc_range(module.getOps<gpu::GPUFuncOp>())) {
    if (failed(checkKernel(function, options)) ||
        failed(convertToThreads(function)))
      return failure();
  }
  // Each op on tiles computes for itself where the thread is: without what is
  // the same there are a third of the ops to convert and to translate.
  IRRewriter rewriter(module.getContext());
  DominanceInfo dominance(module);
  eliminateCommonSubExpressions(rewriter, dominance, module);
  orderByUse(module);
  if (failed(callDeviceLibraries(module)))
    return failure();
  return convertToLlvm(module);
}

namespace {
struct ConvertMoaTileToNvvmPass
    : moa::impl::ConvertMoaTileToNvvmPassBase<ConvertMoaTileToNvvmPass> {
  using ConvertMoaTileToNvvmPassBase::ConvertMoaTileToNvvmPassBase;

  void runOnOperation() override {
    TileToNvvmOptions options;
    FailureOr<const moa::Chip *> target =
        moa::findChip(chip, moa::failAt(getOperation().getLoc()));
    if (failed(target))
      return signalPassFailure();
    options.chip = *target;
    if (failed(convertTileToNvvm(getOperation(), options)))
      signalPassFailure();
  }
};
} // namespace
