//===- Rotation.cpp - Rotary positions to kernels -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rotation.h"

#include "Views.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "moa/Kernels/RotaryRows.h"
#include "moa/Utils/LoopBuilders.h"

using namespace mlir;
using namespace moa;

Value moa::viewHalves(ImplicitLocOpBuilder &b, Value result,
                      const std::optional<ProductRotary> &rotary) {
  if (!rotary)
    return result;
  OpFoldResult rows = getSizes(b, result)[0];
  return viewAs(b, result,
                {multiply(b, rows, rotary->heads * 2),
                 b.getIndexAttr(rotary->getHeadWidth() / 2)});
}

/// `input`, rows of heads, rotated into `result`.
static Value launchRotary(ImplicitLocOpBuilder &b, KernelModule &kernels,
                          const Rotation &rotation, Value input, Value result) {
  int64_t width = rotation.headWidth;
  int64_t piece = RotaryRowsSpec::getPiece(rotation.rotary, width);
  OpFoldResult count = multiply(b, getSizes(b, input));
  AffineExpr s0 = b.getAffineSymbolExpr(0);
  auto divide = [&](int64_t divisor) {
    return affine::makeComposedFoldedAffineApply(b, b.getLoc(),
                                                 s0.floorDiv(divisor), {count});
  };
  SmallVector<OpFoldResult> view = {divide(piece), b.getIndexAttr(piece)};
  Value in = viewAs(b, input, view), out = viewAs(b, result, view);
  RotaryRowsSpec spec;
  spec.input = getMemory(in);
  spec.result = getMemory(out);
  spec.rotary = rotation.rotary;
  spec.headWidth = width;
  spec.headsPerPosition = rotation.heads * rotation.rowsPerPosition;
  spec.hasPosition = static_cast<bool>(rotation.position);
  spec.columns = std::min<int64_t>(llvm::alignTo(piece, 8), 64);
  Value stored = kernels.launch(
      b, "rotary",
      [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
        return buildRotaryKernel(b, module, name, spec);
      },
      {countTiles(b, divide(width), spec.rows),
       b.getIndexAttr(spec.countPairs() + spec.countCopied()),
       b.getIndexAttr(llvm::divideCeil(piece, spec.columns))},
      presentValues({in, rotation.length, rotation.position}), out)[0];
  return viewLike(b, stored, result);
}

FailureOr<Value> moa::launchRotated(ImplicitLocOpBuilder &b, Operation *op,
                                    KernelModule &kernels,
                                    const std::optional<Rotation> &rotation,
                                    Value result, LaunchProduct launchProduct) {
  if (!rotation)
    return launchProduct(std::nullopt, result);
  if (rotation->rotary.getDim() == rotation->headWidth)
    return launchProduct(ProductRotary{rotation->rotary, rotation->heads},
                         result);
  SmallVector<OpFoldResult> sizes = getSizes(b, result);
  Value rows = tensor::EmptyOp::create(b, sizes, b.getF32Type());
  if (rotation->keepsInit && !result.getDefiningOp<tensor::EmptyOp>()) {
    if (!kernels.isZero(result))
      return op->emitOpError("rotates parts of heads, which needs an init of "
                             "zeros");
    rows = kernels.fillZero(b, rows);
  }
  FailureOr<Value> products = launchProduct(std::nullopt, rows);
  if (failed(products))
    return failure();
  return launchRotary(b, kernels, *rotation, *products, result);
}

MaybeValues moa::convertRotary(ImplicitLocOpBuilder &b, RotaryOp op,
                               KernelModule &kernels) {
  SmallVector<OpFoldResult> sizes = getSizes(b, op.getInput());
  int64_t heads = getStatic(sizes[2]), width = getStatic(sizes[3]);
  if (ShapedType::isDynamic(heads) || ShapedType::isDynamic(width))
    return op.emitOpError("rotates heads of dynamic number or width");
  Rotation rotation = {op.getRotary(),
                       heads,
                       width,
                       /*rowsPerPosition=*/1,
                       getSize(b, op.getInput(), 1),
                       op.getPosition(),
                       /*keepsInit=*/false};
  Value empty =
      tensor::EmptyOp::create(b, sizes, getElementTypeOrSelf(op.getInput()));
  return SmallVector<Value>{
      launchRotary(b, kernels, rotation, op.getInput(), empty)};
}
