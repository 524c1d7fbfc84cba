//===- Schedule.cpp - Values are computed where they are used -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An op on a tile becomes as many ops as a thread has elements, all of them in
// front of those of the next op: what is computed between two of them is alive
// for all elements. ptxas keeps to the order that it is given where blocks are
// long, and runs out of registers. So an element is done before the next one
// begins, and what frees registers is done at once.
//
//===----------------------------------------------------------------------===//

#include "Schedule.h"

#include "mlir/Dialect/LLVMIR/LLVMTypes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace {
class BlockOrder {
public:
  explicit BlockOrder(Block &block) : block(block) {}

  void run();

private:
  void count(Operation &op);
  ArrayRef<Value> getNeeds(Operation *op) const {
    return needs.find(op)->second;
  }
  bool isMovable(Operation *op) const;
  bool isPlaced(Value value) const;
  bool freesRegisters(Operation *op) const;
  void placeUsers(Operation *op);
  void place(Operation *op);

  Block &block;
  /// What an op reads, itself and in its regions, each once.
  llvm::DenseMap<Operation *, SmallVector<Value>> needs;
  /// The ops of the block that read a value, and how many are not placed yet.
  llvm::DenseMap<Value, SmallVector<Operation *>> users;
  llvm::DenseMap<Value, unsigned> waiting;
  /// Ops that are placed, or wait for what they need.
  llvm::DenseSet<Operation *> placed, begun;
  SmallVector<Operation *> order;
};
} // namespace

static bool isConstant(Value value) {
  Operation *op = value.getDefiningOp();
  return op && matchPattern(op, m_Constant());
}

/// The bits of registers that hold a value. Predicates are few, and move to
/// registers.
static int64_t countBits(Type type) {
  if (isa<LLVM::LLVMPointerType>(type))
    return cast<LLVM::LLVMPointerType>(type).getAddressSpace() == 3 ? 32 : 64;
  if (auto vector = dyn_cast<VectorType>(type))
    return std::max<int64_t>(32, vector.getNumElements() *
                                     vector.getElementTypeBitWidth());
  return type.isIntOrFloat()
             ? std::max<int64_t>(32, type.getIntOrFloatBitWidth())
             : 64;
}

/// Whether `op` may stand wherever what it needs is known.
bool BlockOrder::isMovable(Operation *op) const {
  return op->getNumRegions() == 0 && !op->hasTrait<OpTrait::IsTerminator>() &&
         isMemoryEffectFree(op);
}

bool BlockOrder::isPlaced(Value value) const {
  Operation *op = value.getDefiningOp();
  return !op || op->getBlock() != &block || placed.contains(op);
}

void BlockOrder::count(Operation &op) {
  llvm::SetVector<Value> values(op.operand_begin(), op.operand_end());
  getUsedValuesDefinedAbove(op.getRegions(), values);
  for (Value value : values) {
    users[value].push_back(&op);
    ++waiting[value];
  }
  needs[&op] = values.takeVector();
}

/// Whether `op` is the last to need values that take as many registers as its
/// results do. Values from outside of the block may live on.
bool BlockOrder::freesRegisters(Operation *op) const {
  int64_t bits = 0;
  for (Value need : getNeeds(op)) {
    if (isConstant(need))
      continue;
    if (!isPlaced(need))
      return false;
    if (need.getParentBlock() == &block && waiting.lookup(need) == 1)
      bits += countBits(need.getType());
  }
  for (Type type : op->getResultTypes())
    bits -= countBits(type);
  return bits >= 0;
}

/// Place the ops that free registers now that `op` is placed.
void BlockOrder::placeUsers(Operation *op) {
  SmallVector<Value> values(getNeeds(op));
  llvm::append_range(values, op->getResults());
  for (Value value : values) {
    if (waiting.lookup(value) != 1 || isConstant(value))
      continue;
    for (Operation *user : users.find(value)->second)
      if (!begun.contains(user) && isMovable(user) && freesRegisters(user))
        place(user);
  }
}

/// Place `op` behind what it needs.
void BlockOrder::place(Operation *op) {
  if (!begun.insert(op).second)
    return;
  for (Value need : getNeeds(op)) {
    Operation *needed = need.getDefiningOp();
    if (needed && needed->getBlock() == &block && isMovable(needed))
      place(needed);
  }
  placed.insert(op);
  order.push_back(op);
  for (Value need : getNeeds(op))
    --waiting[need];
  placeUsers(op);
}

void BlockOrder::run() {
  SmallVector<Operation *> fixed;
  for (Operation &op : block) {
    count(op);
    if (!isMovable(&op))
      fixed.push_back(&op);
  }
  if (fixed.empty())
    return;
  for (Operation *op : fixed)
    place(op);
  for (Operation *op : order)
    op->moveBefore(&block, block.end());
  // What nobody needs is left at the front.
  while (&block.front() != order.front())
    order.front()->getPrevNode()->erase();
}

void moa::tile::orderByUse(Operation *root) {
  root->walk([](Block *block) { BlockOrder(*block).run(); });
}
