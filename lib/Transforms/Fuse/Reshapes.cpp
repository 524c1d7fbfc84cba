//===- Reshapes.cpp - Looking through reshapes ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Reshapes.h"

using namespace mlir;
using namespace moa;

Reshapes::Reshapes(Value value) : value(value), source(value) {
  while (Operation *op = source.getDefiningOp()) {
    if (!isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op))
      break;
    ops.push_back(op);
    source = op->getOperand(0);
  }
  std::reverse(ops.begin(), ops.end());
}

bool Reshapes::isOnlyUse() const {
  if (!ops.empty() && !source.hasOneUse())
    return false;
  return value.hasOneUse() &&
         llvm::all_of(ops, [](Operation *op) { return op->hasOneUse(); });
}

Value Reshapes::replay(RewriterBase &rewriter, Value newSource) const {
  for (Operation *op : ops) {
    IRMapping mapping;
    mapping.map(op->getOperand(0), newSource);
    newSource = rewriter.clone(*op, mapping)->getResult(0);
  }
  return newSource;
}

void Reshapes::eraseUnused(RewriterBase &rewriter) const {
  for (Operation *op : llvm::reverse(ops)) {
    if (!op->use_empty())
      return;
    rewriter.eraseOp(op);
  }
  Operation *op = source.getDefiningOp();
  if (op && op->use_empty())
    rewriter.eraseOp(op);
}

FailureOr<int64_t> moa::getHeadsPerSlot(Value slots, Value heads,
                                        int64_t topK) {
  int64_t rowWidth = getTensorType(slots).getDimSize(1);
  int64_t count = getTensorType(heads).getDimSize(2);
  int64_t width = getTensorType(heads).getDimSize(3);
  for (int64_t size : {rowWidth, count, width})
    if (ShapedType::isDynamic(size))
      return failure();
  // A row of heads is then k rows of slots, whatever B and T are.
  if (count % topK != 0 || count / topK * width != rowWidth)
    return failure();
  return count / topK;
}
