//===- RuntimeBuilder.cpp - Calls of the GPU runtime ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RuntimeBuilder.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;

namespace moa {

RuntimeBuilder::RuntimeBuilder(ModuleOp module)
    : pointer(LLVM::LLVMPointerType::get(module.getContext())),
      i32(IntegerType::get(module.getContext(), 32)),
      i64(IntegerType::get(module.getContext(), 64)), module(module),
      symbols(module), types(module.getContext()) {}

Value RuntimeBuilder::call(OpBuilder &b, Location loc, StringRef name,
                           Type result, ValueRange arguments) {
  if (!symbols.lookup(name)) {
    OpBuilder top = OpBuilder::atBlockBegin(module.getBody());
    Type type = result ? result : LLVM::LLVMVoidType::get(module.getContext());
    symbols.insert(LLVM::LLVMFuncOp::create(
        top, loc, name,
        LLVM::LLVMFunctionType::get(type,
                                    llvm::to_vector(arguments.getTypes()))));
  }
  auto op = LLVM::CallOp::create(
      b, loc, result ? TypeRange(result) : TypeRange(),
      FlatSymbolRefAttr::get(module.getContext(), name), arguments);
  return result ? op.getResult() : Value();
}

FlatSymbolRefAttr RuntimeBuilder::getString(StringRef text) {
  FlatSymbolRefAttr &known = strings[text];
  if (known)
    return known;
  OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
  std::string bytes = text.str() + '\0';
  auto type = LLVM::LLVMArrayType::get(b.getI8Type(), bytes.size());
  auto global = LLVM::GlobalOp::create(
      b, module.getLoc(), type, /*isConstant=*/true, LLVM::Linkage::Internal,
      "moa.string", b.getStringAttr(bytes));
  symbols.insert(global);
  known = FlatSymbolRefAttr::get(global);
  return known;
}

FlatSymbolRefAttr RuntimeBuilder::createTable(StringRef name,
                                              ArrayRef<Word> words) {
  if (auto known = symbols.lookup<LLVM::GlobalOp>(name)) {
    if (!known.getInitializerRegion().empty())
      return FlatSymbolRefAttr::get(known);
    symbols.erase(known);
  }
  SmallVector<Type> members;
  for (const Word &word : words)
    members.push_back(word.isAddress ? pointer : i64);
  auto type = LLVM::LLVMStructType::getLiteral(module.getContext(), members);
  OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
  Location loc = module.getLoc();
  auto global =
      LLVM::GlobalOp::create(b, loc, type, /*isConstant=*/true,
                             LLVM::Linkage::Internal, name, Attribute());
  b.createBlock(&global.getInitializerRegion());
  Value table = LLVM::PoisonOp::create(b, loc, type);
  for (auto [index, word] : llvm::enumerate(words)) {
    Value value;
    if (!word.isAddress)
      value = LLVM::ConstantOp::create(b, loc, i64, word.value);
    else if (word.symbol)
      value = getAddress(b, loc, word.symbol);
    else
      value = getNull(b, loc);
    table = LLVM::InsertValueOp::create(b, loc, table, value, index);
  }
  LLVM::ReturnOp::create(b, loc, table);
  symbols.insert(global);
  return FlatSymbolRefAttr::get(global);
}

FlatSymbolRefAttr RuntimeBuilder::declareModule(StringRef name) {
  std::string symbol = ("moa.module." + name).str();
  if (!symbols.lookup(symbol)) {
    OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
    auto type = LLVM::LLVMStructType::getLiteral(module.getContext(),
                                                 {pointer, i64, pointer});
    symbols.insert(
        LLVM::GlobalOp::create(b, module.getLoc(), type, /*isConstant=*/true,
                               LLVM::Linkage::External, symbol, Attribute()));
  }
  return FlatSymbolRefAttr::get(module.getContext(), symbol);
}

Value RuntimeBuilder::getAddress(OpBuilder &b, Location loc,
                                 FlatSymbolRefAttr symbol) {
  return LLVM::AddressOfOp::create(b, loc, pointer, symbol);
}

Value RuntimeBuilder::getNull(OpBuilder &b, Location loc) {
  return LLVM::ZeroOp::create(b, loc, pointer);
}

Value RuntimeBuilder::createArray(OpBuilder &b, Location loc, Type type,
                                  int64_t count) {
  auto function =
      b.getBlock()->getParentOp()->getParentOfType<FunctionOpInterface>();
  if (!function)
    function = cast<FunctionOpInterface>(b.getBlock()->getParentOp());
  OpBuilder entry =
      OpBuilder::atBlockBegin(&function.getFunctionBody().front());
  Value size =
      LLVM::ConstantOp::create(entry, loc, i64, std::max<int64_t>(count, 1));
  return LLVM::AllocaOp::create(entry, loc, pointer, type, size);
}

Value RuntimeBuilder::getElement(OpBuilder &b, Location loc, Value array,
                                 Type type, int64_t index) {
  return LLVM::GEPOp::create(b, loc, pointer, type, array,
                             ArrayRef<LLVM::GEPArg>(index));
}

void RuntimeBuilder::store(OpBuilder &b, Location loc, Value value, Value array,
                           Type type, int64_t index) {
  LLVM::StoreOp::create(b, loc, value, getElement(b, loc, array, type, index));
}

Value RuntimeBuilder::load(OpBuilder &b, Location loc, Value array, Type type,
                           int64_t index) {
  return LLVM::LoadOp::create(b, loc, type,
                              getElement(b, loc, array, type, index));
}

Value RuntimeBuilder::createBuffer(OpBuilder &b, Location loc, MemRefType type,
                                   Value address, ValueRange sizes) {
  auto descriptor = MemRefDescriptor::poison(b, loc, types.convertType(type));
  descriptor.setAllocatedPtr(b, loc, address);
  descriptor.setAlignedPtr(b, loc, address);
  descriptor.setConstantOffset(b, loc, 0);
  SmallVector<Value> all;
  for (int64_t size : type.getShape()) {
    if (!ShapedType::isDynamic(size)) {
      all.push_back(LLVM::ConstantOp::create(b, loc, i64, size));
      continue;
    }
    all.push_back(sizes.front());
    sizes = sizes.drop_front();
  }
  Value stride = LLVM::ConstantOp::create(b, loc, i64, 1);
  for (int64_t dim = type.getRank(); dim-- > 0;) {
    descriptor.setSize(b, loc, dim, all[dim]);
    descriptor.setStride(b, loc, dim, stride);
    stride = LLVM::MulOp::create(b, loc, stride, all[dim]);
  }
  return UnrealizedConversionCastOp::create(b, loc, type, Value(descriptor))
      .getResult(0);
}

} // namespace moa
