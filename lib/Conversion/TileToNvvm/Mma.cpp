//===- Mma.cpp - Products on tensor cores ---------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Mma.h"

using namespace mlir;
using namespace moa::tile;

//===----------------------------------------------------------------------===//
// Fragments of f16 and bf16
//===----------------------------------------------------------------------===//

/// Products that an instruction sums.
static constexpr int64_t kStep = 16;

/// 2 or 4 matrices of 8 x 8 from shared memory; lane l holds the address of row
/// l mod 8 of matrix l / 8.
static SmallVector<Value> loadMatrices(ThreadBuilder &b, Value address,
                                       int64_t count, bool transpose) {
  SmallVector<Type> types(count, b.getI32Type());
  Type result = LLVM::LLVMStructType::getLiteral(b.getContext(), types);
  auto shape = NVVM::LdStMatrixShapeAttr::get(b.getContext(), 8, 8);
  return b.unpack(NVVM::LdMatrixOp::create(
      b, result, address, count,
      transpose ? NVVM::MMALayout::col : NVVM::MMALayout::row, shape,
      NVVM::LdStMatrixEltType::B16));
}

namespace {
/// The left operand in shared memory, m x k.
struct LeftBuffer {
  SharedTile shared;
  Value row, piece;

  LeftBuffer(ThreadBuilder &b, SharedTile shared, const Product &product)
      : shared(shared),
        row(b.add(b.mul(getWarpRow(b, product.warps),
                        product.layout.getRowBlocks() * Layout::kBlockRows),
                  b.rem(b.lane(), 16))),
        piece(b.div(b.lane(), 16)) {}

  /// The operand of the instruction for row block `block` and step `step`.
  SmallVector<Value> load(ThreadBuilder &b, int64_t block, int64_t step) const {
    Value address = shared.getPieceAddress(b, row, piece, 2 * step);
    return loadMatrices(b, shared.moveRows(b, address, 16 * block), 4,
                        /*transpose=*/false);
  }
};

/// The right operand in shared memory: k x n, or n x k.
struct RightBuffer {
  SharedTile shared;
  bool transposed;
  /// Columns of the warp, in blocks of the layout.
  int64_t blocks;
  Value firstBlock;
  Value lane;

  RightBuffer(ThreadBuilder &b, SharedTile shared, bool transposed,
              const Product &product)
      : shared(shared), transposed(transposed),
        blocks(product.layout.getColumnBlocks()),
        firstBlock(b.mul(getWarpColumn(b, product.warps), blocks)),
        lane(b.lane()) {}

  /// The operands for column blocks `block` and, if the warp has it, the next.
  SmallVector<Value> load(ThreadBuilder &b, int64_t block, int64_t step) const {
    int64_t count = block + 1 < blocks ? 4 : 2;
    if (transposed) {
      // Matrices: low and high half of the step, for one block, then the next.
      Value row = b.add(b.mul(firstBlock, 8), b.rem(lane, 8));
      row = b.add(row, b.mul(b.div(lane, 16), 8));
      Value piece = b.rem(b.div(lane, 8), 2);
      Value address = shared.getPieceAddress(b, row, piece, 2 * step);
      return loadMatrices(b, shared.moveRows(b, address, 8 * block), count,
                          /*transpose=*/false);
    }
    // Rows are steps of the sum, pieces are blocks of columns.
    Value row = b.rem(lane, 16);
    Value high = b.div(lane, 16);
    Value address;
    if (llvm::isPowerOf2_64(blocks))
      address = shared.getPieceAddress(b, row, b.add(firstBlock, high), block);
    else
      address = shared.getPieceAddress(
          b, row, b.add(b.add(firstBlock, high), block), 0);
    return loadMatrices(b, shared.moveRows(b, address, kStep * step), count,
                        /*transpose=*/true);
  }
};
} // namespace

/// The left operand from a tile in registers: the accumulator pattern, packed,
/// is the operand's. A warp must hold whole rows.
static SmallVector<Value> packLeft(ThreadBuilder &b, ValueRange scalars,
                                   const Layout &layout, int64_t block,
                                   int64_t step) {
  SmallVector<Value> operand;
  for (int64_t columnBlock : {2 * step, 2 * step + 1})
    for (int64_t half : {0, 1}) {
      int64_t first = layout.getNumber({block, columnBlock, half, 0});
      Value pair = b.toVector(scalars.slice(first, 2));
      operand.push_back(b.bitcast(pair, b.getI32Type()));
    }
  return operand;
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

void moa::tile::createMma(ThreadBuilder &b, ValueRange left, ValueRange right,
                          MutableArrayRef<Value> sum, NVVM::MMATypes type,
                          int64_t step) {
  SmallVector<Type> types(4, b.getF32Type());
  Type result = LLVM::LLVMStructType::getLiteral(b.getContext(), types);
  SmallVector<Value> a(left), c(right);
  // The op takes f16 as vectors, and i32 for everything else.
  if (type == NVVM::MMATypes::f16)
    for (SmallVector<Value> *operand : {&a, &c})
      for (Value &value : *operand)
        value = b.bitcast(value, VectorType::get({2}, b.getF16Type()));
  auto op = NVVM::MmaOp::create(
      b, result, a, c, ValueRange(SmallVector<Value>(sum)),
      ArrayRef<int64_t>{16, 8, step}, /*b1Op=*/std::nullopt,
      /*intOverflow=*/std::nullopt, std::array<NVVM::MMATypes, 2>{type, type},
      std::array<NVVM::MMALayout, 2>{NVVM::MMALayout::row,
                                     NVVM::MMALayout::col});
  llvm::copy(b.unpack(op), sum.begin());
}

namespace {
/// f16 and bf16.
struct ConvertMma : KernelPattern<MmaOp> {
  using KernelPattern::KernelPattern;

  LogicalResult
  matchAndRewrite(MmaOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Product product(op, kernel);
    if (product.element.isF32())
      return rewriter.notifyMatchFailure(op, "f32 has its own pattern");
    ThreadBuilder b(op.getLoc(), rewriter);
    NVVM::MMATypes type =
        product.element.isF16() ? NVVM::MMATypes::f16 : NVVM::MMATypes::bf16;
    std::optional<LeftBuffer> leftBuffer;
    if (auto buffer = dyn_cast<BufferType>(op.getA().getType()))
      leftBuffer.emplace(b, SharedTile(getScalar(adaptor.getA()), buffer),
                         product);
    RightBuffer rightBuffer(b,
                            SharedTile(getScalar(adaptor.getB()),
                                       cast<BufferType>(op.getB().getType())),
                            op.getTransposed(), product);

    const Layout &layout = product.layout;
    SmallVector<Value> sums(adaptor.getAccumulator());
    for (int64_t step : llvm::seq(product.k / kStep)) {
      SmallVector<SmallVector<Value>> left, right;
      for (int64_t block : llvm::seq(layout.getRowBlocks()))
        left.push_back(leftBuffer
                           ? leftBuffer->load(b, block, step)
                           : packLeft(b, adaptor.getA(),
                                      kernel.getLayout(op.getA().getType()),
                                      block, step));
      for (int64_t block = 0; block < layout.getColumnBlocks(); block += 2) {
        SmallVector<Value> loaded = rightBuffer.load(b, block, step);
        for (; !loaded.empty();
             loaded.erase(loaded.begin(), loaded.begin() + 2))
          right.push_back({loaded[0], loaded[1]});
      }
      for (int64_t i : llvm::seq(layout.getRowBlocks()))
        for (int64_t j : llvm::seq(layout.getColumnBlocks()))
          createMma(b, left[i], right[j],
                    MutableArrayRef(sums).slice(layout.getNumber({i, j}), 4),
                    type, kStep);
    }
    rewriter.replaceOpWithMultiple(op, {sums});
    return success();
  }
};
} // namespace

void moa::tile::populateMmaPatterns(RewritePatternSet &patterns,
                                    const TypeConverter &types,
                                    const Kernel &kernel) {
  patterns.add<ConvertMma>(types, kernel);
}
