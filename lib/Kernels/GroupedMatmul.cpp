//===- GroupedMatmul.cpp - Products of grouped rows and of slots ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Arguments.h"
#include "Product.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace moa;
using IPredicate = arith::CmpIPredicate;

static SmallVector<Type> withRotary(OpBuilder &b, ArrayRef<Type> types,
                                    bool rotary, bool position, Type result) {
  SmallVector<Type> all = presentTypes(types);
  if (rotary)
    all.push_back(b.getIndexType());
  if (position)
    all.push_back(b.getIndexType());
  all.push_back(result);
  return all;
}

/// Where the tokens of `slots` stand: position + (token mod length).
static Value createPositions(TileBuilder &b, Value slots, int64_t topK,
                             Value length, Value position) {
  Value tokens = topK == 1 ? slots : b.div(slots, double(topK));
  Value positions = b.rem(tokens, length);
  return position ? b.add(positions, position) : positions;
}

/// Rows of `condition` as `map` says, for slots in grouped order: row r, its
/// slot, or its token. -1 where the condition does not hold.
static Value mapRows(TileBuilder &b, RowMap map, Value isRow, Value rows,
                     Value slots, int64_t topK) {
  Value mapped = map == RowMap::Grouped ? rows : slots;
  if (map == RowMap::Token && topK > 1)
    mapped = b.div(mapped, double(topK));
  return b.select(isRow, mapped, b.like(mapped, -1));
}

/// `count` entries of a vector, from `first` on.
static Value viewRows(TileBuilder &b, Value vector, Value first, Value count) {
  SmallVector<OpFoldResult> offsets = {first}, sizes = {count},
                            strides = {b.getIndexAttr(1)};
  return memref::SubViewOp::create(b, vector, offsets, sizes, strides);
}

//===----------------------------------------------------------------------===//
// Grouped rows
//===----------------------------------------------------------------------===//

namespace {
class GroupedMatmulKernel {
public:
  GroupedMatmulKernel(TileBuilder &b, const GroupedMatmulSpec &spec)
      : b(b), spec(spec) {}

  gpu::GPUFuncOp build(gpu::GPUModuleOp module, StringRef name);

private:
  void multiply(int64_t rows);
  SmallVector<int64_t> getBodyRows();

  TileBuilder &b;
  const GroupedMatmulSpec &spec;
  Value input, weights, offsets, list, permutation, gates, length, position;
  Value result;
  /// The block's expert, the first row of its tile, the rows of the group from
  /// there on, and their slots.
  Value expert, first, left, slotsLeft;
  ColumnTile columns;
};
} // namespace

/// Row counts that the block has bodies for, from large to small: all rows of
/// the tile, and halves for the end of a group, which takes the smallest body
/// that holds it, so that few rows that do not exist are multiplied. Each band
/// of warps has 16 rows at least. A fourth body would be more to compile than
/// it saves.
SmallVector<int64_t> GroupedMatmulKernel::getBodyRows() {
  SmallVector<int64_t> bodies = {spec.tiles.rows};
  constexpr size_t kMostBodies = 3;
  for (int64_t rows : {144, 128, 64, 32, 16})
    if (bodies.size() < kMostBodies && rows < spec.tiles.rows &&
        rows % (16 * spec.tiles.warps.rows) == 0)
      bodies.push_back(rows);
  return bodies;
}

/// The tile's first `rows` rows.
void GroupedMatmulKernel::multiply(int64_t rows) {
  ProductTiles tiles =
      getBodyTiles(spec.tiles, rows, spec.weights.getElementType());
  Value number = b.positions(rows, 1, b.index(0));
  Value isRow = b.compare(IPredicate::slt, number, left);
  Value grouped = b.add(number, first);
  Value slots = permutation ? b.load(slotsLeft, b.index(0), rows, 1) : Value();
  Value from = mapRows(b, spec.inputRows, isRow, grouped, slots, spec.topK);
  // Where each band has 16 rows, those of the last may be more than there are.
  bool isSmallest = rows == 16 * tiles.warps.rows && tiles.warps.rows > 1;
  Value hasRows = isSmallest ? b.any(isRow) : Value();
  SmallVector<Value> sums = buildProduct(
      b,
      {[&](Value k) { return b.gather(input, k, from, tiles.depth); }, weights,
       expert, spec.transposed, createSums(b, rows, columns), hasRows},
      columns, tiles);

  auto finish = [&]() -> SmallVector<Value> {
    if (gates) {
      Value gate =
          b.gather(gates, {}, b.select(isRow, slots, b.like(slots, -1)),
                   /*columns=*/1);
      for (Value &sum : sums)
        sum = b.mul(sum, gate);
    }
    Value to = mapRows(b, spec.resultRows, isRow, grouped, slots, spec.topK);
    if (spec.rotary)
      storeRotated(b, sums, columns, to,
                   createPositions(b, slots, spec.topK, length, position),
                   result, *spec.rotary);
    else
      storeSum(b, sums.front(), columns, to, result,
               /*add=*/spec.resultRows == RowMap::Token);
    return {};
  };
  if (hasRows)
    b.branch(hasRows, finish);
  else
    finish();
}

/// Registers that suffice, where ptxas takes a few more than the accumulators
/// and both operands need; else 0. A rotation of 128 rows takes what it gets.
static int64_t getMostRegisters(const ProductTiles &tiles, bool rotated) {
  if (tiles.columns != 128 || tiles.warps.rows != 2)
    return 0;
  if (tiles.rows == 128)
    return rotated ? 0 : 232;
  return tiles.rows == 64 ? 157 : 0;
}

gpu::GPUFuncOp GroupedMatmulKernel::build(gpu::GPUModuleOp module,
                                          StringRef name) {
  bool rotated = spec.rotary.has_value();
  gpu::GPUFuncOp kernel =
      b.createKernel(module, name,
                     withRotary(b,
                                {spec.input, spec.weights, spec.offsets,
                                 spec.list, spec.permutation, spec.gates},
                                rotated, spec.hasPosition, spec.result),
                     spec.tiles.warps);
  if (int64_t registers = getMostRegisters(spec.tiles, rotated))
    kernel->setAttr(tile::TileDialect::kRegistersAttr,
                    b.getI64IntegerAttr(registers));
  Arguments arguments(kernel.getArguments());
  input = arguments.next(spec.input);
  weights = arguments.next(spec.weights);
  offsets = arguments.next(spec.offsets);
  list = arguments.next(spec.list);
  permutation = arguments.next(spec.permutation);
  gates = arguments.next(spec.gates);
  length = arguments.next(rotated ? b.getIndexType() : Type());
  position = arguments.next(spec.hasPosition ? b.getIndexType() : Type());
  result = arguments.next(spec.result);

  columns = getBlockColumns(b, spec.weights, spec.transposed, spec.tiles,
                            spec.rotary);
  Value entry = b.blockId(gpu::Dimension::x);
  Value number = b.loadScalar(list, {entry, b.index(0)});
  auto work = [&]() -> SmallVector<Value> {
    expert = b.toIndex(number);
    first = b.toIndex(b.loadScalar(list, {entry, b.index(1)}));
    Value end = b.toIndex(b.loadScalar(offsets, b.add(expert, 1.0)));
    // A row then exists where its slot does: one comparison tells both.
    if (permutation)
      end = b.min(end, b.size(permutation, 0));
    left = b.sub(end, first);
    if (permutation)
      slotsLeft = viewRows(b, permutation, first, left);
    SmallVector<int64_t> bodies = getBodyRows();
    for (size_t i = 0; i < bodies.size(); ++i) {
      int64_t rows = bodies[i],
              below = i + 1 < bodies.size() ? bodies[i + 1] : 0;
      Value fits = b.compare(IPredicate::sgt, left, double(below));
      if (i > 0)
        fits = b.both(fits, b.compare(IPredicate::sle, left, double(rows)));
      b.branch(fits, [&]() -> SmallVector<Value> {
        multiply(rows);
        return {};
      });
    }
    return {};
  };
  // Blocks behind the list's end have nothing to do.
  b.branch(b.compare(IPredicate::sge, number, 0.0), work);
  return kernel;
}

gpu::GPUFuncOp moa::buildGroupedMatmulKernel(TileBuilder &b,
                                             gpu::GPUModuleOp module,
                                             StringRef name,
                                             const GroupedMatmulSpec &spec) {
  return GroupedMatmulKernel(b, spec).build(module, name);
}

//===----------------------------------------------------------------------===//
// Slots
//===----------------------------------------------------------------------===//

gpu::GPUFuncOp moa::buildSlotMatmulKernel(TileBuilder &b,
                                          gpu::GPUModuleOp module,
                                          StringRef name,
                                          const SlotMatmulSpec &spec) {
  bool rotated = spec.rotary.has_value();
  gpu::GPUFuncOp kernel =
      b.createKernel(module, name,
                     withRotary(b, {spec.input, spec.weights, spec.indices},
                                rotated, spec.hasPosition, spec.result),
                     spec.tiles.warps);
  Arguments arguments(kernel.getArguments());
  Value input = arguments.next(spec.input);
  Value weights = arguments.next(spec.weights);
  Value indices = arguments.next(spec.indices);
  Value length = arguments.next(rotated ? b.getIndexType() : Type());
  Value position = arguments.next(spec.hasPosition ? b.getIndexType() : Type());
  Value result = arguments.next(spec.result);

  Value slot = b.blockId(gpu::Dimension::x);
  ColumnTile columns = getBlockColumns(b, spec.weights, spec.transposed,
                                       spec.tiles, spec.rotary);
  Value number = b.loadScalar(indices, slot);
  Value numExperts = b.size(weights, 0);
  b.checkIndices(number, numExperts, SlotMatmulOp::getOperationName());
  auto work = [&]() -> SmallVector<Value> {
    // One row of the tile exists.
    Value rows = b.positions(spec.tiles.rows, 1, b.index(0));
    Value isRow = b.compare(IPredicate::eq, rows, 0.0);
    Value slots = b.add(rows, slot);
    Value from = mapRows(b, spec.inputRows, isRow, slots, slots, spec.topK);
    Value expert = b.toIndex(number);
    SmallVector<Value> sums = buildProduct(
        b,
        {[&](Value k) { return b.gather(input, k, from, spec.tiles.depth); },
         weights, expert, spec.transposed,
         createSums(b, spec.tiles.rows, columns)},
        columns, spec.tiles);
    Value to = b.select(isRow, slots, b.like(slots, -1));
    if (rotated)
      storeRotated(b, sums, columns, to,
                   createPositions(b, slots, spec.topK, length, position),
                   result, *spec.rotary);
    else
      storeSum(b, sums.front(), columns, to, result);
    return {};
  };
  Value exists =
      b.both(b.compare(IPredicate::sge, number, 0.0),
             b.compare(IPredicate::slt, number, b.toI32(numExperts)));
  b.branch(exists, work);
  return kernel;
}
