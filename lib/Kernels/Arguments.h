//===- Arguments.h - Arguments of which some are absent ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A spec lists the types of a kernel's arguments, a null one for an argument
// that the kernel does not have.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_KERNELS_ARGUMENTS_H
#define MOA_KERNELS_ARGUMENTS_H

#include "mlir/IR/ValueRange.h"
#include "llvm/ADT/SmallVector.h"

namespace moa {

/// The types that are not null.
inline llvm::SmallVector<mlir::Type>
presentTypes(llvm::ArrayRef<mlir::Type> types) {
  llvm::SmallVector<mlir::Type> present;
  for (mlir::Type type : types)
    if (type)
      present.push_back(type);
  return present;
}

/// Hands out a kernel's arguments in the order of its spec.
class Arguments {
public:
  explicit Arguments(mlir::ValueRange values) : values(values) {}

  /// The next argument; a null value if `type`, its entry of the spec, is null.
  mlir::Value next(mlir::Type type) {
    if (!type)
      return {};
    mlir::Value value = values.front();
    values = values.drop_front();
    return value;
  }

private:
  mlir::ValueRange values;
};

} // namespace moa

#endif // MOA_KERNELS_ARGUMENTS_H
