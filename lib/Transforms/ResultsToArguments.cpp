//===- ResultsToArguments.cpp - Results that the caller allocates ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Transforms/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "moa/Support/Signature.h"
#include "moa/Transforms/HostSizes.h"

using namespace mlir;

namespace moa {
#define GEN_PASS_DEF_MOARESULTSTOARGUMENTSPASS
#include "moa/Transforms/Passes.h.inc"
} // namespace moa

/// What `buffer` is a view of the whole of, with the same elements in the same
/// order; or null.
static Value getViewedBuffer(Value buffer) {
  Operation *op = buffer.getDefiningOp();
  if (isa_and_nonnull<memref::CastOp, memref::ExpandShapeOp,
                      memref::CollapseShapeOp>(op))
    return op->getOperand(0);
  return {};
}

/// The sizes of `buffer`, from what it is made of: a memref.dim on it would be
/// computed from device memory as far as its slice goes.
static SmallVector<OpFoldResult> getSizes(OpBuilder &b, Value buffer) {
  Location loc = buffer.getLoc();
  if (auto alloc = buffer.getDefiningOp<memref::AllocOp>())
    return alloc.getMixedSizes();
  if (auto expand = buffer.getDefiningOp<memref::ExpandShapeOp>())
    return expand.getMixedOutputShape();
  if (auto cast = buffer.getDefiningOp<memref::CastOp>())
    return getSizes(b, cast.getSource());
  if (auto collapse = buffer.getDefiningOp<memref::CollapseShapeOp>()) {
    SmallVector<OpFoldResult> from = getSizes(b, collapse.getSrc()), sizes;
    for (const ReassociationIndices &group :
         collapse.getReassociationIndices()) {
      AffineExpr product = b.getAffineConstantExpr(1);
      SmallVector<OpFoldResult> factors;
      for (int64_t dim : group) {
        product = product * b.getAffineSymbolExpr(factors.size());
        factors.push_back(from[dim]);
      }
      sizes.push_back(
          affine::makeComposedFoldedAffineApply(b, loc, product, factors));
    }
    return sizes;
  }
  return memref::getMixedSizes(b, loc, buffer);
}

/// `buffer` as a dense buffer of `type`, whose sizes are `sizes`.
static Value reshape(OpBuilder &b, Location loc, Value buffer, MemRefType type,
                     ArrayRef<OpFoldResult> sizes) {
  if (buffer.getType() == type)
    return buffer;
  SmallVector<OpFoldResult> strides(sizes.size(), b.getIndexAttr(1));
  AffineExpr product = b.getAffineSymbolExpr(0) * b.getAffineSymbolExpr(1);
  for (size_t dim = sizes.size(); dim > 1; --dim)
    strides[dim - 2] = affine::makeComposedFoldedAffineApply(
        b, loc, product, {sizes[dim - 1], strides[dim - 1]});
  Value cast = memref::ReinterpretCastOp::create(
      b, loc, buffer, b.getIndexAttr(0), sizes, strides);
  if (cast.getType() == type)
    return cast;
  return memref::CastOp::create(b, loc, type, cast);
}

namespace {
/// The results of one function.
class Converter {
public:
  explicit Converter(func::FuncOp function)
      : function(function), numArguments(function.getNumArguments()) {}

  LogicalResult run();

private:
  LogicalResult check();
  void convert(Value result, BlockArgument argument);

  func::FuncOp function;
  unsigned numArguments;
};
} // namespace

LogicalResult Converter::check() {
  for (auto [index, type] : llvm::enumerate(function.getResultTypes())) {
    auto buffer = dyn_cast<MemRefType>(type);
    if (!buffer)
      return function.emitError("result #")
             << index << " is " << type
             << "; on a GPU results are tensors, of rank 0 for a number";
    if (!buffer.getLayout().isIdentity())
      return function.emitError("result #")
             << index << " is " << type
             << "; a result is dense: copy it to a new buffer first";
  }
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto buffer = dyn_cast<MemRefType>(type);
    if (isa<UnrankedMemRefType>(type) ||
        (buffer && !buffer.getLayout().isIdentity()))
      return function.emitError("argument #")
             << index << " is " << type
             << "; arguments are dense buffers of a known rank";
  }
  return success();
}

/// Let `argument` stand for what is returned as `result`: compute it there,
/// where it is a buffer of the function's own, or copy it there.
void Converter::convert(Value result, BlockArgument argument) {
  Value root = result;
  while (Value viewed = getViewedBuffer(root))
    root = viewed;
  auto alloc = root.getDefiningOp<memref::AllocOp>();
  if (!alloc || alloc->getBlock() != &function.front()) {
    OpBuilder b(function.front().getTerminator());
    memref::CopyOp::create(b, result.getLoc(), result, argument);
    return;
  }
  for (Operation *user : llvm::make_early_inc_range(alloc->getUsers()))
    if (isa<memref::DeallocOp>(user))
      user->erase();
  OpBuilder b(alloc);
  Value view = reshape(b, alloc.getLoc(), argument, alloc.getType(),
                       alloc.getMixedSizes());
  alloc.replaceAllUsesWith(view);
  alloc.erase();
}

LogicalResult Converter::run() {
  FailureOr<Block *> body = moa::getBody(function);
  if (failed(body) || failed(check()))
    return failure();
  if (!function->hasAttr("moa.signature"))
    moa::exportFunction(function);
  auto returned = cast<func::ReturnOp>((*body)->getTerminator());
  if (returned.getNumOperands() == 0)
    return success();

  OpBuilder b(returned);
  SmallVector<Value> sizes;
  for (Value result : returned.getOperands()) {
    auto type = cast<MemRefType>(result.getType());
    for (auto [dim, size] : llvm::enumerate(getSizes(b, result)))
      if (type.isDynamicDim(dim))
        sizes.push_back(
            getValueOrCreateConstantIndexOp(b, result.getLoc(), size));
  }
  if (!sizes.empty() &&
      failed(moa::outlineSizes(function,
                               moa::getResultSizesName(function.getName()),
                               numArguments, sizes)))
    return failure();

  SmallVector<Type> inputs(function.getArgumentTypes());
  for (Value result : returned.getOperands()) {
    inputs.push_back(result.getType());
    function.front().addArgument(result.getType(), result.getLoc());
  }
  function.setType(b.getFunctionType(inputs, {}));
  // A result may change while the one before it, the same buffer, is converted.
  for (unsigned index = 0; index < returned.getNumOperands(); ++index) {
    unsigned argument = numArguments + index;
    function.setArgAttr(argument, moa::kResultAttr, b.getUnitAttr());
    convert(returned.getOperand(index), function.getArgument(argument));
  }
  returned->setOperands({});
  return success();
}

namespace {
struct MoaResultsToArgumentsPass
    : moa::impl::MoaResultsToArgumentsPassBase<MoaResultsToArgumentsPass> {
  void runOnOperation() override {
    for (auto function :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (moa::isDeviceFunction(function) && failed(Converter(function).run()))
        return signalPassFailure();
  }
};
} // namespace
