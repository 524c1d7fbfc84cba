//===- Engine.cpp - Compiling and running a function ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Runtime/Engine.h"

#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/OpenMP/OpenMPToLLVMIRTranslation.h"
#include "moa/Pipelines/Pipelines.h"
#include "moa/Support/Signature.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

using namespace llvm;

namespace moa {

void registerTranslations(mlir::DialectRegistry &registry) {
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
  mlir::registerOpenMPDialectTranslation(registry);
}

//===----------------------------------------------------------------------===//
// The callee
//===----------------------------------------------------------------------===//

/// The scalar type that `type` is passed as.
static std::optional<ElementType> getElementType(mlir::Type type) {
  if (type.isIndex())
    return ElementType::I64;
  std::string name;
  raw_string_ostream(name) << type;
  return parseElementType(name);
}

/// The port that the value `name` of `type` goes through.
static Expected<Port> getPort(StringRef name, mlir::Type type) {
  mlir::Type element = type;
  SmallVector<int64_t> shape;
  auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(type);
  if (tensor) {
    element = tensor.getElementType();
    for (int64_t size : tensor.getShape())
      shape.push_back(mlir::ShapedType::isDynamic(size) ? kAnySize : size);
  }
  std::optional<ElementType> elementType = getElementType(element);
  if (!elementType || (tensor && tensor.getEncoding())) {
    std::string text;
    raw_string_ostream(text) << type;
    return makeError("'" + name + "' has the type " + text +
                     ", which cannot be passed: use ranked tensors or scalars "
                     "of f64, f32, f16, bf16, i64, i32, i8, i1 or index");
  }
  return Port{name.str(), *elementType, shape, !tensor};
}

static Expected<std::vector<Port>> getPorts(ArrayRef<Parameter> parameters) {
  std::vector<Port> ports;
  for (const Parameter &parameter : parameters) {
    Expected<Port> port = getPort(parameter.name, parameter.type);
    if (!port)
      return port.takeError();
    ports.push_back(std::move(*port));
  }
  return ports;
}

/// What the name of a function's C interface begins with.
static constexpr StringLiteral kInterfacePrefix = "_mlir_ciface_";

/// Whether `op` can be called from outside: a public function with a body,
/// either on tensors or lowered with its signature kept. Its C interface has
/// the same attributes, but is not a function of the user's.
static bool isEntryPoint(mlir::Operation *op) {
  auto function = mlir::dyn_cast<mlir::FunctionOpInterface>(op);
  return function && function.isPublic() &&
         !function.getName().starts_with(kInterfacePrefix) &&
         !function.isDeclaration() && succeeded(readSignature(op));
}

/// The operation that `name` stands for among the `entries` of a module.
static Expected<mlir::Operation *> select(ArrayRef<mlir::Operation *> entries,
                                          StringRef name) {
  std::string names;
  for (mlir::Operation *op : entries) {
    StringRef entry = mlir::SymbolTable::getSymbolName(op).getValue();
    if (entry == name)
      return op;
    names += (names.empty() ? "'" : ", '") + entry.str() + "'";
  }
  if (entries.empty())
    return makeError("the module has no function to call: one that is public, "
                     "has a body and takes tensors or scalars");
  if (!name.empty())
    return makeError("the module has no function '" + name +
                     "' to call; it has " + names);
  if (entries.size() > 1)
    return makeError("the module has several functions: give --function= one "
                     "of " +
                     names);
  return entries.front();
}

Expected<Callee> findCallee(mlir::ModuleOp module, StringRef name) {
  SmallVector<mlir::Operation *> entries;
  for (mlir::Operation &op : module.getOps()) {
    if (isEntryPoint(&op))
      entries.push_back(&op);
  }
  Expected<mlir::Operation *> op = select(entries, name);
  if (!op)
    return op.takeError();
  mlir::FailureOr<Signature> signature = readSignature(*op);
  if (failed(signature))
    return makeError("cannot call the function");
  auto arguments = getPorts(signature->arguments);
  if (!arguments)
    return arguments.takeError();
  auto results = getPorts(signature->results);
  if (!results)
    return results.takeError();
  // A pipeline of the user's need not export the function itself.
  if (auto func = mlir::dyn_cast<mlir::func::FuncOp>(*op))
    exportFunction(func);
  return Callee{mlir::SymbolTable::getSymbolName(*op).str(),
                std::move(*arguments), std::move(*results)};
}

//===----------------------------------------------------------------------===//
// Compilation
//===----------------------------------------------------------------------===//

LogicalResult lowerModule(mlir::ModuleOp module,
                          std::optional<std::string> pipeline) {
  mlir::PassManager pm(module.getContext());
  if (!pipeline) {
    buildMoaCpuPipeline(pm, MoaCpuPipelineOptions());
    return pm.run(module);
  }
  StringRef text = StringRef(*pipeline).trim();
  if (text.empty())
    return success();
  StringRef anchor = mlir::ModuleOp::getOperationName();
  // "builtin.module(...)" and "any(...)" name what they run on.
  if (text.ends_with(")") &&
      (text.consume_front((anchor + "(").str()) || text.consume_front("any(")))
    text = text.drop_back();
  if (failed(mlir::parsePassPipeline(text, pm)))
    return failure();
  return pm.run(module);
}

/// Called by compiled code, before abort, with the message of a failed check.
static int reportFailedCheck(const char *message) {
  outs().flush();
  errs() << "moa-run: error: " << message << '\n';
  return 0;
}

/// Called by compiled code when a check has failed. Nothing is cleaned up:
/// other threads may be in the middle of the function.
[[noreturn]] static void exitOnFailedCheck() {
  outs().flush();
  errs().flush();
  std::_Exit(1);
}

/// What stands in compiled code for the C library's way to abort.
static orc::SymbolMap getSymbols(orc::MangleAndInterner intern) {
  orc::SymbolMap symbols;
  symbols[intern("puts")] = {orc::ExecutorAddr::fromPtr(&reportFailedCheck),
                             JITSymbolFlags::Exported};
  symbols[intern("abort")] = {orc::ExecutorAddr::fromPtr(&exitOnFailedCheck),
                              JITSymbolFlags::Exported};
  return symbols;
}

Expected<std::unique_ptr<Engine>> Engine::create(mlir::ModuleOp module,
                                                 Callee callee) {
  InitializeNativeTarget();
  InitializeNativeTargetAsmPrinter();
  Expected<orc::JITTargetMachineBuilder> builder =
      orc::JITTargetMachineBuilder::detectHost();
  if (!builder)
    return builder.takeError();
  builder->setCodeGenOptLevel(CodeGenOptLevel::Aggressive);
  Expected<std::unique_ptr<TargetMachine>> machine =
      builder->createTargetMachine();
  if (!machine)
    return machine.takeError();
  auto optimize = mlir::makeOptimizingTransformer(
      /*optLevel=*/3, /*sizeLevel=*/0, machine->get());
  mlir::ExecutionEngineOptions options;
  options.transformer = optimize;
  options.jitCodeGenOptLevel = CodeGenOptLevel::Aggressive;
  options.enableGDBNotificationListener = false;
  options.enablePerfNotificationListener = false;
  auto jit =
      mlir::ExecutionEngine::create(module, options, std::move(*machine));
  if (!jit)
    return jit.takeError();
  (*jit)->registerSymbols(getSymbols);
  auto function = (*jit)->lookupPacked((kInterfacePrefix + callee.name).str());
  if (!function)
    return function.takeError();
  (*jit)->initialize();
  return std::unique_ptr<Engine>(
      new Engine(std::move(callee), std::move(*jit), *function));
}

Engine::Engine(Callee callee, std::unique_ptr<mlir::ExecutionEngine> jit,
               void (*function)(void **))
    : callee(std::move(callee)), jit(std::move(jit)), function(function) {}

Engine::~Engine() = default;

} // namespace moa
