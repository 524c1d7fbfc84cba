//===- Dispatch.cpp - moa.dispatch to upstream dialects -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rows.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "moa/Conversion/MoaToLinalg.h"
#include "moa/Utils/LinalgBuilders.h"
#include "moa/Utils/LoopBuilders.h"

using namespace mlir;
using namespace moa;

/// Run `body` on each slot that has an expert, in slot order, carrying one
/// tensor: body(slot, expert, tensor).
static SmallVector<Value> forEachRoutedSlot(
    ImplicitLocOpBuilder &b, Value experts, ValueRange inits,
    llvm::function_ref<SmallVector<Value>(ImplicitLocOpBuilder &, Value, Value,
                                          ValueRange)>
        body) {
  auto visit = [&](ImplicitLocOpBuilder &b, Value slot,
                   ValueRange carried) -> SmallVector<Value> {
    Value expert = extractIndex(b, experts, slot);
    Value routed = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, expert,
                                         createIndex(b, -1));
    auto branch = scf::IfOp::create(
        b, routed,
        [&](OpBuilder &nested, Location loc) {
          ImplicitLocOpBuilder inner(loc, nested);
          scf::YieldOp::create(inner, body(inner, slot, expert, carried));
        },
        [&](OpBuilder &nested, Location loc) {
          scf::YieldOp::create(nested, loc, carried);
        });
    return llvm::to_vector_of<Value>(branch.getResults());
  };
  return createLoop(b, createIndex(b, 0), getSize(b, experts, 0), inits, visit);
}

/// tensor[index] + 1, in place.
static Value increment(ImplicitLocOpBuilder &b, Value tensor, Value index) {
  Value count = tensor::ExtractOp::create(b, tensor, index);
  Value next =
      arith::AddIOp::create(b, count, createConstant(b, b.getI32Type(), 1));
  return tensor::InsertOp::create(b, next, tensor, index);
}

/// offsets [E+1]: how many slots go to lower experts.
static Value createOffsets(ImplicitLocOpBuilder &b, Value experts,
                           int64_t numExperts, bool runtimeChecks) {
  Value one = createIndex(b, 1), bound = createIndex(b, numExperts);
  Value counts =
      createFilled(b, {b.getIndexAttr(numExperts + 1)}, b.getI32Type(), 0);
  // The count of expert e is collected in element e + 1, so that the running
  // sum below leaves in element e the number of slots of lower experts.
  counts = forEachRoutedSlot(
      b, experts, counts,
      [&](ImplicitLocOpBuilder &b, Value, Value expert,
          ValueRange args) -> SmallVector<Value> {
        if (runtimeChecks)
          checkBelow(b, expert, bound,
                     "'moa.dispatch' op an index is neither -1 nor below the "
                     "number of experts (" +
                         std::to_string(numExperts) + ")");
        return {increment(b, args[0], arith::AddIOp::create(b, expert, one))};
      })[0];
  auto accumulate = [&](ImplicitLocOpBuilder &b, Value e,
                        ValueRange args) -> SmallVector<Value> {
    Value count = tensor::ExtractOp::create(b, args[0], e);
    Value sum = arith::AddIOp::create(b, args[1], count);
    return {tensor::InsertOp::create(b, sum, args[0], e), sum};
  };
  return createLoop(b, one, createIndex(b, numExperts + 1),
                    {counts, createConstant(b, b.getI32Type(), 0)},
                    accumulate)[0];
}

/// permutation [N*k]: the slots in (expert, slot) order.
static Value createPermutation(ImplicitLocOpBuilder &b, Value experts,
                               Value offsets) {
  Type i32 = b.getI32Type();
  OpFoldResult slots = getSizes(b, experts)[0];
  Value noSlot = arith::IndexCastOp::create(b, i32, asIndex(b, slots));
  Value init = mapElements(
      b, {slots}, i32, {},
      [&](ImplicitLocOpBuilder &, ValueRange) -> Value { return noSlot; });
  return forEachRoutedSlot(
      b, experts, {init, offsets},
      [&](ImplicitLocOpBuilder &b, Value slot, Value expert,
          ValueRange args) -> SmallVector<Value> {
        Value place = extractIndex(b, args[1], expert);
        Value id = arith::IndexCastOp::create(b, i32, slot);
        return {tensor::InsertOp::create(b, id, args[0], place),
                increment(b, args[1], expert)};
      })[0];
}

Values moa::lowerDispatch(ImplicitLocOpBuilder &b, DispatchOp op,
                          const MoaToLinalgOptions &options) {
  Value experts = tensor::CollapseShapeOp::create(
      b, op.getIndices(), ArrayRef<ReassociationIndices>{{0, 1}});
  Value offsets =
      createOffsets(b, experts, op.getNumExperts(), options.runtimeChecks);
  return {offsets, createPermutation(b, experts, offsets)};
}
