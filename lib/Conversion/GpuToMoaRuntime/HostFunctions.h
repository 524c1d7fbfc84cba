//===- HostFunctions.h - Functions that launch, and their callers ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_GPUTOMOARUNTIME_HOSTFUNCTIONS_H
#define MOA_CONVERSION_GPUTOMOARUNTIME_HOSTFUNCTIONS_H

#include "RuntimeBuilder.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace moa {

/// Rewrite what `function` does on the device into calls of the runtime. The
/// function takes the stream first, if `takesStream`, and returns a status
/// first, which is not zero where a check or a call has failed.
llvm::LogicalResult lowerHostFunction(RuntimeBuilder &runtime,
                                      mlir::func::FuncOp function,
                                      bool takesStream);

/// Make `function`, which is lowered, private, and create what it is called
/// through: the C interface on host memory under its old name, `f_enqueue` and
/// `f_workspace_size`.
llvm::LogicalResult createEntries(RuntimeBuilder &runtime,
                                  mlir::func::FuncOp function);

/// Move constants that functions of `module` use to the gpu.module of kernels:
/// they are loaded with it.
void moveConstantsToDevice(mlir::ModuleOp module);

/// The symbol, in that gpu.module, of the constant that was `name`.
std::string getDeviceConstantName(llvm::StringRef name);

/// The gpu.module that constants go to, created where there is none.
llvm::StringRef getConstantsModule(mlir::ModuleOp module);

} // namespace moa

#endif // MOA_CONVERSION_GPUTOMOARUNTIME_HOSTFUNCTIONS_H
