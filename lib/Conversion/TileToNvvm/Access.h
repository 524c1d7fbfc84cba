//===- Access.h - Conditional loads and stores ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Accesses to global memory that happen only if a condition holds. PTX
// predicates the instruction itself; LLVM would need a branch for each, which
// keeps ptxas from overlapping them, so these are inline assembly. An access
// without a condition is an ordinary load or store.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_CONVERSION_TILETONVVM_ACCESS_H
#define MOA_LIB_CONVERSION_TILETONVVM_ACCESS_H

#include "ThreadBuilder.h"

namespace moa::tile {

/// Load `type`, a scalar or a vector of up to 16 bytes that `address` is
/// aligned to. Zero if `condition` is there and does not hold. `readOnly`
/// memory is never written by the kernel.
mlir::Value loadGlobal(ThreadBuilder &b, mlir::Value address, mlir::Type type,
                       mlir::Value condition, bool readOnly);

/// Store a scalar or vector, the inverse.
void storeGlobal(ThreadBuilder &b, mlir::Value value, mlir::Value address,
                 mlir::Value condition);

/// Add an f32 atomically.
void addGlobal(ThreadBuilder &b, mlir::Value value, mlir::Value address,
               mlir::Value condition);

/// Start to copy `bytes` (4, 8 or 16) to shared memory, if `when` is null or
/// holds. With `valid`, only that many bytes (an i32) are read and the others
/// become zero.
void copyAsync(ThreadBuilder &b, mlir::Value shared, mlir::Value global,
               int64_t bytes, mlir::Value valid, mlir::Value when);

} // namespace moa::tile

#endif // MOA_LIB_CONVERSION_TILETONVVM_ACCESS_H
