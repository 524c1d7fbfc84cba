//===- Entries.cpp - What a device function is called through -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// include/moa/Runtime/moa_gpu.h says what these functions do. They are thin:
// checks, copies and allocations are the runtime's, which finds what it has to
// know about a function in a table.
//
//===----------------------------------------------------------------------===//

#include "HostFunctions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"
#include "moa/Support/Signature.h"
#include "moa/Transforms/HostSizes.h"

using namespace mlir;
using moa::Word;

namespace {
/// Builds the functions around one device function.
class EntryBuilder {
public:
  EntryBuilder(moa::RuntimeBuilder &runtime, func::FuncOp device)
      : runtime(runtime), b(device.getContext()), loc(device.getLoc()),
        device(device), name(device.getName()) {}

  LogicalResult build();

private:
  LogicalResult readTypes();
  LogicalResult hide();
  Word createPorts(StringRef role, ArrayRef<moa::Parameter> parameters,
                   TypeRange types);
  void createTable();
  Block *startFunction(StringRef suffix, Type result, ArrayRef<Type> arguments);
  void createWorkspaceSize();
  void createEnqueue();
  void createHostFunction();

  Value number(int64_t value) {
    return LLVM::ConstantOp::create(b, loc, runtime.i64, value);
  }
  Value getTable() { return runtime.getAddress(b, loc, table); }
  Value toI64(Value index) {
    return arith::IndexCastOp::create(b, loc, runtime.i64, index);
  }
  Value isZero(Value status);
  void returnIf(Value condition, Value value);
  Value loadArgument(Value tensors, int64_t index, Type type);
  Value storeTensors(ValueRange values, TypeRange types);

  moa::RuntimeBuilder &runtime;
  OpBuilder b;
  Location loc;
  func::FuncOp device;
  std::string name;
  moa::Signature signature;
  SmallVector<Type> arguments, results;
  FlatSymbolRefAttr table;
};
} // namespace

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

/// What the device function takes: a stream, arguments, results, a workspace.
LogicalResult EntryBuilder::readTypes() {
  for (auto [index, type] : llvm::enumerate(device.getArgumentTypes())) {
    if (index == 0 || index + 1 == device.getNumArguments())
      continue;
    bool isResult = bool(device.getArgAttr(index, moa::kResultAttr));
    (isResult ? results : arguments).push_back(type);
    if (!isa<MemRefType>(type) && !type.isIntOrIndexOrFloat())
      return device.emitError("argument #")
             << index - 1 << " is " << type
             << "; functions of the GPU path take tensors and numbers";
  }
  FailureOr<moa::Signature> kept = moa::readSignature(device);
  if (failed(kept) || kept->arguments.size() != arguments.size() ||
      kept->results.size() != results.size())
    return device.emitError("has a moa.signature that does not fit it");
  signature = std::move(*kept);
  return success();
}

/// A table of MoaPort, or null where there is none.
Word EntryBuilder::createPorts(StringRef role,
                               ArrayRef<moa::Parameter> parameters,
                               TypeRange types) {
  if (types.empty())
    return Word::address({});
  DataLayout layout = DataLayout::closest(device);
  SmallVector<Word> words;
  for (auto [index, parameter, type] : llvm::enumerate(parameters, types)) {
    auto buffer = dyn_cast<MemRefType>(type);
    Type element = buffer ? buffer.getElementType() : type;
    SmallVector<Word> sizes;
    if (buffer)
      for (int64_t size : buffer.getShape())
        sizes.push_back(Word::number(ShapedType::isDynamic(size) ? -1 : size));
    std::string sizesName = (name + "." + role + Twine(index) + "_sizes").str();
    llvm::append_values(
        words, Word::address(runtime.getString(parameter.name)),
        Word::number(layout.getTypeSize(element)),
        Word::number(buffer ? buffer.getRank() : -1),
        Word::address(sizes.empty() ? FlatSymbolRefAttr()
                                    : runtime.createTable(sizesName, sizes)));
  }
  return Word::address(
      runtime.createTable((name + "." + role + "s").str(), words));
}

/// The MoaFunction.
void EntryBuilder::createTable() {
  auto symbol = [&](StringRef suffix) {
    return Word::address(
        FlatSymbolRefAttr::get(b.getContext(), (name + suffix).str()));
  };
  table = runtime.createTable(
      name + ".function",
      {Word::address(runtime.getString(name)), Word::number(arguments.size()),
       createPorts("argument", signature.arguments, arguments),
       Word::number(results.size()),
       createPorts("result", signature.results, results),
       symbol("_workspace_size"), symbol("_enqueue")});
  // For loaders, such as moa-run, that find a function by its name.
  auto module = device->getParentOfType<ModuleOp>();
  module.lookupSymbol<LLVM::GlobalOp>(table).setLinkage(
      LLVM::Linkage::External);
}

//===----------------------------------------------------------------------===//
// Helpers
//===----------------------------------------------------------------------===//

Value EntryBuilder::isZero(Value status) {
  Value zero = LLVM::ConstantOp::create(b, loc, status.getType(), 0);
  return LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::eq, status, zero);
}

/// End the function with `value` if `condition` holds; `b` continues behind.
void EntryBuilder::returnIf(Value condition, Value value) {
  Block *block = b.getBlock();
  Region *region = block->getParent();
  Block *fails = b.createBlock(region, region->end());
  LLVM::ReturnOp::create(b, loc, value);
  Block *rest = b.createBlock(region, region->end());
  b.setInsertionPointToEnd(block);
  LLVM::CondBrOp::create(b, loc, condition, fails, rest);
  b.setInsertionPointToEnd(rest);
}

/// Argument `index` of the device function, from an array of MoaTensor.
Value EntryBuilder::loadArgument(Value tensors, int64_t index, Type type) {
  Value data = runtime.load(b, loc, tensors, runtime.pointer, 2 * index);
  auto buffer = dyn_cast<MemRefType>(type);
  if (buffer) {
    Value sizes = runtime.load(b, loc, tensors, runtime.pointer, 2 * index + 1);
    SmallVector<Value> dynamic;
    for (int64_t dim = 0; dim < buffer.getRank(); ++dim)
      if (buffer.isDynamicDim(dim))
        dynamic.push_back(runtime.load(b, loc, sizes, runtime.i64, dim));
    return runtime.createBuffer(b, loc, buffer, data, dynamic);
  }
  if (type.isIndex())
    return arith::IndexCastOp::create(
        b, loc, type, runtime.load(b, loc, data, runtime.i64, 0));
  if (type.isInteger(1))
    return arith::TruncIOp::create(
        b, loc, type, runtime.load(b, loc, data, b.getI8Type(), 0));
  return runtime.load(b, loc, data, type, 0);
}

/// The C function f_SUFFIX; `b` is in its body.
Block *EntryBuilder::startFunction(StringRef suffix, Type result,
                                   ArrayRef<Type> arguments) {
  b.setInsertionPointAfter(device);
  auto function =
      LLVM::LLVMFuncOp::create(b, loc, name + suffix.str(),
                               LLVM::LLVMFunctionType::get(result, arguments));
  Block *entry = function.addEntryBlock(b);
  b.setInsertionPointToStart(entry);
  return entry;
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

void EntryBuilder::createWorkspaceSize() {
  Block *entry = startFunction("_workspace_size", runtime.i64,
                               {runtime.pointer, runtime.pointer});
  Value tensors = entry->getArgument(0), resultTensors = entry->getArgument(1);
  Value invalid = number(-1);
  auto returnUnlessZero = [&](Value status) {
    Value isFine = isZero(status);
    Value one = LLVM::ConstantOp::create(b, loc, b.getI1Type(), 1);
    returnIf(LLVM::XOrOp::create(b, loc, isFine, one), invalid);
  };
  returnUnlessZero(runtime.call(b, loc, "moa_rt_check_arguments", runtime.i32,
                                {getTable(), tensors}));
  SmallVector<Value> operands;
  for (auto [index, type] : llvm::enumerate(arguments))
    operands.push_back(loadArgument(tensors, index, type));
  auto module = device->getParentOfType<ModuleOp>();
  auto callSizes = [&](StringRef callee) {
    auto function = module.lookupSymbol<func::FuncOp>(callee);
    return function ? func::CallOp::create(b, loc, function, operands)
                    : func::CallOp();
  };
  SmallVector<Value> dynamic;
  if (auto sizes = callSizes(moa::getResultSizesName(name))) {
    returnUnlessZero(sizes.getResult(0));
    for (Value size : llvm::drop_begin(sizes.getResults()))
      dynamic.push_back(toI64(size));
  }
  const Value *next = dynamic.begin();
  for (auto [index, type] : llvm::enumerate(results)) {
    Value sizes =
        runtime.load(b, loc, resultTensors, runtime.pointer, 2 * index + 1);
    for (auto [dim, size] : llvm::enumerate(cast<MemRefType>(type).getShape()))
      runtime.store(b, loc,
                    ShapedType::isDynamic(size) ? *next++ : number(size), sizes,
                    runtime.i64, dim);
  }
  auto bytes = callSizes(moa::getWorkspaceSizeName(name));
  returnUnlessZero(bytes.getResult(0));
  Value size = toI64(bytes.getResult(1));
  // Negative where the product of sizes is too large.
  Value isNegative =
      LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::slt, size, number(0));
  Value message = runtime.getAddress(
      b, loc,
      runtime.getString(name + ": the workspace would have more bytes than "
                               "memory can"));
  Block *block = b.getBlock();
  Region *region = block->getParent();
  Block *tooLarge = b.createBlock(region, region->end());
  runtime.call(b, loc, "moa_rt_fail", runtime.i32, message);
  LLVM::ReturnOp::create(b, loc, invalid);
  Block *fits = b.createBlock(region, region->end());
  LLVM::ReturnOp::create(b, loc, size);
  b.setInsertionPointToEnd(block);
  LLVM::CondBrOp::create(b, loc, isNegative, tooLarge, fits);
}

void EntryBuilder::createEnqueue() {
  Block *entry = startFunction("_enqueue", runtime.i32,
                               {runtime.pointer, runtime.pointer,
                                runtime.pointer, runtime.i64, runtime.pointer});
  Value tensors = entry->getArgument(0), resultTensors = entry->getArgument(1);
  Value workspace = entry->getArgument(2), size = entry->getArgument(3);
  Value status =
      runtime.call(b, loc, "moa_rt_check_call", runtime.i32,
                   {getTable(), tensors, resultTensors, workspace, size});
  Value one = LLVM::ConstantOp::create(b, loc, b.getI1Type(), 1);
  returnIf(LLVM::XOrOp::create(b, loc, isZero(status), one), status);
  SmallVector<Value> operands = {entry->getArgument(4)};
  for (auto [index, type] : llvm::enumerate(arguments))
    operands.push_back(loadArgument(tensors, index, type));
  for (auto [index, type] : llvm::enumerate(results))
    operands.push_back(loadArgument(resultTensors, index, type));
  auto type = cast<MemRefType>(device.getArgumentTypes().back());
  operands.push_back(runtime.createBuffer(b, loc, type, workspace, size));
  auto call = func::CallOp::create(b, loc, device, operands);
  LLVM::ReturnOp::create(b, loc, call.getResult(0));
}

/// An array of MoaTensor in the frame that describes `values`; room for sizes,
/// but no values, where those are not known.
Value EntryBuilder::storeTensors(ValueRange values, TypeRange types) {
  Value tensors =
      runtime.createArray(b, loc, runtime.pointer, 2 * types.size());
  for (auto [index, type] : llvm::enumerate(types)) {
    auto buffer = dyn_cast<MemRefType>(type);
    Value data, sizes;
    if (buffer)
      sizes = runtime.createArray(b, loc, runtime.i64, buffer.getRank());
    if (!values.empty() && buffer) {
      Value address =
          memref::ExtractAlignedPointerAsIndexOp::create(b, loc, values[index]);
      data = LLVM::IntToPtrOp::create(b, loc, runtime.pointer, toI64(address));
      for (int64_t dim = 0; dim < buffer.getRank(); ++dim)
        runtime.store(b, loc,
                      toI64(memref::DimOp::create(b, loc, values[index], dim)),
                      sizes, runtime.i64, dim);
    } else if (!values.empty()) {
      Value value = values[index];
      if (type.isIndex())
        value = toI64(value);
      else if (type.isInteger(1))
        value = arith::ExtUIOp::create(b, loc, b.getI8Type(), value);
      data = runtime.createArray(b, loc, runtime.i64, 1);
      runtime.store(b, loc, value, data, runtime.i64, 0);
    }
    if (data)
      runtime.store(b, loc, data, tensors, runtime.pointer, 2 * index);
    if (sizes)
      runtime.store(b, loc, sizes, tensors, runtime.pointer, 2 * index + 1);
  }
  return tensors;
}

void EntryBuilder::createHostFunction() {
  b.setInsertionPointAfter(device);
  auto function =
      func::FuncOp::create(b, loc, name, b.getFunctionType(arguments, results));
  for (NamedAttribute attribute : device->getDiscardableAttrs())
    function->setAttr(attribute.getName(), attribute.getValue());
  function->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                    b.getUnitAttr());
  Block *entry = function.addEntryBlock();
  Block *done = function.addBlock(), *fails = function.addBlock();
  b.setInsertionPointToStart(entry);
  Value tensors = storeTensors(entry->getArguments(), arguments);
  Value resultTensors = storeTensors({}, results);
  Value status = runtime.call(b, loc, "moa_rt_call_on_host", runtime.i32,
                              {getTable(), tensors, resultTensors});
  cf::CondBranchOp::create(b, loc, isZero(status), done, fails);

  // As a failed check on the CPU path.
  b.setInsertionPointToStart(fails);
  Value message =
      runtime.call(b, loc, "moa_gpu_last_error", runtime.pointer, {});
  runtime.call(b, loc, "puts", {}, message);
  runtime.call(b, loc, "abort", {}, {});
  LLVM::UnreachableOp::create(b, loc);

  b.setInsertionPointToStart(done);
  SmallVector<Value> returned;
  for (auto [index, type] : llvm::enumerate(results))
    returned.push_back(loadArgument(resultTensors, index, type));
  func::ReturnOp::create(b, loc, returned);
}

/// Rename the device function, so that only the entries can be called.
LogicalResult EntryBuilder::hide() {
  auto module = device->getParentOfType<ModuleOp>();
  for (StringRef suffix : {"_workspace_size", "_enqueue"})
    if (Operation *taken = module.lookupSymbol(name + suffix.str()))
      return taken->emitError("the GPU path needs the name '")
             << name << suffix << "' for an entry of '" << name
             << "': rename this function";
  device.setName(name + ".device");
  device.setPrivate();
  return success();
}

LogicalResult EntryBuilder::build() {
  if (failed(readTypes()) || failed(hide()))
    return failure();
  // The table names the functions, the functions the table.
  createTable();
  createWorkspaceSize();
  createEnqueue();
  createHostFunction();
  for (StringRef attribute :
       {"moa.signature", "moa.arg_names", "moa.result_names"})
    device->removeAttr(attribute);
  device->removeAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName());
  return success();
}

LogicalResult moa::createEntries(RuntimeBuilder &runtime,
                                 func::FuncOp function) {
  return EntryBuilder(runtime, function).build();
}
