//===- RuntimeBuilder.h - Calls of the GPU runtime --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_GPUTOMOARUNTIME_RUNTIMEBUILDER_H
#define MOA_CONVERSION_GPUTOMOARUNTIME_RUNTIMEBUILDER_H

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

namespace moa {

/// Eight bytes of a constant: the address of a symbol, null, or a number.
struct Word {
  static Word address(mlir::FlatSymbolRefAttr symbol) {
    return {symbol, true, 0};
  }
  static Word number(int64_t number) { return {{}, false, number}; }

  mlir::FlatSymbolRefAttr symbol;
  bool isAddress;
  int64_t value;
};

/// Writes the constants and calls that moa/Runtime/GpuAbi.h describes.
class RuntimeBuilder {
public:
  explicit RuntimeBuilder(mlir::ModuleOp module);

  /// Call the C function `name`, which is declared where it is not yet. Null
  /// where it returns nothing, which a null `result` says.
  mlir::Value call(mlir::OpBuilder &b, mlir::Location loc, llvm::StringRef name,
                   mlir::Type result, mlir::ValueRange arguments);

  /// A constant of `text` and a zero byte.
  mlir::FlatSymbolRefAttr getString(llvm::StringRef text);

  /// The constant `name` of the `words`, created where it is only declared or
  /// not known.
  mlir::FlatSymbolRefAttr createTable(llvm::StringRef name,
                                      llvm::ArrayRef<Word> words);

  /// A MoaModule of the gpu.module `name`, which moa-embed-kernels fills in.
  mlir::FlatSymbolRefAttr declareModule(llvm::StringRef name);

  mlir::Value getAddress(mlir::OpBuilder &b, mlir::Location loc,
                         mlir::FlatSymbolRefAttr symbol);
  mlir::Value getNull(mlir::OpBuilder &b, mlir::Location loc);

  /// An array of `count` elements of `type` in the frame of the function around
  /// `b`, allocated once.
  mlir::Value createArray(mlir::OpBuilder &b, mlir::Location loc,
                          mlir::Type type, int64_t count);
  /// Store `value` to element `index` of an array of `type`.
  void store(mlir::OpBuilder &b, mlir::Location loc, mlir::Value value,
             mlir::Value array, mlir::Type type, int64_t index);
  /// Load element `index` of an array of `type`.
  mlir::Value load(mlir::OpBuilder &b, mlir::Location loc, mlir::Value array,
                   mlir::Type type, int64_t index);

  /// A dense buffer of `type` at `address`, with the i64 `sizes` where the type
  /// leaves them open.
  mlir::Value createBuffer(mlir::OpBuilder &b, mlir::Location loc,
                           mlir::MemRefType type, mlir::Value address,
                           mlir::ValueRange sizes);

  mlir::Type pointer, i32, i64;

private:
  mlir::Value getElement(mlir::OpBuilder &b, mlir::Location loc,
                         mlir::Value array, mlir::Type type, int64_t index);

  mlir::ModuleOp module;
  mlir::SymbolTable symbols;
  mlir::LLVMTypeConverter types;
  llvm::StringMap<mlir::FlatSymbolRefAttr> strings;
};

} // namespace moa

#endif // MOA_CONVERSION_GPUTOMOARUNTIME_RUNTIMEBUILDER_H
