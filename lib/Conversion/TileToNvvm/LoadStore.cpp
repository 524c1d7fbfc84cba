//===- LoadStore.cpp - Global memory to registers and back ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Access.h"
#include "Kernel.h"
#include "Memory.h"

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
    pairs = mayPair() ? layout.getPairs() : 1;
    start = this->memory.getPointer();
    for (int64_t dim : llvm::seq(std::max<int64_t>(rank - 2, 0)))
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
    Value address = start, inside;
    if (rowDim >= 0)
      std::tie(address, inside) = moveRow(address, element);
    if (columnDim < 0)
      return {address, inside};
    Value column = layout.getColumn(b, element), first = indices.back();
    address = memory.move(b, address, columnDim, first);
    address = memory.move(b, address, columnDim, column);
    if (!isWithin(columnDim, originals.back(), tile.getDimSize(1)))
      inside = b.both(
          inside, b.below(b.add(first, column), memory.getSize(b, columnDim)));
    return {address, inside};
  }

private:
  std::pair<Value, Value> moveRow(Value address, Element element) {
    if (rows) {
      Layout column({tile.getDimSize(0), 1}, kernel.warps);
      Value row = (*rows)[column.getBroadcastNumber(element)];
      return {memory.move(b, address, rowDim, row),
              b.below(row, memory.getSize(b, rowDim))};
    }
    Value row = layout.getRow(b, element), first = indices[rowDim];
    address = memory.move(b, address, rowDim, first);
    address = memory.move(b, address, rowDim, row);
    if (isWithin(rowDim, originals[rowDim], tile.getDimSize(0)))
      return {address, Value()};
    return {address, b.below(b.add(first, row), memory.getSize(b, rowDim))};
  }

  bool isWithin(int64_t dim, Value index, int64_t extent) const {
    return kernel.facts.isWithin(index, extent,
                                 original.getType().getDimSize(dim));
  }

  /// Whether the two columns of a pair are aligned, and exist or not together.
  bool mayPair() const {
    if (layout.getPairs() == 1 || columnDim < 0 ||
        tile.getElementTypeBitWidth() < 16)
      return false;
    int64_t bytes = 2 * tile.getElementTypeBitWidth() / 8;
    Value column = originals.back();
    if (kernel.facts.getRowAlignment(original, column) % bytes != 0)
      return false;
    int64_t size = original.getType().getDimSize(columnDim);
    return isWithin(columnDim, column, tile.getDimSize(1)) ||
           (!ShapedType::isDynamic(size) && size % 2 == 0 &&
            kernel.facts.getDivisor(column) % 2 == 0);
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
  Value start;
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

void storeTile(ThreadBuilder &b, ValueRange scalars, Place place, bool add) {
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
