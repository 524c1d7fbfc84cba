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
    // Logits, indices and gates have a row a token, of which there are B * T.
    bool hasBatch = isOutput || value == layer.getExtra(Extra::Lse) ||
                    value == layer.getExtra(Extra::Keys) ||
                    value == layer.getExtra(Extra::Values);
    bool hasLength = isOutput || value == layer.getExtra(Extra::Lse);
    if ((dim == 0 && hasBatch) || (dim == 1 && hasLength) ||
        (dim == 2 && isOutput))
      set.bound(value)[dim] == set.getExpr(layer.getX(), dim);
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
