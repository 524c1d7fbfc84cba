//===- RowIndex.h - Row indices in other layouts ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A copy is dealt to threads by pieces of rows, not as tiles are: a thread
// needs the row index of the pieces that it copies, which other threads hold.
// Index tiles are cheap to compute (a load and some arithmetic), so the thread
// computes the elements that it needs itself, where the tile is computed. That
// is before the loop that copies, if the tile does not depend on it.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_CONVERSION_TILETONVVM_ROWINDEX_H
#define MOA_LIB_CONVERSION_TILETONVVM_ROWINDEX_H

#include "Kernel.h"

namespace moa::tile {

/// Whether single elements of `tile` can be computed: it comes from loads,
/// gathers, buffers, positions, constants, splats and element-wise arithmetic.
bool isComputable(mlir::Value tile);

/// The elements of the index tile `rows` (a column) with the numbers that
/// `getNumbers` builds from nothing but the thread's number.
llvm::SmallVector<mlir::Value>
computeRows(mlir::ConversionPatternRewriter &rewriter, const Kernel &kernel,
            mlir::Value rows,
            llvm::function_ref<llvm::SmallVector<mlir::Value>(ThreadBuilder &)>
                getNumbers);

} // namespace moa::tile

#endif // MOA_LIB_CONVERSION_TILETONVVM_ROWINDEX_H
