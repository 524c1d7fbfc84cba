//===- Engine.h - Compiling and running a function --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_RUNTIME_ENGINE_H
#define MOA_RUNTIME_ENGINE_H

#include "mlir/IR/BuiltinOps.h"
#include "moa/Runtime/Arguments.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>

struct MoaFunction;

namespace llvm::orc {
class LLJIT;
} // namespace llvm::orc

namespace mlir {
class ExecutionEngine;
} // namespace mlir

namespace moa {

/// A function as its callers see it.
struct Callee {
  std::string name;
  std::vector<Port> arguments;
  std::vector<Port> results;
};

/// Add what translates the dialects of compiled modules to LLVM IR.
void registerTranslations(mlir::DialectRegistry &registry);

/// Find the function `name` in `module`, or, with an empty name, the only one
/// that can be called; and record the signatures of all of them.
llvm::Expected<Callee> findCallee(mlir::ModuleOp module, llvm::StringRef name);

/// Lower `module` with the textual `pipeline`, or where there is none with the
/// GPU pipeline for `chip`, or without a chip the CPU pipeline. An error, the
/// first that a pass emits, where it fails or leaves what cannot be compiled.
llvm::Error lowerModule(mlir::ModuleOp module,
                        std::optional<std::string> pipeline,
                        std::optional<std::string> chip);

/// A function compiled to native code in this process. A run-time check that
/// fails prints its message and ends the process with status 1.
class Engine {
public:
  /// Compile `callee` of `module`, which is lowered.
  static llvm::Expected<std::unique_ptr<Engine>> create(mlir::ModuleOp module,
                                                        Callee callee);
  /// Load the function that compileObject compiled, from `path`. An error if
  /// `name` is neither empty nor its name, or if this is another CPU or version
  /// of LLVM than it was compiled for.
  static llvm::Expected<std::unique_ptr<Engine>> load(llvm::StringRef path,
                                                      llvm::StringRef name);
  ~Engine();

  /// Call the function. The arguments must fit it, as those from Arguments do.
  llvm::Expected<std::vector<Tensor>> run(llvm::ArrayRef<Tensor> arguments);

  const Callee &getCallee() const { return callee; }
  llvm::ArrayRef<Port> getArguments() const { return callee.arguments; }
  llvm::ArrayRef<Port> getResults() const { return callee.results; }

  /// What the GPU runtime has to know of the function; null if it runs on the
  /// CPU.
  const MoaFunction *getDeviceFunction() const { return deviceFunction; }

private:
  Engine(Callee callee, void (*function)(void **));

  Callee callee;
  /// What owns the code: of a module, or of an object that was loaded.
  std::unique_ptr<mlir::ExecutionEngine> jit;
  std::unique_ptr<llvm::orc::LLJIT> loader;
  void (*function)(void **);
  const MoaFunction *deviceFunction = nullptr;
};

/// Compile `callee` of `module`, which is lowered, into what Engine::load takes
/// from a file: a relocatable object of the host's format. What it is for
/// stands in a section of its own, as JSON.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
compileObject(mlir::ModuleOp module, const Callee &callee);

/// How long runs took, in milliseconds, and what they kept of memory.
struct Timings {
  size_t runs;
  double median;
  double minimum;
  /// The distance between the quartiles.
  double spread;
  /// How much the peak of the resident memory rose from the first run to the
  /// last, in KiB.
  int64_t growth;
};

/// Call `engine` once to warm up, then at least `runs` times and for at least
/// `seconds`. On a GPU the time is that between two events around what the
/// function enqueues: arguments are on the device, results stay there. The
/// results of the last run are left in `results`.
llvm::Expected<Timings> benchmark(Engine &engine,
                                  llvm::ArrayRef<Tensor> arguments, size_t runs,
                                  double seconds, std::vector<Tensor> &results);

} // namespace moa

#endif // MOA_RUNTIME_ENGINE_H
