//===- Losses.cpp - The losses to upstream dialects -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Activation.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "moa/Conversion/MoaToLinalg.h"
#include "moa/Utils/LinalgBuilders.h"
#include "moa/Utils/LoopBuilders.h"

using namespace mlir;
using namespace moa;

/// i1 [N]: whether the token is counted, which is whether it is not skipped.
static Value createCounted(ImplicitLocOpBuilder &b, Value indices) {
  return mapElements(
      b, {getSizes(b, indices)[0]}, b.getI1Type(), {},
      [&](ImplicitLocOpBuilder &b, ValueRange) -> Value {
        Value first = tensor::ExtractOp::create(
            b, indices,
            ValueRange{linalg::IndexOp::create(b, 0), createIndex(b, 0)});
        return arith::CmpIOp::create(b, arith::CmpIPredicate::sge, first,
                                     createConstant(b, b.getI32Type(), 0));
      });
}

/// The sum over counted tokens of term(value) for each column of `values`
/// [N,E], or of `values` [N]; f64, so that long sums keep their digits.
static Value sumCounted(ImplicitLocOpBuilder &b, Value values, Value counted,
                        BodyBuilder term) {
  SmallVector<OpFoldResult> sizes = getSizes(b, values);
  unsigned rank = sizes.size();
  sizes.erase(sizes.begin());
  Type f64 = b.getF64Type();
  Value zero = createFilled(b, sizes, f64, 0.0);
  AffineMap all = b.getMultiDimIdentityMap(rank);
  AffineMap tokens =
      AffineMap::getMultiDimMapWithTargets(rank, {0}, b.getContext());
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  iterators.front() = utils::IteratorType::reduction;
  return linalg::GenericOp::create(
             b, zero.getType(), ValueRange{values, counted}, zero,
             ArrayRef<AffineMap>{all, tokens, all.dropResult(0)}, iterators,
             [&](OpBuilder &nested, Location loc, ValueRange args) {
               ImplicitLocOpBuilder b(loc, nested);
               Value value = term(b, convertFloat(b, args[0], f64));
               Value sum = arith::AddFOp::create(b, args[2], value);
               linalg::YieldOp::create(
                   b, arith::SelectOp::create(b, args[1], sum, args[2])
                          .getResult());
             })
      .getResult(0);
}

/// The number of counted tokens, at least 1, as f64.
static Value countTokens(ImplicitLocOpBuilder &b, Value counted) {
  Type f64 = b.getF64Type();
  Value ones = mapElements(b, getSizes(b, counted), f64, {},
                           [&](ImplicitLocOpBuilder &b, ValueRange) {
                             return createConstant(b, f64, 1);
                           });
  auto one = [](ImplicitLocOpBuilder &, ValueRange args) { return args[0]; };
  Value sum = tensor::ExtractOp::create(b, sumCounted(b, ones, counted, one),
                                        ValueRange{});
  return arith::MaximumFOp::create(b, sum, createConstant(b, f64, 1));
}

/// The sum [] of term(element) over a vector [E] of f64.
static Value sumVector(ImplicitLocOpBuilder &b, Value vector,
                       BodyBuilder term) {
  auto body = [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
    return arith::AddFOp::create(b, args[1], term(b, args[0]));
  };
  Value sum = reduceRows(b, vector, b.getF64Type(), 0.0, body);
  return tensor::ExtractOp::create(b, sum, ValueRange{});
}

/// -a log a, 0 where a is 0.
static Value createEntropyTerm(ImplicitLocOpBuilder &b, ValueRange args) {
  Value zero = createConstant(b, b.getF64Type(), 0);
  Value none =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, args[0], zero);
  Value term =
      arith::MulFOp::create(b, args[0], math::LogOp::create(b, args[0]));
  return arith::SelectOp::create(b, none, zero, arith::NegFOp::create(b, term));
}

static Value identity(ImplicitLocOpBuilder &, ValueRange args) {
  return args[0];
}

/// counts [E], f64: the number of slots that went to each expert.
static Value countSlots(ImplicitLocOpBuilder &b, Value indices,
                        OpFoldResult experts, bool runtimeChecks) {
  Type f64 = b.getF64Type();
  Value zero = createIndex(b, 0);
  Value counts = createFilled(b, {experts}, f64, 0.0);
  auto visitSlot = [&](ImplicitLocOpBuilder &b, Value token, Value j,
                       Value counts) -> Value {
    Value expert = extractIndex(b, indices, {token, j});
    // Unsigned: -1, a skipped slot, is above every expert.
    Value routed = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, expert,
                                         asIndex(b, experts));
    if (runtimeChecks) {
      Value skipped = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, expert,
                                            createIndex(b, -1));
      cf::AssertOp::create(b, arith::OrIOp::create(b, routed, skipped),
                           "'moa.balance_loss' op an index is neither -1 nor "
                           "below the number of experts");
    }
    auto branch = scf::IfOp::create(
        b, routed,
        [&](OpBuilder &nested, Location loc) {
          ImplicitLocOpBuilder b(loc, nested);
          Value count = tensor::ExtractOp::create(b, counts, expert);
          Value next =
              arith::AddFOp::create(b, count, createConstant(b, f64, 1));
          Value updated = tensor::InsertOp::create(b, next, counts, expert);
          scf::YieldOp::create(b, updated);
        },
        [&](OpBuilder &nested, Location loc) {
          scf::YieldOp::create(nested, loc, counts);
        });
    return branch.getResult(0);
  };
  return createLoop(b, zero, getSize(b, indices, 0), counts,
                    [&](ImplicitLocOpBuilder &b, Value token,
                        ValueRange args) -> SmallVector<Value> {
                      return createLoop(
                          b, zero, getSize(b, indices, 1), args,
                          [&](ImplicitLocOpBuilder &b, Value j,
                              ValueRange args) -> SmallVector<Value> {
                            return {visitSlot(b, token, j, args[0])};
                          });
                    })[0];
}

static Value createBalanceLoss(ImplicitLocOpBuilder &b, Value p, Value counted,
                               Value indices, bool runtimeChecks) {
  Type f64 = b.getF64Type();
  OpFoldResult experts = getSizes(b, p)[1];
  auto toFloat = [&](Value index) -> Value {
    Value integer = arith::IndexCastOp::create(b, b.getI64Type(), index);
    return arith::SIToFPOp::create(b, f64, integer);
  };
  Value sums = sumCounted(b, p, counted, identity);
  Value slots = countSlots(b, indices, experts, runtimeChecks);
  Value products =
      mapElements(b, {experts}, f64, {sums, slots},
                  [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                    return arith::MulFOp::create(b, args[0], args[1]);
                  });
  // E * sum_e (slots[e] / (N' k)) (sums[e] / N')
  Value tokens = countTokens(b, counted);
  Value k = toFloat(getSize(b, indices, 1));
  Value divisor =
      arith::MulFOp::create(b, tokens, arith::MulFOp::create(b, tokens, k));
  Value sum = arith::MulFOp::create(b, toFloat(asIndex(b, experts)),
                                    sumVector(b, products, identity));
  return arith::DivFOp::create(b, sum, divisor);
}

static Value createZLoss(ImplicitLocOpBuilder &b, Value logits, Value counted) {
  SoftmaxParts parts = createSoftmaxParts(b, logits);
  Value lse = mapElements(
      b, getSizes(b, parts.max), b.getF32Type(), {parts.max, parts.sum},
      [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        return arith::AddFOp::create(b, args[0],
                                     math::LogOp::create(b, args[1]));
      });
  Value squares =
      sumCounted(b, lse, counted, [](ImplicitLocOpBuilder &b, ValueRange args) {
        return arith::MulFOp::create(b, args[0], args[0]).getResult();
      });
  Value sum = tensor::ExtractOp::create(b, squares, ValueRange{});
  return arith::DivFOp::create(b, sum, countTokens(b, counted));
}

static Value createMutualLoss(ImplicitLocOpBuilder &b, Value p, Value counted) {
  Value tokens = countTokens(b, counted);
  // mean_t H(p[t,:]) = (1/N') sum_e sum_t -p log p
  Value perToken = sumCounted(b, p, counted, createEntropyTerm);
  Value mean =
      arith::DivFOp::create(b, sumVector(b, perToken, identity), tokens);
  Value sums = sumCounted(b, p, counted, identity);
  Value average =
      mapElements(b, getSizes(b, sums), b.getF64Type(), {sums},
                  [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                    return arith::DivFOp::create(b, args[0], tokens);
                  });
  Value entropy = sumVector(b, average, createEntropyTerm);
  return arith::SubFOp::create(b, mean, entropy);
}

Value moa::createLoss(ImplicitLocOpBuilder &b, Loss loss, Activation activation,
                      Value logits, Value indices, bool runtimeChecks) {
  Value p;
  if (loss != Loss::Z)
    p = activateRows(b, logits, activation);
  Value counted = createCounted(b, indices);
  Value value;
  if (loss == Loss::Z)
    value = createZLoss(b, logits, counted);
  else if (loss == Loss::Mutual)
    value = createMutualLoss(b, p, counted);
  else
    value = createBalanceLoss(b, p, counted, indices, runtimeChecks);
  return tensor::FromElementsOp::create(
      b, RankedTensorType::get({}, b.getF32Type()),
      convertFloat(b, value, b.getF32Type()));
}

Values moa::lowerBalanceLoss(ImplicitLocOpBuilder &b, BalanceLossOp op,
                             const MoaToLinalgOptions &options) {
  return {createLoss(b, Loss::Balance, op.getActivation(), op.getLogits(),
                     op.getIndices(), options.runtimeChecks)};
}

Values moa::lowerZLoss(ImplicitLocOpBuilder &b, ZLossOp op,
                       const MoaToLinalgOptions &options) {
  return {createLoss(b, Loss::Z, Activation::Softmax, op.getLogits(),
                     op.getIndices(), options.runtimeChecks)};
}

Values moa::lowerMutualLoss(ImplicitLocOpBuilder &b, MutualLossOp op,
                            const MoaToLinalgOptions &options) {
  return {createLoss(b, Loss::Mutual, op.getActivation(), op.getLogits(),
                     op.getIndices(), options.runtimeChecks)};
}
