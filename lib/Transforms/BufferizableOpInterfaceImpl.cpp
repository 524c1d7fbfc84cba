//===- BufferizableOpInterfaceImpl.cpp - Bufferize moa ops ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An op on tensors becomes the same op on buffers. Results of an op in
// destination style are in the buffers of its inits, in place unless something
// else still reads those; other results are in new buffers.
//
//===----------------------------------------------------------------------===//

#include "moa/Transforms/BufferizableOpInterfaceImpl.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "moa/IR/Moa.h"

using namespace mlir;
using namespace mlir::bufferization;
using namespace moa;

/// New buffers for the results of an op that has no destinations on tensors.
static LogicalResult allocateResults(RewriterBase &rewriter, Operation *op,
                                     const BufferizationOptions &options,
                                     SmallVectorImpl<Value> &buffers) {
  ReifiedRankedShapedTypeDims shapes;
  if (failed(reifyResultShapes(rewriter, op, shapes)))
    return op->emitOpError("has results of unknown sizes");
  for (auto [result, shape] : llvm::zip(op->getResults(), shapes)) {
    auto memref = cast<MemRefType>(getMemRefTypeWithStaticIdentityLayout(
        cast<TensorType>(result.getType())));
    SmallVector<Value> dynamicSizes;
    for (auto [dim, size] : llvm::enumerate(shape))
      if (memref.isDynamicDim(dim))
        dynamicSizes.push_back(
            getValueOrCreateConstantIndexOp(rewriter, op->getLoc(), size));
    FailureOr<Value> buffer =
        options.createAlloc(rewriter, op->getLoc(), memref, dynamicSizes);
    if (failed(buffer))
      return failure();
    buffers.push_back(*buffer);
  }
  return success();
}

/// Rebuild `op` on the buffers of its operands.
static LogicalResult bufferizeOp(RewriterBase &rewriter, Operation *op,
                                 const BufferizationOptions &options,
                                 BufferizationState &state) {
  rewriter.setInsertionPoint(op);
  SmallVector<Value> operands;
  for (Value operand : op->getOperands()) {
    if (!isa<TensorType>(operand.getType())) {
      operands.push_back(operand);
      continue;
    }
    FailureOr<Value> buffer = getBuffer(rewriter, operand, options, state);
    if (failed(buffer))
      return failure();
    operands.push_back(*buffer);
  }
  SmallVector<Value> allocated;
  bool allocates = !isa<DestinationStyleOpInterface>(op);
  if (allocates && failed(allocateResults(rewriter, op, options, allocated)))
    return failure();

  auto onBuffers = cast<BufferOpInterface>(
      mlir::clone(rewriter, op, /*newResultTypes=*/TypeRange(), operands));
  MutableOperandRange destinations = onBuffers.getDestinationsMutable();
  if (allocates)
    destinations.append(allocated);
  replaceOpWithBufferizedValues(rewriter, op,
                                llvm::to_vector(OperandRange(destinations)));
  return success();
}

namespace {
template <typename OpTy>
struct BufferizeModel
    : BufferizableOpInterface::ExternalModel<BufferizeModel<OpTy>, OpTy> {
  static bool isDestination(OpOperand &operand) {
    auto inits = dyn_cast<DestinationStyleOpInterface>(operand.getOwner());
    return inits && inits.isDpsInit(&operand);
  }

  bool bufferizesToAllocation(Operation *op, Value) const {
    return !isa<DestinationStyleOpInterface>(op);
  }

  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &) const {
    return !isDestination(operand) ||
           cast<BufferOpInterface>(op).readsDestinations();
  }

  bool bufferizesToMemoryWrite(Operation *, OpOperand &operand,
                               const AnalysisState &) const {
    return isDestination(operand);
  }

  AliasingValueList getAliasingValues(Operation *op, OpOperand &operand,
                                      const AnalysisState &) const {
    if (!isDestination(operand))
      return {};
    auto inits = cast<DestinationStyleOpInterface>(op);
    return {{inits.getTiedOpResult(&operand), BufferRelation::Equivalent}};
  }

  FailureOr<BufferLikeType>
  getBufferType(Operation *op, Value value, const BufferizationOptions &options,
                const BufferizationState &state,
                SmallVector<Value> &invocationStack) const {
    if (auto inits = dyn_cast<DestinationStyleOpInterface>(op))
      return bufferization::getBufferType(
          inits.getTiedOpOperand(cast<OpResult>(value))->get(), options, state,
          invocationStack);
    return cast<BufferLikeType>(getMemRefTypeWithStaticIdentityLayout(
        cast<TensorType>(value.getType())));
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    return bufferizeOp(rewriter, op, options, state);
  }
};

/// An op on tensors only: says so instead of upstream's "op was not
/// bufferized".
template <typename OpTy>
struct RefuseModel
    : BufferizableOpInterface::ExternalModel<RefuseModel<OpTy>, OpTy> {
  bool bufferizesToAllocation(Operation *, Value) const { return true; }

  bool bufferizesToMemoryRead(Operation *, OpOperand &,
                              const AnalysisState &) const {
    return true;
  }

  bool bufferizesToMemoryWrite(Operation *, OpOperand &,
                               const AnalysisState &) const {
    return false;
  }

  AliasingValueList getAliasingValues(Operation *, OpOperand &,
                                      const AnalysisState &) const {
    return {};
  }

  LogicalResult bufferize(Operation *op, RewriterBase &,
                          const BufferizationOptions &options,
                          BufferizationState &) const {
    // Who allows what has no buffers gets the op as it is.
    if (options.allowUnknownOps)
      return success();
    return op->emitOpError(kTensorsOnly);
  }
};
} // namespace

/// Attach a model to every op: of those that may be on buffers, and of others.
template <typename... Ops> static void attach(MLIRContext *context) {
  (
      [&] {
        if constexpr (Ops::template hasTrait<BufferOpInterface::Trait>())
          Ops::template attachInterface<BufferizeModel<Ops>>(*context);
        else
          Ops::template attachInterface<RefuseModel<Ops>>(*context);
      }(),
      ...);
}

void moa::registerBufferizableOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, MoaDialect *) {
    attach<
#define GET_OP_LIST
#include "moa/IR/MoaOps.cpp.inc"
        >(context);
    // Buffers are allocated by ops of these.
    context->loadDialect<bufferization::BufferizationDialect,
                         memref::MemRefDialect>();
  });
}
