//===- Signature.cpp - What a function takes and returns ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Support/Signature.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace moa {

static constexpr StringLiteral kName = "moa.name";
static constexpr StringLiteral kSignature = "moa.signature";
static constexpr StringLiteral kArgumentNames = "moa.arg_names";
static constexpr StringLiteral kResultNames = "moa.result_names";

/// The names and types of a list of arguments or results.
static SmallVector<Parameter>
readParameters(TypeRange types, StringRef prefix,
               llvm::function_ref<StringAttr(unsigned)> getName) {
  SmallVector<Parameter> parameters;
  for (auto [index, type] : llvm::enumerate(types)) {
    StringAttr name = getName(index);
    parameters.push_back(
        {name ? name.str() : (prefix + Twine(index)).str(), type});
  }
  return parameters;
}

static Signature readFunction(func::FuncOp function) {
  Signature signature;
  signature.arguments =
      readParameters(function.getArgumentTypes(), "arg", [&](unsigned index) {
        return function.getArgAttrOfType<StringAttr>(index, kName);
      });
  signature.results =
      readParameters(function.getResultTypes(), "result", [&](unsigned index) {
        return function.getResultAttrOfType<StringAttr>(index, kName);
      });
  return signature;
}

void exportFunction(func::FuncOp function) {
  Signature signature = readFunction(function);
  Builder b(function.getContext());
  auto names = [&](ArrayRef<Parameter> parameters) {
    SmallVector<StringRef> strings;
    for (const Parameter &parameter : parameters)
      strings.push_back(parameter.name);
    return b.getStrArrayAttr(strings);
  };
  function->setAttr(kSignature, TypeAttr::get(function.getFunctionType()));
  function->setAttr(kArgumentNames, names(signature.arguments));
  function->setAttr(kResultNames, names(signature.results));
  function->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                    b.getUnitAttr());
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes()))
    if (isa<TensorType>(type))
      function.setArgAttr(
          index, bufferization::BufferizationDialect::kWritableAttrName,
          b.getBoolAttr(false));
}

FailureOr<Signature> readSignature(Operation *function) {
  if (auto kept = function->getAttrOfType<TypeAttr>(kSignature)) {
    auto type = dyn_cast<FunctionType>(kept.getValue());
    auto argumentNames = function->getAttrOfType<ArrayAttr>(kArgumentNames);
    auto resultNames = function->getAttrOfType<ArrayAttr>(kResultNames);
    if (!type || !argumentNames || !resultNames ||
        argumentNames.size() != type.getNumInputs() ||
        resultNames.size() != type.getNumResults())
      return failure();
    auto nameIn = [](ArrayAttr names) {
      return [names](unsigned index) {
        return dyn_cast<StringAttr>(names[index]);
      };
    };
    Signature signature;
    signature.arguments =
        readParameters(type.getInputs(), "arg", nameIn(argumentNames));
    signature.results =
        readParameters(type.getResults(), "result", nameIn(resultNames));
    return signature;
  }
  if (auto func = dyn_cast<func::FuncOp>(function))
    return readFunction(func);
  return failure();
}

} // namespace moa
