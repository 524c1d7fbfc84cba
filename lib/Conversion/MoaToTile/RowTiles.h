//===- RowTiles.h - Row tiles of the users of a dispatch --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_MOATOTILE_ROWTILES_H
#define MOA_CONVERSION_MOATOTILE_ROWTILES_H

#include "moa/Conversion/MoaToTile.h"

namespace moa {

/// The rows of the tiles that `op`, a user of a dispatch's results, works on:
/// the dispatch lists them as it sorts. 0 for an op that works on no tiles;
/// failure where it cannot be converted, which its conversion says in words.
mlir::FailureOr<int64_t> chooseRowTile(mlir::Operation *op,
                                       const MoaToTileOptions &options);

/// The same for attention that projects its queries.
mlir::FailureOr<int64_t> chooseQueryRows(RoutedAttentionOp op,
                                         const MoaToTileOptions &options);

} // namespace moa

#endif // MOA_CONVERSION_MOATOTILE_ROWTILES_H
