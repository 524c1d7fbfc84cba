//===- IndexFacts.cpp - What is known of indices --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "IndexFacts.h"

#include "mlir/Analysis/DataFlow/ConstantPropagationAnalysis.h"
#include "mlir/Analysis/DataFlow/DeadCodeAnalysis.h"
#include "mlir/Analysis/DataFlow/IntegerRangeAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/TypeSwitch.h"
#include <numeric>

using namespace mlir;
using namespace moa::tile;

/// What divides 0, and the limit of what is told of other numbers.
static constexpr int64_t kLargestDivisor = int64_t(1) << 30;

/// The memory that `memory` is a part of.
static Value getRoot(Value memory) {
  while (auto view = memory.getDefiningOp<ViewLikeOpInterface>())
    memory = view.getViewSource();
  return memory;
}

IndexFacts::IndexFacts(gpu::GPUFuncOp kernel) {
  // Ranges are those of code that runs, which the first two find.
  solver.load<dataflow::DeadCodeAnalysis>();
  solver.load<dataflow::SparseConstantPropagation>();
  solver.load<dataflow::IntegerRangeAnalysis>();
  // Fails only on IR that does not verify. Then nothing is known.
  (void)solver.initializeAndRun(kernel);

  // Definitions come before uses.
  kernel.walk<WalkOrder::PreOrder>([&](Operation *op) {
    llvm::for_each(op->getResults(), [&](Value value) { addDivisor(value); });
    for (Region &region : op->getRegions())
      for (Value argument : region.getArguments())
        addDivisor(argument);
  });

  kernel.walk([&](MemoryEffectOpInterface op) {
    SmallVector<MemoryEffects::EffectInstance> effects;
    op.getEffects(effects);
    for (MemoryEffects::EffectInstance &effect : effects)
      if (isa<MemoryEffects::Write>(effect.getEffect()) && effect.getValue())
        written.insert(getRoot(effect.getValue()));
  });
}

bool IndexFacts::isReadOnly(Value memory) const {
  Value root = getRoot(memory);
  return isa<BlockArgument>(root) && !written.contains(root);
}

//===----------------------------------------------------------------------===//
// Divisors and alignment
//===----------------------------------------------------------------------===//

static int64_t limitDivisor(int64_t divisor) {
  return divisor == 0 ? kLargestDivisor
                      : std::min(std::abs(divisor), kLargestDivisor);
}

int64_t IndexFacts::getDivisor(Value index) const {
  auto found = divisors.find(index);
  return found == divisors.end() ? 1 : found->second;
}

void IndexFacts::addDivisor(Value value) {
  if (value.getType().isIntOrIndex())
    divisors[value] = computeDivisor(value);
  else if (isa<MemRefType>(value.getType()))
    divisors[value] = computeOffsetDivisor(value);
}

int64_t IndexFacts::computeDivisor(Value index) const {
  if (std::optional<int64_t> constant = getConstantIntValue(index))
    return limitDivisor(*constant);
  auto common = [&](Value a, Value b) {
    return std::gcd(getDivisor(a), getDivisor(b));
  };
  if (auto argument = dyn_cast<BlockArgument>(index)) {
    auto loop = dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp());
    if (loop && argument == loop.getInductionVar())
      return common(loop.getLowerBound(), loop.getStep());
    return 1;
  }
  return TypeSwitch<Operation *, int64_t>(index.getDefiningOp())
      .Case<arith::AddIOp, arith::SubIOp, arith::MinSIOp, arith::MaxSIOp>(
          [&](auto op) { return common(op.getLhs(), op.getRhs()); })
      .Case([&](arith::MulIOp op) {
        return limitDivisor(getDivisor(op.getLhs()) * getDivisor(op.getRhs()));
      })
      .Case([&](arith::SelectOp op) {
        return common(op.getTrueValue(), op.getFalseValue());
      })
      .Case<arith::IndexCastOp, arith::IndexCastUIOp>(
          [&](auto op) { return getDivisor(op.getIn()); })
      .Default(int64_t(1));
}

/// What divides the strides of `type`, in elements. One that is not known is
/// the product of the sizes further in where these follow each other in memory.
static SmallVector<int64_t> getStrideDivisors(MemRefType type) {
  auto [strides, offset] = type.getStridesAndOffset();
  SmallVector<int64_t> divisors;
  int64_t product = 1;
  for (auto [size, stride] :
       llvm::reverse(llvm::zip(type.getShape(), strides))) {
    if (!ShapedType::isDynamic(stride))
      divisors.push_back(limitDivisor(stride));
    else
      divisors.push_back(type.getLayout().isIdentity() ? product : 1);
    if (!ShapedType::isDynamic(size))
      product = limitDivisor(product * size);
  }
  return llvm::to_vector(llvm::reverse(divisors));
}

int64_t IndexFacts::computeOffsetDivisor(Value memory) const {
  Operation *op = memory.getDefiningOp();
  if (!op)
    return kLargestDivisor;
  auto view = dyn_cast<memref::SubViewOp>(op);
  if (!view) {
    auto other = dyn_cast<ViewLikeOpInterface>(op);
    return other ? getDivisor(other.getViewSource()) : 1;
  }
  int64_t divisor = getDivisor(view.getSource());
  for (auto [index, step] : llvm::zip(
           view.getMixedOffsets(), getStrideDivisors(view.getSourceType()))) {
    std::optional<int64_t> constant = getConstantIntValue(index);
    int64_t steps =
        constant ? limitDivisor(*constant) : getDivisor(cast<Value>(index));
    divisor = std::gcd(divisor, limitDivisor(steps * step));
  }
  return divisor;
}

int64_t IndexFacts::getRowAlignment(Value memory, Value column) const {
  auto type = cast<MemRefType>(memory.getType());
  int64_t divisor = std::gcd(getDivisor(memory), getDivisor(column));
  SmallVector<int64_t> strides = getStrideDivisors(type);
  for (int64_t stride : ArrayRef(strides).drop_back())
    divisor = std::gcd(divisor, stride);
  constexpr int64_t kArgumentAlignment = 16;
  return std::gcd(divisor * (type.getElementTypeBitWidth() / 8),
                  kArgumentAlignment);
}

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

int64_t IndexFacts::getMaximum(Value index, Value when) const {
  auto *state = solver.lookupState<dataflow::IntegerValueRangeLattice>(index);
  if (!state || state->getValue().isUninitialized())
    return -1;
  ConstantIntRanges range = state->getValue().getValue();
  // Indices become i32: what does not fit says nothing.
  int64_t maximum = -1;
  if (range.smin().isNonNegative() && range.smax().getActiveBits() < 31)
    maximum = range.smax().getSExtValue();
  // The condition may say more.
  auto compare = when ? when.getDefiningOp<arith::CmpIOp>() : nullptr;
  if (!compare || compare.getLhs() != index || range.smin().isNegative())
    return maximum;
  std::optional<int64_t> bound = getConstantIntValue(compare.getRhs());
  bool isBelow = compare.getPredicate() == arith::CmpIPredicate::slt ||
                 compare.getPredicate() == arith::CmpIPredicate::ult;
  if (!bound || *bound <= 0 || !isBelow)
    return maximum;
  return maximum < 0 ? *bound - 1 : std::min(maximum, *bound - 1);
}

bool IndexFacts::isWithin(Value index, int64_t extent, int64_t size,
                          Value when) const {
  if (ShapedType::isDynamic(size))
    return false;
  int64_t maximum = getMaximum(index, when);
  if (maximum < 0)
    return false;
  // The largest multiple of what divides the index.
  maximum -= maximum % getDivisor(index);
  return maximum + extent <= size;
}

/// The number of rows of `memory` where it is part of another.
static Value getRowCount(Value memory) {
  auto view = memory.getDefiningOp<memref::SubViewOp>();
  if (!view)
    return {};
  SmallVector<OpFoldResult> kept;
  llvm::SmallBitVector dropped = view.getDroppedDims();
  for (auto [dim, size] : llvm::enumerate(view.getMixedSizes()))
    if (!dropped[dim])
      kept.push_back(size);
  return kept.size() < 2 ? Value() : dyn_cast<Value>(*(kept.end() - 2));
}

bool IndexFacts::areRows(Value index, int64_t extent, Value memory,
                         Value when) const {
  auto type = cast<MemRefType>(memory.getType());
  int64_t size = type.getDimSize(type.getRank() - 2);
  if (!ShapedType::isDynamic(size))
    return isWithin(index, extent, size, when);
  // Of two multiples of a number, the smaller one is less by that number.
  Value count = getRowCount(memory);
  auto compare = when ? when.getDefiningOp<arith::CmpIOp>() : nullptr;
  if (!count || !compare || getMaximum(index, {}) < 0 ||
      std::gcd(getDivisor(index), getDivisor(count)) < extent)
    return false;
  using Predicate = arith::CmpIPredicate;
  return (compare.getPredicate() == Predicate::slt &&
          compare.getLhs() == index && compare.getRhs() == count) ||
         (compare.getPredicate() == Predicate::sgt &&
          compare.getLhs() == count &&
          isEqualConstantIntOrValue(compare.getRhs(), index));
}
