//===- Copy.cpp - Global memory to shared memory, asynchronously ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile is copied in pieces of 16 bytes by cp.async where every row is aligned
// to that, in pieces of 8 or 4 bytes where rows allow no more, and else in
// pieces of 16 bytes whose elements are loaded one by one. The pieces are dealt
// to all threads of the block in turn, so that neighbouring threads read
// neighbouring pieces.
//
//===----------------------------------------------------------------------===//

#include "Access.h"
#include "Memory.h"
#include "RowIndex.h"
#include "SharedTile.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;
using namespace moa::tile;

namespace {
/// How the pieces of a tile are dealt to the threads: in turn. A thread's
/// pieces then lie in a pattern if a row's divide the threads or the other way
/// round. Else each is found and checked by itself, which takes registers;
/// where that were many pieces, a row counts as longer, and its last places are
/// empty.
struct Pieces {
  static constexpr int64_t kMostWithoutPattern = 4;
  int64_t elements; ///< of a piece
  int64_t perRow, rows, threads;
  int64_t places; ///< of a row, perRow or more

  Pieces(BufferType buffer, int64_t bytes, int64_t threads)
      : elements(bytes * 8 / buffer.getElementType().getIntOrFloatBitWidth()),
        perRow(buffer.getColumns() / elements), rows(buffer.getRows()),
        threads(threads), places(perRow) {
    if (threads % perRow == 0 || perRow % threads == 0 ||
        getRounds() <= kMostWithoutPattern)
      return;
    places = llvm::alignTo(perRow, threads);
    int64_t power = llvm::PowerOf2Ceil(perRow);
    if (threads % power == 0)
      places = power;
  }

  /// How many pieces a thread copies.
  int64_t getRounds() const { return llvm::divideCeil(places * rows, threads); }

  /// Rows between a thread's pieces if they all lie in one column, else 0.
  int64_t getRowStep() const {
    return threads % places == 0 ? threads / places : 0;
  }
  Value getNumber(ThreadBuilder &b, int64_t round) const {
    return b.add(b.thread(), round * threads);
  }
  Value getRow(ThreadBuilder &b, int64_t round) const {
    if (int64_t step = getRowStep())
      return b.add(b.div(b.thread(), places), round * step);
    if (places % threads == 0)
      return b.constant(round * threads / places);
    return b.div(getNumber(b, round), places);
  }
  /// The piece's number in its row.
  Value getPlace(ThreadBuilder &b, int64_t round) const {
    if (getRowStep())
      return b.rem(b.thread(), places);
    if (places % threads == 0)
      return b.add(b.thread(), round * threads % places);
    return b.rem(getNumber(b, round), places);
  }
  /// The first column of a piece.
  Value getColumn(ThreadBuilder &b, int64_t round) const {
    return b.mul(getPlace(b, round), elements);
  }
  /// Whether the thread has a piece in this round, null if it is sure to.
  Value getExists(ThreadBuilder &b, int64_t round) const {
    bool hasRow = (round + 1) * threads <= places * rows;
    Value exists =
        hasRow ? Value()
               : b.below(getNumber(b, round), b.constant(places * rows));
    if (places == perRow ||
        (places % threads == 0 && round * threads % places + threads <= perRow))
      return exists;
    return b.both(exists, b.below(getPlace(b, round), b.constant(perRow)));
  }
};

struct ConvertCopy : KernelPattern<CopyOp> {
  using KernelPattern::KernelPattern;
  static constexpr int64_t kPieceBytes = 16;

  LogicalResult
  matchAndRewrite(CopyOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    BufferType buffer = op.getBuffer().getType();
    int64_t elementBytes = buffer.getElementType().getIntOrFloatBitWidth() / 8;
    int64_t bytes = std::gcd(
        kernel.facts.getRowAlignment(op.getSource(), op.getIndices().back()),
        buffer.getColumns() * elementBytes);
    constexpr int64_t kSmallestAsync = 4;
    bool isAsync = bytes >= kSmallestAsync;
    if (!isAsync)
      bytes = std::gcd(kPieceBytes, buffer.getColumns() * elementBytes);
    Pieces pieces(buffer, bytes, kernel.warps.getThreads());

    ThreadBuilder b(op.getLoc(), rewriter);
    SmallVector<Value> gathered;
    if (op.getRows())
      gathered =
          computeRows(rewriter, kernel, op.getRows(), [&](ThreadBuilder &b) {
            return llvm::map_to_vector(
                llvm::seq(pieces.getRounds()),
                [&](int64_t round) { return pieces.getRow(b, round); });
          });
    Value when = op.getWhen() ? getScalar(adaptor.getWhen()) : Value();
    if (!isAsync && when) {
      auto branch = scf::IfOp::create(b, when);
      b.setInsertionPointToStart(branch.thenBlock());
    }
    for (int64_t round : llvm::seq(pieces.getRounds()))
      copyPiece(b, op, adaptor, pieces, round, when, isAsync,
                gathered.empty() ? Value() : gathered[round]);
    rewriter.eraseOp(op);
    return success();
  }

  void copyPiece(ThreadBuilder &b, CopyOp op, OneToNOpAdaptor adaptor,
                 const Pieces &pieces, int64_t round, Value when, bool isAsync,
                 Value gathered) const {
    MemRefType type = op.getSource().getType();
    Memory source(b, type, adaptor.getSource());
    SharedTile shared(getScalar(adaptor.getBuffer()), op.getBuffer().getType());
    int64_t bytes = pieces.elements * shared.getElementBytes();
    SmallVector<Value> indices =
        llvm::map_to_vector(adaptor.getIndices(), getScalar);
    Value firstColumn = indices.pop_back_val();
    Value firstRow = gathered ? Value() : indices.pop_back_val();
    int64_t rowDim = type.getRank() - 2, columnDim = type.getRank() - 1;

    // What depends on the thread alone comes first: it is the same in every
    // iteration of the loop around.
    Value from = source.getAddress(b, indices);
    Value column = pieces.getColumn(b, round);
    int64_t step = pieces.getRowStep();
    from = source.move(b, from, columnDim, column);
    Value row = gathered ? gathered : pieces.getRow(b, step ? 0 : round);
    from = source.move(b, from, rowDim, row);
    if (firstRow)
      from = source.move(b, from, rowDim, firstRow);
    from = source.move(b, from, columnDim, firstColumn);
    if (!gathered && step)
      from = source.move(b, from, rowDim, b.constant(round * step));

    Value byte = b.mul(column, shared.getElementBytes());
    Value to;
    if (step && step % SharedTile::kSwizzlePeriod == 0)
      to = shared.moveRows(b, shared.getAddress(b, pieces.getRow(b, 0), byte),
                           round * step);
    else
      to = shared.getAddress(b, pieces.getRow(b, round), byte);

    Value exists = pieces.getExists(b, round);
    when = b.both(when, exists);
    Value inside = getRowInside(b, op, source, pieces.getRow(b, round),
                                firstRow, gathered);
    if (isAsync) {
      Value valid = getValidBytes(b, op, source, pieces,
                                  b.add(firstColumn, column), inside);
      copyAsync(b, to, from, bytes, valid, when);
      return;
    }
    // Memory may have ended where a place has no piece. All of this is in a
    // branch that `when` takes.
    inside = b.both(inside, exists);
    SmallVector<Value> elements;
    for (int64_t element : llvm::seq(pieces.elements)) {
      Value isThere = inside;
      if (!isColumnInside(op))
        isThere = b.both(inside, b.below(b.add(b.add(firstColumn, column),
                                               b.constant(element)),
                                         source.getSize(b, columnDim)));
      elements.push_back(
          loadGlobal(b, source.move(b, from, columnDim, b.constant(element)),
                     type.getElementType(), isThere,
                     kernel.facts.isReadOnly(op.getSource())));
    }
    storeShared(b, b.toVector(elements), to, bytes, exists);
  }

  static void storeShared(ThreadBuilder &b, Value value, Value address,
                          int64_t alignment, Value condition) {
    OpBuilder::InsertionGuard guard(b);
    if (condition) {
      auto branch = scf::IfOp::create(b, condition);
      b.setInsertionPointToStart(branch.thenBlock());
    }
    LLVM::StoreOp::create(b, value, address, alignment);
  }

  bool isColumnInside(CopyOp op) const {
    MemRefType type = op.getSource().getType();
    return kernel.facts.isWithin(op.getIndices().back(),
                                 op.getBuffer().getType().getColumns(),
                                 type.getShape().back(), op.getWhen());
  }

  /// Whether the piece lies in a row of memory, null if it is sure to.
  Value getRowInside(ThreadBuilder &b, CopyOp op, const Memory &source,
                     Value row, Value firstRow, Value gathered) const {
    MemRefType type = op.getSource().getType();
    int64_t dim = type.getRank() - 2;
    if (gathered)
      return b.below(gathered, source.getSize(b, dim));
    if (kernel.facts.areRows(op.getIndices()[dim],
                             op.getBuffer().getType().getRows(), op.getSource(),
                             op.getWhen()))
      return {};
    return b.below(b.add(firstRow, row), source.getSize(b, dim));
  }

  /// How many bytes of a piece that starts at `column` exist, null if all do.
  Value getValidBytes(ThreadBuilder &b, CopyOp op, const Memory &source,
                      const Pieces &pieces, Value column,
                      Value rowInside) const {
    MemRefType type = op.getSource().getType();
    int64_t elementBytes = type.getElementTypeBitWidth() / 8;
    int64_t size = type.getShape().back();
    Value bytes = b.constant(pieces.elements * elementBytes);
    Value none = b.constant(0);
    if (isColumnInside(op))
      return rowInside ? b.select(rowInside, bytes, none) : Value();
    Value end = source.getSize(b, type.getRank() - 1);
    Value inside = b.below(column, end);
    bool isWhole =
        !ShapedType::isDynamic(size) && size % pieces.elements == 0 &&
        kernel.facts.getDivisor(op.getIndices().back()) % pieces.elements == 0;
    if (!isWhole) {
      Value rest = b.mul(b.sub(end, column), elementBytes);
      bytes = b.select(b.below(rest, bytes), rest, bytes);
    }
    return b.select(b.both(rowInside, inside), bytes, none);
  }
};

struct ConvertCommit : KernelPattern<CommitOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(CommitOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<NVVM::CpAsyncCommitGroupOp>(op);
    return success();
  }
};

struct ConvertWait : KernelPattern<WaitOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(WaitOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter);
    NVVM::CpAsyncWaitGroupOp::create(b, op.getPending());
    b.barrier();
    rewriter.eraseOp(op);
    return success();
  }
};
} // namespace

void moa::tile::populateCopyPatterns(RewritePatternSet &patterns,
                                     const TypeConverter &types,
                                     const Kernel &kernel) {
  patterns.add<ConvertCopy, ConvertCommit, ConvertWait>(types, kernel);
}
