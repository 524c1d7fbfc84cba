//===- Dispatch.cpp - The kernels that sort slots by expert ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Experts are columns, slots are rows: one comparison tells which slot goes
// where, a sum down the rows counts, a scan down the rows ranks equal slots in
// their order, and a scan along the columns adds up groups. Experts are taken
// tile by tile, and how many there are is an argument: the code is the same for
// any number. Totals are tiles of one element: what depends on data is never a
// scalar.
//
//===----------------------------------------------------------------------===//

#include "moa/Kernels/Dispatch.h"

#include "Arguments.h"
#include "moa/IR/Moa.h"
#include "llvm/Support/MathExtras.h"
#include <limits>

using namespace mlir;
using namespace moa;
using tile::ReduceKind;
using IPredicate = arith::CmpIPredicate;

/// Columns of a warp, so that sums and scans down the rows stay within it.
static constexpr int64_t kWarpColumns = 8;
/// Slots that are taken at a time. With 256 the kernel is four times as long
/// and takes all registers, at four times fewer turns of a loop that a few
/// thousand slots take some dozen times.
static constexpr int64_t kSlots = 64;
/// Entries of a list that are taken at a time: there are fewer of these.
static constexpr int64_t kEntries = 32;

/// Experts that are taken at a time.
static constexpr int64_t kColumns = 64;
static constexpr WarpGrid kWarps = {1, kColumns / kWarpColumns};

static Value toNumber(TileBuilder &b, Value flags) {
  auto type = cast<RankedTensorType>(flags.getType());
  return arith::ExtUIOp::create(b, type.clone(b.getI32Type()), flags);
}

/// The elements of a row of the tile for which `condition` holds, of which
/// there is at most one: `otherwise`, which none of `values` is below, where
/// there is none.
static Value pick(TileBuilder &b, Value condition, Value values,
                  double otherwise = -1) {
  Value masked = b.select(condition, values, b.like(values, otherwise));
  return b.reduce(ReduceKind::Max, masked, 1);
}

/// `rows` where `condition` holds, otherwise -1, which is no row.
static Value rowsWhere(TileBuilder &b, Value condition, Value rows) {
  return b.select(condition, rows, b.like(rows, -1));
}

/// Experts [1,kColumns] from `first` on; those that do not exist are -2, which
/// is no index of a slot.
static Value createExperts(TileBuilder &b, Value first, Value count) {
  Value expert = b.positions(1, kColumns, first);
  return b.select(b.compare(IPredicate::slt, expert, count), expert,
                  b.like(expert, -2));
}

//===----------------------------------------------------------------------===//
// Lists of tiles
//===----------------------------------------------------------------------===//

namespace {
/// Some experts' groups: each is [1,kColumns].
struct Groups {
  /// The expert, the first row of its group, and the group's rows.
  Value experts, starts, counts;
};

/// A list of tiles as it is filled.
struct TileList {
  Value memory;
  int64_t rows;
  /// [1,1]: entries so far.
  Value size;
};
} // namespace

static void forEntries(TileBuilder &b, const TileList &list,
                       function_ref<void(Value entry)> body) {
  b.loop(b.index(0), b.size(list.memory, 0), kEntries, {}, /*stages=*/1,
         [&](Value first, ValueRange) -> SmallVector<Value> {
           body(b.positions(kEntries, 1, first));
           return {};
         });
}

static void storeEntries(TileBuilder &b, const TileList &list, Value to,
                         Value expert, Value row) {
  b.scatter(expert, list.memory, b.index(0), to);
  b.scatter(row, list.memory, b.index(1), to);
}

/// Append the tiles of `groups`. An entry finds the group that it is of, so
/// that the cost does not depend on the size of the largest group.
static void appendTiles(TileBuilder &b, TileList &list, const Groups &groups) {
  Value tiles = b.ceilDiv(groups.counts, list.rows);
  Value begins = b.add(b.scan(tiles, 1), list.size);
  Value ends = b.add(begins, tiles);
  // Where entry 0 would begin, were it one of the group's.
  Value origins = b.sub(groups.starts, b.mul(begins, double(list.rows)));
  forEntries(b, list, [&](Value entry) {
    Value isIn = b.both(b.compare(IPredicate::sle, begins, entry),
                        b.compare(IPredicate::sgt, ends, entry));
    Value expert = pick(b, isIn, groups.experts);
    Value origin = pick(b, isIn, origins, std::numeric_limits<int32_t>::min());
    Value row = b.add(origin, b.mul(entry, double(list.rows)));
    Value exists = b.compare(IPredicate::sge, expert, 0.0);
    storeEntries(b, list, rowsWhere(b, exists, entry), expert, row);
  });
  list.size = b.add(list.size, b.reduce(ReduceKind::Add, tiles, 1));
}

/// Entries behind the last tile are (-1, 0).
static void closeList(TileBuilder &b, const TileList &list) {
  forEntries(b, list, [&](Value entry) {
    Value isBehind = b.compare(IPredicate::sge, entry, list.size);
    storeEntries(b, list, rowsWhere(b, isBehind, entry), b.like(entry, -1),
                 b.like(entry, 0));
  });
}

gpu::GPUFuncOp moa::buildTileListKernel(TileBuilder &b, gpu::GPUModuleOp module,
                                        StringRef name, MemRefType offsets,
                                        const TileListSpec &spec) {
  gpu::GPUFuncOp kernel = b.createKernel(
      module, name, {offsets, b.getIndexType(), spec.list}, kWarps);
  Value memory = kernel.getArgument(0), numExperts = kernel.getArgument(1);
  Value none = b.tile(1, 1, b.getI32Type(), 0);
  TileList list = {kernel.getArgument(2), spec.rows, none};
  auto addGroups = [&](Value first, ValueRange size) -> SmallVector<Value> {
    list.size = size[0];
    Groups groups;
    groups.experts = createExperts(b, first, numExperts);
    groups.starts = b.load(memory, first, 1, kColumns);
    Value ends = b.load(memory, b.add(first, 1.0), 1, kColumns);
    // Behind the last offset, loads give 0.
    groups.counts = b.max(b.sub(ends, groups.starts), 0.0);
    appendTiles(b, list, groups);
    return {list.size};
  };
  list.size = b.loop(b.index(0), numExperts, kColumns, none,
                     /*stages=*/1, addGroups)
                  .getResult(0);
  closeList(b, list);
  return kernel;
}

//===----------------------------------------------------------------------===//
// Counting
//===----------------------------------------------------------------------===//

namespace {
class DispatchKernel {
public:
  DispatchKernel(TileBuilder &b, const DispatchSpec &spec) : b(b), spec(spec) {}

  gpu::GPUFuncOp buildCount(gpu::GPUModuleOp module, StringRef name);
  gpu::GPUFuncOp build(gpu::GPUModuleOp module, StringRef name);

private:
  using SlotBody = function_ref<SmallVector<Value>(Value slots, Value isChosen,
                                                   ValueRange carried)>;
  void findChunk();
  SmallVector<Value> forSlots(ValueRange carried, Value experts, SlotBody body);
  Value countSlots(Value experts);
  std::pair<Value, Value> countGroups(Value firstExpert, Value experts);
  void place(Value experts, Value next);
  void fillTail(Value total);
  SmallVector<Value> sortGroups(Value firstExpert, ValueRange totals);

  TileBuilder &b;
  const DispatchSpec &spec;
  Value indices, numExperts, counts, offsets, permutation;
  SmallVector<TileList> lists;
  /// The block's chunk, and its slots.
  Value chunk, begin, end;
};
} // namespace

void DispatchKernel::findChunk() {
  chunk = b.blockId(gpu::Dimension::x);
  end = b.size(indices, 0);
  if (!counts) {
    begin = b.index(0);
    return;
  }
  begin = b.mul(chunk, double(spec.chunk));
  end = b.min(b.add(begin, double(spec.chunk)), end);
}

/// The chunk's slots [kSlots,1], some at a time, and which of them go to which
/// expert.
SmallVector<Value> DispatchKernel::forSlots(ValueRange carried, Value experts,
                                            SlotBody body) {
  auto step = [&](Value first, ValueRange carried) -> SmallVector<Value> {
    Value slots = b.positions(kSlots, 1, first);
    Value index = b.load(indices, first, kSlots, 1);
    // Behind the last slot, loads give 0, which is an expert.
    index = b.select(b.compare(IPredicate::slt, slots, end), index,
                     b.like(index, -1));
    return body(slots, b.compare(IPredicate::eq, index, experts), carried);
  };
  return b.loop(begin, end, kSlots, carried, /*stages=*/1, step).getResults();
}

/// How many of the chunk's slots go to each expert.
Value DispatchKernel::countSlots(Value experts) {
  Value zeros = b.tile(1, kColumns, b.getI32Type(), 0);
  auto addSlots = [&](Value, Value isChosen,
                      ValueRange sum) -> SmallVector<Value> {
    return {b.add(sum[0], b.reduce(ReduceKind::Add, toNumber(b, isChosen), 0))};
  };
  return forSlots(zeros, experts, addSlots)[0];
}

/// How many of all slots, and of those before the block's, go to each expert.
std::pair<Value, Value> DispatchKernel::countGroups(Value firstExpert,
                                                    Value experts) {
  if (!counts)
    return {countSlots(experts), b.tile(1, kColumns, b.getI32Type(), 0)};
  Value zeros = b.tile(kSlots, kColumns, b.getI32Type(), 0);
  auto addRows = [&](Value first, ValueRange sums) -> SmallVector<Value> {
    Value part = b.load(counts, {first, firstExpert}, kSlots, kColumns);
    Value chunks =
        b.div(b.positions(kSlots, 1, first), double(spec.chunk / spec.counted));
    Value isBefore = b.compare(IPredicate::slt, chunks, chunk);
    Value before = b.select(isBefore, part, zeros);
    return {b.add(sums[0], part), b.add(sums[1], before)};
  };
  auto loop = b.loop(b.index(0), b.size(counts, 0), kSlots, {zeros, zeros},
                     /*stages=*/1, addRows);
  return {b.reduce(ReduceKind::Add, loop.getResult(0), 0),
          b.reduce(ReduceKind::Add, loop.getResult(1), 0)};
}

gpu::GPUFuncOp DispatchKernel::buildCount(gpu::GPUModuleOp module,
                                          StringRef name) {
  gpu::GPUFuncOp kernel = b.createKernel(
      module, name, {spec.indices, b.getIndexType(), spec.counts}, kWarps);
  indices = kernel.getArgument(0);
  numExperts = kernel.getArgument(1);
  counts = kernel.getArgument(2);
  findChunk();
  b.loop(b.index(0), numExperts, kColumns, {}, /*stages=*/1,
         [&](Value first, ValueRange) -> SmallVector<Value> {
           Value experts = createExperts(b, first, numExperts);
           b.store(countSlots(experts), counts, {chunk, first});
           return {};
         });
  return kernel;
}

//===----------------------------------------------------------------------===//
// Sorting
//===----------------------------------------------------------------------===//

/// Store each slot of the chunk at its expert's `next` place.
void DispatchKernel::place(Value experts, Value next) {
  auto placeSlots = [&](Value slots, Value isChosen,
                        ValueRange next) -> SmallVector<Value> {
    Value chosen = toNumber(b, isChosen);
    Value places = b.add(b.scan(chosen, 0), next[0]);
    b.scatter(slots, permutation, {}, pick(b, isChosen, places));
    return {b.add(next[0], b.reduce(ReduceKind::Add, chosen, 0))};
  };
  forSlots(next, experts, placeSlots);
}

/// Entries of the permutation behind the last routed slot are N*k. All slots
/// pass by here, so that this is where their indices are checked.
void DispatchKernel::fillTail(Value total) {
  Value none = b.toI32(b.size(indices, 0));
  b.loop(begin, end, kSlots, {}, /*stages=*/1,
         [&](Value first, ValueRange) -> SmallVector<Value> {
           Value index = b.load(indices, first, kSlots, 1);
           b.checkIndices(index, numExperts, DispatchOp::getOperationName());
           Value rows = b.positions(kSlots, 1, first);
           Value isTail = b.compare(IPredicate::sge, rows, total);
           b.scatter(b.add(b.like(rows, 0), none), permutation, {},
                     rowsWhere(b, isTail, rows));
           return {};
         });
}

/// Sort the chunk's slots of the experts from `firstExpert` on. `totals` are
/// the slots of experts before them, and the sizes of the lists.
SmallVector<Value> DispatchKernel::sortGroups(Value firstExpert,
                                              ValueRange totals) {
  Groups groups;
  groups.experts = createExperts(b, firstExpert, numExperts);
  Value before;
  std::tie(groups.counts, before) = countGroups(firstExpert, groups.experts);
  groups.starts = b.add(b.scan(groups.counts, 1), totals[0]);
  place(groups.experts, b.add(groups.starts, before));

  SmallVector<Value> next = {
      b.add(totals[0], b.reduce(ReduceKind::Add, groups.counts, 1))};
  // What there is once, the first block stores.
  SmallVector<Value> sizes = b.branch(
      b.compare(IPredicate::eq, chunk, 0.0),
      [&]() -> SmallVector<Value> {
        b.store(groups.starts, offsets, firstExpert);
        for (auto [list, size] : llvm::zip(lists, totals.drop_front())) {
          list.size = size;
          appendTiles(b, list, groups);
        }
        return llvm::map_to_vector(
            lists, [](const TileList &list) { return list.size; });
      },
      totals.drop_front());
  llvm::append_range(next, sizes);
  return next;
}

gpu::GPUFuncOp DispatchKernel::build(gpu::GPUModuleOp module, StringRef name) {
  Type index = b.getIndexType();
  SmallVector<Type> types = presentTypes(
      {spec.indices, spec.counts, index, spec.offsets, spec.permutation});
  for (const TileListSpec &list : spec.lists)
    types.push_back(list.list);
  gpu::GPUFuncOp kernel = b.createKernel(module, name, types, kWarps);
  Arguments arguments(kernel.getArguments());
  indices = arguments.next(spec.indices);
  counts = arguments.next(spec.counts);
  numExperts = arguments.next(index);
  offsets = arguments.next(spec.offsets);
  permutation = arguments.next(spec.permutation);
  Value none = b.tile(1, 1, b.getI32Type(), 0);
  for (const TileListSpec &list : spec.lists)
    lists.push_back({arguments.next(list.list), list.rows, none});

  findChunk();
  SmallVector<Value> totals(1 + lists.size(), none);
  totals = b.loop(b.index(0), numExperts, kColumns, totals,
                  /*stages=*/1,
                  [&](Value first, ValueRange totals) {
                    return sortGroups(first, totals);
                  })
               .getResults();
  fillTail(totals[0]);
  b.branch(b.compare(IPredicate::eq, chunk, 0.0), [&]() -> SmallVector<Value> {
    b.store(totals[0], offsets, numExperts);
    for (auto [list, size] : llvm::zip(lists, llvm::drop_begin(totals))) {
      list.size = size;
      closeList(b, list);
    }
    return {};
  });
  return kernel;
}

bool moa::isSortedInChunks(MemRefType indices) {
  constexpr int64_t kOneBlock = 4096;
  return !indices.hasStaticShape() || indices.getNumElements() > kOneBlock;
}

void moa::chooseDispatchChunk(DispatchSpec &spec, int64_t counted) {
  constexpr int64_t kChunk = 1024;
  spec.counted = counted > 0 ? counted : kChunk;
  spec.chunk = llvm::alignTo(kChunk, spec.counted);
}

gpu::GPUFuncOp moa::buildDispatchCountKernel(TileBuilder &b,
                                             gpu::GPUModuleOp module,
                                             StringRef name,
                                             const DispatchSpec &spec) {
  return DispatchKernel(b, spec).buildCount(module, name);
}

gpu::GPUFuncOp moa::buildDispatchKernel(TileBuilder &b, gpu::GPUModuleOp module,
                                        StringRef name,
                                        const DispatchSpec &spec) {
  return DispatchKernel(b, spec).build(module, name);
}
