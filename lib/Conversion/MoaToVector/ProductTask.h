//===- ProductTask.h - Parts of a product, and their scratch ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A product is cut into tasks by fixed numbers of rows and columns. A task goes
// through its columns in passes, and through the terms of its sums in blocks.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_MOATOVECTOR_PRODUCTTASK_H
#define MOA_CONVERSION_MOATOVECTOR_PRODUCTTASK_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "moa/Conversion/CpuTarget.h"

namespace moa {

/// The rows, in any order, that one task multiplies.
inline constexpr int64_t kTaskRows = 128;
/// The columns that a pass over a task computes: their sums stay in a cache.
/// Each pass gathers the rows anew.
inline constexpr int64_t kPassColumns = 256;
/// Words of a sum, terms or pairs of them, whose part of the matrix is packed
/// at a time: with the columns of a tile they fill the first cache.
inline constexpr int64_t kPackedDepth = 256;
/// A last tile has a multiple of so many rows.
inline constexpr int64_t kRowStep = 2;
/// As many rows multiply faster than memory delivers the matrix. A pass over
/// them computes all columns of the task.
inline constexpr int64_t kFewRows = 8;

/// What a task computes with: a part of its rows, of the matrix, and the sums.
struct ProductScratch {
  mlir::VectorType vectorType;
  mlir::Value rows, panel, sums;
  /// The elements from one of `rows` to the next.
  int64_t rowStride;
  /// The most columns of the task, in registers.
  int64_t taskVectors;
};

/// The rows and columns of a result that are multiplied in tasks.
struct ProductSizes {
  mlir::OpFoldResult rows, columns;
  mlir::Type accumulator;
  bool anyColumns;
  /// The columns of a task, in registers.
  int64_t taskVectors = CpuTarget::kTaskVectors;
  /// The most rows that are multiplied at a time.
  int64_t mostRows = kTaskRows;
};

/// One task: a block of rows from `row` on, columns `first` to `limit`.
struct ProductTask {
  mlir::Value row, first, limit;
  ProductScratch scratch;
};

/// The bounds of a parallel loop over tasks: blocks of columns, and of rows.
/// Threads get runs of turns: those of other columns read other weights.
llvm::SmallVector<mlir::OpFoldResult>
getTaskBounds(mlir::ImplicitLocOpBuilder &b, CpuTarget target,
              const ProductSizes &sizes);

/// The task of a turn of that loop, with buffers to compute with.
ProductTask openTask(mlir::ImplicitLocOpBuilder &b, CpuTarget target,
                     const ProductSizes &sizes, mlir::ValueRange turn);

} // namespace moa

#endif // MOA_CONVERSION_MOATOVECTOR_PRODUCTTASK_H
