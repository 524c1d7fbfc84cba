//===- Engine.cpp - Compiling and running a function ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Runtime/Engine.h"

#include "Compile.h"
#include "FailedCheck.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/OpenMP/OpenMPToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/LLVMTranslationInterface.h"
#include "moa/Pipelines/Pipelines.h"
#include "moa/Runtime/GpuAbi.h"
#include "moa/Support/Signature.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/DynamicLibrary.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

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

/// Whether `type` is that of dense tensors or buffers of a known rank.
static bool isDense(mlir::Type type) {
  if (auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(type))
    return !tensor.getEncoding();
  auto buffer = mlir::dyn_cast<mlir::MemRefType>(type);
  return buffer && buffer.getLayout().isIdentity();
}

/// The port that the value `name` of `type` goes through.
static Expected<Port> getPort(StringRef name, mlir::Type type) {
  mlir::Type element = type;
  SmallVector<int64_t> shape;
  auto shaped = mlir::dyn_cast<mlir::ShapedType>(type);
  if (isDense(type)) {
    element = shaped.getElementType();
    for (int64_t size : shaped.getShape())
      shape.push_back(mlir::ShapedType::isDynamic(size) ? kAnySize : size);
  }
  std::optional<ElementType> elementType = getElementType(element);
  if (!elementType) {
    std::string text;
    raw_string_ostream(text) << type;
    return makeError("'" + name + "' has the type " + text +
                     ", which cannot be passed: use ranked tensors or scalars "
                     "of f64, f32, f16, bf16, i64, i32, i8, i1 or index");
  }
  return Port{name.str(), *elementType, shape, !shaped};
}

/// `kind` is what parameters are called.
static Expected<std::vector<Port>> getPorts(ArrayRef<Parameter> parameters,
                                            StringRef kind) {
  std::vector<Port> ports;
  for (const Parameter &parameter : parameters) {
    if (any_of(ports, [&](const Port &p) { return p.name == parameter.name; }))
      return makeError("two " + kind + " are named '" + parameter.name +
                       "': give each a moa.name of its own");
    Expected<Port> port = getPort(parameter.name, parameter.type);
    if (!port)
      return port.takeError();
    ports.push_back(std::move(*port));
  }
  return ports;
}

/// What the name of a function's C interface begins with, and what that of its
/// description for the GPU runtime ends with.
static constexpr StringLiteral kInterfacePrefix = "_mlir_ciface_";
static constexpr StringLiteral kDeviceFunctionSuffix = ".function";

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
  auto arguments = getPorts(signature->arguments, "arguments");
  if (!arguments)
    return arguments.takeError();
  auto results = getPorts(signature->results, "results");
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

namespace {
/// Keeps the first error that is emitted while it lives, and prints none.
class FirstError {
public:
  explicit FirstError(mlir::MLIRContext *context)
      : handler(context, [this](mlir::Diagnostic &diagnostic) {
          if (diagnostic.getSeverity() != mlir::DiagnosticSeverity::Error)
            return failure(); // Warnings and remarks are printed as usual.
          if (text.empty())
            record(diagnostic);
          return success();
        }) {}

  /// The error, with its place; where none was emitted, `otherwise`.
  Error take(StringRef otherwise) const {
    return makeError(text.empty() ? otherwise : StringRef(text));
  }

private:
  void record(mlir::Diagnostic &diagnostic) {
    raw_string_ostream os(text);
    if (auto place =
            diagnostic.getLocation()->findInstanceOf<mlir::FileLineColLoc>())
      os << place.getFilename().getValue() << ':' << place.getLine() << ':'
         << place.getColumn() << ": ";
    os << diagnostic;
  }

  std::string text;
  mlir::ScopedDiagnosticHandler handler;
};
} // namespace

/// Add the passes of the textual `pipeline`.
static Error addPasses(mlir::PassManager &pm, StringRef pipeline) {
  StringRef text = pipeline.trim();
  if (text.empty())
    return Error::success();
  StringRef anchor = mlir::ModuleOp::getOperationName();
  // "builtin.module(...)" and "any(...)" name what they run on.
  if (text.ends_with(")") &&
      (text.consume_front((anchor + "(").str()) || text.consume_front("any(")))
    text = text.drop_back();
  std::string problem;
  raw_string_ostream stream(problem);
  if (succeeded(mlir::parsePassPipeline(text, pm, stream)))
    return Error::success();
  // A place in the text comes before the message, the text after it.
  StringRef message = problem;
  if (size_t end = message.find("error: "); end != StringRef::npos)
    message = message.substr(end).split(' ').second;
  return makeError("--pipeline=" + pipeline + ": " + message.split('\n').first +
                   "; moa-opt --help lists passes and pipelines");
}

/// Whether `op` can be translated to LLVM IR.
static bool isLowered(mlir::Operation *op) {
  mlir::Dialect *dialect = op->getDialect();
  return dialect && !mlir::isa<mlir::UnrealizedConversionCastOp>(op) &&
         dialect
             ->getRegisteredInterface<mlir::LLVMTranslationDialectInterface>();
}

static Error checkLowered(mlir::ModuleOp module, StringRef pipeline) {
  mlir::Operation *left = nullptr;
  module.walk<mlir::WalkOrder::PreOrder>([&](mlir::Operation *op) {
    if (isLowered(op))
      return mlir::WalkResult::advance();
    left = op;
    return mlir::WalkResult::interrupt();
  });
  if (!left)
    return Error::success();
  return makeError(
      "--pipeline=" + pipeline + " leaves '" + left->getName().getStringRef() +
      "', which is not in the LLVM dialect: give a pipeline that lowers the "
      "module, or leave the option out");
}

Error lowerModule(mlir::ModuleOp module, std::optional<std::string> pipeline,
                  std::optional<std::string> chip) {
  mlir::PassManager pm(module.getContext());
  if (pipeline) {
    if (Error error = addPasses(pm, *pipeline))
      return error;
  } else if (chip) {
    MoaGpuPipelineOptions options;
    options.chip = *chip;
    std::string problem;
    if (failed(options.check([&](const Twine &message) {
          problem = message.str();
          return failure();
        })))
      return makeError(problem);
    buildMoaGpuPipeline(pm, options);
  } else {
    buildMoaCpuPipeline(pm, MoaCpuPipelineOptions());
  }
  FirstError problem(module.getContext());
  if (failed(pm.run(module)))
    return problem.take("a pass fails without a message");
  return pipeline ? checkLowered(module, *pipeline) : Error::success();
}

/// The functions of this process that stand in for those that compiled code
/// calls, by name.
static auto getProcessFunctions() {
  auto at = [](StringRef name, auto *function) {
    return std::pair(name, orc::ExecutorAddr::fromPtr(function));
  };
  return std::array{at("puts", &reportFailedCheck),
                    at("abort", &exitOnFailedCheck),
                    at("malloc", &allocateOrExit),
                    at("moa_gpu_last_error", &moa_gpu_last_error),
                    at("moa_rt_call_on_host", &moa_rt_call_on_host),
                    at("moa_rt_check_arguments", &moa_rt_check_arguments),
                    at("moa_rt_check_call", &moa_rt_check_call),
                    at("moa_rt_copy", &moa_rt_copy),
                    at("moa_rt_fail", &moa_rt_fail),
                    at("moa_rt_fill", &moa_rt_fill),
                    at("moa_rt_global", &moa_rt_global),
                    at("moa_rt_launch", &moa_rt_launch)};
}

orc::SymbolMap getProcessSymbols(orc::MangleAndInterner intern) {
  orc::SymbolMap symbols;
  for (auto [name, address] : getProcessFunctions())
    symbols[intern(name)] = {address, JITSymbolFlags::Exported};
  return symbols;
}

/// An error if `module` declares a function that is nowhere: LLVM's own is
/// several lines.
static Error checkDeclarations(mlir::ModuleOp module) {
  auto process = sys::DynamicLibrary::getPermanentLibrary(nullptr);
  for (auto function : module.getOps<mlir::LLVM::LLVMFuncOp>()) {
    StringRef name = function.getName();
    if (!function.isExternal() || name.starts_with("llvm.") ||
        mlir::SymbolTable::symbolKnownUseEmpty(function, module) ||
        is_contained(make_first_range(getProcessFunctions()), name) ||
        process.getAddressOfSymbol(name.str().c_str()))
      continue;
    name.consume_front(kInterfacePrefix);
    return makeError("the module declares '" + name +
                     "', which is defined neither there nor in moa-run: give "
                     "it a body");
  }
  return Error::success();
}

/// An error if `module` has dot products that this CPU lacks: LLVM would end
/// the process. All else that a kernel is written with it can split.
static Error checkInstructions(mlir::ModuleOp module) {
  if (sys::getHostCPUFeatures().lookup("avx512bf16"))
    return Error::success();
  auto isMissing = [](mlir::LLVM::CallIntrinsicOp call) {
    return call.getIntrin().starts_with("llvm.x86.avx512bf16.")
               ? mlir::WalkResult::interrupt()
               : mlir::WalkResult::advance();
  };
  if (!module.walk(isMissing).wasInterrupted())
    return Error::success();
  return makeError("the module has dot products of AVX512-BF16, which this CPU "
                   "lacks: lower it with target=host");
}

/// What compiled code says about the function `name`, if it is for a GPU.
static Expected<const MoaFunction *>
findDeviceFunction(mlir::ModuleOp module, mlir::ExecutionEngine &jit,
                   StringRef name) {
  std::string table = (name + kDeviceFunctionSuffix).str();
  if (!module.lookupSymbol(table))
    return nullptr;
  Expected<void *> found = jit.lookup(table);
  if (!found)
    return found.takeError();
  return static_cast<const MoaFunction *>(*found);
}

Expected<std::unique_ptr<mlir::ExecutionEngine>>
compileModule(mlir::ModuleOp module, bool keepsObject) {
  if (Error error = checkDeclarations(module))
    return std::move(error);
  if (Error error = checkInstructions(module))
    return std::move(error);
  // Functions are compiled for the host: what one asks for would take the place
  // of all that the host has. Dot products it has, see above.
  module.walk([](mlir::LLVM::LLVMFuncOp function) {
    function.removeTargetFeaturesAttr();
  });
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
  options.enableObjectDump = keepsObject;
  options.enableGDBNotificationListener = false;
  options.enablePerfNotificationListener = false;
  FirstError problem(module.getContext());
  auto jit =
      mlir::ExecutionEngine::create(module, options, std::move(*machine));
  if (!jit)
    return problem.take(toString(jit.takeError()));
  (*jit)->registerSymbols(getProcessSymbols);
  return jit;
}

std::string getInterface(StringRef function) {
  return (kInterfacePrefix + function).str();
}

Expected<std::unique_ptr<Engine>> Engine::create(mlir::ModuleOp module,
                                                 Callee callee) {
  auto jit = compileModule(module, /*keepsObject=*/false);
  if (!jit)
    return jit.takeError();
  auto function = (*jit)->lookupPacked(getInterface(callee.name));
  if (!function)
    return function.takeError();
  auto deviceFunction = findDeviceFunction(module, **jit, callee.name);
  if (!deviceFunction)
    return deviceFunction.takeError();
  (*jit)->initialize();
  std::unique_ptr<Engine> engine(new Engine(std::move(callee), *function));
  engine->jit = std::move(*jit);
  engine->deviceFunction = *deviceFunction;
  return engine;
}

Engine::Engine(Callee callee, void (*function)(void **))
    : callee(std::move(callee)), function(function) {}

Engine::~Engine() = default;

} // namespace moa
