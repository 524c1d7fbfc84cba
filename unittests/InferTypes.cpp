//===- InferTypes.cpp - Types of ops that are not whole -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builders, as those of reducers and of other languages, ask for the types of
// ops before they have operands, properties or operands of the right kind. The
// answer is then "none". Prints the ops that were asked for, and what each
// said.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "moa/IR/Moa.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

/// Ask for the types of an op with these operands and, if `withProperties`,
/// properties that nobody has set.
static bool infers(RegisteredOperationName name, ValueRange operands,
                   bool withProperties) {
  MLIRContext *context = name.getContext();
  OperationState state(UnknownLoc::get(context), name);
  state.addOperands(operands);
  Operation *op = withProperties ? Operation::create(state) : nullptr;
  SmallVector<Type> types;
  auto *interface = name.getInterface<InferTypeOpInterface>();
  bool inferred = succeeded(interface->inferReturnTypes(
      context, state.location, operands, DictionaryAttr::get(context),
      op ? op->getPropertiesStorage() : OpaqueProperties(nullptr),
      RegionRange(), types));
  if (op)
    op->destroy();
  return inferred;
}

int main() {
  MLIRContext context;
  context.loadDialect<moa::MoaDialect>();
  // As many operands as any op has, of several kinds.
  Builder b(&context);
  Type kinds[] = {b.getIndexType(), UnrankedTensorType::get(b.getF32Type()),
                  RankedTensorType::get({}, b.getF32Type()),
                  RankedTensorType::get({4, 4}, b.getF32Type())};
  for (RegisteredOperationName name : context.getRegisteredOperations()) {
    if (!name.hasInterface<InferTypeOpInterface>() ||
        name.getDialectNamespace() != moa::MoaDialect::getDialectNamespace())
      continue;
    llvm::outs() << name.getStringRef() << ':';
    for (Type kind : kinds) {
      Block block;
      constexpr unsigned mostOperands = 17;
      for (unsigned i = 0; i < mostOperands; ++i)
        block.addArgument(kind, UnknownLoc::get(&context));
      for (unsigned count : {0u, 1u, 2u, 5u, mostOperands})
        for (bool withProperties : {false, true})
          llvm::outs()
              << ' '
              << infers(name,
                        ValueRange(block.getArguments()).take_front(count),
                        withProperties);
    }
    llvm::outs() << '\n';
  }
  return 0;
}
