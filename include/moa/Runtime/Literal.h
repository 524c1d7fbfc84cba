//===- Literal.h - Tensors as text ------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_RUNTIME_LITERAL_H
#define MOA_RUNTIME_LITERAL_H

#include "moa/Runtime/Tensor.h"

namespace moa {

/// Read a tensor such as "2x4xf32=1 2 3 4 5 6 7 8", "2x4xf32=1" (one number for
/// all elements) or "f32=3.5" (a scalar). Numbers may be set apart by blanks,
/// commas and brackets; only their count and order matter.
llvm::Expected<Tensor> parseLiteral(llvm::StringRef text);

/// The shape and the type alone, without memory for them.
llvm::Error parseLiteralType(llvm::StringRef text,
                             llvm::SmallVectorImpl<int64_t> &shape,
                             ElementType &type);

/// Print `tensor` in the form that parseLiteral reads, with a bracket for each
/// row, and "..." in place of what follows the first `limit` elements.
void printLiteral(llvm::raw_ostream &os, const Tensor &tensor, int64_t limit);

} // namespace moa

#endif // MOA_RUNTIME_LITERAL_H
