//===- RowIndex.cpp - Row indices in other layouts ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RowIndex.h"
#include "Access.h"
#include "Memory.h"
#include "SharedTile.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace moa::tile;

/// Arithmetic that maps elements to elements.
static bool isElementwise(Operation *op) {
  return isa<arith::ArithDialect, math::MathDialect>(op->getDialect()) &&
         OpTrait::hasElementwiseMappableTraits(op) && op->getNumResults() == 1;
}

bool moa::tile::isComputable(Value tile) {
  Operation *op = tile.getDefiningOp();
  if (!isa<RankedTensorType>(tile.getType()))
    return true;
  if (!op)
    return false;
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return isa<SplatElementsAttr>(constant.getValue());
  if (isa<tensor::SplatOp, LoadOp, PositionOp, GetOp>(op))
    return true;
  if (auto gather = dyn_cast<GatherOp>(op))
    return isComputable(gather.getRows());
  if (isa<BroadcastOp>(op) || isElementwise(op))
    return llvm::all_of(op->getOperands(), isComputable);
  return false;
}

namespace {
/// Computes elements of tiles by recursion over what defines them.
class ElementBuilder {
public:
  ElementBuilder(ConversionPatternRewriter &rewriter, const Kernel &kernel)
      : rewriter(rewriter), kernel(kernel) {}

  Value compute(Value tile, Value row, Value column) {
    if (!isa<RankedTensorType>(tile.getType()))
      return getConverted(tile).front();
    Operation *op = tile.getDefiningOp();
    // Memory is read where the tile is loaded: it may be written later.
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointAfter(op);
    ThreadBuilder b(op->getLoc(), rewriter);
    return TypeSwitch<Operation *, Value>(op)
        .Case<arith::ConstantOp, LoadOp, GatherOp, GetOp, PositionOp,
              BroadcastOp, tensor::SplatOp>(
            [&](auto typed) { return build(b, typed, row, column); })
        .Default(
            [&](Operation *) { return buildElementwise(op, row, column); });
  }

private:
  /// What an operand that is no tile was converted to.
  SmallVector<Value> getConverted(Value value) {
    SmallVector<Value> results;
    if (isa<MemRefType>(value.getType())) {
      // Several values stand for a memref: they are asked for through a cast,
      // which the conversion resolves.
      SmallVector<Type> types;
      Memory::convertType(cast<MemRefType>(value.getType()), types);
      auto cast = UnrealizedConversionCastOp::create(rewriter, value.getLoc(),
                                                     types, value);
      return llvm::to_vector_of<Value>(cast.getResults());
    }
    return {rewriter.getRemappedValue(value)};
  }

  Value build(ThreadBuilder &b, arith::ConstantOp op, Value row, Value column) {
    auto splat = cast<SplatElementsAttr>(op.getValue());
    return arith::ConstantOp::create(b, splat.getSplatValue<TypedAttr>());
  }

  Value build(ThreadBuilder &b, tensor::SplatOp op, Value row, Value column) {
    return getConverted(op.getInput()).front();
  }

  Value build(ThreadBuilder &b, PositionOp op, Value row, Value column) {
    return op.getType().getDimSize(1) == 1 ? row : column;
  }

  Value build(ThreadBuilder &b, BroadcastOp op, Value row, Value column) {
    auto from = op.getTile().getType();
    return compute(op.getTile(), from.getDimSize(0) == 1 ? b.constant(0) : row,
                   from.getDimSize(1) == 1 ? b.constant(0) : column);
  }

  Value build(ThreadBuilder &b, GetOp op, Value row, Value column) {
    SharedTile shared(getConverted(op.getBuffer()).front(),
                      op.getBuffer().getType());
    Value address =
        shared.getAddress(b, row, b.mul(column, shared.getElementBytes()));
    return LLVM::LoadOp::create(b, op.getType().getElementType(), address);
  }

  Value build(ThreadBuilder &b, LoadOp op, Value row, Value column) {
    SmallVector<Value> indices = llvm::map_to_vector(
        op.getIndices(), [&](Value index) { return getConverted(index)[0]; });
    indices.back() = b.add(indices.back(),
                           indices.size() == 1 ? b.add(row, column) : column);
    if (indices.size() > 1) {
      Value &first = indices[indices.size() - 2];
      first = b.add(first, row);
    }
    return loadElement(b, op.getSource(), indices);
  }

  Value build(ThreadBuilder &b, GatherOp op, Value row, Value column) {
    SmallVector<Value> indices = llvm::map_to_vector(
        op.getIndices(), [&](Value index) { return getConverted(index)[0]; });
    Value named = compute(op.getRows(), row, b.constant(0));
    if (indices.empty()) {
      indices.push_back(named);
    } else {
      indices.back() = b.add(indices.back(), column);
      indices.insert(indices.end() - 1, named);
    }
    return loadElement(b, op.getSource(), indices);
  }

  /// The element of memory at `indices`, 0 outside of its last two dimensions.
  Value loadElement(ThreadBuilder &b, TypedValue<MemRefType> source,
                    ValueRange indices) {
    Memory memory(b, source.getType(), getConverted(source));
    Value inside;
    for (int64_t dim = std::max<int64_t>(source.getType().getRank() - 2, 0);
         dim < source.getType().getRank(); ++dim)
      inside = b.both(inside, b.below(indices[dim], memory.getSize(b, dim)));
    return loadGlobal(b, memory.getAddress(b, indices),
                      source.getType().getElementType(), inside,
                      kernel.facts.isReadOnly(source));
  }

  Value buildElementwise(Operation *op, Value row, Value column) {
    SmallVector<Value> operands =
        llvm::map_to_vector(op->getOperands(), [&](Value operand) {
          return compute(operand, row, column);
        });
    Type type = getElementTypeOrSelf(op->getResult(0).getType());
    return rewriter
        .create(op->getLoc(), op->getName().getIdentifier(), operands, type,
                op->getAttrs())
        ->getResult(0);
  }

  ConversionPatternRewriter &rewriter;
  const Kernel &kernel;
};
} // namespace

SmallVector<Value> moa::tile::computeRows(
    ConversionPatternRewriter &rewriter, const Kernel &kernel, Value rows,
    function_ref<SmallVector<Value>(ThreadBuilder &)> getNumbers) {
  OpBuilder::InsertionGuard guard(rewriter);
  // At the start of the kernel the numbers precede every definition.
  Operation *op = rows.getDefiningOp();
  auto function = op->getParentOfType<FunctionOpInterface>();
  rewriter.setInsertionPointToStart(&function.getFunctionBody().front());
  ThreadBuilder b(op->getLoc(), rewriter);
  SmallVector<Value> numbers = getNumbers(b);
  Value zero = b.constant(0);
  ElementBuilder elements(rewriter, kernel);
  return llvm::map_to_vector(numbers, [&](Value number) {
    return elements.compute(rows, number, zero);
  });
}
