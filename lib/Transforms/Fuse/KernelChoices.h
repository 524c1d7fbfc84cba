//===- KernelChoices.h - What was chosen for kernels ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A script may have chosen tiles of an op before it is fused. The choice goes
// to the fused op; where that cannot have it, the ops stay as they are.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_TRANSFORMS_FUSE_KERNELCHOICES_H
#define MOA_LIB_TRANSFORMS_FUSE_KERNELCHOICES_H

#include "mlir/IR/Operation.h"

namespace moa {

/// Why an op stays as it is.
inline constexpr char kTilesWouldBeLost[] =
    "the product asks for tiles, which the fused op cannot have";

/// The attributes by which `op` asks for tiles, in the order of their names.
inline llvm::SmallVector<mlir::NamedAttribute>
getKernelChoices(mlir::Operation *op) {
  return llvm::filter_to_vector(
      op->getDiscardableAttrs(), [](mlir::NamedAttribute attribute) {
        return attribute.getName().strref().starts_with("moa.");
      });
}

inline void copyKernelChoices(mlir::Operation *from, mlir::Operation *to) {
  for (mlir::NamedAttribute choice : getKernelChoices(from))
    to->setDiscardableAttr(choice.getName(), choice.getValue());
}

} // namespace moa

#endif // MOA_LIB_TRANSFORMS_FUSE_KERNELCHOICES_H
