//===- LegalizeBuffers.cpp - What the lowering of memref cannot take ------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Transforms/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace moa {
#define GEN_PASS_DEF_MOALEGALIZEBUFFERSPASS
#include "moa/Transforms/Passes.h.inc"
} // namespace moa

/// Whether the type says that the elements lie side by side, from the first on:
/// by an identity layout, or by strides that are those of one.
static bool isContiguous(Value buffer) {
  auto type = dyn_cast<MemRefType>(buffer.getType());
  if (!type)
    return false;
  if (type.getLayout().isIdentity())
    return true;
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(type.getStridesAndOffset(strides, offset)) || offset != 0)
    return false;
  int64_t expected = 1;
  for (auto [size, stride] :
       llvm::reverse(llvm::zip(type.getShape(), strides))) {
    if (ShapedType::isDynamic(expected) || stride != expected)
      return false;
    expected = ShapedType::isDynamic(size) ? size : expected * size;
  }
  return true;
}

/// A copy between strided buffers, as linalg.copy.
static void expandCopy(memref::CopyOp copy) {
  if (isContiguous(copy.getSource()) && isContiguous(copy.getTarget()))
    return;
  OpBuilder b(copy);
  linalg::CopyOp::create(b, copy.getLoc(), copy.getSource(), copy.getTarget());
  copy.erase();
}

/// An expand_shape of a contiguous buffer, as reinterpret_cast.
static void castExpandedShape(memref::ExpandShapeOp expand) {
  if (!isContiguous(expand.getSrc()))
    return;
  OpBuilder b(expand);
  AffineExpr s0 = b.getAffineSymbolExpr(0), s1 = b.getAffineSymbolExpr(1);
  SmallVector<OpFoldResult> sizes = expand.getMixedOutputShape();
  SmallVector<OpFoldResult> strides(sizes.size(), b.getIndexAttr(1));
  for (size_t dim = sizes.size(); dim > 1; --dim)
    strides[dim - 2] = affine::makeComposedFoldedAffineApply(
        b, expand.getLoc(), s0 * s1, {sizes[dim - 1], strides[dim - 1]});
  // The result keeps its type, with strides as numbers where that has numbers.
  // A type with the strides and a memref.cast back to this one would be folded
  // into a collapse_shape, where no size tells that the last stride is 1.
  auto [typeStrides, offset] = expand.getResultType().getStridesAndOffset();
  for (auto [stride, typeStride] : llvm::zip_equal(strides, typeStrides))
    if (ShapedType::isDynamic(typeStride))
      stride = getValueOrCreateConstantIndexOp(b, expand.getLoc(), stride);
  Value cast = memref::ReinterpretCastOp::create(
      b, expand.getLoc(), expand.getResultType(), expand.getSrc(),
      b.getIndexAttr(0), sizes, strides);
  expand.replaceAllUsesWith(cast);
  expand.erase();
}

namespace {
struct MoaLegalizeBuffersPass
    : moa::impl::MoaLegalizeBuffersPassBase<MoaLegalizeBuffersPass> {
  using MoaLegalizeBuffersPassBase::MoaLegalizeBuffersPassBase;

  void runOnOperation() override {
    if (expandCopies)
      getOperation().walk([](memref::CopyOp copy) { expandCopy(copy); });
    getOperation().walk(
        [](memref::ExpandShapeOp expand) { castExpandedShape(expand); });
  }
};
} // namespace
