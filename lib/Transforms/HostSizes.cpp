//===- HostSizes.cpp - Sizes that the host computes -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Transforms/HostSizes.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;

namespace moa {

std::string getResultSizesName(StringRef name) {
  return (name + ".result_sizes").str();
}

std::string getWorkspaceSizeName(StringRef name) {
  return (name + ".workspace_size").str();
}

bool isDeviceFunction(func::FuncOp function) {
  return function.isPublic() && !function.isDeclaration();
}

FailureOr<Block *> getBody(func::FuncOp function) {
  if (function.getBody().hasOneBlock())
    return &function.front();
  return function.emitError("has several blocks: the GPU path takes structured "
                            "control flow (scf)");
}

/// The ops of `block` that `value` is computed from.
static SetVector<Operation *> getSlice(Block *block, Value value) {
  BackwardSliceOptions options;
  options.inclusive = true;
  options.omitBlockArguments = true;
  options.omitUsesFromAbove = false;
  SetVector<Operation *> nested, slice;
  (void)getBackwardSlice(value, &nested, options);
  for (Operation *op : nested)
    if (Operation *ancestor = block->findAncestorOpInBlock(*op))
      slice.insert(ancestor);
  return slice;
}

FailureOr<SetVector<Operation *>> getSizeComputation(Block *block,
                                                     ValueRange values) {
  SetVector<Operation *> needed;
  for (Value value : values) {
    for (Operation *op : getSlice(block, value)) {
      if (!isMemoryEffectFree(op)) {
        op->emitError("a size that the host needs depends on this op, which "
                      "works on device memory");
        return failure();
      }
      needed.insert(op);
    }
  }
  // A check that fails explains a size that would make no sense.
  for (auto check : block->getOps<cf::AssertOp>()) {
    SetVector<Operation *> slice = getSlice(block, check.getArg());
    if (!llvm::all_of(slice, isMemoryEffectFree))
      continue;
    needed.insert_range(slice);
    needed.insert(check);
  }
  return needed;
}

FailureOr<func::FuncOp> outlineSizes(func::FuncOp function, StringRef name,
                                     unsigned numArguments, ValueRange values) {
  Block *block = &function.front();
  auto needed = getSizeComputation(block, values);
  if (failed(needed))
    return failure();
  OpBuilder b(function.getContext());
  b.setInsertionPointAfter(function);
  auto type = b.getFunctionType(
      function.getArgumentTypes().take_front(numArguments), values.getTypes());
  auto outlined = func::FuncOp::create(b, function.getLoc(), name, type);
  outlined.setPrivate();
  b.setInsertionPointToStart(outlined.addEntryBlock());
  IRMapping mapping;
  mapping.map(function.getArguments().take_front(numArguments),
              outlined.getArguments());
  for (Operation &op : *block)
    if (needed->contains(&op))
      b.clone(op, mapping);
  SmallVector<Value> results;
  for (Value value : values)
    results.push_back(mapping.lookup(value));
  func::ReturnOp::create(b, function.getLoc(), results);
  return outlined;
}

} // namespace moa
