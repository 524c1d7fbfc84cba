//===- Pipeline.cpp - Loads some iterations ahead -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With s stages the loop becomes
//
//   for j in 0 .. s - 2:                     copies of iteration j to stage j;
//                                            commit
//   for iterations, read = 0, write = s - 1:
//     wait pending(s - 2)                    stage `read` is there, and stage
//                                            `write` has been read by all
//     copies of s - 1 iterations ahead to stage `write`; commit
//     body on stage `read`
//     write, read = read, (read + 1) mod s
//
// A copy is guarded by whether its iteration exists. Groups of copies are
// committed whether or not they are empty, so that counting them is enough.
//
//===----------------------------------------------------------------------===//

#include "Staging.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace moa::tile;

//===----------------------------------------------------------------------===//
// Whether a load can be issued ahead
//===----------------------------------------------------------------------===//

/// What `value` depends on that is not known some iterations ahead of `loop`;
/// empty if there is nothing.
static StringRef findObstacle(Value value, scf::ForOp loop) {
  if (loop.isDefinedOutsideOfLoop(value) || value == loop.getInductionVar())
    return {};
  Operation *op = value.getDefiningOp();
  if (!op)
    return "a value that the loop carries";
  if (isa<LoadOp, GatherOp>(op) || hasSingleEffect<MemoryEffects::Read>(op))
    return "data that the same iteration loads";
  if (!isPure(op) || op->getNumRegions() != 0)
    return "an operation that cannot be repeated";
  for (Value operand : op->getOperands())
    if (StringRef obstacle = findObstacle(operand, loop); !obstacle.empty())
      return obstacle;
  return {};
}

/// The memory that `value` is a view of.
static Value getRoot(Value value) {
  while (auto view = value.getDefiningOp<ViewLikeOpInterface>())
    value = view.getViewSource();
  return value;
}

/// Whether `op` itself may write to `memory`. Arguments of a kernel are
/// different memory.
static bool mayWrite(Operation *op, Value memory) {
  // Commits and waits write nothing; their effects keep their order.
  if (isa<CommitOp, WaitOp>(op) ||
      op->hasTrait<OpTrait::HasRecursiveMemoryEffects>() || isPure(op))
    return false;
  auto interface = dyn_cast<MemoryEffectOpInterface>(op);
  if (!interface)
    return true;
  SmallVector<MemoryEffects::EffectInstance> effects;
  interface.getEffects<MemoryEffects::Write>(effects);
  return llvm::any_of(effects, [&](const auto &effect) {
    Value written = effect.getValue();
    return !written || getRoot(written) == getRoot(memory);
  });
}

static bool mayWriteWithin(scf::ForOp loop, Value memory) {
  auto result = loop.getBody()->walk([&](Operation *op) {
    return mayWrite(op, memory) ? WalkResult::interrupt()
                                : WalkResult::advance();
  });
  return result.wasInterrupted();
}

/// Why `load` cannot be issued ahead; empty if it can.
static std::string findRefusal(Operation *load, scf::ForOp loop) {
  if (load->getBlock() != loop.getBody())
    return "it is in a branch or loop within the loop that has stages";
  for (Value operand : load->getOperands())
    if (StringRef obstacle = findObstacle(operand, loop); !obstacle.empty())
      return ("its address depends on " + obstacle).str();
  if (mayWriteWithin(loop, load->getOperand(0)))
    return "the loop writes to the memory";
  return {};
}

//===----------------------------------------------------------------------===//
// Rewriting the loop
//===----------------------------------------------------------------------===//

static void cloneInto(OpBuilder &b, Value value, scf::ForOp loop,
                      IRMapping &mapping) {
  if (mapping.contains(value) || loop.isDefinedOutsideOfLoop(value))
    return;
  Operation *op = value.getDefiningOp();
  for (Value operand : op->getOperands())
    cloneInto(b, operand, loop, mapping);
  b.clone(*op, mapping);
}

namespace {
class LoopPipeliner {
public:
  LoopPipeliner(Staging &staging, scf::ForOp loop, ArrayRef<Operation *> loads,
                int64_t stages)
      : staging(staging), loop(loop), loads(loads), stages(stages) {}

  void run();

private:
  void fillBefore();
  void addStageCounters();
  void fillAhead();
  void readStages();
  void issue(OpBuilder &b, Value iteration, Value stage);
  Value getIteration(OpBuilder &b, Value base, int64_t distance);

  Staging &staging;
  scf::ForOp loop;
  ArrayRef<Operation *> loads;
  int64_t stages;
  SmallVector<Value> buffers;
  /// The stages that an iteration reads and fills.
  Value read, write;
};
} // namespace

void LoopPipeliner::run() {
  for (Operation *load : loads)
    buffers.push_back(createBuffer(
        staging, cast<RankedTensorType>(load->getResult(0).getType()), stages));
  fillBefore();
  addStageCounters();
  fillAhead();
  readStages();
  staging.counts.pipelined += loads.size();
}

/// The induction variable `distance` iterations after `base`.
Value LoopPipeliner::getIteration(OpBuilder &b, Value base, int64_t distance) {
  if (distance == 0)
    return base;
  Location loc = loop.getLoc();
  Value count = arith::ConstantOp::create(
      b, loc, b.getIntegerAttr(base.getType(), distance));
  Value ahead = b.createOrFold<arith::MulIOp>(loc, loop.getStep(), count);
  return b.createOrFold<arith::AddIOp>(loc, base, ahead);
}

/// Copies for `iteration`, if it exists, and their commit.
void LoopPipeliner::issue(OpBuilder &b, Value iteration, Value stage) {
  Location loc = loop.getLoc();
  auto predicate = loop.getUnsignedCmp() ? arith::CmpIPredicate::ult
                                         : arith::CmpIPredicate::slt;
  Value exists = b.createOrFold<arith::CmpIOp>(loc, predicate, iteration,
                                               loop.getUpperBound());
  if (matchPattern(exists, m_One()))
    exists = {};
  IRMapping mapping;
  mapping.map(loop.getInductionVar(), iteration);
  for (auto [load, buffer] : llvm::zip(loads, buffers)) {
    for (Value operand : load->getOperands())
      cloneInto(b, operand, loop, mapping);
    Value place = StageOp::create(b, loc, buffer, stage);
    staging.ahead.insert(createCopy(b, load, mapping, place, exists));
  }
  CommitOp::create(b, loc);
}

void LoopPipeliner::fillBefore() {
  OpBuilder b(loop);
  for (int64_t i = 0; i < stages - 1; ++i)
    issue(b, getIteration(b, loop.getLowerBound(), i),
          arith::ConstantIndexOp::create(b, loop.getLoc(), i));
}

/// `read` plus 1, modulo the number of stages.
static Value getNextStage(OpBuilder &b, Location loc, Value read, Value write,
                          int64_t stages) {
  // Of two stages, the one that is filled.
  if (stages == 2)
    return write;
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value next = arith::AddIOp::create(b, loc, read, one);
  if (llvm::isPowerOf2_64(stages)) {
    Value mask = arith::ConstantIndexOp::create(b, loc, stages - 1);
    return arith::AndIOp::create(b, loc, next, mask);
  }
  Value count = arith::ConstantIndexOp::create(b, loc, stages);
  Value first = arith::ConstantIndexOp::create(b, loc, 0);
  Value wraps =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, next, count);
  return arith::SelectOp::create(b, loc, wraps, first, next);
}

void LoopPipeliner::addStageCounters() {
  IRRewriter rewriter(loop.getContext());
  rewriter.setInsertionPoint(loop);
  Location loc = loop.getLoc();
  Value first = arith::ConstantIndexOp::create(rewriter, loc, 0);
  Value last = arith::ConstantIndexOp::create(rewriter, loc, stages - 1);
  auto yield = [&](OpBuilder &b, Location loc,
                   ArrayRef<BlockArgument> counters) -> SmallVector<Value> {
    read = counters[0];
    write = counters[1];
    return {getNextStage(b, loc, read, write, stages), read};
  };
  FailureOr<LoopLikeOpInterface> replaced = loop.replaceWithAdditionalYields(
      rewriter, {first, last}, /*replaceInitOperandUsesInLoop=*/false, yield);
  assert(succeeded(replaced) && "an scf.for can carry more values");
  loop = cast<scf::ForOp>(*replaced);
}

void LoopPipeliner::fillAhead() {
  OpBuilder b = OpBuilder::atBlockBegin(loop.getBody());
  WaitOp::create(b, loop.getLoc(), stages - 2);
  issue(b, getIteration(b, loop.getInductionVar(), stages - 1), write);
}

void LoopPipeliner::readStages() {
  for (auto [load, buffer] : llvm::zip(loads, buffers)) {
    OpBuilder b(load);
    Value stage = StageOp::create(b, load->getLoc(), buffer, read);
    replaceByBuffer(staging, load, stage);
  }
}

SmallVector<Operation *> moa::tile::pipelineLoads(Staging &staging,
                                                  scf::ForOp loop,
                                                  ArrayRef<Operation *> loads,
                                                  int64_t stages) {
  SmallVector<Operation *> accepted;
  for (Operation *load : loads) {
    std::string refusal = findRefusal(load, loop);
    if (refusal.empty()) {
      accepted.push_back(load);
      continue;
    }
    ++staging.counts.refused;
    load->emitRemark() << "is not loaded ahead: " << refusal;
  }
  if (!accepted.empty())
    LoopPipeliner(staging, loop, accepted, stages).run();
  return accepted;
}
