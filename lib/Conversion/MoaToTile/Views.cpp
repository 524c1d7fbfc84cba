//===- Views.cpp - Tensors as the matrices that kernels take --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Views.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace moa {

MemRefType getMemory(Value value) {
  if (!value)
    return {};
  auto type = cast<RankedTensorType>(value.getType());
  return MemRefType::get(type.getShape(), type.getElementType());
}

MemRefType getOpenMemory(Value value) {
  MemRefType memory = getMemory(value);
  SmallVector<int64_t> shape(memory.getShape());
  shape.front() = ShapedType::kDynamic;
  return MemRefType::get(shape, memory.getElementType());
}

/// One group of all dimensions of a tensor.
static SmallVector<ReassociationIndices> getOneGroup(int64_t rank) {
  if (rank == 0)
    return {};
  return {llvm::to_vector<2>(llvm::seq<int64_t>(0, rank))};
}

Value viewAs(ImplicitLocOpBuilder &b, Value value,
             ArrayRef<OpFoldResult> sizes) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape =
      decomposeMixedValues(SmallVector<OpFoldResult>(sizes)).first;
  auto target = RankedTensorType::get(shape, type.getElementType());
  if (type == target)
    return value;
  int64_t rank = type.getRank(), targetRank = target.getRank();
  if (rank == targetRank && rank <= 1)
    return tensor::CastOp::create(b, target, value);
  Value flat = value;
  if (rank != 1) {
    if (rank == 0) {
      auto one = RankedTensorType::get({1}, type.getElementType());
      flat = tensor::ExpandShapeOp::create(
          b, one, value, ArrayRef<ReassociationIndices>{},
          ArrayRef<OpFoldResult>{b.getIndexAttr(1)});
    } else {
      flat = tensor::CollapseShapeOp::create(b, value, getOneGroup(rank));
    }
  }
  if (targetRank == 1)
    return flat.getType() == target
               ? flat
               : tensor::CastOp::create(b, target, flat).getResult();
  if (targetRank == 0)
    return tensor::CollapseShapeOp::create(b, flat,
                                           ArrayRef<ReassociationIndices>{});
  // A product of static sizes has a static result.
  int64_t count = 1;
  for (int64_t size : shape)
    count = ShapedType::isDynamic(size) || ShapedType::isDynamic(count)
                ? ShapedType::kDynamic
                : count * size;
  auto flatType = RankedTensorType::get({count}, type.getElementType());
  if (flat.getType() != flatType)
    flat = tensor::CastOp::create(b, flatType, flat);
  return tensor::ExpandShapeOp::create(b, target, flat, getOneGroup(targetRank),
                                       sizes);
}

Value viewLike(ImplicitLocOpBuilder &b, Value value, Value like) {
  return viewAs(b, value, getSizes(b, like));
}

OpFoldResult multiply(ImplicitLocOpBuilder &b, ArrayRef<OpFoldResult> sizes,
                      int64_t factor) {
  AffineExpr product = b.getAffineConstantExpr(factor);
  for (unsigned i = 0; i < sizes.size(); ++i)
    product = product * b.getAffineSymbolExpr(i);
  return affine::makeComposedFoldedAffineApply(b, b.getLoc(), product, sizes);
}

OpFoldResult add(ImplicitLocOpBuilder &b, OpFoldResult lhs, OpFoldResult rhs) {
  return affine::makeComposedFoldedAffineApply(
      b, b.getLoc(), b.getAffineSymbolExpr(0) + b.getAffineSymbolExpr(1),
      {lhs, rhs});
}

OpFoldResult atLeastOne(ImplicitLocOpBuilder &b, OpFoldResult size) {
  AffineMap bounds = AffineMap::get(
      0, 1, {b.getAffineSymbolExpr(0), b.getAffineConstantExpr(1)},
      b.getContext());
  return affine::makeComposedFoldedAffineMax(b, b.getLoc(), bounds, {size});
}

SmallVector<Value> presentValues(ArrayRef<Value> values) {
  return llvm::filter_to_vector(
      values, [](Value value) { return static_cast<bool>(value); });
}

int64_t getStatic(OpFoldResult size) {
  return getConstantIntValue(size).value_or(ShapedType::kDynamic);
}

std::string getTypeName(Type element) {
  std::string name;
  llvm::raw_string_ostream(name) << element;
  return name;
}

LogicalResult checkProductElement(Operation *op, Type element) {
  if (element.isF32() || element.isF16() || element.isBF16())
    return success();
  return op->emitOpError()
         << "multiplies " << element
         << ", for which there is no kernel: use f32, f16 or bf16";
}

} // namespace moa
