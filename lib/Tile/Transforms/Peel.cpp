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

#include "mlir/Dialect/SCF/Transforms/Transforms.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

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

void moa::tile::peelSums(Staging &staging) {
  SmallVector<scf::ForOp> loops;
  staging.kernel.walk([&](scf::ForOp loop) {
    std::optional<APInt> count = loop.getStaticTripCount();
    if (count && count->ugt(1) && addsToZeros(loop))
      loops.push_back(loop);
  });
  IRRewriter rewriter(staging.kernel.getContext());
  for (scf::ForOp loop : loops) {
    scf::ForOp first;
    if (failed(scf::peelForLoopFirstIteration(rewriter, loop, first)))
      continue;
    (void)first.promoteIfSingleIteration(rewriter);
    ++staging.counts.peeled;
  }
}
