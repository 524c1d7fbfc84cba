//===- AttentionMerge.cpp - The kernel that joins split keys -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Kernels/Attention.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/MathExtras.h"
#include <limits>

using namespace mlir;
using namespace moa;
using FPredicate = arith::CmpFPredicate;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();
static constexpr double kLog2E = 1.4426950408889634;
static constexpr double kLn2 = 0.6931471805599453;

gpu::GPUFuncOp moa::buildAttentionMergeKernel(
    TileBuilder &b, gpu::GPUModuleOp module, StringRef name, MemRefType parts,
    MemRefType partLse, MemRefType out, MemRefType lse, int64_t rows) {
  SmallVector<Type> types = {parts, partLse, out};
  if (lse)
    types.push_back(lse);
  constexpr int64_t kBandRows = 16;
  gpu::GPUFuncOp kernel =
      b.createKernel(module, name, types, {rows / kBandRows, 1});
  Value partsMemory = kernel.getArgument(0), lseMemory = kernel.getArgument(1);
  int64_t width = llvm::alignTo(parts.getDimSize(2), 8);
  Type f32 = b.getF32Type();
  Value zero = b.index(0), splits = b.size(partsMemory, 0);
  Value firstRow = b.mul(b.blockId(gpu::Dimension::x), double(rows));
  Value rowIndex = b.positions(rows, 1, firstRow);

  auto loadLse = [&](Value split) {
    Value memory = lseMemory;
    OpFoldResult one = b.getIndexAttr(1);
    SmallVector<OpFoldResult> offsets = {split, b.getIndexAttr(0)};
    SmallVector<OpFoldResult> sizes = {one,
                                       getAsOpFoldResult(b.size(memory, 1))};
    SmallVector<OpFoldResult> strides(2, one);
    auto type = memref::SubViewOp::inferRankReducedResultType(
        partLse.getShape().drop_front(), partLse, offsets, sizes, strides);
    Value row =
        memref::SubViewOp::create(b, type, memory, offsets, sizes, strides);
    return b.gather(row, {}, rowIndex, 1);
  };
  auto maxLoop =
      b.loop(zero, splits, 1, b.tile(rows, 1, f32, -kInfinity), 1,
             [&](Value split, ValueRange carried) {
               return SmallVector<Value>{b.max(carried[0], loadLse(split))};
             });
  Value max = maxLoop.getResult(0);
  Value blind = b.compare(FPredicate::OEQ, max, -kInfinity);
  Value base = b.select(blind, b.like(max, 0), max);
  auto sumLoop = b.loop(
      zero, splits, 1, {b.tile(rows, width, f32, 0), b.tile(rows, 1, f32, 0)},
      1, [&](Value split, ValueRange carried) -> SmallVector<Value> {
        // Not a difference of products, which overflow under a mask of the
        // least number.
        Value weight = b.exp2(b.mul(b.sub(loadLse(split), base), kLog2E));
        Value part = b.load(partsMemory, {split, firstRow, zero}, rows, width);
        return {b.fma(part, weight, carried[0]), b.add(carried[1], weight)};
      });
  Value total = sumLoop.getResult(1);
  Value inverse =
      b.select(blind, b.like(total, 0), b.div(b.like(total, 1), total));
  Value result = b.mul(sumLoop.getResult(0), inverse);
  b.store(b.convert(result, out.getElementType()), kernel.getArgument(2),
          {firstRow, zero});
  if (lse)
    b.store(b.fma(b.log2(total), b.like(total, kLn2), max),
            kernel.getArgument(3), firstRow);
  return kernel;
}
