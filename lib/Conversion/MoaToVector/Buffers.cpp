//===- Buffers.cpp - Buffers in code on tensors ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Buffers.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "moa/Utils/LinalgBuilders.h"

using namespace mlir;

namespace moa {

/// The alignment of what kernels allocate: a cache line, which is also the
/// widest register.
static constexpr int64_t kAlignment = 64;

Value readBuffer(ImplicitLocOpBuilder &b, Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<int64_t> strides(type.getRank(), ShapedType::kDynamic);
  if (!strides.empty())
    strides.back() = 1;
  auto layout =
      StridedLayoutAttr::get(b.getContext(), ShapedType::kDynamic, strides);
  auto buffer = MemRefType::get(type.getShape(), type.getElementType(), layout);
  return bufferization::ToBufferOp::create(b, buffer, tensor,
                                           /*read_only=*/true);
}

Value createBuffer(ImplicitLocOpBuilder &b, Value init) {
  auto type = cast<RankedTensorType>(init.getType());
  SmallVector<Value> sizes;
  for (OpFoldResult size : getSizes(b, init))
    if (auto value = dyn_cast<Value>(size))
      sizes.push_back(value);
  return memref::AllocOp::create(
      b, MemRefType::get(type.getShape(), type.getElementType()), sizes,
      b.getI64IntegerAttr(kAlignment));
}

Value createScratch(ImplicitLocOpBuilder &b, ArrayRef<OpFoldResult> sizes,
                    Type element) {
  auto [shape, dynamic] = decomposeMixedValues(sizes);
  return memref::AllocOp::create(b, MemRefType::get(shape, element), dynamic,
                                 b.getI64IntegerAttr(kAlignment));
}

OpFoldResult roundUp(ImplicitLocOpBuilder &b, OpFoldResult size,
                     int64_t width) {
  AffineExpr s0 = b.getAffineSymbolExpr(0);
  return affine::makeComposedFoldedAffineApply(
      b, b.getLoc(), s0.ceilDiv(width) * width, {size});
}

void fillBuffer(ImplicitLocOpBuilder &b, Value buffer, Value init) {
  // Undefined, as the buffer is: it would be a second one, never written to.
  if (init.getDefiningOp<tensor::EmptyOp>())
    return;
  if (auto fill = init.getDefiningOp<linalg::FillOp>())
    linalg::FillOp::create(b, fill.getInputs(), buffer);
  else
    linalg::CopyOp::create(b, readBuffer(b, init), buffer);
}

Value finishBuffer(ImplicitLocOpBuilder &b, Value buffer, Type type) {
  Value tensor = bufferization::ToTensorOp::create(
      b, type, buffer, /*restrict=*/true, /*writable=*/true);
  return tensor;
}

Value getView(ImplicitLocOpBuilder &b, Value buffer,
              ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
              ArrayRef<unsigned> dropped) {
  SmallVector<OpFoldResult> ones(sizes.size(), b.getIndexAttr(1));
  auto whole = cast<MemRefType>(memref::SubViewOp::inferResultType(
      cast<MemRefType>(buffer.getType()), offsets, sizes, ones));
  auto [strides, offset] = whole.getStridesAndOffset();
  // Inferring the type from the shape that is left would guess which of several
  // sizes of 1 were dropped, and could keep the stride of another dimension.
  SmallVector<int64_t> shape, keptStrides;
  for (auto [dim, size] : llvm::enumerate(whole.getShape()))
    if (!llvm::is_contained(dropped, dim)) {
      shape.push_back(size);
      keptStrides.push_back(strides[dim]);
    }
  auto layout = StridedLayoutAttr::get(b.getContext(), offset, keptStrides);
  auto type = MemRefType::get(shape, whole.getElementType(), layout,
                              whole.getMemorySpace());
  return memref::SubViewOp::create(b, type, buffer, offsets, sizes, ones);
}

SmallVector<OpFoldResult> getBufferSizes(ImplicitLocOpBuilder &b,
                                         Value buffer) {
  return memref::getMixedSizes(b, b.getLoc(), buffer);
}

Value loadIndex(ImplicitLocOpBuilder &b, Value buffer, ValueRange indices) {
  Value element = memref::LoadOp::create(b, buffer, indices);
  return arith::IndexCastOp::create(b, b.getIndexType(), element);
}

} // namespace moa
