//===- LoopBuilders.h - Loops over tensors ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sequential and parallel loops that carry tensors, and the index arithmetic
// that their bodies need.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_UTILS_LOOPBUILDERS_H
#define MOA_UTILS_LOOPBUILDERS_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/Twine.h"

namespace moa {

/// Builds a loop body from the induction variable and the carried values, and
/// returns the values to carry on.
using LoopBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(
    mlir::ImplicitLocOpBuilder &, mlir::Value, mlir::ValueRange)>;

/// for i = lower to upper by step: a sequential loop that carries `inits`.
llvm::SmallVector<mlir::Value> createLoop(mlir::ImplicitLocOpBuilder &b,
                                          mlir::Value lower, mlir::Value upper,
                                          mlir::ValueRange inits, LoopBody body,
                                          int64_t step = 1);

/// Assert that the `count` + 1 numbers which `load` reads as an index ascend
/// from 0.
void checkAscending(
    mlir::ImplicitLocOpBuilder &b, mlir::Value count,
    llvm::function_ref<mlir::Value(mlir::ImplicitLocOpBuilder &, mlir::Value)>
        load,
    const llvm::Twine &message);

/// A part of a parallel loop's result: `source`, of the given sizes or with
/// its unit dimensions dropped, belongs at `offsets`.
struct Part {
  mlir::Value source;
  llvm::SmallVector<mlir::OpFoldResult> offsets;
  llvm::SmallVector<mlir::OpFoldResult> sizes;
};

/// Builds a parallel body from the induction variables and the destinations,
/// and returns one part for each destination.
using ForallBody = llvm::function_ref<llvm::SmallVector<Part>(
    mlir::ImplicitLocOpBuilder &, mlir::ValueRange, mlir::ValueRange)>;

/// A parallel loop from 0 to `bounds` whose iterations write disjoint parts of
/// `destinations`.
llvm::SmallVector<mlir::Value>
createForall(mlir::ImplicitLocOpBuilder &b,
             llvm::ArrayRef<mlir::OpFoldResult> bounds,
             mlir::ValueRange destinations, ForallBody body);

/// `source[offsets][sizes]` with unit stride, without the dimensions that
/// `dropped` lists, whose size is 1.
mlir::Value extractPart(mlir::ImplicitLocOpBuilder &b, mlir::Value source,
                        llvm::ArrayRef<mlir::OpFoldResult> offsets,
                        llvm::ArrayRef<mlir::OpFoldResult> sizes,
                        llvm::ArrayRef<unsigned> dropped = {});

/// Whether the type tells that `tensor` has no elements.
bool isStaticallyEmpty(mlir::Value tensor);

/// One tile of a dimension that is cut into tiles of `width`.
struct Tile {
  mlir::OpFoldResult offset;
  mlir::OpFoldResult size;
};

/// The number of tiles of `width` that cover `size`.
mlir::OpFoldResult countTiles(mlir::ImplicitLocOpBuilder &b,
                              mlir::OpFoldResult size, int64_t width);
/// Tile number `index` of `size`; the last one may be shorter.
Tile getTile(mlir::ImplicitLocOpBuilder &b, mlir::Value index,
             mlir::OpFoldResult size, int64_t width);

/// Index values.
mlir::Value asIndex(mlir::ImplicitLocOpBuilder &b, mlir::OpFoldResult value);
mlir::Value createIndex(mlir::ImplicitLocOpBuilder &b, int64_t value);

/// Element `indices` of a tensor of i32, as an index value.
mlir::Value extractIndex(mlir::ImplicitLocOpBuilder &b, mlir::Value tensor,
                         mlir::ValueRange indices);

} // namespace moa

#endif // MOA_UTILS_LOOPBUILDERS_H
