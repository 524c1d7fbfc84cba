//===- Function.cpp - Kernels, their arguments and blocks -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel.h"
#include "Memory.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace moa::tile;

namespace {
struct ConvertFunction : KernelPattern<gpu::GPUFuncOp> {
  using KernelPattern::KernelPattern;

  LogicalResult
  matchAndRewrite(gpu::GPUFuncOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TypeConverter::SignatureConversion signature(op.getNumArguments());
    if (failed(typeConverter->convertSignatureArgs(op.getArgumentTypes(),
                                                   signature)))
      return rewriter.notifyMatchFailure(op, "has an argument of another type");
    auto type =
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(op.getContext()),
                                    signature.getConvertedTypes());
    auto function =
        LLVM::LLVMFuncOp::create(rewriter, op.getLoc(), op.getName(), type);
    setAttributes(function, rewriter);
    for (auto [number, argument] : llvm::enumerate(op.getArguments()))
      if (isa<MemRefType>(argument.getType()))
        setPointerAttributes(function,
                             signature.getInputMapping(number)->inputNo,
                             kernel.facts.isReadOnly(argument), rewriter);
    rewriter.inlineRegionBefore(op.getBody(), function.getBody(),
                                function.end());
    if (failed(rewriter.convertRegionTypes(&function.getBody(), *typeConverter,
                                           &signature)))
      return rewriter.notifyMatchFailure(op, "has a block of another type");
    rewriter.eraseOp(op);
    return success();
  }

  void setAttributes(LLVM::LLVMFuncOp function, Builder &b) const {
    function->setAttr(gpu::GPUDialect::getKernelFuncAttrName(),
                      b.getUnitAttr());
    function->setAttr(NVVM::NVVMDialect::getKernelFuncAttrName(),
                      b.getUnitAttr());
    if (kernel.registers)
      function->setAttr(NVVM::NVVMDialect::getMaxnregAttrName(),
                        b.getI32IntegerAttr(kernel.registers));
    int32_t threads = kernel.warps.getThreads();
    // One block on a multiprocessor will do: without being told, ptxas spills a
    // few registers where that makes room for one more. Not so in kernels whose
    // products are of 16 bits.
    if (!kernel.multiplies16Bits)
      function->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(),
                        b.getI32IntegerAttr(1));
    function->setAttr(NVVM::NVVMDialect::getMaxntidAttrName(),
                      b.getDenseI32ArrayAttr({threads, 1, 1}));
    // Lets ptxas drop the instructions that keep denormal numbers. The flags of
    // the target do not reach the function.
    function.setDenormalFpMathF32("preserve-sign,preserve-sign");
  }

  /// The contract with whoever launches: arguments that are written do not
  /// overlap others. Only where blocks read what others stored LLVM is not told
  /// of what is written: nobody else accesses it then, it would conclude, and
  /// move loads and stores over barriers. Memory also starts at a multiple of
  /// 16 bytes (IndexFacts relies on that), but LLVM is not told: of three
  /// elements it would read a fourth.
  void setPointerAttributes(LLVM::LLVMFuncOp function, unsigned number,
                            bool readOnly, Builder &b) const {
    if (readOnly || !kernel.arrives)
      function.setArgAttr(number, LLVM::LLVMDialect::getNoAliasAttrName(),
                          b.getUnitAttr());
    if (readOnly)
      function.setArgAttr(number, LLVM::LLVMDialect::getReadonlyAttrName(),
                          b.getUnitAttr());
  }
};

struct ConvertReturn : KernelPattern<gpu::ReturnOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(gpu::ReturnOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<LLVM::ReturnOp>(op, ValueRange());
    return success();
  }
};

/// A number of a block or the number of blocks, in one dimension of the grid.
template <typename OpTy, typename X, typename Y, typename Z>
struct ConvertGridOp : KernelPattern<OpTy> {
  using KernelPattern<OpTy>::KernelPattern;
  LogicalResult
  matchAndRewrite(OpTy op, typename OpTy::Adaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Type i32 = rewriter.getI32Type();
    switch (op.getDimension()) {
    case gpu::Dimension::x:
      rewriter.replaceOpWithNewOp<X>(op, i32);
      return success();
    case gpu::Dimension::y:
      rewriter.replaceOpWithNewOp<Y>(op, i32);
      return success();
    case gpu::Dimension::z:
      rewriter.replaceOpWithNewOp<Z>(op, i32);
      return success();
    }
    return failure();
  }
};

/// One thread counts for the block, between two barriers. What the others have
/// stored before the first one is stored for the thread, which releases it to
/// the device; what it acquires there, they have behind the second one. LLVM
/// drops the order that an atomic operation asks for on this target, but not
/// fences.
struct ConvertArrive : KernelPattern<ArriveOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(ArriveOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter);
    Memory counters(b, op.getCounters().getType(), adaptor.getCounters());
    Value address = counters.getAddress(
        b, llvm::map_to_vector(adaptor.getIndices(), getScalar));
    Value others = b.add(getScalar(adaptor.getCount()), -1);
    b.barrier();
    auto branch = scf::IfOp::create(b, b.getI1Type(), b.equal(b.thread(), 0),
                                    /*withElseRegion=*/true);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.thenBlock());
      constexpr StringLiteral kDevice = "device";
      LLVM::FenceOp::create(b, LLVM::AtomicOrdering::acq_rel, kDevice);
      Value before = LLVM::AtomicRMWOp::create(
          b, LLVM::AtomicBinOp::add, address, b.constant(1),
          LLVM::AtomicOrdering::monotonic, kDevice);
      LLVM::FenceOp::create(b, LLVM::AtomicOrdering::acq_rel, kDevice);
      Value isLast =
          arith::CmpIOp::create(b, arith::CmpIPredicate::eq, before, others);
      scf::YieldOp::create(b, isLast);
      b.setInsertionPointToStart(branch.elseBlock());
      scf::YieldOp::create(b, b.zero(b.getI1Type()));
    }
    rewriter.replaceOp(op, b.anyOfBlock(branch.getResult(0)));
    return success();
  }
};
} // namespace

void moa::tile::populateFunctionPatterns(RewritePatternSet &patterns,
                                         const TypeConverter &types,
                                         const Kernel &kernel) {
  patterns.add<ConvertFunction, ConvertReturn, ConvertArrive,
               ConvertGridOp<gpu::BlockIdOp, NVVM::BlockIdXOp, NVVM::BlockIdYOp,
                             NVVM::BlockIdZOp>,
               ConvertGridOp<gpu::GridDimOp, NVVM::GridDimXOp, NVVM::GridDimYOp,
                             NVVM::GridDimZOp>>(types, kernel);
}
