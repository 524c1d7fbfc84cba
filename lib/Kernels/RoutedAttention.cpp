//===- RoutedAttention.cpp - Attention that projects its queries ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Kernels/RoutedAttention.h"

#include "Arguments.h"
#include "AttentionKernel.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "moa/Kernels/Rotary.h"

using namespace mlir;
using namespace moa;
using IPredicate = arith::CmpIPredicate;

namespace {
class RoutedAttentionKernel : public AttentionKernel {
public:
  RoutedAttentionKernel(TileBuilder &b, const AttentionSpec &spec,
                        const QueryProjectionSpec &projection)
      : AttentionKernel(b, spec), projection(projection) {}

  gpu::GPUFuncOp build(gpu::GPUModuleOp module, StringRef name);

private:
  void readArguments(gpu::GPUFuncOp kernel);
  void findRows();
  Value viewWeights();
  Value projectQueries();
  State visitBatch(Value query, Value entry, ValueRange state);

  const QueryProjectionSpec &projection;
  Value input, weights, offsets, permutation, tiles;
  /// The block's expert, query head, and length of the sequences of queries.
  Value expert, head, length;
  /// Tokens of all batch entries, [rows,1], -1 where a row is no slot; batch
  /// entries of the rows; and the tile's first and last token.
  Value inputRows, rowBatches, first, last;
};
} // namespace

void RoutedAttentionKernel::readArguments(gpu::GPUFuncOp kernel) {
  Arguments arguments(kernel.getArguments());
  input = arguments.next(projection.input);
  weights = arguments.next(projection.weights);
  offsets = arguments.next(projection.offsets);
  permutation = arguments.next(projection.permutation);
  tiles = arguments.next(projection.tiles);
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
}

/// Slots are sorted within a group: the tile's first and last row have its
/// first and last token.
void RoutedAttentionKernel::findRows() {
  Value tile = b.blockId(gpu::Dimension::x);
  Value firstRow =
      b.toIndex(memref::LoadOp::create(b, tiles, ValueRange{tile, b.index(1)}));
  Value groupEnd =
      b.toIndex(memref::LoadOp::create(b, offsets, b.add(expert, 1.0)));
  Value end = b.min(b.add(firstRow, double(spec.queryRows)), groupEnd);
  auto loadToken = [&](Value row) {
    Value slot = b.toIndex(memref::LoadOp::create(b, permutation, row));
    return b.div(slot, double(projection.topK));
  };
  first = loadToken(firstRow);
  last = loadToken(b.sub(end, 1.0));

  Value rows = b.positions(spec.queryRows, 1, firstRow);
  Value exists = b.compare(IPredicate::slt, rows, end);
  Value slots = b.load(permutation, firstRow, spec.queryRows, 1);
  Value flat = b.div(slots, double(projection.topK));
  Value none = b.like(slots, -1);
  inputRows = b.select(exists, flat, none);
  rowIndex =
      b.select(exists, b.add(b.mul(slots, double(spec.heads)), head), none);
  rowBatches = b.select(exists, b.div(flat, length), none);
  tokens = b.rem(flat, length);
  rowPositions = b.add(tokens, position);
}

/// The weights of the block's expert and head: [D,d], or [d,D] if transposed.
Value RoutedAttentionKernel::viewWeights() {
  int64_t headWidth = spec.getHeadWidth();
  bool transposed = projection.transposed;
  Value column = b.mul(head, double(headWidth));
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  OpFoldResult depth = getAsOpFoldResult(b.size(weights, transposed ? 2 : 1));
  SmallVector<OpFoldResult> offsets = {expert, zero, column};
  SmallVector<OpFoldResult> sizes = {one, depth, b.getIndexAttr(headWidth)};
  SmallVector<OpFoldResult> strides(3, one);
  if (transposed) {
    std::swap(offsets[1], offsets[2]);
    std::swap(sizes[1], sizes[2]);
  }
  SmallVector<int64_t> shape = decomposeMixedValues(sizes).first;
  auto type = memref::SubViewOp::inferRankReducedResultType(
      ArrayRef<int64_t>(shape).drop_front(), projection.weights, offsets, sizes,
      strides);
  return memref::SubViewOp::create(b, type, weights, offsets, sizes, strides);
}

/// The queries [rows,d], rotated and rounded once.
Value RoutedAttentionKernel::projectQueries() {
  Value view = viewWeights(), zero = b.index(0);
  auto step = [&](Value k, ValueRange sum) -> SmallVector<Value> {
    Value left = b.gather(input, k, inputRows, projection.depth);
    Value right = projection.transposed
                      ? b.load(view, {zero, k}, width, projection.depth)
                      : b.load(view, {k, zero}, projection.depth, width);
    return {b.mma(left, right, sum[0], projection.transposed, spec.tf32)};
  };
  Value rows = b.loop(zero, b.size(input, 1), projection.depth,
                      b.tile(spec.queryRows, width, b.getF32Type(), 0),
                      projection.stages, step)
                   .getResult(0);
  if (projection.rotary)
    rows = rotateHeads(b, rows, rowPositions, projection.rotary,
                       spec.getHeadWidth());
  return b.convert(rows, spec.key.getElementType());
}

/// Take the rows of one batch entry through its keys.
SmallVector<Value> RoutedAttentionKernel::visitBatch(Value query, Value entry,
                                                     ValueRange state) {
  Value firstBatch = b.div(first, length), lastBatch = b.div(last, length);
  Value isFirst = b.compare(IPredicate::eq, entry, firstBatch);
  Value isLast = b.compare(IPredicate::eq, entry, lastBatch);
  batch = entry;
  firstToken = b.select(isFirst, b.rem(first, length), b.index(0));
  endToken = b.select(isLast, b.add(b.rem(last, length), 1.0), length);
  inBatch = b.compare(IPredicate::eq, rowBatches, entry);
  allInBatch = b.both(isFirst, isLast);
  findKeys();
  return visitKeys(query, state);
}

gpu::GPUFuncOp RoutedAttentionKernel::build(gpu::GPUModuleOp module,
                                            StringRef name) {
  SmallVector<Type> types = {projection.input,   projection.weights,
                             projection.offsets, projection.permutation,
                             projection.tiles,   spec.key,
                             spec.value};
  if (spec.hasPosition)
    types.push_back(b.getIndexType());
  llvm::append_range(types,
                     presentTypes({spec.lengths, spec.booleanMask,
                                   spec.additiveMask, spec.out, spec.lse}));
  gpu::GPUFuncOp kernel = b.createKernel(module, name, types, spec.warps);
  readArguments(kernel);
  head = b.blockId(gpu::Dimension::y);
  Value keyHeads = b.index(spec.getKeyHeads());
  keyHead = spec.headMap == HeadMap::Tile
                ? b.rem(head, keyHeads)
                : b.div(head, double(spec.getGroupSize()));
  length = b.size(out, 1);
  expert = b.toIndex(memref::LoadOp::create(
      b, tiles, ValueRange{b.blockId(gpu::Dimension::x), b.index(0)}));
  auto attendTile = [&]() -> SmallVector<Value> {
    findRows();
    Value query = projectQueries();
    Value begin = b.div(first, length);
    Value end = b.add(b.div(last, length), 1.0);
    finish(b.loop(begin, end, 1, createState(), /*stages=*/1,
                  [&](Value entry, ValueRange state) {
                    return visitBatch(query, entry, state);
                  })
               .getResults());
    return {};
  };
  // Entries behind the last tile have no expert.
  b.branch(b.compare(IPredicate::sge, expert, 0.0), attendTile);
  return kernel;
}

gpu::GPUFuncOp
moa::buildRoutedAttentionKernel(TileBuilder &b, gpu::GPUModuleOp module,
                                StringRef name, const AttentionSpec &spec,
                                const QueryProjectionSpec &projection) {
  return RoutedAttentionKernel(b, spec, projection).build(module, name);
}

LogicalResult moa::chooseRoutedAttentionTiles(AttentionSpec &spec,
                                              QueryProjectionSpec &projection,
                                              int64_t sharedBytes) {
  if (failed(chooseAttentionTiles(spec, sharedBytes)))
    return failure();
  spec.splits = 1;
  // The sums of wide heads leave few registers for the operands of tf32.
  constexpr int64_t kWideHeads = 192;
  if (spec.tf32 && spec.getHeadWidth() > kWideHeads)
    projection.depth = 16;
  // The loop of the projection ends before that of the keys begins: its buffers
  // lie in their place.
  int64_t element = spec.key.getElementTypeBitWidth() / 8;
  int64_t width = llvm::alignTo(spec.getHeadWidth(), 16);
  auto countBytes = [&] {
    return projection.stages * projection.depth * element *
           (spec.queryRows + width);
  };
  while (countBytes() > sharedBytes) {
    if (projection.stages == 1)
      return failure();
    --projection.stages;
  }
  return success();
}
