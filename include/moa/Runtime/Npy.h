//===- Npy.h - Tensors in .npy files ----------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_RUNTIME_NPY_H
#define MOA_RUNTIME_NPY_H

#include "moa/Runtime/Tensor.h"

namespace moa {

/// Read the array in `path`: versions 1.0, 2.0 and 3.0 of the format, C order,
/// little endian. Two untyped bytes (V2), which is how bf16 arrays are saved
/// for want of a name, are read as bf16, u1 as i8.
llvm::Expected<Tensor> readNpy(llvm::StringRef path);

/// An error for a type that the format cannot name, which is bf16.
llvm::Error checkNpyType(ElementType type, llvm::StringRef path);

/// Write `tensor` to `path` in version 1.0 of the format.
llvm::Error writeNpy(llvm::StringRef path, const Tensor &tensor);

} // namespace moa

#endif // MOA_RUNTIME_NPY_H
