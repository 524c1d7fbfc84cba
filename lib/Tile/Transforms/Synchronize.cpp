//===- Synchronize.cpp - Waits where shared memory asks for them ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Follows the program with the set of buffers that some warp may still be
// reading or writing, and the copies that may be under way. Before an operation
// that collides with one of these a wait is inserted. Loops are followed until
// nothing changes: what an iteration leaves is what the next one finds.
//
//===----------------------------------------------------------------------===//

#include "Staging.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace moa::tile;

namespace {
/// Groups that are counted; older ones are taken to be this old.
constexpr int64_t kOldest = 8;
/// The age of a copy that is not committed.
constexpr int64_t kUncommitted = -1;

struct State {
  /// Buffers that were read or put to since the last barrier.
  llvm::SmallSetVector<Operation *, 4> reads, writes;
  /// Copies that were not waited for: the least number of groups behind theirs.
  llvm::MapVector<Operation *, int64_t> copies;
  /// The largest number of groups that may be under way.
  int64_t groups = 0;

  void commit() {
    for (auto &copy : copies)
      copy.second = std::min(copy.second + 1, kOldest);
    groups = std::min(groups + 1, kOldest);
  }

  /// All warps have passed.
  void meet() {
    reads.clear();
    writes.clear();
  }

  void wait(int64_t pending) {
    meet();
    copies.remove_if([&](const auto &copy) { return copy.second >= pending; });
    groups = std::min(groups, pending);
  }

  /// Add what may be on another path to here; returns whether that is more.
  bool join(const State &other);
};

struct Hazard {
  bool exists = false;
  /// How many groups can stay under way.
  int64_t pending = kOldest;
};

class Synchronizer {
public:
  explicit Synchronizer(Staging &staging) : staging(staging) {}
  void visit(Block &block, State &state);

private:
  void visit(Operation &op, State &state);
  void visit(scf::ForOp loop, State &state);
  void visit(scf::IfOp branch, State &state);
  void exchange(Operation *op, Value scratch, State &state);
  void read(Operation *op, ValueRange buffers, State &state);
  void waitToWrite(Operation *op, Value buffer, State &state);
  void resolve(Operation *op, const Hazard &hazard, State &state);

  Staging &staging;
};
} // namespace

bool State::join(const State &other) {
  bool changed = false;
  for (Operation *buffer : other.reads)
    changed |= reads.insert(buffer);
  for (Operation *buffer : other.writes)
    changed |= writes.insert(buffer);
  for (auto [buffer, age] : other.copies) {
    auto [place, isNew] = copies.insert({buffer, age});
    changed |= isNew || age < place->second;
    place->second = std::min(place->second, age);
  }
  changed |= other.groups > groups;
  groups = std::max(groups, other.groups);
  return changed;
}

//===----------------------------------------------------------------------===//
// Collisions
//===----------------------------------------------------------------------===//

/// Whether two buffers share memory.
static bool overlap(Operation *a, Operation *b) {
  auto first = cast<AllocOp>(a), second = cast<AllocOp>(b);
  auto end = [](AllocOp buffer) {
    BufferType type = buffer.getType();
    return static_cast<int64_t>(buffer.getOffset()) +
           type.getStages() * type.getStageBytes();
  };
  return static_cast<int64_t>(first.getOffset()) < end(second) &&
         static_cast<int64_t>(second.getOffset()) < end(first);
}

/// What stands against using `buffer` while others write to it.
static Hazard findWriters(Operation *buffer, const State &state) {
  Hazard hazard;
  auto collides = [&](Operation *other) { return overlap(buffer, other); };
  hazard.exists = llvm::any_of(state.writes, collides);
  for (auto [other, age] : state.copies) {
    if (!collides(other))
      continue;
    hazard.exists = true;
    hazard.pending = std::min(hazard.pending, age);
  }
  return hazard;
}

void Synchronizer::resolve(Operation *op, const Hazard &hazard, State &state) {
  if (!hazard.exists)
    return;
  OpBuilder b(op);
  if (hazard.pending == kUncommitted) {
    CommitOp::create(b, op->getLoc());
    state.commit();
  }
  int64_t pending =
      std::min(std::max<int64_t>(hazard.pending, 0), state.groups);
  WaitOp::create(b, op->getLoc(), pending);
  state.wait(pending);
}

void Synchronizer::read(Operation *op, ValueRange values, State &state) {
  Hazard hazard;
  for (Value value : values) {
    Hazard other = findWriters(getAlloc(value), state);
    hazard.exists |= other.exists;
    hazard.pending = std::min(hazard.pending, other.pending);
  }
  resolve(op, hazard, state);
  for (Value value : values)
    state.reads.insert(getAlloc(value));
}

void Synchronizer::waitToWrite(Operation *op, Value value, State &state) {
  Operation *buffer = getAlloc(value);
  Hazard hazard = findWriters(buffer, state);
  hazard.exists |= llvm::any_of(
      state.reads, [&](Operation *other) { return overlap(buffer, other); });
  resolve(op, hazard, state);
}

/// A reduction or scan through `scratch`, with a barrier between writing and
/// reading it.
void Synchronizer::exchange(Operation *op, Value scratch, State &state) {
  if (!scratch)
    return;
  waitToWrite(op, scratch, state);
  state.meet();
  state.reads.insert(getAlloc(scratch));
}

/// The factors of a product that are buffers.
static SmallVector<Value> getBuffers(MmaOp mma) {
  SmallVector<Value> factors = {mma.getA(), mma.getB()};
  llvm::erase_if(
      factors, [](Value factor) { return !isa<BufferType>(factor.getType()); });
  return factors;
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

void Synchronizer::visit(scf::ForOp loop, State &state) {
  State carried = state, end;
  do {
    end = carried;
    visit(*loop.getBody(), end);
  } while (carried.join(end));
  // The loop may have no iteration.
  state = std::move(carried);
}

void Synchronizer::visit(scf::IfOp branch, State &state) {
  // Warps that take the branch on their own cannot wait within.
  if (branch.getCondition().getDefiningOp<AnyOp>())
    branch.walk([&](MmaOp mma) { read(branch, getBuffers(mma), state); });
  State otherwise = state;
  visit(*branch.thenBlock(), state);
  if (branch.elseBlock())
    visit(*branch.elseBlock(), otherwise);
  state.join(otherwise);
}

void Synchronizer::visit(Operation &op, State &state) {
  llvm::TypeSwitch<Operation *>(&op)
      .Case<scf::ForOp, scf::IfOp>([&](auto region) { visit(region, state); })
      .Case([&](CommitOp) { state.commit(); })
      .Case([&](WaitOp wait) { state.wait(wait.getPending()); })
      .Case([&](ArriveOp) { state.meet(); })
      .Case([&](MmaOp mma) { read(mma, getBuffers(mma), state); })
      .Case([&](GetOp get) { read(get, get.getBuffer(), state); })
      .Case([&](PutOp put) {
        waitToWrite(put, put.getBuffer(), state);
        state.writes.insert(getAlloc(put.getBuffer()));
      })
      .Case([&](CopyOp copy) {
        waitToWrite(copy, copy.getBuffer(), state);
        if (!staging.ahead.contains(copy))
          state.copies[getAlloc(copy.getBuffer())] = kUncommitted;
      })
      .Case<ReduceOp, ScanOp>(
          [&](auto reduce) { exchange(reduce, reduce.getScratch(), state); });
}

void Synchronizer::visit(Block &block, State &state) {
  for (Operation &op : llvm::make_early_inc_range(block))
    visit(op, state);
}

void moa::tile::synchronize(Staging &staging) {
  State state;
  Synchronizer(staging).visit(staging.kernel.getBody().front(), state);
}
