//===- Attention.cpp - The kernel of packed queries ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionKernel.h"

#include "Arguments.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace mlir;
using namespace moa;
using IPredicate = arith::CmpIPredicate;

namespace {
/// The query heads of neighbouring tokens' slots that read one key/value head
/// are the rows of a tile.
class PackedAttentionKernel : public AttentionKernel {
public:
  using AttentionKernel::AttentionKernel;
  gpu::GPUFuncOp build(gpu::GPUModuleOp module, StringRef name);

private:
  void readArguments(gpu::GPUFuncOp kernel);
  void findBlock();
  void findRows();
  Value findRowIndex(Value rows);
  Value loadQueries();

  int64_t countPieces() const;
  void storePart(ValueRange state);
  Value viewParts(Value memory, Value first, int64_t count);
  State addParts(Value sums, Value rows, Value first, int64_t count,
                 ValueRange state);
  void joinParts();

  Value query, partSums, partStates, counters;
  /// The tile's number, and its first row among those of the key/value head.
  Value rowTile, firstRow;
};
} // namespace

static SmallVector<Type> getArgumentTypes(OpBuilder &b,
                                          const AttentionSpec &spec) {
  SmallVector<Type> types = {spec.query, spec.key, spec.value};
  if (spec.hasPosition)
    types.push_back(b.getIndexType());
  for (MemRefType type :
       {spec.lengths, spec.booleanMask, spec.additiveMask, spec.out, spec.lse,
        spec.partSums, spec.partStates, spec.counters})
    if (type)
      types.push_back(type);
  return types;
}

void PackedAttentionKernel::readArguments(gpu::GPUFuncOp kernel) {
  Arguments arguments(kernel.getArguments());
  query = arguments.next(spec.query);
  key = arguments.next(spec.key);
  value = arguments.next(spec.value);
  position = arguments.next(spec.hasPosition ? b.getIndexType() : Type());
  if (!position)
    position = b.index(0);
  lengths = arguments.next(spec.lengths);
  booleanMask = arguments.next(spec.booleanMask);
  additiveMask = arguments.next(spec.additiveMask);
  out = arguments.next(spec.out);
  lse = arguments.next(spec.lse);
  partSums = arguments.next(spec.partSums);
  partStates = arguments.next(spec.partStates);
  counters = arguments.next(spec.counters);
}

void PackedAttentionKernel::findBlock() {
  rowTile = b.blockId(gpu::Dimension::x);
  firstRow = b.mul(rowTile, spec.queryRows);
  keyHead = b.blockId(gpu::Dimension::y);
  batch = b.blockId(gpu::Dimension::z);
  if (spec.splits == 1)
    return;
  split = b.rem(batch, spec.splits);
  batch = b.div(batch, spec.splits);
}

void PackedAttentionKernel::findRows() {
  int64_t perToken = spec.getRowsPerToken();
  rowsAreTokens = perToken == 1;
  Value length = b.size(query, 1);
  firstToken = b.div(firstRow, perToken);
  endToken = b.ceilDiv(b.add(firstRow, spec.queryRows), perToken);
  if (spec.queryRows % perToken == 0) {
    int64_t tileTokens = spec.queryRows / perToken;
    firstToken = b.mul(rowTile, tileTokens);
    endToken = b.add(firstToken, tileTokens);
  }
  endToken = b.min(endToken, length);

  Value rows = b.positions(spec.queryRows, 1, firstRow);
  tokens = b.div(rows, perToken);
  rowPositions = b.add(tokens, position);
  rowIndex = findRowIndex(rows);
}

/// Where `rows` of the key/value head are in memory, -1 where there is none.
Value PackedAttentionKernel::findRowIndex(Value rows) {
  int64_t perToken = spec.getRowsPerToken(), group = spec.getGroupSize();
  Value length = b.size(query, 1), token = b.div(rows, perToken);
  Value inToken = b.rem(rows, perToken);
  Value slot = b.div(inToken, group), member = b.rem(inToken, group);
  Value head = spec.headMap == HeadMap::Tile
                   ? b.add(b.mul(member, spec.getKeyHeads()), keyHead)
                   : b.add(member, b.mul(keyHead, group));
  Value inAll = b.add(token, b.mul(batch, length));
  Value index = b.add(b.mul(inAll, spec.query.getDimSize(2)),
                      b.add(b.mul(slot, spec.heads), head));
  Value exists = b.compare(IPredicate::slt, token, length);
  if (spec.heads % spec.getKeyHeads() != 0)
    exists = b.both(exists, b.compare(IPredicate::slt, head, spec.heads));
  return b.select(exists, index, b.like(index, -1));
}

Value PackedAttentionKernel::loadQueries() {
  if (rowsAreTokens)
    return b.load(viewHead(query, b.size(query, 1)), {firstToken, b.index(0)},
                  spec.queryRows, width);
  Value rows = memref::CollapseShapeOp::create(
      b, query, ArrayRef<ReassociationIndices>{{0, 1, 2}, {3}});
  return b.gather(rows, b.index(0), rowIndex, width);
}

//===----------------------------------------------------------------------===//
// Split keys
//===----------------------------------------------------------------------===//

/// Into how many pieces rows are cut where parts are joined. Few rows would
/// leave most threads idle; as more rows, shorter ones, they fill the tile.
int64_t PackedAttentionKernel::countPieces() const {
  constexpr int64_t kBlockColumns = 8;
  int64_t pieces = 1;
  while (2 * pieces * spec.getRows() <= spec.queryRows &&
         spec.getHeadWidth() % (2 * pieces * kBlockColumns) == 0)
    pieces *= 2;
  return pieces;
}

/// `memory` with each of its rows as `pieces` rows.
static Value cutRows(TileBuilder &b, Value memory, int64_t pieces) {
  if (pieces == 1)
    return memory;
  auto type = cast<MemRefType>(memory.getType());
  int64_t last = type.getRank() - 1;
  SmallVector<int64_t> shape(type.getShape());
  int64_t columns = shape.pop_back_val();
  shape.append({pieces, columns / pieces});
  SmallVector<OpFoldResult> sizes;
  SmallVector<ReassociationIndices> cut, joined;
  for (int64_t dim = 0; dim < last; ++dim) {
    sizes.push_back(getAsOpFoldResult(b.size(memory, dim)));
    cut.push_back({dim});
    joined.push_back({dim});
  }
  sizes.append({b.getIndexAttr(pieces), b.getIndexAttr(columns / pieces)});
  cut.push_back({last, last + 1});
  joined.back().push_back(last);
  joined.push_back({last + 1});
  Value apart = memref::ExpandShapeOp::create(b, shape, memory, cut, sizes);
  return memref::CollapseShapeOp::create(b, apart, joined);
}

void PackedAttentionKernel::storePart(ValueRange state) {
  Value zero = b.index(0), one = b.index(1);
  b.store(state[0], partSums, {batch, keyHead, split, firstRow, zero});
  b.store(state[1], partStates, {batch, keyHead, split, firstRow, zero});
  b.store(getTotal(state), partStates, {batch, keyHead, split, firstRow, one});
}

/// `count` parts of the block's batch entry and head, from `first` on.
Value PackedAttentionKernel::viewParts(Value memory, Value first,
                                       int64_t count) {
  auto type = cast<MemRefType>(memory.getType());
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> offsets = {batch, keyHead, first, zero, zero};
  SmallVector<int64_t> shape = {count, type.getDimSize(3), type.getDimSize(4)};
  SmallVector<OpFoldResult> sizes = {one, one}, strides(5, one);
  llvm::append_range(sizes, getAsIndexOpFoldResult(b.getContext(), shape));
  auto view = memref::SubViewOp::inferRankReducedResultType(
      shape, type, offsets, sizes, strides);
  return memref::SubViewOp::create(b, view, memory, offsets, sizes, strides);
}

/// Add `count` parts from `first` on. `rows` are those that the rows of the
/// tile, from `sums`, are pieces of.
SmallVector<Value> PackedAttentionKernel::addParts(Value sums, Value rows,
                                                   Value first, int64_t count,
                                                   ValueRange state) {
  sums = viewParts(sums, first, count);
  Value states = viewParts(partStates, first, count);
  Value zero = b.index(0), one = b.index(1), max = state[1];
  SmallVector<Value> maxima, totals;
  for (int64_t part = 0; part < count; ++part) {
    auto load = [&](Value column) {
      return b.gather(states, {b.index(part), column}, rows, 1);
    };
    maxima.push_back(load(zero));
    totals.push_back(load(one));
    max = b.max(max, maxima.back());
  }
  auto weigh = [&](Value other) {
    return b.exp2(b.mul(b.sub(other, max), getExponentFactor()));
  };
  Value decay = weigh(state[1]);
  Value sum = b.mul(state[0], decay), total = b.mul(state[2], decay);
  auto type = cast<RankedTensorType>(sum.getType());
  for (int64_t part = 0; part < count; ++part) {
    Value weight = weigh(maxima[part]);
    Value loaded = b.load(sums, {b.index(part), firstRow, zero},
                          type.getDimSize(0), type.getDimSize(1));
    sum = b.fma(loaded, weight, sum);
    total = b.fma(totals[part], weight, total);
  }
  return {sum, max, total};
}

/// Join what all blocks have, in the order of their keys, and store the rows.
void PackedAttentionKernel::joinParts() {
  // Rows that are cut are all in one tile, the first.
  int64_t pieces = countPieces(), columns = width / pieces;
  Value numbers = b.positions(spec.queryRows, 1, firstRow);
  Value rows = b.div(numbers, pieces), piece = b.rem(numbers, pieces);
  // Loads of as many parts are under way at a time as there are registers for.
  constexpr int64_t kMostColumns = 256, kMostParts = 8;
  int64_t limit = std::clamp<int64_t>(kMostColumns / columns, 1, kMostParts);
  int64_t atATime =
      llvm::divideCeil(spec.splits, llvm::divideCeil(spec.splits, limit));
  int64_t rest = spec.splits % atATime;

  Type f32 = b.getF32Type();
  Value sums = cutRows(b, partSums, pieces), end = b.index(spec.splits - rest);
  State none = {b.tile(spec.queryRows, columns, f32, 0),
                b.tile(spec.queryRows, 1, f32, getLeastMaximum()),
                b.tile(spec.queryRows, 1, f32, 0)};
  State state = b.loop(b.index(0), end, atATime, none, /*stages=*/1,
                       [&](Value first, ValueRange carried) {
                         return addParts(sums, rows, first, atATime, carried);
                       })
                    .getResults();
  if (rest)
    state = addParts(sums, rows, end, rest, state);

  auto [joined, log] = normalize(state);
  Value index = findRowIndex(rows), no = b.like(index, -1);
  Value exists = b.compare(IPredicate::sge, index, 0.0);
  Value target = b.select(exists, b.add(b.mul(index, pieces), piece), no);
  Value all = memref::CollapseShapeOp::create(
      b, out, ArrayRef<ReassociationIndices>{{0, 1, 2}, {3}});
  b.scatter(joined, cutRows(b, all, pieces), b.index(0), target);
  if (!log)
    return;
  Value isFirst = b.compare(IPredicate::eq, piece, 0.0);
  Value flat = memref::CollapseShapeOp::create(
      b, lse, ArrayRef<ReassociationIndices>{{0, 1, 2}});
  b.scatter(log, flat, {}, b.select(isFirst, index, no));
}

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

gpu::GPUFuncOp PackedAttentionKernel::build(gpu::GPUModuleOp module,
                                            StringRef name) {
  gpu::GPUFuncOp kernel =
      b.createKernel(module, name, getArgumentTypes(b, spec), spec.warps);
  readArguments(kernel);
  findBlock();
  findRows();
  findKeys();
  State state = visitKeys(loadQueries(), createState());
  if (spec.splits == 1) {
    finish(state);
    return kernel;
  }
  storePart(state);
  Value isLast =
      b.arrive(counters, {batch, rowTile, keyHead}, b.index(spec.splits));
  b.branch(isLast, [&]() -> State {
    joinParts();
    return {};
  });
  return kernel;
}

gpu::GPUFuncOp moa::buildAttentionKernel(TileBuilder &b,
                                         gpu::GPUModuleOp module,
                                         StringRef name,
                                         const AttentionSpec &spec) {
  return PackedAttentionKernel(b, spec).build(module, name);
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

/// Bytes of shared memory that a block needs.
static int64_t countSharedBytes(const AttentionSpec &spec) {
  int64_t element = spec.query.getElementTypeBitWidth() / 8;
  int64_t row = llvm::alignTo(spec.getHeadWidth(), 16) * element;
  int64_t bytes = spec.queryRows * row + 2 * spec.stages * spec.keyRows * row;
  // Weights of f32 are an operand in memory.
  if (spec.query.getElementType().isF32())
    bytes += spec.queryRows * spec.keyRows * element;
  return bytes;
}

/// How many blocks share the keys of a row, so that few rows fill a chip.
static int64_t chooseSplits(const AttentionSpec &spec) {
  constexpr int64_t kBlocksOfAChip = 216, kLeastTiles = 4, kMaxSplits = 32;
  int64_t length = spec.query.getDimSize(1), batch = spec.query.getDimSize(0);
  int64_t keys = spec.key.getDimSize(1);
  if (spec.score == Score::StickBreaking || ShapedType::isDynamic(length) ||
      length * spec.getRowsPerToken() > spec.queryRows)
    return 1;
  // Of a batch or keys of unknown size, assume one entry and long keys.
  int64_t blocks = spec.getUsedKeyHeads();
  if (!ShapedType::isDynamic(batch))
    blocks *= std::max<int64_t>(batch, 1);
  int64_t splits = llvm::divideCeil(kBlocksOfAChip, blocks);
  if (!ShapedType::isDynamic(keys))
    splits = std::min(splits, keys / (kLeastTiles * spec.keyRows));
  return std::clamp<int64_t>(splits, 1, kMaxSplits);
}

LogicalResult moa::chooseAttentionTiles(AttentionSpec &spec,
                                        int64_t sharedBytes, int64_t queryRows,
                                        int64_t keyRows) {
  constexpr int64_t kBandRows = 16;
  int64_t width = spec.getHeadWidth(), length = spec.query.getDimSize(1);
  spec.queryRows = width > 64 && width <= 128 ? 128 : 64;
  spec.keyRows = width > 128 ? 32 : 64;
  spec.stages = 2;
  if (spec.query.getElementType().isF32()) {
    spec.queryRows /= 2;
    spec.keyRows /= 2;
  }
  // The elements of two masks are in registers, too.
  if (spec.booleanMask && spec.additiveMask)
    spec.keyRows = std::min<int64_t>(spec.keyRows, 32);
  if (!ShapedType::isDynamic(length)) {
    int64_t rows = std::max<int64_t>(length * spec.getRowsPerToken(), 1);
    spec.queryRows =
        std::min<int64_t>(spec.queryRows, llvm::PowerOf2Ceil(rows));
    spec.queryRows = std::max(spec.queryRows, kBandRows);
    if (spec.queryRows == kBandRows)
      spec.keyRows = std::min<int64_t>(spec.keyRows, 32);
  }
  if (queryRows)
    spec.queryRows = queryRows;
  if (keyRows)
    spec.keyRows = keyRows;
  while (countSharedBytes(spec) > sharedBytes) {
    if (spec.stages > 1)
      spec.stages = 1;
    else if (!keyRows && spec.keyRows > 16)
      spec.keyRows /= 2;
    else if (!queryRows && spec.queryRows > kBandRows)
      spec.queryRows /= 2;
    else
      return failure();
  }
  spec.warps = {spec.queryRows / kBandRows, 1};
  spec.splits = chooseSplits(spec);
  return success();
}
