//===- Bufferize.cpp - Launches on memrefs --------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotModuleBufferize.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "moa/Tile/IR/Tile.h"
#include "moa/Tile/Transforms/BufferizableOpInterfaceImpl.h"
#include "moa/Tile/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::bufferization;
using namespace moa::tile;

namespace moa {
#define GEN_PASS_DEF_MOATILEBUFFERIZEPASS
#include "moa/Tile/Transforms/Passes.h.inc"
} // namespace moa

/// `buffer` as the memory without strides that a kernel takes, which may be a
/// copy of it.
static FailureOr<Value> makeContiguous(RewriterBase &rewriter, Location loc,
                                       Value buffer, MemRefType expected,
                                       const BufferizationOptions &options) {
  auto type = cast<MemRefType>(buffer.getType());
  if (type == expected)
    return buffer;
  if (type.getLayout().isIdentity())
    return memref::CastOp::create(rewriter, loc, expected, buffer).getResult();
  auto contiguous = MemRefType::get(type.getShape(), type.getElementType());
  SmallVector<Value> sizes;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim))
      sizes.push_back(memref::DimOp::create(rewriter, loc, buffer, dim));
  FailureOr<Value> copy = options.createAlloc(rewriter, loc, contiguous, sizes);
  if (failed(copy) ||
      failed(options.createMemCpy(rewriter, loc, buffer, *copy)))
    return failure();
  return contiguous == expected
             ? *copy
             : memref::CastOp::create(rewriter, loc, expected, *copy)
                   .getResult();
}

/// Give each out of a launch that is empty a tensor of its own. Equal ones are
/// one behind CSE, and bufferization lets outs whose results nobody reads share
/// it; but a kernel may read what it wrote itself.
static void separateOuts(LaunchOp launch) {
  llvm::SmallPtrSet<Value, 4> seen;
  for (OpOperand &out : launch.getOutputsMutable()) {
    auto empty = out.get().getDefiningOp<tensor::EmptyOp>();
    if (!empty || seen.insert(empty).second)
      continue;
    OpBuilder builder(empty);
    out.set(builder.clone(*empty)->getResult(0));
  }
}

namespace {
struct LaunchOpInterface
    : DstBufferizableOpInterfaceExternalModel<LaunchOpInterface, LaunchOp> {
  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto launch = cast<LaunchOp>(op);
    Location loc = op->getLoc();
    /// Copies of outs, and what they are copied back to.
    SmallVector<std::pair<Value, Value>> copies;
    SmallVector<Value> replacements;
    auto kernel = SymbolTable::lookupNearestSymbolFrom<FunctionOpInterface>(
        op, launch.getKernel());
    ArrayRef<Type> types = kernel.getArgumentTypes();
    auto getMemory = [&](Value value, bool isOut) -> FailureOr<Value> {
      Type expected = types.front();
      types = types.drop_front();
      if (!isa<TensorType>(value.getType()))
        return value;
      FailureOr<Value> buffer = getBuffer(rewriter, value, options, state);
      if (failed(buffer))
        return failure();
      FailureOr<Value> memory = makeContiguous(
          rewriter, loc, *buffer, cast<MemRefType>(expected), options);
      if (failed(memory))
        return failure();
      if (isOut) {
        replacements.push_back(*buffer);
        bool isCopy =
            !cast<MemRefType>(buffer->getType()).getLayout().isIdentity();
        if (isCopy)
          copies.emplace_back(*memory, *buffer);
      }
      return memory;
    };
    rewriter.setInsertionPoint(op);
    SmallVector<Value> ins, outs;
    for (Value value : launch.getInputs()) {
      FailureOr<Value> memory = getMemory(value, /*isOut=*/false);
      if (failed(memory))
        return failure();
      ins.push_back(*memory);
    }
    for (Value value : launch.getOutputs()) {
      FailureOr<Value> memory = getMemory(value, /*isOut=*/true);
      if (failed(memory))
        return failure();
      outs.push_back(*memory);
    }
    LaunchOp::create(rewriter, loc, TypeRange(), launch.getKernel(),
                     launch.getGridX(), launch.getGridY(), launch.getGridZ(),
                     ins, outs);
    for (auto [copy, original] : copies)
      if (failed(options.createMemCpy(rewriter, loc, copy, original)))
        return failure();
    replaceOpWithBufferizedValues(rewriter, op, replacements);
    return success();
  }
};

struct MoaTileBufferizePass
    : moa::impl::MoaTileBufferizePassBase<MoaTileBufferizePass> {
  using MoaTileBufferizePassBase::MoaTileBufferizePassBase;

  void getDependentDialects(DialectRegistry &registry) const override {
    MoaTileBufferizePassBase::getDependentDialects(registry);
    registerBufferizableOpInterfaceExternalModels(registry);
  }

  void runOnOperation() override {
    OneShotBufferizationOptions options;
    options.bufferizeFunctionBoundaries = true;
    options.setFunctionBoundaryTypeConversion(
        LayoutMapOption::IdentityLayoutMap);
    options.allowReturnAllocsFromLoops = true;
    options.opFilter.denyOperation([](Operation *op) {
      return op->getParentOfType<gpu::GPUModuleOp>() != nullptr;
    });
    getOperation()->walk(separateOuts);
    BufferizationState state;
    if (failed(runOneShotModuleBufferize(getOperation(), options, state)))
      signalPassFailure();
  }
};
} // namespace

void moa::tile::registerBufferizableOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, TileDialect *) {
    LaunchOp::attachInterface<LaunchOpInterface>(*context);
  });
}
