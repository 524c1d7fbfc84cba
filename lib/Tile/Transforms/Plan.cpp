//===- Plan.cpp - Places of buffers in shared memory ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Staging.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace moa::tile;

namespace {
/// From the first to the last operation during which a buffer holds something,
/// as numbers in the order of the program.
struct Life {
  int64_t begin, end;
  bool overlaps(const Life &other) const {
    return begin <= other.end && other.begin <= end;
  }
};

/// Numbers of all operations of a kernel: an operation's own, and the last of
/// those within it.
class Order {
public:
  explicit Order(gpu::GPUFuncOp kernel) { number(kernel); }
  Life get(Operation *op) const { return lives.lookup(op); }

private:
  void number(Operation *op) {
    int64_t begin = next++;
    for (Region &region : op->getRegions())
      for (Operation &inner : region.getOps())
        number(&inner);
    lives[op] = {begin, next - 1};
  }

  DenseMap<Operation *, Life> lives;
  int64_t next = 0;
};

struct Place {
  AllocOp buffer;
  int64_t number;
  Life life;
  int64_t offset, bytes;
};
} // namespace

/// Operations that read or write `buffer` or a stage of it.
static SmallVector<Operation *> getAccesses(AllocOp buffer) {
  SmallVector<Operation *> accesses;
  for (Operation *user : buffer->getUsers()) {
    if (isa<StageOp>(user))
      llvm::append_range(accesses, user->getUsers());
    else
      accesses.push_back(user);
  }
  return accesses;
}

/// The innermost block that all of `ops` are in or below.
static Block *findCommonBlock(ArrayRef<Operation *> ops) {
  Block *block = ops.front()->getBlock();
  while (!llvm::all_of(
      ops, [&](Operation *op) { return block->findAncestorOpInBlock(*op); }))
    block = block->getParentOp()->getBlock();
  return block;
}

/// Whether `block` is the body of a loop without loops within.
static bool isInnermostBody(Block *block) {
  auto loop = dyn_cast<scf::ForOp>(block->getParentOp());
  return loop &&
         !block->walk([](scf::ForOp) { return WalkResult::interrupt(); })
              .wasInterrupted();
}

/// A buffer is filled before it is read in whatever block has all of its uses,
/// so it holds nothing from one iteration of a loop around that block to the
/// next. Still, in an innermost loop it keeps its place: to share that would
/// cost a barrier in each iteration.
static Life getLife(AllocOp buffer, const Order &order) {
  SmallVector<Operation *> accesses = getAccesses(buffer);
  if (accesses.empty())
    return order.get(buffer);
  Block *block = findCommonBlock(accesses);
  if (isInnermostBody(block))
    return order.get(block->getParentOp());
  Life life{INT64_MAX, 0};
  for (Operation *access : accesses) {
    Life part = order.get(block->findAncestorOpInBlock(*access));
    life.begin = std::min(life.begin, part.begin);
    life.end = std::max(life.end, part.end);
  }
  return life;
}

/// The lowest offset at which `place` collides with none of `placed`.
static int64_t findOffset(const Place &place, ArrayRef<Place> placed) {
  SmallVector<const Place *> rivals;
  for (const Place &other : placed)
    if (other.life.overlaps(place.life))
      rivals.push_back(&other);
  llvm::sort(rivals, [](const Place *a, const Place *b) {
    return a->offset < b->offset;
  });
  int64_t offset = 0;
  for (const Place *rival : rivals) {
    if (offset + place.bytes <= rival->offset)
      break;
    offset = std::max(offset, rival->offset + rival->bytes);
  }
  return offset;
}

int64_t moa::tile::planBuffers(Staging &staging) {
  constexpr int64_t kAlignment = 128;
  Order order(staging.kernel);
  SmallVector<Place> places, placed;
  staging.kernel.walk([&](AllocOp buffer) {
    BufferType type = buffer.getType();
    int64_t bytes =
        llvm::alignTo(type.getStages() * type.getStageBytes(), kAlignment);
    int64_t number = places.size();
    places.push_back({buffer, number, getLife(buffer, order), 0, bytes});
  });
  // Large buffers first: small ones fit into what is left between them.
  llvm::sort(places, [](const Place &a, const Place &b) {
    return std::make_tuple(-a.bytes, a.number) <
           std::make_tuple(-b.bytes, b.number);
  });
  int64_t total = 0, sum = 0;
  for (Place &place : places) {
    place.offset = findOffset(place, placed);
    place.buffer.setOffset(place.offset);
    total = std::max(total, place.offset + place.bytes);
    sum += place.bytes;
    placed.push_back(place);
  }
  staging.counts.bytesSaved += sum - total;
  return total;
}
