//===- Peel.cpp - Sums whose first product needs no zeros -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A loop that adds products to zeros,
//
//   for i in begin .. end, sum = 0:  sum = sum + a(i) b(i)
//
// has to write zeros to all registers of the sum before it starts, which for a
// short sum is a noticeable part of all instructions. Its first iteration is
// therefore taken out: a product on tensor cores is added to a constant for
// nothing.
//
//===----------------------------------------------------------------------===//

#include "Staging.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace moa::tile;

/// Whether `mma` is computed by tensor cores. Other products are many
/// instructions, which would have to be compiled twice.
static bool usesTensorCores(MmaOp mma) {
  Type a = mma.getA().getType();
  auto buffer = dyn_cast<BufferType>(a);
  Type element = buffer ? buffer.getElementType() : getElementTypeOrSelf(a);
  return mma.getTf32() || !element.isF32();
}

/// Whether `loop` only adds products to a sum that starts as zeros.
static bool addsToZeros(scf::ForOp loop) {
  for (auto [init, sum] :
       llvm::zip(loop.getInitArgs(), loop.getRegionIterArgs())) {
    if (!isa<RankedTensorType>(init.getType()) ||
        !matchPattern(init, m_AnyZeroFloat()) || !sum.hasOneUse())
      continue;
    auto mma = dyn_cast<MmaOp>(*sum.user_begin());
    if (mma && mma.getAccumulator() == sum && usesTensorCores(mma))
      return true;
  }
  return false;
}

/// Copies that are known to happen or not.
static void simplifyCopy(CopyOp copy) {
  if (!copy.getWhen())
    return;
  if (matchPattern(copy.getWhen(), m_Zero()))
    copy.erase();
  else if (matchPattern(copy.getWhen(), m_One()))
    copy.getWhenMutable().clear();
}

static void peelFirst(scf::ForOp loop) {
  OpBuilder b(loop);
  IRMapping mapping;
  mapping.map(loop.getInductionVar(), loop.getLowerBound());
  mapping.map(loop.getRegionIterArgs(), loop.getInitArgs());
  for (Operation &op : loop.getBody()->without_terminator()) {
    Operation *first = b.clone(op, mapping);
    SmallVector<Value> folded;
    if (succeeded(b.tryFold(first, folded)) && !folded.empty()) {
      mapping.map(op.getResults(), folded);
      first->erase();
    } else if (auto copy = dyn_cast<CopyOp>(first)) {
      simplifyCopy(copy);
    }
  }
  for (auto [init, carried] :
       llvm::zip(loop.getInitArgsMutable(), loop.getYieldedValues()))
    init.set(mapping.lookupOrDefault(carried));
  loop.setLowerBound(b.createOrFold<arith::AddIOp>(
      loop.getLoc(), loop.getLowerBound(), loop.getStep()));
}

void moa::tile::peelSums(Staging &staging) {
  SmallVector<scf::ForOp> loops;
  staging.kernel.walk([&](scf::ForOp loop) {
    std::optional<APInt> count = loop.getStaticTripCount();
    if (count && count->ugt(1) && addsToZeros(loop))
      loops.push_back(loop);
  });
  for (scf::ForOp loop : loops)
    peelFirst(loop);
  staging.counts.peeled += loops.size();
}
