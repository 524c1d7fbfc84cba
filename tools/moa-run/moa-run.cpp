//===- moa-run.cpp - Compile a function and run it ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "moa/InitAll.h"
#include "moa/Runtime/Compare.h"
#include "moa/Runtime/DeviceCall.h"
#include "moa/Runtime/Engine.h"
#include "moa/Runtime/Literal.h"
#include "moa/Runtime/Npy.h"
#include "moa/Runtime/Safetensors.h"
#include "moa/Support/Chips.h"
#include "moa/Support/Json.h"
#include "moa/Support/Output.h"
#include "moa/Support/Progress.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

using namespace llvm;
using namespace moa;

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

namespace {
/// Reads numbers. LLVM's own parser takes an empty text for 0.
struct NumberParser : cl::parser<double> {
  using cl::parser<double>::parser;
  bool parse(cl::Option &option, StringRef name, StringRef text,
             double &number) {
    if (text.empty())
      return option.error("give a number, as in --" + name + "=0.01");
    return cl::parser<double>::parse(option, name, text, number);
  }
};
using NumberOption = cl::opt<double, /*ExternalStorage=*/false, NumberParser>;
} // namespace

static cl::OptionCategory category("moa-run options");

static cl::opt<std::string> inputFile(cl::Positional, cl::init("-"),
                                      cl::desc("<module>"), cl::cat(category));
static cl::opt<std::string>
    functionName("function",
                 cl::desc("The function to call (default: the "
                          "module's only public one)"),
                 cl::value_desc("name"), cl::cat(category));
static cl::opt<std::string> device("device", cl::init("cpu"),
                                   cl::desc("Where to run: cpu or cuda"),
                                   cl::cat(category));
static cl::opt<std::string>
    chip("chip",
         cl::desc("With --device=cuda, the chip to compile for: sm_80, sm_86, "
                  "sm_89, sm_90, sm_90a, sm_100a, sm_120a (default: the one "
                  "in the machine)"),
         cl::value_desc("sm_NN"), cl::cat(category));
static cl::opt<bool> listDevices("list-devices",
                                 cl::desc("Print the devices, then exit"),
                                 cl::cat(category));
static cl::list<std::string>
    inputs("input",
           cl::desc("An argument: 2x3xf32=1 2 3 4 5 6, 2x3xf32=0 (a splat), "
                    "f32=1, @file.npy, each with NAME= in front or in the "
                    "order of the arguments; or @file.safetensors, by name"),
           cl::value_desc("value"), cl::cat(category));
static cl::list<std::string>
    parameters("parameters",
               cl::desc("Arguments by name; tensors that name none are left "
                        "out"),
               cl::value_desc("file.safetensors"), cl::cat(category));
static cl::list<std::string>
    outputs("output",
            cl::desc("Write results: @file.npy, one for each result in order, "
                     "or @file.safetensors for all, by name"),
            cl::value_desc("@file"), cl::cat(category));
static cl::list<std::string>
    expectedOutputs("expected_output",
                    cl::desc("Compare results: values as of --input, in order "
                             "or by name. Exit status 1 where they differ"),
                    cl::value_desc("value"), cl::cat(category));
static NumberOption
    relativeTolerance("rtol",
                      cl::desc("got - want is at most atol + rtol * |want| "
                               "(default of both: 1e-4, with an f16 argument "
                               "or result 4e-3, with bf16 2e-2; 1e-6 where all "
                               "are f64)"),
                      cl::cat(category));
static NumberOption absoluteTolerance("atol", cl::desc("See --rtol"),
                                      cl::cat(category));
static cl::opt<std::string>
    pipeline("pipeline",
             cl::desc("The passes that lower the module (default: "
                      "moa-cpu-pipeline or moa-gpu-pipeline, by device; empty: "
                      "it is lowered already)"),
             cl::value_desc("passes"), cl::cat(category));
static cl::opt<std::string>
    saveFile("save-object",
             cl::desc("Compile the function into an object file for this CPU "
                      "and run nothing"),
             cl::value_desc("file.o"), cl::cat(category));
static cl::opt<std::string>
    loadFile("load-object",
             cl::desc("Run the function of a file that --save-object wrote, "
                      "instead of compiling a module"),
             cl::value_desc("file.o"), cl::cat(category));
static cl::opt<int64_t>
    printLimit("print_limit", cl::init(1024),
               cl::desc("Elements to print of a result (default: 1024)"),
               cl::value_desc("count"), cl::cat(category));
static cl::opt<bool>
    runBenchmark("benchmark", cl::desc("Run repeatedly and print the times"),
                 cl::cat(category));
static cl::opt<uint64_t> repetitions("benchmark_repetitions", cl::init(10),
                                     cl::desc("The least number of runs "
                                              "(default: 10)"),
                                     cl::value_desc("count"),
                                     cl::cat(category));
static NumberOption minimumTime("benchmark_min_time", cl::init(0.5),
                                cl::desc("The least time to run for "
                                         "(default: 0.5)"),
                                cl::value_desc("seconds"), cl::cat(category));

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

enum Status { kSuccess = 0, kFailure = 1, kMisuse = 2 };

static Status fail(Status status, const Twine &message) {
  outs().flush();
  // One line, whatever names it quotes.
  errs() << "moa-run: error: " << escapeForMessage(message.str()) << '\n';
  return status;
}

static Status fail(Status status, Error error) {
  return fail(status, toString(std::move(error)));
}

/// "1 result", "3 results".
static std::string countResults(const Callee &callee) {
  size_t count = callee.results.size();
  return std::to_string(count) + (count == 1 ? " result" : " results");
}

/// Whether a file can be at `path`, which `option` gives: its folder is there,
/// and it is not one itself.
static Error checkPath(const Twine &option, StringRef path) {
  StringRef folder = sys::path::parent_path(path);
  if (!folder.empty() && !sys::fs::is_directory(folder))
    return makeError(option + path + ": there is no folder '" + folder + "'");
  if (path.empty() || sys::fs::is_directory(path))
    return makeError(option + path + ": give the name of a file");
  return Error::success();
}

namespace {
/// A value that a result is compared with.
struct Expectation {
  size_t result;
  Tensor want;
};
} // namespace

/// The expected values by result. A name without a result is only noted: a
/// file may hold more than one function returns.
static Expected<std::vector<Expectation>>
readExpectations(const Callee &callee) {
  std::vector<Expectation> expectations;
  auto findResult = [&](StringRef name) -> std::optional<size_t> {
    for (auto [index, port] : enumerate(callee.results))
      if (port.name == name)
        return index;
    outs() << "note: '" << name << "' is not a result, and not compared\n";
    return std::nullopt;
  };
  size_t position = 0;
  for (const std::string &text : expectedOutputs) {
    Expected<Source> source = parseSource("--expected_output", text);
    if (!source)
      return source.takeError();
    if (source->isSafetensors()) {
      Expected<SafetensorsFile> file = SafetensorsFile::open(source->path);
      if (!file)
        return file.takeError();
      for (StringRef name : file->getNames()) {
        std::optional<size_t> result = findResult(name);
        if (!result)
          continue;
        Expected<Tensor> want = file->getTensor(name);
        if (!want)
          return want.takeError();
        expectations.push_back({*result, std::move(*want)});
      }
      continue;
    }
    Expected<Tensor> want = readTensor(*source);
    if (!want)
      return want.takeError();
    std::optional<size_t> result = position;
    if (!source->name.empty())
      result = findResult(source->name);
    else if (++position > callee.results.size())
      return makeError(source->text + ": the function has only " +
                       countResults(callee));
    if (result)
      expectations.push_back({*result, std::move(*want)});
  }
  if (expectations.empty() && !expectedOutputs.empty())
    return makeError("nothing to compare: no expected value is that of a "
                     "result; the results are " +
                     formatPorts(callee.results));
  return expectations;
}

/// The tolerance of the narrowest type that the function computes with.
static Tolerance findTolerance(const Callee &callee) {
  Tolerance widest = {0, 0};
  for (ArrayRef<Port> ports :
       {ArrayRef(callee.arguments), ArrayRef(callee.results)})
    for (const Port &port : ports) {
      if (!isFloat(port.type))
        continue;
      Tolerance tolerance = getDefaultTolerance(port.type);
      if (tolerance.relative > widest.relative)
        widest = tolerance;
    }
  return widest;
}

static Status compareResults(const Callee &callee, ArrayRef<Tensor> results,
                             ArrayRef<Expectation> expectations) {
  Tolerance tolerance = findTolerance(callee);
  if (absoluteTolerance.getNumOccurrences())
    tolerance.absolute = absoluteTolerance;
  if (relativeTolerance.getNumOccurrences())
    tolerance.relative = relativeTolerance;
  bool matches = true;
  for (auto [index, port] : enumerate(callee.results)) {
    bool compared = false;
    for (const Expectation &expectation : expectations) {
      if (expectation.result != index)
        continue;
      compared = true;
      Comparison comparison = compare(results[index], expectation.want,
                                      tolerance.absolute, tolerance.relative);
      matches &= comparison.isMatch();
      printComparison(outs(), port.name, comparison, results[index],
                      expectation.want);
    }
    if (!compared)
      outs() << "note: no expected value for '" << port.name << "'\n";
  }
  return matches ? kSuccess : kFailure;
}

/// Whether the numbers among the options make sense.
static Error checkNumbers() {
  for (const NumberOption *option :
       {&relativeTolerance, &absoluteTolerance, &minimumTime})
    if (!(*option >= 0))
      return makeError("--" + option->ArgStr + " (" +
                       formatv("{0}", option->getValue()).str() +
                       ") must be at least 0");
  if (printLimit < 0)
    return makeError("--print_limit (" + Twine(printLimit) +
                     ") must be at least 0");
  return Error::success();
}

/// Whether each --output= makes sense; before anything is run.
static Error checkOutputs(const Callee &callee) {
  size_t position = 0;
  for (StringRef text : outputs) {
    if (!text.consume_front("@"))
      return makeError("--output=" + text +
                       ": give @file.npy or "
                       "@file.safetensors");
    if (Error error = checkPath("--output=@", text))
      return error;
    if (text.ends_with(".safetensors")) {
      if (any_of(callee.results, [](const Port &port) {
            return port.name == kSafetensorsMetadata;
          }))
        return makeError("--output=@" + text + ": a result is named '" +
                         kSafetensorsMetadata +
                         "', which such a file keeps for itself");
      continue;
    }
    if (!text.ends_with(".npy"))
      return makeError("--output=@" + text +
                       ": the file has to end in .npy or .safetensors");
    if (position == callee.results.size())
      return makeError("--output=@" + text + ": the function has only " +
                       countResults(callee));
    if (Error error = checkNpyType(callee.results[position++].type, text))
      return error;
  }
  return Error::success();
}

static Error writeOutputs(const Callee &callee, ArrayRef<Tensor> results) {
  size_t position = 0;
  for (StringRef text : outputs) {
    StringRef path = text.drop_front();
    if (path.ends_with(".npy")) {
      if (Error error = writeNpy(path, results[position++]))
        return error;
      continue;
    }
    std::vector<NamedTensor> named;
    for (auto [port, result] : zip_equal(callee.results, results))
      named.push_back({port.name, result});
    if (Error error = writeSafetensors(path, named))
      return error;
  }
  return Error::success();
}

static void printResults(const Callee &callee, ArrayRef<Tensor> results) {
  for (auto [port, result] : zip_equal(callee.results, results)) {
    outs() << port.name << ": ";
    printLiteral(outs(), result, printLimit);
    outs() << '\n';
  }
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

static Expected<std::vector<Tensor>> bindArguments(const Callee &callee) {
  Arguments arguments(callee.arguments);
  for (const std::string &text : inputs) {
    Expected<Source> source = parseSource("--input", text);
    if (!source)
      return source.takeError();
    if (Error error = arguments.bindInput(*source))
      return error;
  }
  for (const std::string &path : parameters)
    if (Error error = arguments.bindParameters(path))
      return error;
  return arguments.finish();
}

static Expected<std::vector<Tensor>> runEngine(Engine &engine,
                                               ArrayRef<Tensor> arguments) {
  if (!runBenchmark)
    return engine.run(arguments);
  std::vector<Tensor> results;
  Expected<Timings> timings =
      benchmark(engine, arguments, std::max<uint64_t>(repetitions, 1),
                minimumTime, results);
  if (!timings)
    return timings.takeError();
  outs() << formatv("median {0:F3} ms, minimum {1:F3} ms, spread {2:F3} ms, "
                    "{3} runs, peak memory grew by {4} KiB\n",
                    timings->median, timings->minimum, timings->spread,
                    timings->runs, timings->growth);
  return results;
}

/// Print what --device= can be.
static Status printDevices() {
  outs() << "cpu\n";
  std::vector<gpu::Device> devices;
  if (gpu::listDevices(devices))
    outs() << "cuda: none (" << moa_gpu_last_error() << ")\n";
  for (auto [index, found] : enumerate(devices))
    outs() << "cuda " << index << ": " << found.name << ", sm_"
           << found.capability << '\n';
  return kSuccess;
}

/// What --device= and --chip= say: the chip to compile kernels for, none for
/// the CPU.
static Expected<std::optional<std::string>> findTarget() {
  if (device == "cpu") {
    if (chip.getNumOccurrences())
      return makeError("--chip=" + chip +
                       " has no meaning on the CPU: give "
                       "--device=cuda, too");
    return std::nullopt;
  }
  if (device != "cuda")
    return makeError("there is no device '" + device + "': use cpu or cuda");
  if (chip.getNumOccurrences())
    return chip;
  std::vector<gpu::Device> devices;
  if (gpu::listDevices(devices))
    return makeError(moa_gpu_last_error());
  if (devices.empty())
    return makeError("the CUDA driver knows no device");
  const Chip *known = findChipOf(devices.front().capability);
  if (!known)
    return makeError("the device " + devices.front().name + " is sm_" +
                     Twine(devices.front().capability) +
                     "; kernels need sm_80 or later");
  return known->name.str();
}

/// Whether options were given that do not go with one another.
static Error checkOptions() {
  if (!saveFile.getNumOccurrences() && !loadFile.getNumOccurrences())
    return Error::success();
  if (saveFile.getNumOccurrences() && loadFile.getNumOccurrences())
    return makeError("--save-object and --load-object exclude each other");
  if (device != "cpu")
    return makeError("objects are saved and loaded for --device=cpu only");
  if (loadFile.getNumOccurrences()) {
    if (inputFile.getNumOccurrences() || pipeline.getNumOccurrences())
      return makeError("--load-object takes no module and no --pipeline: the "
                       "function is compiled already");
    return Error::success();
  }
  if (inputs.empty() && parameters.empty() && outputs.empty() &&
      expectedOutputs.empty() && !runBenchmark)
    return Error::success();
  return makeError("--save-object runs nothing: give arguments and outputs to "
                   "--load-object");
}

/// Lower `module`.
static Error lower(mlir::ModuleOp module, std::optional<std::string> target) {
  std::optional<std::string> passes;
  if (pipeline.getNumOccurrences())
    passes = pipeline;
  return lowerModule(module, std::move(passes), std::move(target));
}

static Status saveModule(mlir::ModuleOp module) {
  Progress progress("moa-run: compiling...");
  Expected<Callee> callee = findCallee(module, functionName);
  if (!callee)
    return fail(kMisuse, callee.takeError());
  if (Error error = checkPath("--save-object=", saveFile))
    return fail(kMisuse, std::move(error));
  if (Error error = lower(module, /*target=*/std::nullopt))
    return fail(kMisuse, std::move(error));
  auto object = compileObject(module, *callee);
  if (!object)
    return fail(kMisuse, object.takeError());
  if (Error error = writeFile(
          saveFile, [&](raw_ostream &os) { os << (*object)->getBuffer(); }))
    return fail(kFailure, std::move(error));
  return kSuccess;
}

/// Bind arguments, get an engine for `callee`, call it, and write, compare or
/// print what it returns.
static Status
runCallee(const Callee &callee,
          function_ref<Expected<std::unique_ptr<Engine>>()> getEngine) {
  if (Error error = checkNumbers())
    return fail(kMisuse, std::move(error));
  Expected<std::vector<Tensor>> arguments = bindArguments(callee);
  if (!arguments)
    return fail(kMisuse, arguments.takeError());
  Expected<std::vector<Expectation>> expectations = readExpectations(callee);
  if (!expectations)
    return fail(kMisuse, expectations.takeError());
  if (Error error = checkOutputs(callee))
    return fail(kMisuse, std::move(error));
  Expected<std::unique_ptr<Engine>> engine = getEngine();
  if (!engine)
    return fail(kMisuse, engine.takeError());
  Progress progress("moa-run: running...");
  Expected<std::vector<Tensor>> results = runEngine(**engine, *arguments);
  if (!results)
    return fail(kFailure, results.takeError());
  if (Error error = writeOutputs(callee, *results))
    return fail(kFailure, std::move(error));
  if (!expectations->empty())
    return compareResults(callee, *results, *expectations);
  if (outputs.empty() && !runBenchmark)
    printResults(callee, *results);
  return kSuccess;
}

static Status runModule(mlir::ModuleOp module,
                        std::optional<std::string> target) {
  Expected<Callee> callee = findCallee(module, functionName);
  if (!callee)
    return fail(kMisuse, callee.takeError());
  return runCallee(*callee, [&]() -> Expected<std::unique_ptr<Engine>> {
    Progress progress("moa-run: compiling...");
    if (Error error = lower(module, target))
      return std::move(error);
    return Engine::create(module, *callee);
  });
}

static Status runObject() {
  Expected<std::unique_ptr<Engine>> engine =
      Engine::load(loadFile, functionName);
  if (!engine)
    return fail(kMisuse, engine.takeError());
  Callee callee = (*engine)->getCallee();
  return runCallee(callee, [&]() -> Expected<std::unique_ptr<Engine>> {
    return std::move(*engine);
  });
}

/// Keep what a call frees for the next call. Otherwise glibc returns large
/// blocks to the system, and each call pays for their pages again: a third of
/// the time of an attention that allocates 17 MB.
static void keepFreedMemory() {
#ifdef __GLIBC__
  constexpr int kLimit = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, kLimit);
  mallopt(M_TRIM_THRESHOLD, kLimit);
#endif
}

static Status runTool(int argc, char **argv) {
  cl::HideUnrelatedOptions(category);
  std::string problem;
  raw_string_ostream problems(problem);
  if (!cl::ParseCommandLineOptions(
          argc, argv, "Compiles a function of an MLIR module and runs it\n",
          &problems)) {
    errs() << problem;
    return kMisuse;
  }
  if (listDevices)
    return printDevices();
  Expected<std::optional<std::string>> target = findTarget();
  if (!target)
    return fail(kMisuse, target.takeError());

  if (Error error = checkOptions())
    return fail(kMisuse, std::move(error));
  if (loadFile.getNumOccurrences())
    return runObject();

  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllPasses();
  moa::registerAllDialects(registry);
  moa::registerAllPasses();
  moa::registerTranslations(registry);
  mlir::MLIRContext context(registry);
  std::string unreadable;
  std::unique_ptr<MemoryBuffer> buffer =
      mlir::openInputFile(inputFile, &unreadable);
  if (!buffer)
    return fail(kMisuse, unreadable);
  SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(buffer), SMLoc());
  mlir::OwningOpRef<mlir::ModuleOp> module;
  {
    // Shows the line that an error is about. The pipeline's warnings are not
    // for users of this tool.
    mlir::SourceMgrDiagnosticHandler handler(sources, &context);
    module = mlir::parseSourceFile<mlir::ModuleOp>(sources, &context);
  }
  if (!module)
    return fail(kMisuse,
                "'" + inputFile + "' is not a module that can be read");
  if (saveFile.getNumOccurrences())
    return saveModule(*module);
  return runModule(*module, *target);
}

int main(int argc, char **argv) {
  keepFreedMemory();
  InitLLVM init(argc, argv);
  Status status = runTool(argc, argv);
  if (Error error = flushStandardOutput())
    return fail(kFailure, std::move(error));
  return status;
}
