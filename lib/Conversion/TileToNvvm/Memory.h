//===- Memory.h - Global memory as a thread sees it -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A memref becomes a pointer to its first element, an i32 for each size that
// its type leaves open and, unless its layout is the identity, an i64 for each
// stride that it leaves open. Sizes that the type states are constants.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_CONVERSION_TILETONVVM_MEMORY_H
#define MOA_LIB_CONVERSION_TILETONVVM_MEMORY_H

#include "ThreadBuilder.h"

namespace moa::tile {

class Memory {
public:
  /// What `memory`, of type `type`, was converted to.
  Memory(ThreadBuilder &b, mlir::MemRefType type, mlir::ValueRange converted);

  /// The types of the values that a memref becomes.
  static void convertType(mlir::MemRefType type,
                          llvm::SmallVectorImpl<mlir::Type> &types);

  mlir::Value getPointer() const { return pointer; }
  mlir::Type getElementType() const { return type.getElementType(); }
  /// A size as an i32.
  mlir::Value getSize(ThreadBuilder &b, int64_t dim) const;
  /// A stride in elements, as an i64.
  mlir::Value getStride(ThreadBuilder &b, int64_t dim) const;

  /// `from` moved by `index` steps in dimension `dim`. The index is an i32; the
  /// product with the stride is one only if the whole memory has fewer than
  /// 2^31 elements.
  mlir::Value move(ThreadBuilder &b, mlir::Value from, int64_t dim,
                   mlir::Value index) const;
  /// The address of an element.
  mlir::Value getAddress(ThreadBuilder &b, mlir::ValueRange indices) const;

private:
  mlir::MemRefType type;
  llvm::SmallVector<int64_t> staticStrides;
  mlir::Value pointer;
  llvm::SmallVector<mlir::Value> sizes;   ///< of dynamic dimensions, else null
  llvm::SmallVector<mlir::Value> strides; ///< those passed, else null
};

} // namespace moa::tile

#endif // MOA_LIB_CONVERSION_TILETONVVM_MEMORY_H
