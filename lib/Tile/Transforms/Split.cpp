//===- Split.cpp - Loops whose first iterations are alike -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A loop that asks in each iteration whether it has passed a bound,
//
//   for i in begin .. end:  if i + c <= bound: A else: B
//
// becomes two loops, of A alone and then of B alone. What is carried from one
// iteration to the next, the stages of buffers too, is carried from the first
// loop to the second, so that loads stay ahead.
//
//===----------------------------------------------------------------------===//

#include "Staging.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace moa::tile;

namespace {
/// `compare` holds while the induction variable is at most `bound` - `offset`.
struct Bound {
  arith::CmpIOp compare;
  Value bound;
  int64_t offset;
};
} // namespace

/// The bound that `value`, a condition within `loop`, asks for, alone or among
/// others.
static std::optional<Bound> findBound(Value value, scf::ForOp loop) {
  Operation *op = value.getDefiningOp();
  if (!op || loop.isDefinedOutsideOfLoop(value))
    return std::nullopt;
  if (auto both = dyn_cast<arith::AndIOp>(op)) {
    std::optional<Bound> found = findBound(both.getLhs(), loop);
    return found ? found : findBound(both.getRhs(), loop);
  }
  auto compare = dyn_cast<arith::CmpIOp>(op);
  if (!compare || compare.getPredicate() != arith::CmpIPredicate::sle ||
      !loop.isDefinedOutsideOfLoop(compare.getRhs()))
    return std::nullopt;
  Value iteration = compare.getLhs();
  APInt offset(64, 0);
  if (auto sum = iteration.getDefiningOp<arith::AddIOp>()) {
    if (!matchPattern(sum.getRhs(), m_ConstantInt(&offset)))
      return std::nullopt;
    iteration = sum.getLhs();
  }
  if (iteration != loop.getInductionVar())
    return std::nullopt;
  return Bound{compare, compare.getRhs(), offset.getSExtValue()};
}

/// Where the loop goes on with what is beyond `bound`: the first iteration, or
/// the end.
static Value findTurn(OpBuilder &b, scf::ForOp loop, const Bound &bound) {
  Location loc = loop.getLoc();
  Value begin = loop.getLowerBound(), step = loop.getStep();
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  // An iteration at most `last` away from the first is before the turn.
  Value last = b.createOrFold<arith::SubIOp>(loc, bound.bound, begin);
  last = b.createOrFold<arith::SubIOp>(loc, last, index(bound.offset));
  Value room = b.createOrFold<arith::AddIOp>(loc, last, step);
  room = b.createOrFold<arith::MaxSIOp>(loc, room, index(0));
  Value count = b.createOrFold<arith::DivUIOp>(loc, room, step);
  Value distance = b.createOrFold<arith::MulIOp>(loc, count, step);
  Value turn = b.createOrFold<arith::AddIOp>(loc, begin, distance);
  return b.createOrFold<arith::MinSIOp>(loc, turn, loop.getUpperBound());
}

static void replaceByConstant(Value condition, bool value) {
  OpBuilder b(condition.getDefiningOp());
  condition.replaceAllUsesWith(
      arith::ConstantOp::create(b, condition.getLoc(), b.getBoolAttr(value)));
}

static void splitLoop(scf::ForOp loop, Bound bound) {
  OpBuilder b(loop);
  Value turn = findTurn(b, loop, bound);
  IRMapping mapping;
  auto first = cast<scf::ForOp>(b.clone(*loop, mapping));
  first.setUpperBound(turn);
  loop.setLowerBound(turn);
  loop.getInitArgsMutable().assign(first.getResults());
  replaceByConstant(mapping.lookup(bound.compare.getResult()), true);
  replaceByConstant(bound.compare, false);
}

void moa::tile::splitLoops(Staging &staging) {
  SmallVector<std::pair<scf::ForOp, Bound>> splits;
  staging.kernel.walk([&](scf::ForOp loop) {
    if (loop.getUnsignedCmp() || !loop.getInductionVar().getType().isIndex())
      return;
    for (auto branch : loop.getBody()->getOps<scf::IfOp>())
      if (std::optional<Bound> bound = findBound(branch.getCondition(), loop)) {
        splits.emplace_back(loop, *bound);
        return;
      }
  });
  for (auto &[loop, bound] : splits)
    splitLoop(loop, bound);
  if (splits.empty())
    return;
  staging.counts.split += splits.size();
  // Take the branches out.
  RewritePatternSet patterns(staging.kernel.getContext());
  scf::IfOp::getCanonicalizationPatterns(patterns, staging.kernel.getContext());
  // Branches that stay are not an error.
  (void)applyPatternsGreedily(staging.kernel, std::move(patterns));
}
