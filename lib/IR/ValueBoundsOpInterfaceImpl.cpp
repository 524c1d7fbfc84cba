//===- ValueBoundsOpInterfaceImpl.cpp - Sizes of results ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Static sizes are in the types, and an op in destination style has the sizes
// of its inits, which the analysis knows by itself. What is left are the
// dynamic sizes of other ops.
//
//===----------------------------------------------------------------------===//

#include "moa/IR/ValueBoundsOpInterfaceImpl.h"

#include "mlir/Interfaces/ValueBoundsOpInterface.h"
#include "moa/IR/Moa.h"

using namespace mlir;
using namespace moa;

namespace {
/// Dimension 0 of every result is the tokens, dimension 0 of the first operand.
template <typename OpTy>
struct TokenBounds
    : ValueBoundsOpInterface::ExternalModel<TokenBounds<OpTy>, OpTy> {
  void populateBoundsForShapedValueDim(Operation *op, Value value, int64_t dim,
                                       ValueBoundsConstraintSet &set) const {
    if (dim == 0)
      set.bound(value)[dim] == set.getExpr(op->getOperand(0), 0);
  }
};

struct DispatchBounds
    : ValueBoundsOpInterface::ExternalModel<DispatchBounds, DispatchOp> {
  void populateBoundsForShapedValueDim(Operation *op, Value value, int64_t dim,
                                       ValueBoundsConstraintSet &set) const {
    auto dispatch = cast<DispatchOp>(op);
    if (value != dispatch.getPermutation())
      return;
    Value indices = dispatch.getOperand(0);
    int64_t slots = cast<ShapedType>(indices.getType()).getDimSize(1);
    set.bound(value)[dim] == set.getExpr(indices, 0) * slots;
  }
};

struct RotaryBounds
    : ValueBoundsOpInterface::ExternalModel<RotaryBounds, RotaryOp> {
  void populateBoundsForShapedValueDim(Operation *op, Value value, int64_t dim,
                                       ValueBoundsConstraintSet &set) const {
    set.bound(value)[dim] == set.getExpr(op->getOperand(0), dim);
  }
};

struct LayerBounds
    : ValueBoundsOpInterface::ExternalModel<LayerBounds, LayerOp> {
  void populateBoundsForShapedValueDim(Operation *op, Value value, int64_t dim,
                                       ValueBoundsConstraintSet &set) const {
    auto layer = cast<LayerOp>(op);
    bool isOutput = value == layer.getResult(0);
    bool isKeys = value == layer.getExtra(Extra::Keys) ||
                  value == layer.getExtra(Extra::Values);
    bool isLse = value == layer.getExtra(Extra::Lse);
    if (isOutput || isLse || (isKeys && dim == 0))
      set.bound(value)[dim] == set.getExpr(layer.getX(), dim);
    else if (isKeys && dim == 1)
      set.bound(value)[dim] == getKeyLength(layer, set);
    else if (!isKeys && dim == 0)
      boundTokens(layer, value, set);
  }

private:
  /// Keys of a memory, or of the cache and x.
  static AffineExpr getKeyLength(LayerOp layer, ValueBoundsConstraintSet &set) {
    if (layer.getMemory())
      return set.getExpr(layer.getMemory(), 1);
    AffineExpr length = set.getExpr(layer.getX(), 1);
    if (layer.getKeyCache())
      length = length + set.getExpr(layer.getKeyCache(), 1);
    return length;
  }

  /// Rows of tokens: B * T, which is linear where one of the two is static.
  static void boundTokens(LayerOp layer, Value value,
                          ValueBoundsConstraintSet &set) {
    auto x = cast<ShapedType>(layer.getX().getType());
    if (x.isDynamicDim(0) && x.isDynamicDim(1))
      return;
    unsigned dynamic = x.isDynamicDim(0) ? 0 : 1;
    set.bound(value)[0] ==
        set.getExpr(layer.getX(), dynamic) * x.getDimSize(1 - dynamic);
  }
};
} // namespace

void moa::registerValueBoundsOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, MoaDialect *) {
    RouteOp::attachInterface<TokenBounds<RouteOp>>(*context);
    RouterOp::attachInterface<TokenBounds<RouterOp>>(*context);
    DispatchOp::attachInterface<DispatchBounds>(*context);
    RotaryOp::attachInterface<RotaryBounds>(*context);
    LayerOp::attachInterface<LayerBounds>(*context);
  });
}
