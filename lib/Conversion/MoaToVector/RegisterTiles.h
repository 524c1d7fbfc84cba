//===- RegisterTiles.h - Products in register tiles -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A product of rows with a matrix, computed in tiles whose sums stay in vector
// registers from the first to the last term. Element (r, c) of the result is
//
//   start(r, c) + lhs[in(r), 0] * rhs[0, c] + lhs[in(r), 1] * rhs[1, c] + ...
//
// summed in this order, one multiply-add a term, whatever tile it lies in: how
// rows and columns are dealt to tasks does not change a bit of it. Where the
// CPU has dot products of bf16, one of them adds two terms.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_MOATOVECTOR_REGISTERTILES_H
#define MOA_CONVERSION_MOATOVECTOR_REGISTERTILES_H

#include "ProductTask.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace moa {

/// What is known of the number of rows that are multiplied at a time: up to
/// kFewRows, or as many as a task has.
enum class Rows { Any, Few, Many };

/// What is multiplied and where the result goes. Callbacks build code for a
/// row, which is an index value.
struct Product {
  CpuTarget target;
  /// [..., K], in any float type.
  mlir::Value lhs;
  /// [K, N], or [N, K] if `transposed`, in any float type.
  mlir::Value rhs;
  bool transposed = false;
  /// Write the same code for every N: where it is the number of experts.
  bool anyColumns = false;
  Rows rows = Rows::Any;
  /// The row of `lhs` that a row of the product reads.
  llvm::function_ref<mlir::Value(mlir::ImplicitLocOpBuilder &, mlir::Value)>
      getLhsRow;
  /// Where the sums start: a vector of `type` for the columns from `column` on;
  /// zero if null.
  llvm::function_ref<mlir::Value(mlir::ImplicitLocOpBuilder &,
                                 mlir::VectorType type, mlir::Value row,
                                 mlir::Value column, mlir::Value mask)>
      load;
  /// What `store` takes of a row, for all of its columns.
  llvm::function_ref<llvm::SmallVector<mlir::Value>(
      mlir::ImplicitLocOpBuilder &, mlir::Value row)>
      openRow;
  /// Takes a vector of finished sums; `row` is what openRow gave.
  llvm::function_ref<void(mlir::ImplicitLocOpBuilder &, mlir::ValueRange row,
                          mlir::Value column, mlir::Value vector,
                          mlir::Value mask)>
      store;
  ProductScratch scratch;
};

/// Multiply rows `begin` to `end`, at most `mostRows`, for the columns from
/// `first` to `limit`, at most those of a task. Sums run over the terms
/// in their order. Few rows read the matrix where it lies; for more, panels of
/// it are packed first.
void emitProduct(mlir::ImplicitLocOpBuilder &b, const Product &product,
                 mlir::Value begin, mlir::Value end, mlir::Value first,
                 mlir::Value limit);

} // namespace moa

#endif // MOA_CONVERSION_MOATOVECTOR_REGISTERTILES_H
