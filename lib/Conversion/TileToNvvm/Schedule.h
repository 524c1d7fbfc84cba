//===- Schedule.h - Values are computed where they are used -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_CONVERSION_TILETONVVM_SCHEDULE_H
#define MOA_LIB_CONVERSION_TILETONVVM_SCHEDULE_H

#include "mlir/IR/Operation.h"

namespace moa::tile {

/// Place each op without effects in front of the first op of its block that
/// uses it, operands first. Others keep their order.
void orderByUse(mlir::Operation *root);

} // namespace moa::tile

#endif // MOA_LIB_CONVERSION_TILETONVVM_SCHEDULE_H
