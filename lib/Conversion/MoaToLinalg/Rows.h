//===- Rows.h - Gathering, storing and summing rows -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_MOATOLINALG_ROWS_H
#define MOA_CONVERSION_MOATOLINALG_ROWS_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace moa {

/// A tile of rows that one iteration of a parallel loop multiplies: enough to
/// reuse a weight that is loaded, few enough that small groups fill it.
constexpr int64_t kRowTile = 32;
/// A tile of columns: with an f32 accumulator of kRowTile rows it stays in the
/// first-level cache.
constexpr int64_t kColumnTile = 256;

/// Assert that 0 <= index < bound.
void checkBelow(mlir::ImplicitLocOpBuilder &b, mlir::Value index,
                mlir::Value bound, const llvm::Twine &message);

/// Assert that sequences have a length, unless there are no `rows`.
void checkLength(mlir::ImplicitLocOpBuilder &b, mlir::Operation *op,
                 mlir::Value length, mlir::Value rows);

/// Tells the row, as an index value, that another row stands for.
using RowMapping =
    llvm::function_ref<mlir::Value(mlir::ImplicitLocOpBuilder &, mlir::Value)>;

/// A new matrix of `rows` rows whose row r, for r < `count`, is row source(r)
/// of `input`. The other rows are undefined.
mlir::Value gatherRows(mlir::ImplicitLocOpBuilder &b, mlir::Value input,
                       mlir::OpFoldResult rows, mlir::Value count,
                       RowMapping source);

/// `init` with row target(r), for each r < `count`, replaced by row r of
/// `rows`, times factor(r) where there is one, and rounded to the type of init.
mlir::Value storeRows(mlir::ImplicitLocOpBuilder &b, mlir::Value rows,
                      mlir::Value init, mlir::Value count, RowMapping target,
                      RowMapping factor = nullptr);

/// init[t,:] + sum_j gates[t,j] * slots[t*k + j,:], the sum in the order of j,
/// in the type of init. `gates` may be null, and so may `skip`, which makes
/// zeros of the slots of a token whatever they hold.
mlir::Value sumSlots(mlir::ImplicitLocOpBuilder &b, mlir::Value slots,
                     mlir::Value gates, mlir::Value skip, mlir::Value init,
                     int64_t topK);

} // namespace moa

#endif // MOA_CONVERSION_MOATOLINALG_ROWS_H
