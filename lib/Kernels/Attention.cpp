//===- Attention.cpp - The attention kernels ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Kernels/Attention.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace moa;
using tile::ReduceKind;
using IPredicate = arith::CmpIPredicate;
using FPredicate = arith::CmpFPredicate;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();
static constexpr double kLog2E = 1.4426950408889634;
static constexpr double kLn2 = 0.6931471805599453;

namespace {
/// The parts of one attention kernel. Scores are in units of log 2, so that
/// their exponential is one instruction on every target.
class AttentionKernel {
public:
  AttentionKernel(TileBuilder &b, const AttentionSpec &spec)
      : b(b), spec(spec), width(llvm::alignTo(spec.getHeadWidth(), 16)) {}

  gpu::GPUFuncOp build(gpu::GPUModuleOp module, StringRef name);

private:
  void readArguments(gpu::GPUFuncOp kernel);
  void findBlock();
  void findRows();
  void findKeys();
  Value viewHead(Value memory);
  Value createScores(Value query, Value firstKey);
  Value hideKeys(Value scores, Value firstKey, double hidden);
  Value isVisible(Value firstKey);
  void attend(Value query);
  void breakSticks(Value query);
  void storeOut(Value out);
  Value selectSplit(Value memory, ArrayRef<ReassociationIndices> rows);
  bool scalesInExponent() const;

  TileBuilder &b;
  const AttentionSpec &spec;
  /// Head width, padded to what a product of tiles takes.
  int64_t width;

  Value query, key, value, position, lengths, booleanMask, additiveMask;
  Value out, lse;
  /// The block's batch entry, key/value head, and part of the keys.
  Value batch, keyHead, split;
  /// The first and the last token of the block, as indices.
  Value firstToken, lastToken;
  /// For each row: its token, the row of memory that it is in (-1: none), and
  /// its position in the sequence of keys.
  Value tokens, rowIndex, rowPositions;
  /// Keys from `begin` to `end` are visited; of those from `fullBegin` to
  /// `fullEnd` no causal mask, window or length hides one from a row.
  Value begin, end, fullBegin, fullEnd;
  /// The rows of the block's keys and values.
  Value keys, values;
};
} // namespace

//===----------------------------------------------------------------------===//
// Where the block is
//===----------------------------------------------------------------------===//

static SmallVector<Type> getArgumentTypes(OpBuilder &b,
                                          const AttentionSpec &spec) {
  SmallVector<Type> types = {spec.query, spec.key, spec.value};
  if (spec.hasPosition)
    types.push_back(b.getIndexType());
  for (MemRefType type :
       {spec.lengths, spec.booleanMask, spec.additiveMask, spec.out, spec.lse})
    if (type)
      types.push_back(type);
  return types;
}

void AttentionKernel::readArguments(gpu::GPUFuncOp kernel) {
  auto next = kernel.getArguments().begin();
  query = *next++;
  key = *next++;
  value = *next++;
  position = spec.hasPosition ? Value(*next++) : b.index(0);
  auto take = [&](MemRefType type) { return type ? Value(*next++) : Value(); };
  lengths = take(spec.lengths);
  booleanMask = take(spec.booleanMask);
  additiveMask = take(spec.additiveMask);
  out = take(spec.out);
  lse = take(spec.lse);
}

void AttentionKernel::findBlock() {
  keyHead = b.blockId(gpu::Dimension::y);
  batch = b.blockId(gpu::Dimension::z);
  if (spec.splits == 1)
    return;
  split = b.rem(batch, spec.splits);
  batch = b.div(batch, spec.splits);
}

void AttentionKernel::findRows() {
  int64_t perToken = spec.getRowsPerToken(), group = spec.getGroupSize();
  Value firstRow = b.mul(b.blockId(gpu::Dimension::x), spec.queryRows);
  Value length = b.size(query, 1);
  firstToken = b.div(firstRow, perToken);
  lastToken = b.min(b.div(b.add(firstRow, spec.queryRows - 1), perToken),
                    b.sub(length, 1));

  Value rows = b.positions(spec.queryRows, 1, firstRow);
  tokens = b.div(rows, perToken);
  rowPositions = b.add(tokens, position);
  Value inToken = b.rem(rows, perToken);
  Value slot = b.div(inToken, group), member = b.rem(inToken, group);
  Value head = spec.headMap == HeadMap::Tile
                   ? b.add(b.mul(member, spec.getKeyHeads()), keyHead)
                   : b.add(member, b.mul(keyHead, group));
  Value token = b.add(tokens, b.mul(batch, length));
  rowIndex = b.add(b.mul(token, spec.query.getDimSize(2)),
                   b.add(b.mul(slot, spec.heads), head));
  Value exists = b.compare(IPredicate::slt, tokens, length);
  if (spec.heads % spec.getKeyHeads() != 0)
    exists = b.both(exists, b.compare(IPredicate::slt, head, spec.heads));
  rowIndex = b.select(exists, rowIndex, b.like(rowIndex, -1));
}

void AttentionKernel::findKeys() {
  begin = b.index(0);
  end = b.size(key, 1);
  if (lengths) {
    Value length = memref::LoadOp::create(b, lengths, batch);
    end = b.min(end, b.max(b.toIndex(length), 0.0));
  }
  Value firstPosition = b.add(position, firstToken);
  Value lastPosition = b.add(position, lastToken);
  if (spec.causal)
    end = b.min(end, b.add(lastPosition, 1.0));
  if (spec.window) {
    begin = b.max(b.sub(firstPosition, *spec.window - 1), 0.0);
    fullBegin = b.sub(lastPosition, *spec.window - 1);
  }
  if (split) {
    Value count = b.max(b.sub(end, begin), 0.0);
    Value share =
        b.mul(b.ceilDiv(count, spec.splits * spec.keyRows), spec.keyRows);
    begin = b.add(begin, b.mul(split, share));
    end = b.min(end, b.add(begin, share));
  }
  fullEnd = end;
  if (spec.causal)
    fullEnd = b.min(end, b.add(firstPosition, 1.0));
}

/// The rows [s,d] of the block's keys or values. They end with the last key
/// that is visited: what stands behind may be anything, NaN included.
Value AttentionKernel::viewHead(Value memory) {
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> offsets = {batch, zero, keyHead, zero};
  SmallVector<OpFoldResult> sizes = {one, end, one,
                                     b.getIndexAttr(spec.getHeadWidth())};
  SmallVector<OpFoldResult> strides(4, one);
  auto type = memref::SubViewOp::inferRankReducedResultType(
      {ShapedType::kDynamic, spec.getHeadWidth()},
      cast<MemRefType>(memory.getType()), offsets, sizes, strides);
  return memref::SubViewOp::create(b, type, memory, offsets, sizes, strides);
}

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

/// Whether a row's maximum can be taken before its scores are scaled.
bool AttentionKernel::scalesInExponent() const {
  return spec.score == Score::Softmax && !spec.additiveMask && spec.scale > 0;
}

/// The mask's entry for the block: [T,S].
static Value viewMask(TileBuilder &b, Value mask, Value batch) {
  auto memory = cast<MemRefType>(mask.getType());
  // One entry serves every batch entry.
  Value shared = b.compare(IPredicate::eq, b.size(mask, 0), 1.0);
  Value entry = b.select(shared, b.index(0), batch);
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> sizes = {one, getAsOpFoldResult(b.size(mask, 1)),
                                     getAsOpFoldResult(b.size(mask, 2))};
  SmallVector<OpFoldResult> offsets = {entry, zero, zero}, strides(3, one);
  auto type = memref::SubViewOp::inferRankReducedResultType(
      memory.getShape().drop_front(), memory, offsets, sizes, strides);
  return memref::SubViewOp::create(b, type, mask, offsets, sizes, strides);
}

/// The scores of the keys from `firstKey` on. Their factor, log2 e times the
/// scale, is left out if it is applied in the exponent.
Value AttentionKernel::createScores(Value query, Value firstKey) {
  Value keys =
      b.load(viewHead(key), {firstKey, b.index(0)}, spec.keyRows, width);
  Value scores = b.mma(query, keys,
                       b.tile(spec.queryRows, spec.keyRows, b.getF32Type(), 0),
                       /*transposed=*/true, spec.tf32);
  if (scalesInExponent())
    return scores;
  scores = b.mul(scores, spec.scale * kLog2E);
  if (!additiveMask)
    return scores;
  Value mask = b.gather(viewMask(b, additiveMask, batch), firstKey, tokens,
                        spec.keyRows);
  return b.fma(mask, b.like(mask, kLog2E), scores);
}

/// Which of the keys from `firstKey` on each row sees.
Value AttentionKernel::isVisible(Value firstKey) {
  Value columns = b.positions(1, spec.keyRows, firstKey);
  Value limit = b.toI32(end);
  if (spec.causal)
    limit = b.min(b.add(rowPositions, 1.0), limit);
  Value visible = b.compare(IPredicate::slt, columns, limit);
  if (spec.window)
    visible =
        b.both(visible, b.compare(IPredicate::sgt, columns,
                                  b.sub(rowPositions, double(*spec.window))));
  if (booleanMask)
    visible = b.both(visible, b.gather(viewMask(b, booleanMask, batch),
                                       firstKey, tokens, spec.keyRows));
  return visible;
}

/// `values` with `hidden` for keys that a row does not see. Nothing is compared
/// where no key of the tile can be hidden.
Value AttentionKernel::hideKeys(Value values, Value firstKey, double hidden) {
  auto hide = [&]() -> SmallVector<Value> {
    return {b.select(isVisible(firstKey), values, b.like(values, hidden))};
  };
  if (booleanMask)
    return hide().front();
  Value partial = b.compare(IPredicate::sgt,
                            b.add(firstKey, double(spec.keyRows)), fullEnd);
  if (spec.window)
    partial = arith::OrIOp::create(
        b, partial, b.compare(IPredicate::slt, firstKey, fullBegin));
  return b.branch(partial, hide, values).front();
}

//===----------------------------------------------------------------------===//
// Softmax
//===----------------------------------------------------------------------===//

void AttentionKernel::attend(Value queryTile) {
  Type f32 = b.getF32Type();
  int64_t rows = spec.queryRows;
  double factor = scalesInExponent() ? spec.scale * kLog2E : 1.0;

  auto step = [&](Value firstKey, ValueRange carried) -> SmallVector<Value> {
    Value sum = carried[0], max = carried[1], total = carried[2];
    Value scores =
        hideKeys(createScores(queryTile, firstKey), firstKey, -kInfinity);
    Value newMax = b.max(max, b.reduce(ReduceKind::Max, scores, 1));
    // A row that has seen no key yet has maximum -inf, and -inf - -inf is NaN.
    Value blind = b.compare(FPredicate::OEQ, newMax, -kInfinity);
    Value base = b.select(blind, b.like(newMax, 0), b.mul(newMax, -factor));
    Value weights = b.exp2(b.fma(scores, b.like(max, factor), base));
    Value decay = b.exp2(b.fma(max, b.like(max, factor), base));
    Value newTotal = b.fma(total, decay, b.reduce(ReduceKind::Add, weights, 1));
    Value tile = b.load(values, {firstKey, b.index(0)}, spec.keyRows, width);
    Value newSum = b.mma(b.convert(weights, spec.query.getElementType()), tile,
                         b.mul(sum, decay), /*transposed=*/false, spec.tf32);
    return {newSum, newMax, newTotal};
  };
  auto loop =
      b.loop(begin, end, spec.keyRows,
             {b.tile(rows, width, f32, 0), b.tile(rows, 1, f32, -kInfinity),
              b.tile(rows, 1, f32, 0)},
             spec.stages, step);
  Value sum = loop.getResult(0), max = loop.getResult(1);
  Value total = loop.getResult(2);
  Value blind = b.compare(FPredicate::OEQ, total, 0.0);
  Value inverse =
      b.select(blind, b.like(total, 0), b.div(b.like(total, 1), total));
  storeOut(b.mul(sum, inverse));
  if (!lse)
    return;
  Value log = b.mul(b.fma(max, b.like(max, factor), b.log2(total)), kLn2);
  b.scatter(log, selectSplit(lse, {{0, 1, 2}}), {}, rowIndex);
}

//===----------------------------------------------------------------------===//
// Stick-breaking
//===----------------------------------------------------------------------===//

/// From the last key to the first, each takes its share of what later keys
/// left. Shares and what is left are kept as logarithms.
void AttentionKernel::breakSticks(Value queryTile) {
  Type f32 = b.getF32Type();
  int64_t rows = spec.queryRows;
  Value count = b.max(b.sub(end, begin), 0.0);
  Value lastTile = b.sub(b.ceilDiv(count, spec.keyRows), 1.0);

  auto step = [&](Value iteration, ValueRange carried) -> SmallVector<Value> {
    Value sum = carried[0], left = carried[1];
    Value firstKey =
        b.add(begin, b.mul(b.sub(lastTile, iteration), double(spec.keyRows)));
    // With t = log(1 + exp(-|a|)): log sigmoid(a) is min(a, 0) - t, and
    // log(1 - sigmoid(a)) is -max(a, 0) - t.
    Value scores = createScores(queryTile, firstKey);
    Value minusAbs = b.min(scores, b.mul(scores, -1.0));
    Value t = b.log2(b.add(b.exp2(minusAbs), 1.0));
    Value taken = b.sub(b.min(scores, 0.0), t);
    Value kept = b.sub(b.mul(b.max(scores, 0.0), -1.0), t);
    taken = hideKeys(taken, firstKey, -kInfinity);
    kept = hideKeys(kept, firstKey, 0);
    Value later = b.scan(kept, /*dim=*/1, /*reverse=*/true);
    Value weights = b.exp2(b.add(b.add(taken, later), left));
    Value tile = b.load(values, {firstKey, b.index(0)}, spec.keyRows, width);
    Value newSum = b.mma(b.convert(weights, spec.query.getElementType()), tile,
                         sum, /*transposed=*/false, spec.tf32);
    return {newSum, b.add(left, b.reduce(ReduceKind::Add, kept, 1))};
  };
  auto loop = b.loop(b.index(0), b.add(lastTile, 1.0), 1,
                     {b.tile(rows, width, f32, 0), b.tile(rows, 1, f32, 0)},
                     spec.stages, step);
  storeOut(loop.getResult(0));
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

/// `memory` with its first dimensions collapsed to rows, the block's part where
/// keys are split.
Value AttentionKernel::selectSplit(Value memory,
                                   ArrayRef<ReassociationIndices> rows) {
  SmallVector<ReassociationIndices> groups(rows);
  if (!split)
    return memref::CollapseShapeOp::create(b, memory, groups);
  for (ReassociationIndices &group : groups)
    for (int64_t &dim : group)
      ++dim;
  groups.insert(groups.begin(), {0});
  Value parts = memref::CollapseShapeOp::create(b, memory, groups);
  auto type = cast<MemRefType>(parts.getType());
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> offsets = {split}, sizes = {one};
  for (int64_t dim = 1; dim < type.getRank(); ++dim) {
    offsets.push_back(zero);
    sizes.push_back(getAsOpFoldResult(b.size(parts, dim)));
  }
  SmallVector<OpFoldResult> strides(type.getRank(), one);
  auto part = memref::SubViewOp::inferRankReducedResultType(
      type.getShape().drop_front(), type, offsets, sizes, strides);
  return memref::SubViewOp::create(b, part, parts, offsets, sizes, strides);
}

void AttentionKernel::storeOut(Value rows) {
  b.scatter(b.convert(rows, spec.out.getElementType()),
            selectSplit(out, {{0, 1, 2}, {3}}), b.index(0), rowIndex);
}

gpu::GPUFuncOp AttentionKernel::build(gpu::GPUModuleOp module, StringRef name) {
  gpu::GPUFuncOp kernel =
      b.createKernel(module, name, getArgumentTypes(b, spec), spec.warps);
  readArguments(kernel);
  findBlock();
  findRows();
  findKeys();
  keys = viewHead(key);
  values = viewHead(value);
  Value rows = memref::CollapseShapeOp::create(
      b, query, ArrayRef<ReassociationIndices>{{0, 1, 2}, {3}});
  Value queryTile = b.gather(rows, b.index(0), rowIndex, width);
  if (spec.score == Score::StickBreaking)
    breakSticks(queryTile);
  else
    attend(queryTile);
  return kernel;
}

gpu::GPUFuncOp moa::buildAttentionKernel(TileBuilder &b,
                                         gpu::GPUModuleOp module,
                                         StringRef name,
                                         const AttentionSpec &spec) {
  return AttentionKernel(b, spec).build(module, name);
}

//===----------------------------------------------------------------------===//
// Split keys
//===----------------------------------------------------------------------===//

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
    return b.mul(b.gather(row, {}, rowIndex, 1), kLog2E);
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
        Value weight = b.exp2(b.sub(loadLse(split), base));
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
    b.store(b.mul(b.add(max, b.log2(total)), kLn2), kernel.getArgument(3),
            firstRow);
  return kernel;
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
                                        int64_t sharedBytes) {
  constexpr int64_t kBandRows = 16;
  int64_t width = spec.getHeadWidth(), length = spec.query.getDimSize(1);
  spec.queryRows = width > 64 && width <= 128 ? 128 : 64;
  spec.keyRows = width > 128 ? 32 : 64;
  spec.stages = 2;
  if (spec.query.getElementType().isF32()) {
    spec.queryRows /= 2;
    spec.keyRows /= 2;
  }
  if (!ShapedType::isDynamic(length)) {
    int64_t rows = std::max<int64_t>(length * spec.getRowsPerToken(), 1);
    spec.queryRows =
        std::min<int64_t>(spec.queryRows, llvm::PowerOf2Ceil(rows));
    spec.queryRows = std::max(spec.queryRows, kBandRows);
    if (spec.queryRows == kBandRows)
      spec.keyRows = std::min<int64_t>(spec.keyRows, 32);
  }
  while (countSharedBytes(spec) > sharedBytes) {
    if (spec.stages > 1)
      spec.stages = 1;
    else if (spec.keyRows > 16)
      spec.keyRows /= 2;
    else if (spec.queryRows > kBandRows)
      spec.queryRows /= 2;
    else
      return failure();
  }
  spec.warps = {spec.queryRows / kBandRows, 1};
  spec.splits = chooseSplits(spec);
  return success();
}
