//===- Rotary.cpp - Rotary positions to a kernel --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Views.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "moa/Conversion/MoaToTile.h"
#include "moa/Kernels/RotaryRows.h"
#include "moa/Utils/LoopBuilders.h"

using namespace mlir;
using namespace moa;

MaybeValues moa::convertRotary(ImplicitLocOpBuilder &b, RotaryOp op,
                               KernelModule &kernels) {
  SmallVector<OpFoldResult> sizes = getSizes(b, op.getInput());
  int64_t heads = getStatic(sizes[2]), width = getStatic(sizes[3]);
  if (ShapedType::isDynamic(heads) || ShapedType::isDynamic(width))
    return op.emitOpError("rotates heads of dynamic number or width");
  RotaryAttr rotary = op.getRotary();
  int64_t piece = RotaryRowsSpec::getPiece(rotary, width);
  OpFoldResult count = multiply(b, sizes);
  AffineExpr s0 = b.getAffineSymbolExpr(0);
  auto divide = [&](int64_t divisor) {
    return affine::makeComposedFoldedAffineApply(b, b.getLoc(),
                                                 s0.floorDiv(divisor), {count});
  };
  SmallVector<OpFoldResult> view = {divide(piece), b.getIndexAttr(piece)};
  Value empty =
      tensor::EmptyOp::create(b, sizes, getElementTypeOrSelf(op.getInput()));
  Value in = viewAs(b, op.getInput(), view), out = viewAs(b, empty, view);
  RotaryRowsSpec spec;
  spec.input = getMemory(in);
  spec.result = getMemory(out);
  spec.rotary = rotary;
  spec.headWidth = width;
  spec.headsPerPosition = heads;
  spec.hasPosition = static_cast<bool>(op.getPosition());
  spec.columns = std::min<int64_t>(llvm::alignTo(piece, 8), 64);
  Value stored = kernels.launch(
      b, "rotary",
      [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
        return buildRotaryKernel(b, module, name, spec);
      },
      {countTiles(b, divide(width), spec.rows),
       b.getIndexAttr(spec.countPairs() + spec.countCopied()),
       b.getIndexAttr(llvm::divideCeil(piece, spec.columns))},
      presentValues({in, getSize(b, op.getInput(), 1), op.getPosition()}),
      out)[0];
  return SmallVector<Value>{viewLike(b, stored, empty)};
}
