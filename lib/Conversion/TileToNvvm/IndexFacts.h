//===- IndexFacts.h - What is known of indices ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Facts about a kernel before it is rewritten: which multiples its indices are,
// in which range they lie, how memory is aligned. They decide how wide an
// access can be, and whether it can leave its memory.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_CONVERSION_TILETONVVM_INDEXFACTS_H
#define MOA_LIB_CONVERSION_TILETONVVM_INDEXFACTS_H

#include "mlir/Analysis/DataFlowFramework.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/BuiltinTypes.h"

namespace moa::tile {

class IndexFacts {
public:
  /// Analyse `kernel`, whose memory arguments start at multiples of 16 bytes.
  explicit IndexFacts(mlir::gpu::GPUFuncOp kernel);

  /// Whether index, index + 1, ... index + extent - 1 are all in [0, size),
  /// given that `when` holds (if it is there). False for a dynamic size.
  bool isWithin(mlir::Value index, int64_t extent, int64_t size,
                mlir::Value when = {}) const;

  /// Whether rows index, index + 1, ... index + extent - 1 are all rows of
  /// `memory`, whose size may be dynamic, given that `when` holds.
  bool areRows(mlir::Value index, int64_t extent, mlir::Value memory,
               mlir::Value when) const;

  /// The largest number known to divide `index`; 2^30 for 0.
  int64_t getDivisor(mlir::Value index) const;

  /// The largest power of two, at most 16, of bytes that divides the address of
  /// every row of `memory` at column `column`.
  int64_t getRowAlignment(mlir::Value memory, mlir::Value column) const;

  /// Whether the kernel never writes to the argument that `memory` is a part
  /// of.
  bool isReadOnly(mlir::Value memory) const;

private:
  /// The largest value of `index`, -1 if it may be negative or is not known.
  int64_t getMaximum(mlir::Value index, mlir::Value when) const;

  /// Facts are gathered in advance: the conversion takes blocks apart, so that
  /// their arguments can no longer be asked for their loop.
  void addDivisor(mlir::Value value);
  int64_t computeDivisor(mlir::Value index) const;
  int64_t computeOffsetDivisor(mlir::Value memory) const;

  mlir::DataFlowSolver solver;
  /// What divides an index, or the number of elements between the start of an
  /// argument and that of a part of it.
  llvm::DenseMap<mlir::Value, int64_t> divisors;
  llvm::DenseSet<mlir::Value> written;
};

} // namespace moa::tile

#endif // MOA_LIB_CONVERSION_TILETONVVM_INDEXFACTS_H
