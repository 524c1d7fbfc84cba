//===- Steps.h - Ways to make a module smaller ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_REDUCE_STEPS_H
#define MOA_LIB_REDUCE_STEPS_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <functional>

namespace moa {

/// Changes the module that it was listed for; false where it turns out that it
/// cannot, which leaves a module of no use.
using Step = std::function<bool()>;

/// The steps that there are for `module`, those that make the most of a module
/// superfluous first. A module may be changed by one of them only.
llvm::SmallVector<Step> listSteps(mlir::ModuleOp module);

} // namespace moa

#endif // MOA_LIB_REDUCE_STEPS_H
