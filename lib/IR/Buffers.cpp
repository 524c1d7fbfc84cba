//===- Buffers.cpp - Ops on tensors and on buffers ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/IR/Moa.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace moa {

bool isOnBuffers(Operation *op) {
  return llvm::any_of(op->getOperandTypes(), llvm::IsaPred<MemRefType>);
}

Value getResultOrNull(Operation *op, unsigned number) {
  return number < op->getNumResults() ? Value(op->getResult(number)) : Value();
}

void nameResults(Operation *op, ArrayRef<StringRef> names,
                 OpAsmSetValueNameFn setName) {
  for (auto [result, name] : llvm::zip(op->getResults(), names))
    setName(result, name);
}

/// The types that the results of `op` would have on tensors.
static LogicalResult inferResults(InferTypeOpInterface op,
                                  SmallVectorImpl<Type> &types) {
  return op.inferReturnTypes(op->getContext(), op.getLoc(), op->getOperands(),
                             op->getDiscardableAttrDictionary(),
                             op->getPropertiesStorage(), op->getRegions(),
                             types);
}

/// Each destination has the shape of the result that it takes.
static LogicalResult verifyDestinations(InferTypeOpInterface op,
                                        OperandRange destinations) {
  SmallVector<Type> results;
  if (failed(inferResults(op, results)))
    return failure();
  if (destinations.size() != results.size())
    return op->emitOpError()
           << "writes " << results.size() << " buffers, but 'into' has "
           << destinations.size();
  for (auto [index, buffer, result] :
       llvm::enumerate(destinations.getTypes(), results))
    if (failed(verifyCompatibleShape(buffer, result)) ||
        getElementTypeOrSelf(buffer) != getElementTypeOrSelf(result))
      return op->emitOpError() << "'into' operand " << index << " is " << buffer
                               << ", which cannot hold " << result;
  return success();
}

/// What an encoding says of the memory of a tensor, no op reads.
static LogicalResult verifyNoEncoding(Operation *op) {
  for (Type type : op->getOperandTypes()) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (tensor && tensor.getEncoding())
      return op->emitOpError() << "has an operand of type " << type
                               << ": tensors of moa ops have no encoding";
  }
  return success();
}

LogicalResult verifyForm(Operation *op) {
  if (failed(verifyNoEncoding(op)))
    return failure();
  auto bufferOp = dyn_cast<BufferOpInterface>(op);
  auto inferred = dyn_cast<InferTypeOpInterface>(op);
  if (!isOnBuffers(op)) {
    if (bufferOp && op->getNumResults() == 0)
      return op->emitOpError("has no results: on tensors it returns what it "
                             "computes");
    return success();
  }
  if (!bufferOp)
    return op->emitOpError(kTensorsOnly);
  bool hasTensor =
      llvm::any_of(op->getOperandTypes(), llvm::IsaPred<TensorType>);
  if (hasTensor)
    return op->emitOpError("mixes tensors and buffers: operands are all the "
                           "one or all the other");
  if (op->getNumResults() != 0)
    return op->emitOpError() << "has " << op->getNumResults()
                             << " results: on buffers it has none, and writes "
                                "to 'into'";
  if (!inferred)
    return success();
  return verifyDestinations(inferred, bufferOp.getDestinationsMutable());
}

void listEffects(Operation *op,
                 SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  if (!isOnBuffers(op))
    return;
  auto bufferOp = cast<BufferOpInterface>(op);
  llvm::SmallPtrSet<OpOperand *, 4> destinations;
  for (OpOperand &operand : bufferOp.getDestinationsMutable())
    destinations.insert(&operand);
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    bool isDestination = destinations.contains(&operand);
    if (!isDestination || bufferOp.readsDestinations())
      effects.emplace_back(MemoryEffects::Read::get(), &operand);
    if (isDestination)
      effects.emplace_back(MemoryEffects::Write::get(), &operand);
  }
}

Speculation::Speculatability getSpeculatability(Operation *op) {
  // A size or an index that is not what the op asks for is an error of the
  // program, as for linalg's ops: it does not keep the op in a loop.
  return isOnBuffers(op) ? Speculation::NotSpeculatable
                         : Speculation::Speculatable;
}

} // namespace moa
