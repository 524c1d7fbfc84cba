//===- ProductTask.cpp - Parts of a product, and their scratch ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProductTask.h"

#include "Buffers.h"
#include "VectorBuilders.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "moa/Utils/LinalgBuilders.h"
#include "moa/Utils/LoopBuilders.h"

using namespace mlir;
using namespace moa;

static ProductScratch createProductScratch(ImplicitLocOpBuilder &b,
                                           CpuTarget target,
                                           const ProductSizes &sizes) {
  ProductScratch scratch;
  Type accumulator = sizes.accumulator;
  scratch.vectorType = target.getVectorType(accumulator);
  scratch.taskVectors = sizes.taskVectors;
  int64_t lanes = scratch.vectorType.getDimSize(0);
  // Rows that are no power of two apart do not compete for the same cache
  // lines.
  scratch.rowStride = kPackedDepth + lanes;
  TileShape tile = target.getMainTile();
  int64_t most = sizes.mostRows;
  if (std::optional<int64_t> count = getConstantIntValue(sizes.rows))
    most = std::min(most, *count);
  // The last tile may reach behind the last row.
  int64_t rows = std::max<int64_t>(llvm::alignTo(most, kRowStep), tile.rows);
  int64_t fewRows = std::min<int64_t>(rows, kFewRows);
  auto allocate = [&](int64_t size) {
    return createScratch(b, {b.getIndexAttr(size)}, accumulator);
  };
  scratch.rows = allocate(rows * scratch.rowStride);
  scratch.panel = createScratch(
      b, {b.getIndexAttr(kPackedDepth), b.getIndexAttr(tile.vectors * lanes)},
      accumulator);
  scratch.sums = allocate(
      std::max(rows * kPassColumns, fewRows * sizes.taskVectors * lanes));
  return scratch;
}

static int64_t getTaskColumns(CpuTarget target, const ProductSizes &sizes) {
  return sizes.taskVectors * target.getLanes(sizes.accumulator);
}

SmallVector<OpFoldResult> moa::getTaskBounds(ImplicitLocOpBuilder &b,
                                             CpuTarget target,
                                             const ProductSizes &sizes) {
  OpFoldResult rows = countTiles(b, sizes.rows, kTaskRows);
  if (sizes.anyColumns)
    return {rows};
  return {countTiles(b, sizes.columns, getTaskColumns(target, sizes)), rows};
}

ProductTask moa::openTask(ImplicitLocOpBuilder &b, CpuTarget target,
                          const ProductSizes &sizes, ValueRange turn) {
  ProductTask task;
  task.row = arith::MulIOp::create(b, turn[sizes.anyColumns ? 0 : 1],
                                   createIndex(b, kTaskRows));
  task.first = createIndex(b, 0);
  task.limit = asIndex(b, sizes.columns);
  if (!sizes.anyColumns) {
    int64_t width = getTaskColumns(target, sizes);
    task.first = arith::MulIOp::create(b, turn[0], createIndex(b, width));
    task.limit = minIndex(b, addIndex(b, task.first, width), task.limit);
  }
  task.scratch = createProductScratch(b, target, sizes);
  return task;
}
