//===- Compile.h - Lowered modules to native code ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_RUNTIME_COMPILE_H
#define MOA_LIB_RUNTIME_COMPILE_H

#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/IR/BuiltinOps.h"

namespace moa {

/// Compile `module` for the host. An object that is kept can be written to a
/// file.
llvm::Expected<std::unique_ptr<mlir::ExecutionEngine>>
compileModule(mlir::ModuleOp module, bool keepsObject);

/// What compiled code calls in this process: in place of the C library's way to
/// abort, and of the GPU runtime.
llvm::orc::SymbolMap getProcessSymbols(llvm::orc::MangleAndInterner intern);

/// The name of the C interface of `function`.
std::string getInterface(llvm::StringRef function);

} // namespace moa

#endif // MOA_LIB_RUNTIME_COMPILE_H
