//===- moa-import.cpp - A folder of configuration becomes a graph ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Import/LayerImport.h"

#include "mlir/IR/BuiltinOps.h"
#include "moa/Support/Output.h"
#include "moa/Support/Progress.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"

namespace cl = llvm::cl;

static cl::OptionCategory category("moa-import options");

static cl::opt<std::string> folder(cl::Positional, cl::Required,
                                   cl::desc("FOLDER"), cl::cat(category));
static cl::opt<std::string>
    output("o",
           cl::desc("Where to write the graph (default: -, which is "
                    "standard output)"),
           cl::value_desc("file"), cl::init("-"), cl::cat(category));
static cl::opt<std::string>
    function("function", cl::desc("The name of the function (default: layer)"),
             cl::value_desc("name"), cl::init("layer"), cl::cat(category));
static cl::list<std::string> results(
    "results", cl::CommaSeparated, cl::value_desc("name,..."),
    cl::desc("The results, of y, logits, indices, gates, offsets, permutation, "
             "lse, keys, values, balance_loss, z_loss, mutual_loss; or all: "
             "all but keys, values, the losses that the config does not list, "
             "and an lse that is not defined for every token (default: y and "
             "the losses that the config lists)"),
    cl::cat(category));
static cl::opt<int64_t> batch("batch", cl::value_desc("n"),
                              cl::desc("The batch size (default: dynamic)"),
                              cl::cat(category));
static cl::opt<int64_t> length("length", cl::value_desc("n"),
                               cl::desc("The length of x (default: dynamic)"),
                               cl::cat(category));
static cl::opt<int64_t> memoryLength(
    "memory-length", cl::value_desc("n"),
    cl::desc("The length of the memory of a layer with cross-attention "
             "(default: dynamic)"),
    cl::cat(category));
static cl::opt<bool>
    staticSizes("static",
                cl::desc("Take the sizes that are not given from the config's "
                         "batch, query_length and key_length"),
                cl::cat(category));

static constexpr llvm::StringLiteral overview = R"(
Reads FOLDER/config.json, which describes a mixture-of-attention layer
("model_type": "moa_layer"), and writes a module with one function: its
arguments are the inputs and parameters of the layer, each with its name in a
moa.name attribute, its body is one moa.layer. Batch and length are dynamic
unless options or the config fix them. The length of a cache is the config's
mask.query_offset. gate.normalize applies where the activation comes first.
)";

static llvm::Expected<std::optional<int64_t>>
getSize(const cl::opt<int64_t> &option) {
  if (!option.getNumOccurrences())
    return std::nullopt;
  if (option < 0)
    return llvm::createStringError("--" + option.ArgStr + " (" +
                                   llvm::Twine(option) + ") is below 0");
  // As the config's sizes, so that the sum of two fits an int64_t.
  constexpr int64_t mostSize = std::numeric_limits<int32_t>::max();
  if (option > mostSize)
    return llvm::createStringError("--" + option.ArgStr + " (" +
                                   llvm::Twine(option) + ") exceeds " +
                                   llvm::Twine(mostSize));
  return option;
}

static llvm::Error import() {
  moa::LayerImportOptions options;
  if (function.empty())
    return llvm::createStringError("--function= gives no name");
  options.function = function;
  options.results = results;
  options.staticSizes = staticSizes;
  std::pair<cl::opt<int64_t> &, std::optional<int64_t> &> sizes[] = {
      {batch, options.batch},
      {length, options.length},
      {memoryLength, options.memoryLength}};
  for (auto [option, size] : sizes) {
    llvm::Expected<std::optional<int64_t>> given = getSize(option);
    if (!given)
      return given.takeError();
    size = *given;
  }

  llvm::SmallString<128> file(folder);
  llvm::sys::path::append(file, "config.json");
  llvm::Expected<moa::LayerConfig> config = moa::readLayerConfig(file);
  if (!config)
    return config.takeError();
  mlir::MLIRContext context;
  llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> module =
      moa::importLayer(&context, *config, options);
  if (!module)
    return module.takeError();
  return moa::writeOutput(output, [&](llvm::raw_ostream &os) {
    (*module)->print(os, mlir::OpPrintingFlags().printNameLocAsPrefix());
  });
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(argc, argv, overview);
  moa::Progress progress("moa-import: importing...");
  if (llvm::Error error = import()) {
    llvm::WithColor::error(llvm::errs(), "moa-import")
        << llvm::toString(std::move(error)) << "\n";
    return 1;
  }
  return 0;
}
