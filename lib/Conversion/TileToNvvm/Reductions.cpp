//===- Reductions.cpp - Reductions and scans of tiles ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A line is a row or a column, whichever is reduced. A thread holds some of its
// elements, lanes of its warp hold others, and other warps the rest. So a line
// is reduced within the thread, then by shuffles, then, where several warps
// share it, through the op's scratch buffer. The order is the same in every
// run.
//
//===----------------------------------------------------------------------===//

#include "Kernel.h"
#include "SharedTile.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace moa::tile;

namespace {
/// How the lines of a tile lie in threads, lanes and warps.
struct Lines {
  const Layout &layout;
  int64_t dim; ///< along which lines run

  /// Lanes that share a line: so many, so far apart.
  int64_t getLanes() const { return dim == 1 ? 4 : 8; }
  int64_t getLaneStep() const { return dim == 1 ? 1 : 4; }
  /// Whether a line has one element only, which all lanes hold.
  bool areSingle() const {
    return (dim == 1 ? layout.getPairs() : layout.getHalves()) == 1;
  }
  /// Warps that share a line, and the running one's place among them.
  int64_t getWarps() const {
    return dim == 1 ? layout.getColumnBands() : layout.getRowBands();
  }
  Value getWarp(ThreadBuilder &b) const {
    return dim == 1 ? layout.getColumnBand(b) : layout.getRowBand(b);
  }
  /// The running lane's place among those that share a line.
  Value getPlace(ThreadBuilder &b) const {
    return dim == 1 ? b.rem(b.lane(), 4) : b.div(b.lane(), 4);
  }

  /// The lines of a thread, by the numbers of its elements in groups: those of
  /// a group are neighbours, and between two groups lie those of other lanes.
  SmallVector<SmallVector<SmallVector<int64_t>>> get() const {
    SmallVector<SmallVector<SmallVector<int64_t>>> lines;
    if (dim == 1) {
      for (int64_t i : llvm::seq(layout.getRowBlocks()))
        for (int64_t half : llvm::seq(layout.getHalves())) {
          auto &line = lines.emplace_back();
          for (int64_t j : llvm::seq(layout.getColumnBlocks())) {
            auto &group = line.emplace_back();
            for (int64_t pair : llvm::seq(layout.getPairs()))
              group.push_back(layout.getNumber({i, j, half, pair}));
          }
        }
      return lines;
    }
    for (int64_t j : llvm::seq(layout.getColumnBlocks()))
      for (int64_t pair : llvm::seq(layout.getPairs())) {
        auto &line = lines.emplace_back();
        for (int64_t i : llvm::seq(layout.getRowBlocks()))
          for (int64_t half : llvm::seq(layout.getHalves()))
            line.push_back({layout.getNumber({i, j, half, pair})});
      }
    return lines;
  }
};

/// Values of the lines of all warps that share them, through shared memory.
class Exchange {
public:
  Exchange(ThreadBuilder &b, const Lines &lines, SharedTile scratch)
      : b(b), lines(lines), scratch(scratch) {}

  /// For each of the thread's lines, `values` of all warps in their order.
  SmallVector<SmallVector<Value>> exchange(ValueRange values,
                                           const Layout &reduced) {
    // Others may still read what was exchanged before.
    b.barrier();
    Value first =
        b.both(lines.layout.isOwningWarp(b), b.equal(lines.getPlace(b), 0));
    auto branch = scf::IfOp::create(b, first);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.thenBlock());
      Value warp = lines.getWarp(b);
      for (auto [number, value] : llvm::enumerate(values))
        LLVM::StoreOp::create(b, value, getAddress(reduced, number, warp));
    }
    b.barrier();
    SmallVector<SmallVector<Value>> all;
    for (auto [number, value] : llvm::enumerate(values)) {
      auto &line = all.emplace_back();
      for (int64_t warp : llvm::seq(lines.getWarps()))
        line.push_back(LLVM::LoadOp::create(
            b, value.getType(), getAddress(reduced, number, b.constant(warp))));
    }
    return all;
  }

private:
  Value getAddress(const Layout &reduced, int64_t number, Value warp) {
    // The buffer has a row for each warp.
    Element element = reduced.getElement(number);
    Value place = lines.dim == 1 ? reduced.getRow(b, element)
                                 : reduced.getColumn(b, element);
    return scratch.getAddress(b, warp, b.mul(place, scratch.getElementBytes()));
  }

  ThreadBuilder &b;
  const Lines &lines;
  SharedTile scratch;
};
} // namespace

/// The scratch buffer of an op, if it has one.
template <typename OpTy, typename Adaptor>
static std::optional<SharedTile> getScratch(OpTy op, Adaptor adaptor) {
  if (!op.getScratch())
    return std::nullopt;
  return SharedTile(getScalar(adaptor.getScratch()), op.getScratch().getType());
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

static Value combine(ThreadBuilder &b, ReduceKind kind, Value left,
                     Value right) {
  bool isFloat = isa<FloatType>(left.getType());
  switch (kind) {
  case ReduceKind::Add:
    if (isFloat)
      return arith::AddFOp::create(b, left, right);
    return arith::AddIOp::create(b, left, right);
  case ReduceKind::Max:
    if (isFloat)
      return arith::MaxNumFOp::create(b, left, right);
    return arith::MaxSIOp::create(b, left, right);
  case ReduceKind::Min:
    if (isFloat)
      return arith::MinNumFOp::create(b, left, right);
    return arith::MinSIOp::create(b, left, right);
  }
  llvm_unreachable("all kinds are listed");
}

namespace {
struct ConvertReduce : KernelPattern<ReduceOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(ReduceOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter);
    Layout layout = kernel.getLayout(op.getTile().getType());
    Lines lines{layout, static_cast<int64_t>(op.getDim())};
    SmallVector<Value> results;
    for (auto &line : lines.get())
      results.push_back(
          reduceLine(b, op.getKind(), lines, line, adaptor.getTile()));
    if (!lines.areSingle() && lines.getWarps() > 1) {
      Exchange exchange(b, lines, *getScratch(op, adaptor));
      auto all = exchange.exchange(results, kernel.getLayout(op.getType()));
      for (auto [result, values] : llvm::zip(results, all)) {
        result = values.front();
        for (Value value : llvm::drop_begin(values))
          result = combine(b, op.getKind(), result, value);
      }
    }
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }

  /// The part of a line that the warp holds.
  static Value reduceLine(ThreadBuilder &b, ReduceKind kind, const Lines &lines,
                          ArrayRef<SmallVector<int64_t>> line,
                          ValueRange scalars) {
    Value result;
    for (const auto &group : line)
      for (int64_t number : group)
        result = result ? combine(b, kind, result, scalars[number])
                        : scalars[number];
    if (lines.areSingle())
      return result;
    for (int64_t lanes = 1; lanes < lines.getLanes(); lanes *= 2)
      result = combine(b, kind, result,
                       b.shuffleXor(result, lanes * lines.getLaneStep()));
    return result;
  }
};

/// Each warp answers for its rows.
struct ConvertAny : KernelPattern<AnyOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(AnyOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter);
    rewriter.replaceOp(op, b.anyOfWarp(adaptor.getRows()));
    return success();
  }
};

/// Each thread answers for its elements.
struct ConvertAssert : KernelPattern<AssertOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(AssertOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter);
    Value holds;
    for (Value element : adaptor.getHolds())
      holds = holds ? b.both(holds, element) : element;
    rewriter.replaceOpWithNewOp<cf::AssertOp>(op, holds, op.getMessage());
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Scans
//===----------------------------------------------------------------------===//

struct ConvertScan : KernelPattern<ScanOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(ScanOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter);
    Layout layout = kernel.getLayout(op.getType());
    Lines lines{layout, static_cast<int64_t>(op.getDim())};
    bool reverse = op.getReverse();
    Type type = op.getType().getElementType();
    SmallVector<Value> results(layout.size(), b.zero(type));
    if (lines.areSingle()) {
      rewriter.replaceOpWithMultiple(op, {results});
      return success();
    }
    SmallVector<Value> totals;
    for (auto &line : lines.get())
      totals.push_back(
          scanLine(b, lines, line, reverse, adaptor.getTile(), results));
    if (lines.getWarps() > 1) {
      SmallVector<int64_t> shape(op.getType().getShape());
      shape[op.getDim()] = 1;
      Exchange exchange(b, lines, *getScratch(op, adaptor));
      auto all = exchange.exchange(totals, Layout(shape, kernel.warps));
      for (auto [line, values] : llvm::zip(lines.get(), all))
        addOtherWarps(b, lines, line, values, reverse, results);
    }
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }

  /// Scan the part of a line that the warp holds into `results`; its sum.
  static Value scanLine(ThreadBuilder &b, const Lines &lines,
                        ArrayRef<SmallVector<int64_t>> line, bool reverse,
                        ValueRange scalars, MutableArrayRef<Value> results) {
    SmallVector<SmallVector<int64_t>> groups(line);
    if (reverse) {
      std::reverse(groups.begin(), groups.end());
      for (auto &group : groups)
        std::reverse(group.begin(), group.end());
    }
    Value before = b.zero(scalars.front().getType());
    for (auto &group : groups) {
      Value own = scalars[group.front()];
      for (int64_t number : llvm::drop_begin(group))
        own = combine(b, ReduceKind::Add, own, scalars[number]);
      auto [others, total] = scanLanes(b, lines, own, reverse);
      Value sum = combine(b, ReduceKind::Add, before, others);
      for (int64_t number : group) {
        results[number] = sum;
        if (number != group.back())
          sum = combine(b, ReduceKind::Add, sum, scalars[number]);
      }
      before = combine(b, ReduceKind::Add, before, total);
    }
    return before;
  }

  /// The sum of `own` of the lanes before this one, and of all.
  static std::pair<Value, Value> scanLanes(ThreadBuilder &b, const Lines &lines,
                                           Value own, bool reverse) {
    int64_t count = lines.getLanes(), step = lines.getLaneStep();
    Value lane = b.lane(), place = lines.getPlace(b);
    if (reverse)
      place = b.sub(b.constant(count - 1), place);
    auto fromBefore = [&](Value value, int64_t distance) {
      Value source = b.add(lane, (reverse ? distance : -distance) * step);
      Value zero = b.zero(value.getType());
      return b.select(b.below(place, b.constant(distance)), zero,
                      b.shuffleFrom(value, source));
    };
    Value sum = own;
    for (int64_t distance = 1; distance < count; distance *= 2)
      sum = combine(b, ReduceKind::Add, sum, fromBefore(sum, distance));
    // The last lane of those that share the line has the sum of all.
    Value first = b.sub(lane, b.mul(lines.getPlace(b), step));
    Value last = b.add(first, reverse ? 0 : (count - 1) * step);
    return {fromBefore(sum, 1), b.shuffleFrom(sum, last)};
  }

  static void addOtherWarps(ThreadBuilder &b, const Lines &lines,
                            ArrayRef<SmallVector<int64_t>> line,
                            ArrayRef<Value> totals, bool reverse,
                            MutableArrayRef<Value> results) {
    Value zero = b.zero(totals.front().getType()), own = lines.getWarp(b);
    Value before = zero;
    for (auto [number, total] : llvm::enumerate(totals)) {
      Value warp = b.constant(number);
      Value counts = reverse ? b.below(own, warp) : b.below(warp, own);
      before =
          combine(b, ReduceKind::Add, before, b.select(counts, total, zero));
    }
    for (const auto &group : line)
      for (int64_t number : group)
        results[number] = combine(b, ReduceKind::Add, before, results[number]);
  }
};
} // namespace

void moa::tile::populateReductionPatterns(RewritePatternSet &patterns,
                                          const TypeConverter &types,
                                          const Kernel &kernel) {
  patterns.add<ConvertAny, ConvertAssert, ConvertReduce, ConvertScan>(types,
                                                                      kernel);
}
