//===- Attention.cpp - The kernel of packed queries ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionKernel.h"

#include "Arguments.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/MathExtras.h"

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
  Value loadQueries();

  Value query;
};
} // namespace

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
}

void PackedAttentionKernel::findBlock() {
  keyHead = b.blockId(gpu::Dimension::y);
  batch = b.blockId(gpu::Dimension::z);
  if (spec.splits == 1)
    return;
  split = b.rem(batch, spec.splits);
  batch = b.div(batch, spec.splits);
}

void PackedAttentionKernel::findRows() {
  int64_t perToken = spec.getRowsPerToken(), group = spec.getGroupSize();
  rowsAreTokens = perToken == 1;
  Value firstRow = b.mul(b.blockId(gpu::Dimension::x), spec.queryRows);
  Value length = b.size(query, 1);
  firstToken = b.div(firstRow, perToken);
  endToken = b.ceilDiv(b.add(firstRow, spec.queryRows), perToken);
  if (spec.queryRows % perToken == 0) {
    int64_t tileTokens = spec.queryRows / perToken;
    firstToken = b.mul(b.blockId(gpu::Dimension::x), tileTokens);
    endToken = b.add(firstToken, tileTokens);
  }
  endToken = b.min(endToken, length);

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

Value PackedAttentionKernel::loadQueries() {
  if (rowsAreTokens)
    return b.load(viewHead(query, b.size(query, 1)), {firstToken, b.index(0)},
                  spec.queryRows, width);
  Value rows = memref::CollapseShapeOp::create(
      b, query, ArrayRef<ReassociationIndices>{{0, 1, 2}, {3}});
  return b.gather(rows, b.index(0), rowIndex, width);
}

gpu::GPUFuncOp PackedAttentionKernel::build(gpu::GPUModuleOp module,
                                            StringRef name) {
  gpu::GPUFuncOp kernel =
      b.createKernel(module, name, getArgumentTypes(b, spec), spec.warps);
  readArguments(kernel);
  findBlock();
  findRows();
  findKeys();
  finish(visitKeys(loadQueries(), createState()));
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
