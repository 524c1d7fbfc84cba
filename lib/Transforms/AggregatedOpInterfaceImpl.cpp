//===- AggregatedOpInterfaceImpl.cpp - Layers are made of ops -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Transforms/AggregatedOpInterfaceImpl.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "moa/Transforms/Decompose.h"

using namespace mlir;

namespace {
struct LayerModel
    : linalg::AggregatedOpInterface::ExternalModel<LayerModel, moa::LayerOp> {
  FailureOr<SmallVector<Value>> decomposeOperation(Operation *op,
                                                   OpBuilder &b) const {
    ImplicitLocOpBuilder builder(op->getLoc(), b);
    moa::emitSizeChecks(builder, op);
    return moa::decomposeLayer(builder, cast<moa::LayerOp>(op));
  }
};
} // namespace

void moa::registerAggregatedOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, MoaDialect *) {
    LayerOp::attachInterface<LayerModel>(*context);
    // What a layer is made of.
    context->loadDialect<cf::ControlFlowDialect, linalg::LinalgDialect>();
  });
}
