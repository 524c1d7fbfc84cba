//===- DialectExtension.cpp - moa in transform scripts --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/TransformOps/DialectExtension.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "moa/TransformOps/MoaTransformOps.h"

using namespace mlir;

namespace {
class MoaTransformDialectExtension
    : public transform::TransformDialectExtension<
          MoaTransformDialectExtension> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(MoaTransformDialectExtension)

  using Base::Base;

  void init() {
    // What layers and fused ops are made of.
    declareGeneratedDialect<arith::ArithDialect>();
    declareGeneratedDialect<cf::ControlFlowDialect>();
    declareGeneratedDialect<linalg::LinalgDialect>();
    declareGeneratedDialect<moa::MoaDialect>();
    declareGeneratedDialect<tensor::TensorDialect>();
    registerTransformOps<
#define GET_OP_LIST
#include "moa/TransformOps/MoaTransformOps.cpp.inc"
        >();
  }
};
} // namespace

void moa::registerTransformDialectExtension(DialectRegistry &registry) {
  registry.addExtensions<MoaTransformDialectExtension>();
}
