//===- Mma.cpp - Products on tensor cores ---------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Mma.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace moa::tile;

//===----------------------------------------------------------------------===//
// Operands of an instruction
//===----------------------------------------------------------------------===//

namespace {
/// The left operand in shared memory, m x k.
struct LeftBuffer {
  SharedTile shared;
  Value row, piece;

  LeftBuffer(ThreadBuilder &b, SharedTile shared, const Product &product)
      : shared(shared),
        row(b.add(product.layout.getFirstRow(b), b.rem(b.lane(), 16))),
        piece(b.div(b.lane(), 16)) {}

  /// The operand of the instruction for row block `block` and step `step`.
  SmallVector<Value> load(ThreadBuilder &b, int64_t block, int64_t step) const {
    Value address = shared.getPieceAddress(b, row, piece, 2 * step);
    return b.loadMatrices(shared.moveRows(b, address, 16 * block), 4,
                          /*transpose=*/false);
  }
};

/// The right operand in shared memory: k x n, or n x k.
struct RightBuffer {
  SharedTile shared;
  bool transposed;
  /// Columns of the warp, in blocks of the layout.
  int64_t blocks;
  /// Layout::hasAlignedBlocks.
  bool aligned;
  Value firstBlock;
  Value lane;

  RightBuffer(ThreadBuilder &b, SharedTile shared, bool transposed,
              const Product &product)
      : shared(shared), transposed(transposed),
        blocks(product.layout.getColumnBlocks()),
        aligned(product.layout.hasAlignedBlocks()),
        firstBlock(b.mul(product.layout.getColumnBand(b), blocks)),
        lane(b.lane()) {}

  /// The operands for column blocks `block` and, if the warp has it, the next.
  SmallVector<Value> load(ThreadBuilder &b, int64_t block, int64_t step) const {
    int64_t count = block + 1 < blocks ? 4 : 2;
    if (transposed)
      return loadTransposed(b, block, step, count);
    if (shared.getElementBytes() == 4)
      return loadWords(b, block, step, count);
    // Rows are steps of the sum, pieces are blocks of columns.
    Value row = b.rem(lane, 16), high = b.div(lane, 16);
    Value address;
    if (aligned)
      address = shared.getPieceAddress(b, row, b.add(firstBlock, high), block);
    else
      address = shared.getPieceAddress(
          b, row, b.add(b.add(firstBlock, high), b.constant(block)), 0);
    return b.loadMatrices(shared.moveRows(b, address, 16 * step), count,
                          /*transpose=*/true);
  }

private:
  /// Matrices: low and high half of the step, for one block, then the next.
  SmallVector<Value> loadTransposed(ThreadBuilder &b, int64_t block,
                                    int64_t step, int64_t count) const {
    Value row = b.add(b.mul(firstBlock, 8), b.rem(lane, 8));
    row = b.add(row, b.mul(b.div(lane, 16), 8));
    Value piece = b.rem(b.div(lane, 8), 2);
    Value address = shared.getPieceAddress(b, row, piece, 2 * step);
    return b.loadMatrices(shared.moveRows(b, address, 8 * block), count,
                          /*transpose=*/false);
  }

  /// Elements of 32 bits, which ldmatrix cannot transpose: one at a time.
  SmallVector<Value> loadWords(ThreadBuilder &b, int64_t block, int64_t step,
                               int64_t count) const {
    SmallVector<Value> words;
    for (int64_t word : llvm::seq(count)) {
      Value row = b.add(b.rem(lane, 4), 4 * (word % 2));
      Value column = b.add(b.mul(firstBlock, 8), b.div(lane, 4));
      int64_t further = block + word / 2;
      if (!aligned)
        column = b.add(column, 8 * further);
      Value address = shared.getAddress(b, row, b.mul(column, 4),
                                        aligned ? 2 * further : 0);
      address = shared.moveRows(b, address, 8 * step);
      words.push_back(LLVM::LoadOp::create(b, b.getI32Type(), address));
    }
    return words;
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

/// The right operand for two column blocks if all elements are `scalar`.
static SmallVector<Value> packSplat(ThreadBuilder &b, Value scalar) {
  Value pair = b.bitcast(b.toVector({scalar, scalar}), b.getI32Type());
  return SmallVector<Value>(4, pair);
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

/// One mma.sync: `sum`, a block of an accumulator, is replaced.
static void createMma(ThreadBuilder &b, ValueRange left, ValueRange right,
                      MutableArrayRef<Value> sum, const Product &product) {
  NVVM::MMATypes type = product.element.isF32()   ? NVVM::MMATypes::tf32
                        : product.element.isF16() ? NVVM::MMATypes::f16
                                                  : NVVM::MMATypes::bf16;
  SmallVector<Type> types(4, b.getF32Type());
  Type result = LLVM::LLVMStructType::getLiteral(b.getContext(), types);
  SmallVector<Value> operands[] = {left, right};
  // The op takes f16 as vectors, and i32 for everything else.
  if (type == NVVM::MMATypes::f16)
    for (SmallVector<Value> &words : operands)
      for (Value &word : words)
        word = b.bitcast(word, VectorType::get({2}, b.getF16Type()));
  auto op = NVVM::MmaOp::create(
      b, result, operands[0], operands[1], SmallVector<Value>(sum),
      ArrayRef<int64_t>{16, 8, product.getStep()}, /*b1Op=*/std::nullopt,
      /*intOverflow=*/std::nullopt, std::array<NVVM::MMATypes, 2>{type, type},
      std::array<NVVM::MMALayout, 2>{NVVM::MMALayout::row,
                                     NVVM::MMALayout::col});
  llvm::copy(b.unpack(op), sum.begin());
}

/// f32 to the nearest tf32, of 10 bits of mantissa.
static void roundToTf32(ThreadBuilder &b, MutableArrayRef<Value> words) {
  for (Value &word : words)
    word = NVVM::ConvertFloatToTF32Op::create(b, b.getI32Type(),
                                              b.bitcast(word, b.getF32Type()),
                                              NVVM::FPRoundingMode::RNA);
}

namespace {
/// f16, bf16 and, as tf32, f32. A step is 32 bytes of a row in each case.
struct ConvertMma : KernelPattern<MmaOp> {
  using KernelPattern::KernelPattern;

  LogicalResult
  matchAndRewrite(MmaOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (!usesTensorCores(op))
      return rewriter.notifyMatchFailure(op, "f32 has its own pattern");
    ThreadBuilder b(op.getLoc(), rewriter);
    Product product(op, kernel);
    std::optional<LeftBuffer> leftBuffer;
    if (auto buffer = dyn_cast<BufferType>(op.getA().getType()))
      leftBuffer.emplace(b, SharedTile(getScalar(adaptor.getA()), buffer),
                         product);
    std::optional<RightBuffer> rightBuffer;
    if (auto buffer = dyn_cast<BufferType>(op.getB().getType()))
      rightBuffer.emplace(b, SharedTile(getScalar(adaptor.getB()), buffer),
                          op.getTransposed(), product);

    const Layout &layout = product.layout;
    SmallVector<Value> sums(adaptor.getAccumulator());
    auto addSteps = [&](ThreadBuilder &b, int64_t begin, int64_t end) {
      for (int64_t step : llvm::seq(begin, end)) {
        SmallVector<SmallVector<Value>> left, right;
        for (int64_t block : llvm::seq(layout.getRowBlocks()))
          left.push_back(leftBuffer
                             ? leftBuffer->load(b, block, step)
                             : packLeft(b, adaptor.getA(),
                                        kernel.getLayout(op.getA().getType()),
                                        block, step));
        for (int64_t block = 0; block < layout.getColumnBlocks(); block += 2) {
          SmallVector<Value> loaded =
              rightBuffer ? rightBuffer->load(b, block, step)
                          : packSplat(b, adaptor.getB().front());
          for (ArrayRef<Value> rest = loaded; !rest.empty();
               rest = rest.drop_front(2))
            right.emplace_back(rest.take_front(2));
        }
        if (op.getTf32())
          for (auto *operands : {&left, &right})
            for (SmallVector<Value> &words : *operands)
              roundToTf32(b, words);
        for (int64_t i : llvm::seq(layout.getRowBlocks()))
          for (int64_t j : llvm::seq(layout.getColumnBlocks()))
            createMma(b, left[i], right[j],
                      MutableArrayRef(sums).slice(layout.getNumber({i, j}), 4),
                      product);
      }
    };
    int64_t end = product.k / product.getStep();
    int64_t run = op.getTerms() ? kRunTerms / product.getStep() : end;
    addSteps(b, 0, std::min(run, end));
    for (int64_t begin = run; begin < end; begin += run)
      createIfNeeded(b, adaptor.getTerms(), begin * product.getStep(), sums,
                     [&](ThreadBuilder &b) {
                       addSteps(b, begin, std::min(begin + run, end));
                     });
    rewriter.replaceOpWithMultiple(op, {sums});
    return success();
  }

  /// Products that are left out together.
  static constexpr int64_t kRunTerms = 32;

  /// Let `add` change `sums` where a row of the warp has more than `least`
  /// terms.
  static void createIfNeeded(ThreadBuilder &b, ValueRange terms, int64_t least,
                             SmallVectorImpl<Value> &sums,
                             function_ref<void(ThreadBuilder &)> add) {
    auto more = llvm::map_to_vector(terms, [&](Value count) -> Value {
      return arith::CmpIOp::create(b, arith::CmpIPredicate::sgt, count,
                                   b.constant(least));
    });
    auto before = llvm::to_vector(sums);
    auto branch = scf::IfOp::create(b, TypeRange(ValueRange(sums)),
                                    b.anyOfWarp(more), /*withElse=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    add(b);
    scf::YieldOp::create(b, sums);
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(b, before);
    llvm::copy(branch.getResults(), sums.begin());
  }

  static bool usesTensorCores(MmaOp op) {
    return op.getTf32() ||
           !Product::getShape(op.getA().getType()).second.isF32();
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// f32 without tensor cores
//===----------------------------------------------------------------------===//

namespace {
/// Fused multiplies and adds, in the order of k. A thread loads what it needs
/// of the rows of a and b, which lanes and warps share, from the buffers.
struct ConvertMmaF32 : KernelPattern<MmaOp> {
  using KernelPattern::KernelPattern;

  /// Products of an iteration: the swizzle is then known in each of them.
  static constexpr int64_t kStep = SharedTile::kSwizzlePeriod;
  static constexpr int64_t kPieceElements = 4;

  LogicalResult
  matchAndRewrite(MmaOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (ConvertMma::usesTensorCores(op))
      return rewriter.notifyMatchFailure(op, "is for tensor cores");
    ThreadBuilder b(op.getLoc(), rewriter);
    SharedTile left(getScalar(adaptor.getA()),
                    cast<BufferType>(op.getA().getType()));
    SharedTile right(getScalar(adaptor.getB()),
                     cast<BufferType>(op.getB().getType()));
    auto loop = scf::ForOp::create(
        b, b.constant(0), b.constant(Product(op, kernel).k / kStep),
        b.constant(1), adaptor.getAccumulator(),
        [&](OpBuilder &builder, Location loc, Value step, ValueRange carried) {
          ThreadBuilder b(loc, builder);
          SmallVector<Value> sums(carried);
          for (int64_t piece : llvm::seq(kStep / kPieceElements))
            addPiece(b, op, left, right, step, piece, sums);
          scf::YieldOp::create(b, sums);
        });
    rewriter.replaceOpWithMultiple(op, {loop.getResults()});
    return success();
  }

  /// The products of four k.
  void addPiece(ThreadBuilder &b, MmaOp op, SharedTile left, SharedTile right,
                Value step, int64_t piece, MutableArrayRef<Value> sums) const {
    Layout layout = kernel.getLayout(op.getType());
    Value firstPiece = b.mul(step, kStep / kPieceElements);
    Value firstK = b.mul(step, kStep);
    auto loadAlongK = [&](SharedTile shared, Value row, int64_t below) {
      Value address = shared.getPieceAddress(b, row, firstPiece, piece);
      return load(b, shared.moveRows(b, address, below), kPieceElements);
    };
    DenseMap<std::pair<int64_t, int64_t>, SmallVector<Value>> rows, columns;
    for (int64_t number : llvm::seq(layout.size())) {
      Element at = layout.getElement(number);
      auto &row = rows[{at.rowBlock, at.half}];
      if (row.empty())
        row = loadAlongK(left, layout.getRow(b, {}), layout.getRowsBelow(at));
      std::pair<int64_t, int64_t> column = {at.columnBlock, at.pair};
      if (columns.contains(column))
        continue;
      if (op.getTransposed()) {
        columns[column] =
            loadAlongK(right, layout.getColumn(b, {0, 0, 0, at.pair}),
                       at.columnBlock * Layout::kBlockColumns);
        continue;
      }
      // Both columns of a pair, from four rows.
      for (int64_t k : llvm::seq(kPieceElements)) {
        Value row = b.add(firstK, piece * kPieceElements + k);
        Value address = right.getAddress(b, row, layout, at);
        SmallVector<Value> pair = load(b, address, 2);
        columns[column].push_back(pair[0]);
        columns[{at.columnBlock, 1}].push_back(pair[1]);
      }
    }
    for (int64_t k : llvm::seq(kPieceElements))
      for (int64_t number : llvm::seq(layout.size())) {
        Element at = layout.getElement(number);
        sums[number] = math::FmaOp::create(
            b, rows[{at.rowBlock, at.half}][k],
            columns[{at.columnBlock, at.pair}][k], sums[number]);
      }
  }

  static SmallVector<Value> load(ThreadBuilder &b, Value address,
                                 int64_t count) {
    return b.toScalars(
        b.load(address, VectorType::get({count}, b.getF32Type())));
  }
};
} // namespace

void moa::tile::populateMmaPatterns(RewritePatternSet &patterns,
                                    const TypeConverter &types,
                                    const Kernel &kernel) {
  patterns.add<ConvertMma, ConvertMmaF32>(types, kernel);
}
