//===- SavedObject.cpp - Compiled functions in files ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A compiled function is a relocatable object. A section of its own says, as
// JSON, which function it holds and what it was compiled for.
//
//===----------------------------------------------------------------------===//

#include "Compile.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "moa/Runtime/Engine.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/TargetSelect.h"

using namespace llvm;

namespace moa {

/// The section, and the symbol in it.
static constexpr StringLiteral kSection = ".moa";
static constexpr StringLiteral kSymbol = "moa_saved_function";

//===----------------------------------------------------------------------===//
// The description
//===----------------------------------------------------------------------===//

namespace {
/// What code depends on that is compiled for a host.
struct Host {
  std::string llvm, cpu, features;
};
} // namespace

static Expected<Host> detectHost() {
  Expected<orc::JITTargetMachineBuilder> builder =
      orc::JITTargetMachineBuilder::detectHost();
  if (!builder)
    return builder.takeError();
  return Host{LLVM_VERSION_STRING,
              builder->getTargetTriple().str() + " " + builder->getCPU(),
              builder->getFeatures().getString()};
}

static json::Value toJson(ArrayRef<Port> ports) {
  json::Array list;
  for (const Port &port : ports) {
    json::Array shape;
    for (int64_t size : port.shape)
      shape.push_back(size);
    list.push_back(json::Object{{"name", port.name},
                                {"type", getElementName(port.type).str()},
                                {"shape", std::move(shape)},
                                {"scalar", port.isScalar}});
  }
  return list;
}

namespace {
/// A port as it stands in the file.
struct SavedPort {
  std::string name, type;
  std::vector<int64_t> shape;
  bool scalar;
};

/// The description of a saved function.
struct Description {
  std::string llvm, cpu, features, function;
  std::vector<SavedPort> arguments, results;
};

// json::parse looks for these beside the types.
bool fromJSON(const json::Value &value, SavedPort &port, json::Path path) {
  json::ObjectMapper map(value, path);
  return map && map.map("name", port.name) && map.map("type", port.type) &&
         map.map("shape", port.shape) && map.map("scalar", port.scalar);
}

bool fromJSON(const json::Value &value, Description &description,
              json::Path path) {
  json::ObjectMapper map(value, path);
  return map && map.map("llvm", description.llvm) &&
         map.map("cpu", description.cpu) &&
         map.map("features", description.features) &&
         map.map("function", description.function) &&
         map.map("arguments", description.arguments) &&
         map.map("results", description.results);
}
} // namespace

static Expected<std::vector<Port>> toPorts(ArrayRef<SavedPort> saved) {
  std::vector<Port> ports;
  for (const SavedPort &port : saved) {
    std::optional<ElementType> type = parseElementType(port.type);
    if (!type)
      return makeError("'" + port.name + "' has the unknown type '" +
                       port.type + "'");
    ports.push_back({port.name, *type,
                     SmallVector<int64_t>(port.shape.begin(), port.shape.end()),
                     port.scalar});
  }
  return ports;
}

//===----------------------------------------------------------------------===//
// Saving
//===----------------------------------------------------------------------===//

/// Add `text` to the module, in a section of its own.
static void addSection(mlir::ModuleOp module, StringRef text) {
  auto b = mlir::OpBuilder::atBlockEnd(module.getBody());
  auto type = mlir::LLVM::LLVMArrayType::get(b.getI8Type(), text.size());
  auto global = mlir::LLVM::GlobalOp::create(
      b, module.getLoc(), type, /*isConstant=*/true,
      mlir::LLVM::Linkage::External, kSymbol, b.getStringAttr(text));
  global.setSection(kSection);
}

Expected<std::unique_ptr<MemoryBuffer>> compileObject(mlir::ModuleOp module,
                                                      const Callee &callee) {
  InitializeNativeTarget();
  Expected<Host> host = detectHost();
  if (!host)
    return host.takeError();
  json::Value description =
      json::Object{{"llvm", host->llvm},
                   {"cpu", host->cpu},
                   {"features", host->features},
                   {"function", callee.name},
                   {"arguments", toJson(callee.arguments)},
                   {"results", toJson(callee.results)}};
  std::string text;
  raw_string_ostream(text) << description;
  addSection(module, text);
  auto jit = compileModule(module, /*keepsObject=*/true);
  if (!jit)
    return jit.takeError();
  auto function = (*jit)->lookupPacked(getInterface(callee.name));
  if (!function)
    return function.takeError();
  // Upstream writes a file, and only to a path.
  SmallString<128> temporary;
  if (std::error_code code =
          sys::fs::createTemporaryFile("moa", "o", temporary))
    return makeError("cannot write a temporary file: " + code.message());
  FileRemover remover(temporary);
  (*jit)->dumpToObjectFile(temporary);
  auto object = MemoryBuffer::getFile(temporary);
  if (!object)
    return makeError("cannot read a temporary file: " +
                     object.getError().message());
  return std::move(*object);
}

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

/// What the section of the object in `buffer` says.
static Expected<Description> readDescription(MemoryBufferRef buffer) {
  auto object = object::ObjectFile::createObjectFile(buffer);
  if (!object)
    return object.takeError();
  for (const object::SectionRef &section : (*object)->sections()) {
    Expected<StringRef> name = section.getName();
    if (!name)
      return name.takeError();
    if (*name != kSection)
      continue;
    Expected<StringRef> contents = section.getContents();
    if (!contents)
      return contents.takeError();
    return json::parse<Description>(*contents, "description");
  }
  return makeError("it has no section " + kSection);
}

/// An error if `saved` was not compiled for what runs here.
static Error checkHost(const Description &saved, const Twine &path) {
  Expected<Host> host = detectHost();
  if (!host)
    return host.takeError();
  auto refuse = [&](const Twine &what, StringRef there, StringRef here) {
    return makeError("'" + path + "' was compiled for " + what + " " + there +
                     ", this is " + here + ": compile the module again");
  };
  if (saved.llvm != host->llvm)
    return refuse("LLVM", saved.llvm, host->llvm);
  if (saved.cpu != host->cpu)
    return refuse("the CPU", saved.cpu, host->cpu);
  SmallVector<StringRef> there, here;
  StringRef(saved.features).split(there, ',');
  StringRef(host->features).split(here, ',');
  for (StringRef feature : there)
    if (feature.starts_with("+") && !is_contained(here, feature))
      return makeError("'" + path + "' was compiled for a CPU with " +
                       feature.drop_front() +
                       ", which this one lacks: compile the module again");
  return Error::success();
}

Expected<std::unique_ptr<Engine>> Engine::load(StringRef path, StringRef name) {
  InitializeNativeTarget();
  auto file = MemoryBuffer::getFile(path);
  if (!file)
    return makeError("cannot read '" + path +
                     "': " + file.getError().message());
  auto refuse = [&](Error error) {
    return makeError("'" + path + "' is no object that moa-run saved: " +
                     toString(std::move(error)));
  };
  std::unique_ptr<MemoryBuffer> buffer = std::move(*file);
  Expected<Description> saved = readDescription(buffer->getMemBufferRef());
  if (!saved)
    return refuse(saved.takeError());
  if (Error error = checkHost(*saved, path))
    return std::move(error);
  if (!name.empty() && name != saved->function)
    return makeError("'" + path + "' holds the function '" + saved->function +
                     "', not '" + name + "'");
  auto arguments = toPorts(saved->arguments), results = toPorts(saved->results);
  if (!arguments)
    return refuse(arguments.takeError());
  if (!results)
    return refuse(results.takeError());

  auto jit = orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  orc::JITDylib &library = (*jit)->getMainJITDylib();
  orc::MangleAndInterner intern((*jit)->getExecutionSession(),
                                (*jit)->getDataLayout());
  if (Error error =
          library.define(orc::absoluteSymbols(getProcessSymbols(intern))))
    return std::move(error);
  auto process = orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      (*jit)->getDataLayout().getGlobalPrefix());
  if (!process)
    return process.takeError();
  library.addGenerator(std::move(*process));
  if (Error error = (*jit)->addObjectFile(std::move(buffer)))
    return refuse(std::move(error));
  // What mlir::ExecutionEngine puts in front of the function that it calls.
  auto function = (*jit)->lookup("_mlir_" + getInterface(saved->function));
  if (!function)
    return refuse(function.takeError());
  std::unique_ptr<Engine> engine(
      new Engine({saved->function, std::move(*arguments), std::move(*results)},
                 function->toPtr<void (*)(void **)>()));
  engine->loader = std::move(*jit);
  return engine;
}

} // namespace moa
