//===- LoadStore.cpp - Global memory to registers and back ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Access.h"
#include "Kernel.h"
#include "Memory.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace moa::tile;

namespace {
/// A tile's place in memory, for loads, gathers, stores and scatters.
class Place {
public:
  /// `originals` and `indices` are the indices before and after conversion, and
  /// `rows` are the scalars of the row index, if there is one.
  Place(ThreadBuilder &b, const Kernel &kernel, RankedTensorType tile,
        TypedValue<MemRefType> memory, ValueRange converted,
        ValueRange originals, ArrayRef<ValueRange> indices,
        std::optional<ValueRange> rows)
      : b(b), kernel(kernel), layout(kernel.getLayout(tile)), tile(tile),
        memory(b, memory.getType(), converted), original(memory), rows(rows),
        originals(originals), indices(llvm::map_to_vector(indices, getScalar)) {
    // Memory of rank 1 is a column, unless the tile is a row.
    int64_t rank = memory.getType().getRank();
    bool isRow = rank == 1 && !rows && tile.getDimSize(0) == 1;
    columnDim = rank == 1 && !isRow ? -1 : rank - 1;
    rowDim = isRow ? -1 : rank == 1 ? 0 : rank - 2;
    pairs = mayAccess(2) ? 2 : 1;
    start = this->memory.getPointer();
    for (int64_t dim : llvm::seq(std::max<int64_t>(rank - 2, 0)))
      if (!addConstant(dim))
        start = this->memory.move(b, start, dim, this->indices[dim]);
  }

  const Layout &getLayout() const { return layout; }
  /// Scalars that are accessed at a time: 2 where pairs are aligned.
  int64_t getPairs() const { return pairs; }
  Type getAccessType() const {
    Type element = tile.getElementType();
    return pairs == 1 ? element : VectorType::get({pairs}, element);
  }

  /// The address of a scalar, and whether it exists (null: it does for sure).
  std::pair<Value, Value> get(int64_t number) {
    Element element = layout.getElement(number);
    return getAt(element, layout.getColumn(b, {}),
                 element.columnBlock * Layout::kBlockColumns + element.pair);
  }

  /// The same for the element of `element`'s row `further` columns behind
  /// `column`. What all elements share is added first, and constants last, so
  /// that accesses can have them as offsets.
  std::pair<Value, Value> getAt(Element element, Value column,
                                int64_t further) {
    Value address = start, inside;
    if (columnDim >= 0) {
      address = memory.move(b, address, columnDim, indices.back());
      address = memory.move(b, address, columnDim, column);
    }
    if (rowDim >= 0)
      std::tie(address, inside) = moveRow(address, element);
    address = b.offset(address, tile.getElementType(), constant);
    if (columnDim < 0)
      return {address, inside};
    address = memory.move(b, address, columnDim, b.constant(further));
    if (!isWithin(columnDim, originals.back(), tile.getDimSize(1)))
      inside =
          b.both(inside, b.below(b.add(indices.back(), b.add(column, further)),
                                 memory.getSize(b, columnDim)));
    return {address, inside};
  }

  /// Whether runs of `columns` are aligned, and exist or not as a whole.
  bool mayAccess(int64_t columns) const {
    if (layout.getPairs() == 1 || columnDim < 0 ||
        tile.getElementTypeBitWidth() < 16)
      return false;
    int64_t bytes = columns * tile.getElementTypeBitWidth() / 8;
    Value column = originals.back();
    if (kernel.facts.getRowAlignment(original, column) % bytes != 0)
      return false;
    int64_t size = original.getType().getDimSize(columnDim);
    return isWithin(columnDim, column, tile.getDimSize(1)) ||
           (!ShapedType::isDynamic(size) && size % columns == 0 &&
            kernel.facts.getDivisor(column) % columns == 0);
  }

private:
  /// Add what the index of dimension `dim` moves by to `constant`, if it is
  /// one, and one that an access can have as its offset.
  bool addConstant(int64_t dim) {
    std::optional<int64_t> index = getConstantIntValue(originals[dim]);
    int64_t stride = original.getType().getStridesAndOffset().first[dim];
    constexpr int64_t kLimit = int64_t(1) << 20;
    if (!index || *index < 0 || *index > kLimit ||
        ShapedType::isDynamic(stride) || stride > kLimit ||
        constant + *index * stride > kLimit)
      return false;
    constant += *index * stride;
    return true;
  }

  std::pair<Value, Value> moveRow(Value address, Element element) {
    if (rows) {
      Layout column({tile.getDimSize(0), 1}, kernel.warps);
      Value row = (*rows)[column.getBroadcastNumber(element)];
      return {memory.move(b, address, rowDim, row),
              b.below(row, memory.getSize(b, rowDim))};
    }
    Value row = layout.getRow(b, {}), first = indices[rowDim];
    int64_t further = layout.getRowsBelow(element);
    address = memory.move(b, address, rowDim, first);
    address = memory.move(b, address, rowDim, row);
    address = memory.move(b, address, rowDim, b.constant(further));
    if (isWithin(rowDim, originals[rowDim], tile.getDimSize(0)))
      return {address, Value()};
    return {address, b.below(b.add(first, b.add(row, further)),
                             memory.getSize(b, rowDim))};
  }

  bool isWithin(int64_t dim, Value index, int64_t extent) const {
    return kernel.facts.isWithin(index, extent,
                                 original.getType().getDimSize(dim));
  }

  ThreadBuilder &b;
  const Kernel &kernel;
  Layout layout;
  RankedTensorType tile;
  Memory memory;
  TypedValue<MemRefType> original;
  std::optional<ValueRange> rows;
  ValueRange originals;
  SmallVector<Value> indices;
  int64_t rowDim, columnDim, pairs;
  /// Where the matrix starts, but for `constant` elements.
  Value start;
  int64_t constant = 0;
};

SmallVector<Value> loadTile(ThreadBuilder &b, Place place, bool readOnly) {
  SmallVector<Value> scalars;
  for (int64_t number = 0; number < place.getLayout().size();
       number += place.getPairs()) {
    auto [address, inside] = place.get(number);
    Value value =
        loadGlobal(b, address, place.getAccessType(), inside, readOnly);
    if (place.getPairs() == 1)
      scalars.push_back(value);
    else
      llvm::append_range(scalars, b.toScalars(value));
  }
  return scalars;
}

/// Store 16-bit elements. A quad holds 8 columns of each of two neighbouring
/// blocks in pairs: half a sector of memory each. Lanes exchange a pair with
/// their neighbour, so that each has four columns of one of the blocks, and the
/// quad stores whole sectors.
void storeSectors(ThreadBuilder &b, ValueRange scalars, Place place) {
  const Layout &layout = place.getLayout();
  Value owner = layout.isOwner(b);
  Value place4 = b.rem(b.lane(), 4);
  Value isOdd = b.equal(b.rem(place4, 2), 1);
  // Odd lanes take the second block.
  Value column = b.add(layout.getFirstColumn(b), b.mul(b.div(place4, 2), 4));
  column = b.add(column, b.mul(b.rem(place4, 2), Layout::kBlockColumns));
  auto pack = [&](Element element) {
    ValueRange pair = scalars.slice(layout.getNumber(element), 2);
    return b.bitcast(b.toVector(pair), b.getI32Type());
  };
  for (int64_t number = 0; number < layout.size(); number += 2) {
    Element element = layout.getElement(number);
    if (element.columnBlock % 2 != 0)
      continue;
    Element next = element;
    ++next.columnBlock;
    Value first = pack(element), second = pack(next);
    Value received = b.shuffleXor(b.select(isOdd, first, second), 1);
    Value run = b.toVector(
        {b.select(isOdd, received, first), b.select(isOdd, second, received)});
    auto [address, inside] = place.getAt(
        element, column, element.columnBlock * Layout::kBlockColumns);
    storeGlobal(b, run, address, b.both(owner, inside));
  }
}

void storeTile(ThreadBuilder &b, ValueRange scalars, Place place, bool add) {
  constexpr int64_t kRun = 4;
  if (!add && scalars.front().getType().getIntOrFloatBitWidth() == 16 &&
      place.getLayout().getColumnBlocks() % 2 == 0 && place.mayAccess(kRun))
    return storeSectors(b, scalars, place);
  Value owner = place.getLayout().isOwner(b);
  for (int64_t number = 0; number < place.getLayout().size();
       number += place.getPairs()) {
    auto [address, inside] = place.get(number);
    Value condition = b.both(owner, inside);
    ValueRange run = scalars.slice(number, place.getPairs());
    if (!add) {
      Value value = run.size() == 1 ? run.front() : b.toVector(run);
      storeGlobal(b, value, address, condition);
      continue;
    }
    for (auto [index, scalar] : llvm::enumerate(run))
      addGlobal(b, scalar, b.offset(address, scalar.getType(), index),
                condition);
  }
}

struct ConvertLoad : KernelPattern<LoadOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(LoadOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter);
    Place place(b, kernel, op.getType(), op.getSource(), adaptor.getSource(),
                op.getIndices(), adaptor.getIndices(), std::nullopt);
    rewriter.replaceOpWithMultiple(
        op, {loadTile(b, place, kernel.facts.isReadOnly(op.getSource()))});
    return success();
  }
};

struct ConvertGather : KernelPattern<GatherOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(GatherOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter);
    Place place(b, kernel, op.getType(), op.getSource(), adaptor.getSource(),
                op.getIndices(), adaptor.getIndices(),
                ValueRange(adaptor.getRows()));
    rewriter.replaceOpWithMultiple(
        op, {loadTile(b, place, kernel.facts.isReadOnly(op.getSource()))});
    return success();
  }
};

struct ConvertStore : KernelPattern<StoreOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(StoreOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter);
    Place place(b, kernel, op.getTile().getType(), op.getDestination(),
                adaptor.getDestination(), op.getIndices(), adaptor.getIndices(),
                std::nullopt);
    storeTile(b, adaptor.getTile(), place, /*add=*/false);
    rewriter.eraseOp(op);
    return success();
  }
};

struct ConvertScatter : KernelPattern<ScatterOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(ScatterOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter);
    Place place(b, kernel, op.getTile().getType(), op.getDestination(),
                adaptor.getDestination(), op.getIndices(), adaptor.getIndices(),
                ValueRange(adaptor.getRows()));
    storeTile(b, adaptor.getTile(), place, op.getAdd());
    rewriter.eraseOp(op);
    return success();
  }
};
} // namespace

void moa::tile::populateLoadStorePatterns(RewritePatternSet &patterns,
                                          const TypeConverter &types,
                                          const Kernel &kernel) {
  patterns.add<ConvertLoad, ConvertGather, ConvertStore, ConvertScatter>(
      types, kernel);
}
